/** A partner: a vetted organisation that receives warnings; what was decided about it, and what it may reach. */

export const tiers = ["entry", "advance", "validate"] as const
/** What a partner has qualified for. */
export type Tier = (typeof tiers)[number]

export const standings = [
    "applicant",
    "invited",
    "active",
    "restricted",
    "suspended",
    "terminated",
    "declined",
] as const
/** What the operator has decided about a partner. */
export type Standing = (typeof standings)[number]

/** Whether anything about cases is served at all. Letters, answers and the own status stay open in every standing. */
export function reachesCases(standing: Standing): boolean {
    return standing === "active" || standing === "restricted"
}

export type AgreementState = "accepted" | "lapsed" | "none"
