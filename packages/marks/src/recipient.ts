/**
 * The prefix in the name under which a staff copy's codeword is generated. A partner's copy uses the partner's id; a
 * staff copy uses `person` and the person's id. Ids have no spaces, so that the two cannot be confused.
 */
const before = "person "

/** The owner of a copy: a partner or a staff member. */
export interface Whose {
    readonly partner: string | null
    readonly person: string | null
}

/** Builds the recipient name of a staff member. */
export function nameOfPerson(person: string): string {
    return `${before}${person}`
}

/** Reads the owner of a copy from a recipient name. */
export function whose(recipient: string): Whose {
    const isPerson = recipient.startsWith(before)
    return isPerson ? { partner: null, person: recipient.slice(before.length) } : { partner: recipient, person: null }
}

/** Separates partners from staff members, each in the given order. */
export function apart(recipients: readonly string[]): { partners: string[]; people: string[] } {
    const whoses = recipients.map(whose)
    return {
        partners: whoses.flatMap(({ partner }) => partner ?? []),
        people: whoses.flatMap(({ person }) => person ?? []),
    }
}
