/** Badges of a partner's facts. */
import { Badge } from "../../kit/table.tsx"
import { agreementWords, standingWords } from "../../kit/text.ts"
import type { PartnerRow } from "../answers.ts"

export function StatusBadge({ partner: { status } }: { partner: Pick<PartnerRow, "status"> }) {
    return <Badge tone={standingWords[status].tone}>{standingWords[status].name}</Badge>
}

export function AgreementBadge({ partner: { agreement } }: { partner: Pick<PartnerRow, "agreement"> }) {
    return <Badge tone={agreementWords[agreement].tone}>{agreementWords[agreement].name}</Badge>
}
