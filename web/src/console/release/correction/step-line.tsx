/** The steps of a correction, with the current one. */
import { Icon } from "../../../kit/layout/icon.tsx"
import { type Step, steps } from "./correction-state.ts"
import { t } from "../../../messages/message.ts"

const names: Readonly<Record<Step, string>> = {
    edit: t("Edit"),
    difference: t("Difference"),
    sign: t("Sign"),
    published: t("Published"),
}

export function StepLine({ step }: { step: Step }) {
    const at = steps.indexOf(step)
    return (
        <ol className="step-line" aria-label={t("Steps")}>
            {steps.map((name, n) => (
                <li key={name} className={n < at ? "done" : ""} {...(n === at && { "aria-current": "step" as const })}>
                    {n > 0 && <Icon name="next" />}
                    {n < at && <Icon name="check" />}
                    {names[name]}
                    {n < at && <span className="unseen"> {t("(done)")}</span>}
                </li>
            ))}
        </ol>
    )
}
