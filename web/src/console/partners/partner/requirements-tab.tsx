/** What a partner must do: requirements, follow-ups after waves, and the tiers that the criteria proposed. */
import { PartnerFollowUps } from "./follow-ups.tsx"
import type { Partner } from "../../answers.ts"
import { PartnerRequirements } from "../requirements.tsx"
import { PartnerProposals } from "../tier-proposals.tsx"

export function PartnerRequirementsTab({ partner }: { partner: Partner }) {
    return (
        <>
            <PartnerRequirements partner={partner} />
            <PartnerFollowUps id={partner.id} />
            <PartnerProposals partner={partner} />
        </>
    )
}
