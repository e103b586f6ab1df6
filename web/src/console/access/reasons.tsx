/** Why something is given or not: the policies that decided, with their effect and what was not met, in words. */
import { Badge } from "../../kit/table.tsx"
import type { Decision } from "../answers.ts"

export function Reasons({ why }: { why: Decision["why"] }) {
    return (
        <ul className="reasons">
            {why.map(({ policy, title, effect, asks, clause }) => (
                <li key={`${policy} ${title} ${clause}`} className={effect}>
                    <Badge tone={effect === "permits" ? "good" : effect === "unmet" ? "plain" : "bad"}>
                        {effect === "unmet" ? "not met" : effect}
                    </Badge>
                    <span>
                        {title} <code className="code">{policy}</code>
                        {asks !== undefined && <span className="block">{asks}.</span>}
                        {clause !== undefined && (
                            <details>
                                <summary>As the policy writes it</summary>
                                <code className="block clause">{clause}</code>
                            </details>
                        )}
                    </span>
                </li>
            ))}
        </ul>
    )
}
