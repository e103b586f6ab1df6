/** A partner: a vetted organisation that receives warnings; what was decided about it, and what it may reach. */
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"

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

/** Whether it was turned away or sent away: it keeps its own affairs, and lets nobody and nothing new in. */
export function isPutOut(standing: Standing): boolean {
    return standing === "suspended" || standing === "terminated" || standing === "declined"
}

export type AgreementState = "accepted" | "lapsed" | "none"

/** From each standing, those that can follow, and how many people it takes: two for whatever opens more. */
const moves: Readonly<Record<Standing, Partial<Record<Standing, 1 | 2>>>> = {
    applicant: { invited: 1, declined: 1 },
    invited: { active: 2, declined: 1 },
    active: { restricted: 1, suspended: 1, terminated: 1 },
    restricted: { active: 2, suspended: 1, terminated: 1 },
    suspended: { active: 2, restricted: 2, terminated: 1 },
    // What an appeal gives back.
    terminated: { active: 2 },
    declined: { invited: 1 },
}

/** How many people a move takes; refuses the moves that no number of people can make. */
export function peopleFor(from: Standing, to: Standing): 1 | 2 {
    const people = moves[from][to]
    if (people === undefined) {
        refuse("conflict", "partner.transition_not_allowed", `a partner that is \`${from}\` cannot become \`${to}\``)
    }
    return people
}

/** Whether a partner is still on its way in. Later changes of standing are measures, with their reasons and letters. */
export function isJoining(standing: Standing): boolean {
    return standing === "applicant" || standing === "invited" || standing === "declined"
}

export interface Details {
    readonly name: string
    readonly mail: string
}

const nameMax = 120
const mailMax = 254

/** Refuses a name that is empty, long or holds control characters, and an address that could inject a header. */
export function validateDetails({ name, mail }: Details): void {
    if (!(name.trim().length > 0 && name.length <= nameMax && !hasHidden(name))) {
        refuse("invalid", "partner.bad_name", `a name has 1 to ${nameMax} characters, and no control characters`)
    }
    if (!(mail.length <= mailMax && /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(mail))) {
        refuse("invalid", "partner.bad_mail", "that is no mail address")
    }
}
