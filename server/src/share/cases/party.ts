/**
 * Other parties of a case: its finder, other vendors, coordinators. They are no partners of the program: each takes
 * part in the embargo of its one case, by an invitation whose secret is its only way in, and gets no content by it.
 */
import { refuse } from "@tocsin/base/refusal"

export const partyRoles = ["finder", "vendor", "coordinator", "other"] as const
export type PartyRole = (typeof partyRoles)[number]

/** What is ciphertext in the database. */
export interface PartyDetails {
    readonly name: string
    /** How the operator reaches it: an address, a number, a handle. */
    readonly contact: string
}

export const partiesMax = 100
export const partyTextMax = 300

export function validateParty({ name, contact }: PartyDetails): void {
    const fits = (text: string) => text.trim() !== "" && text.length <= partyTextMax && !/\p{Cc}/u.test(text)
    if (!(fits(name) && fits(contact))) {
        const line = `a party has a name and a contact, of 1 to ${partyTextMax} characters, and no control characters`
        refuse("invalid", "party.bad_details", line)
    }
}
