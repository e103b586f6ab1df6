/** A band that says whether something was verified, with what was checked. */
import type { ReactNode } from "react"
import { t } from "../../messages/message.ts"
import { Icon } from "./icon.tsx"

interface VerifiedBandProps {
    tone: "plain" | "good" | "bad"
    title: string
    steps: readonly string[]
    /** The steps were checked; default: yes. */
    isChecked?: boolean
    /** Below the steps. */
    actions?: ReactNode
    /** At the right. */
    children?: ReactNode
}

export function VerifiedBand({ tone, title, steps, isChecked = true, actions, children }: VerifiedBandProps) {
    return (
        <section
            className={`verified ${tone}`}
            aria-label={t("Verification")}
            role={tone === "bad" ? "alert" : "status"}
        >
            <span className="sign">
                <Icon name={tone === "good" ? "check" : tone === "bad" ? "alarm" : "lock"} />
            </span>
            <div className="grow">
                <h2>{title}</h2>
                <ul className="verified-steps">
                    {steps.map((step) => (
                        <li key={step}>
                            {isChecked && <Icon name={tone === "bad" ? "alarm" : "check"} />}
                            {step}
                        </li>
                    ))}
                </ul>
                {actions}
            </div>
            {children}
        </section>
    )
}
