/** The five steps of a warning, in its dark header. */
import { When } from "../../../kit/instant.tsx"
import type { Step } from "./steps.ts"
import { t } from "../../../messages/message.ts"

const stateNames = { done: "done", current: "next", open: "later" } as const

export function Progress({ steps }: { steps: readonly Step[] }) {
    return (
        <ol className="progress" aria-label={t("Your steps")}>
            {steps.map(({ name, title, detail, at, state }) => (
                <li key={name} className={state} {...(state === "current" && { "aria-current": "step" as const })}>
                    <div>
                        <b>
                            {title} <span className="unseen">({stateNames[state]})</span>
                        </b>
                        <span>
                            {detail} {at !== null && <When at={at} short />}
                        </span>
                    </div>
                </li>
            ))}
        </ol>
    )
}
