/** A band at the top of a page: whether something works, with the conditions that it depends on. */
import type { ReactNode } from "react"
import { Icon } from "../../kit/layout/icon.tsx"
import { t } from "../../messages/message.ts"

export interface Condition {
    readonly key: string
    readonly isMet: boolean
    readonly text: ReactNode
}

interface StatusBandProps {
    label: string
    works: boolean
    title: ReactNode
    conditions: readonly Condition[]
}

export function StatusBand({ label, works, title, conditions }: StatusBandProps) {
    return (
        <section className={`verified ${works ? "good" : "bad"}`} aria-label={label}>
            <span className="sign">
                <Icon name={works ? "check" : "alarm"} />
            </span>
            <div className="grow">
                <h2>{title}</h2>
                <ul className="verified-steps">
                    {conditions.map(({ key, isMet, text }) => (
                        <li key={key} className={isMet ? "" : "unmet"}>
                            <Icon name={isMet ? "check" : "close"} />
                            <span>
                                {!isMet && <span className="unseen">{t("Problem:")} </span>}
                                {text}
                            </span>
                        </li>
                    ))}
                </ul>
            </div>
        </section>
    )
}
