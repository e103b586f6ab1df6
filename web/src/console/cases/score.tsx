/** A CVSS base score in the colour of its severity. */
import { decimalText } from "../../messages/message.ts"

export function Score({ score }: { score: number | null }) {
    if (score === null) return null
    return <span className={`score ${severityOf(score)}`}>{decimalText(score, 1)}</span>
}

/** The severity ratings of CVSS 3.1, section 5. */
function severityOf(score: number): string {
    if (score >= 9) return "critical"
    if (score >= 7) return "high"
    return score >= 4 ? "medium" : ""
}
