/** Writes changes of the partner's keys as lines for people. */
import type { KeyChange, Person } from "../connect.ts"

/** One line about a change: what, which key, who, when and the start and end of the key. */
export function keyChangeText(change: KeyChange, changes: readonly KeyChange[], roster: readonly Person[]): string {
    const { kind, at, recipient, usableFrom, expiresAt, approval } = change
    const person = roster.find(({ id }) => id === change.person)?.name ?? change.person
    const by = person === null ? "the operator" : person
    const older = changes.find(({ key }) => key === change.confirmedBy)?.recipient ?? change.confirmedBy
    const start = usableFrom === null ? "not usable yet" : `usable from ${usableFrom}`
    const time = `${start}, expires at ${expiresAt}`
    switch (kind) {
        case "key_added":
            return `added: ${recipient} by ${by} at ${at}, ${time}`
        case "key_confirmed":
            return `confirmed: ${recipient} by ${by} at ${at}, with the key ${older}, ${time}`
        case "key_accepted":
            return `accepted: ${recipient} by ${by} at ${at}, with the approval ${approval}, ${time}`
        case "key_revoked":
            return `revoked: ${recipient} by ${by} at ${at}`
    }
}
