/** The five steps of a warning, in its dark header. */
import { When } from "../../../kit/instant.tsx"
import type { Step } from "./steps.ts"
import { rich, t } from "../../../messages/message.ts"

const stateNames = { done: t("done"), current: t("next"), open: t("later") }

export function Progress({ steps }: { steps: readonly Step[] }) {
    return (
        <ol className="progress" aria-label={t("Your steps")}>
            {steps.map((step) => (
                <li
                    key={step.name}
                    className={step.state}
                    {...(step.state === "current" && { "aria-current": "step" as const })}
                >
                    <div>
                        <b>
                            {step.title} <span className="unseen">({stateNames[step.state]})</span>
                        </b>
                        <span>
                            <Detail step={step} />
                        </span>
                    </div>
                </li>
            ))}
        </ol>
    )
}

function Detail({ step: { name, copies, at, isDone } }: { step: Step }) {
    if (copies !== null) return t("{done} of {all} copies", { done: copies.done, all: copies.all })
    if (at === null) return null
    const when = <When at={at} short />
    if (name === "notified") return when
    if (isDone) return rich("reported {reportedAt}", { reportedAt: when })
    return name === "protect"
        ? rich("report your status by {dueAt}", { dueAt: when })
        : rich("due {dueAt}", { dueAt: when })
}
