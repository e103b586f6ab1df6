/**
 * The prefix in the name under which a staff copy's codeword is generated. A partner's copy uses the partner's id; a
 * staff copy uses `person` and the person's id. Ids have no spaces, so that the two cannot be confused.
 */
const personPrefix = "person "

/** The owner of a copy: a partner or a staff member. */
export interface CopyOwner {
    readonly partner: string | null
    readonly person: string | null
}

/** Builds the recipient name of a staff member. */
export function nameOfPerson(person: string): string {
    return `${personPrefix}${person}`
}

/** Reads the owner of a copy from a recipient name. */
export function ownerOf(recipient: string): CopyOwner {
    const isPerson = recipient.startsWith(personPrefix)
    return isPerson
        ? { partner: null, person: recipient.slice(personPrefix.length) }
        : { partner: recipient, person: null }
}

/** Separates partners from staff members, each in the given order. */
export function separateOwners(recipients: readonly string[]): { partners: string[]; people: string[] } {
    const owners = recipients.map(ownerOf)
    return {
        partners: owners.flatMap(({ partner }) => partner ?? []),
        people: owners.flatMap(({ person }) => person ?? []),
    }
}
