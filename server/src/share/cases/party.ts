/**
 * External parties of a case: finders, other vendors, coordinators.
 *
 * They are not partners. Each takes part in the embargo of one case by the secret of its invitation, and gets no
 * content.
 */
import { refuse } from "@tocsin/base/refusal"

export const partyRoles = ["finder", "vendor", "coordinator", "other"] as const

/** The role of an external party. */
export type PartyRole = (typeof partyRoles)[number]

/** Encrypted in the database. */
export interface PartyDetails {
    readonly name: string
    /** The contact: an address, a number or a handle. */
    readonly contact: string
}

export const partiesMax = 100
export const partyTextMax = 300

/** Refuses `party.bad_details`. */
export function validateParty({ name, contact }: PartyDetails): void {
    const fits = (text: string) => text.trim() !== "" && text.length <= partyTextMax && !/\p{Cc}/u.test(text)
    if (!(fits(name) && fits(contact))) {
        const line = `bad party: name and contact need 1 to \`${partyTextMax}\` characters without control characters`
        refuse("invalid", "party.bad_details", line, { max: partyTextMax })
    }
}
