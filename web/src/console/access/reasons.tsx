/** Explains a decision in words: the policies that decided, their effect and the conditions that were not met. */
import { Badge } from "../../kit/table.tsx"
import { ReasonTitle } from "./reason-title.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { unmetText } from "./unmet-text.ts"
import type { Decision } from "../answers.ts"
import { t } from "../../messages/message.ts"

const effectNames: Readonly<Record<Decision["reasons"][number]["effect"], string>> = {
    permits: t("permits"),
    forbids: t("forbids"),
    unmet: t("not met"),
    error: t("error"),
}

export function Reasons({ reason }: { reason: Decision["reasons"] }) {
    const names = useNames()
    return (
        <ul className="reasons">
            {reason.map(({ policy, effect, unmetCondition, clause, ...title }) => (
                <li key={`${policy} ${title.title} ${clause}`} className={effect}>
                    <Badge tone={effect === "permits" ? "good" : effect === "unmet" ? "plain" : "bad"}>
                        {effectNames[effect]}
                    </Badge>
                    <span>
                        <ReasonTitle reason={title} /> <code className="code">{policy}</code>
                        {unmetCondition !== undefined && (
                            <span className="block">{unmetText(unmetCondition, names.case)}</span>
                        )}
                        {clause !== undefined && (
                            <details>
                                <summary>{t("The rule in Cedar")}</summary>
                                <code className="block clause">{clause}</code>
                            </details>
                        )}
                    </span>
                </li>
            ))}
        </ul>
    )
}
