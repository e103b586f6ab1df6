/** Defines a partner, a vetted organisation that receives warnings: status, tier, and what each status allows. */
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { isMailAddress } from "../identity/person.ts"

export const tiers = ["entry", "advance", "validate"] as const
/** The tier that a partner qualified for. */
export type Tier = (typeof tiers)[number]

export const partnerStatuses = [
    "applicant",
    "invited",
    "active",
    "restricted",
    "suspended",
    "terminated",
    "declined",
] as const
/** Status of a partner. */
export type PartnerStatus = (typeof partnerStatuses)[number]

/**
 * Whether a partner with this status has case access. Letters, answers and its own status stay available in every
 * status.
 */
export function hasCaseAccess(status: PartnerStatus): boolean {
    return status === "active" || status === "restricted"
}

/**
 * Whether a partner with this status is locked out. It keeps access to its own data and cannot add people, keys or
 * webhooks.
 */
export function isLockedOut(status: PartnerStatus): boolean {
    return status === "suspended" || status === "terminated" || status === "declined"
}

/** Whether a partner has accepted the agreement. */
export type AgreementState = "accepted" | "expired" | "none"

/** The possible changes of status, and how many people each takes: two where it gives access. */
const statusChanges: Readonly<Record<PartnerStatus, Partial<Record<PartnerStatus, 1 | 2>>>> = {
    applicant: { invited: 1, declined: 1 },
    invited: { active: 2, declined: 1 },
    active: { restricted: 1, suspended: 1, terminated: 1 },
    restricted: { active: 2, suspended: 1, terminated: 1 },
    suspended: { active: 2, restricted: 2, terminated: 1 },
    // After a successful appeal.
    terminated: { active: 2 },
    declined: { invited: 1 },
}

/** How many people a move needs. Refuses `partner.transition_not_allowed` for an impossible move. */
export function peopleNeeded(from: PartnerStatus, to: PartnerStatus): 1 | 2 {
    const people = statusChanges[from][to]
    if (people === undefined) {
        refuse(
            "conflict",
            "partner.transition_not_allowed",
            `a partner that is \`${from}\` cannot become \`${to}\`: choose another status`,
            { from, to },
        )
    }
    return people
}

/** Whether a partner with this status is onboarding. Later status changes are measures, with reason and letter. */
export function isOnboarding(status: PartnerStatus): boolean {
    return status === "applicant" || status === "invited" || status === "declined"
}

/** A partner's name and mail address. The server stores both encrypted. */
export interface NameAndMail {
    readonly name: string
    readonly mail: string
}

const nameMax = 120

/** Refuses `partner.bad_name`, and `partner.bad_mail` for an address that could inject a header. */
export function validateNameAndMail({ name, mail }: NameAndMail): void {
    if (!(name.trim().length > 0 && name.length <= nameMax && !hasHiddenCharacters(name))) {
        refuse(
            "invalid",
            "partner.bad_name",
            `the name is not valid: use 1 to ${nameMax} characters without control characters`,
            { max: nameMax },
        )
    }
    if (!isMailAddress(mail)) {
        refuse(
            "invalid",
            "partner.bad_mail",
            "this is not a mail address: enter one like `name@example.org`, in ASCII (`xn--…` for other domains)",
        )
    }
}
