/** The reasons of a decision in words, each with its rule as the policy writes it. */
import type { ReactNode } from "react"
import { Icon } from "../../../kit/layout/icon.tsx"
import type { Decision, Policy } from "../../answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { unmetText } from "../unmet-text.ts"
import { ReasonTitle } from "../reason-title.tsx"
import { ruleText } from "./rule-text.ts"
import { rich, t } from "../../../messages/message.ts"

type Reason = Decision["reasons"][number]

interface ReasonChainProps {
    reasons: readonly Reason[]
    policy: Policy | undefined
}

export function ReasonChain({ reasons, policy }: ReasonChainProps) {
    const names = useNames()
    return (
        <ol className="reason-chain">
            {reasons.map((reason) => (
                <li key={`${reason.policy} ${reason.title} ${reason.clause}`}>
                    <span className={`square ${tones[reason.effect]}`}>
                        <Icon name={icons[reason.effect]} />
                    </span>
                    <div>
                        <b>
                            <ReasonTitle reason={reason} />
                        </b>
                        <small>{effectText(reason)}</small>
                        {reason.unmetCondition !== undefined && (
                            <small>{unmetText(reason.unmetCondition, names.case)}</small>
                        )}
                        <Rule reason={reason} policy={policy} />
                    </div>
                </li>
            ))}
        </ol>
    )
}

const tones = { permits: "good", forbids: "bad", unmet: "", error: "bad" } as const
const icons = { permits: "check", forbids: "close", unmet: "sliders", error: "warning" } as const

function effectText({ policy, effect }: Reason): ReactNode {
    const rule = <span className="mono">{policy}</span>
    switch (effect) {
        case "permits":
            return rich("{rule} permits it", { rule })
        case "forbids":
            return rich("{rule} forbids it", { rule })
        case "unmet":
            return rich("{rule} does not apply: a condition is not met", { rule })
        case "error":
            return rich("{rule} failed, so that nothing is given", { rule })
    }
}

function Rule({ reason, policy }: { reason: Reason; policy: Policy | undefined }) {
    const rule = policy === undefined ? null : ruleText(policy.text, reason.policy)
    const text = rule ?? reason.clause
    if (text === undefined) return null
    return (
        <details className="rule">
            <summary>{rule === null ? t("Condition in Cedar") : t("Rule in Cedar")}</summary>
            <pre>{text}</pre>
            {rule !== null && reason.clause !== undefined && (
                <p>{rich("Not met: {clause}", { clause: <code className="code">{reason.clause}</code> })}</p>
            )}
        </details>
    )
}
