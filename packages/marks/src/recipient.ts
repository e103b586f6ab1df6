/**
 * The name under which a copy's word is drawn. A partner's is its id; a person of the operator, who reads a copy of its own,
 * is named `person` and its id. No id has a space, so that neither is ever taken for the other.
 */
const before = "person "

/** Whose copy it is: one of the two. */
export interface Whose {
    readonly partner: string | null
    readonly person: string | null
}

export function nameOfPerson(person: string): string {
    return `${before}${person}`
}

export function whose(recipient: string): Whose {
    const isPerson = recipient.startsWith(before)
    return isPerson ? { partner: null, person: recipient.slice(before.length) } : { partner: recipient, person: null }
}

/** Partners and persons apart, each in the order given. */
export function apart(recipients: readonly string[]): { partners: string[]; persons: string[] } {
    const whoses = recipients.map(whose)
    return {
        partners: whoses.flatMap(({ partner }) => partner ?? []),
        persons: whoses.flatMap(({ person }) => person ?? []),
    }
}
