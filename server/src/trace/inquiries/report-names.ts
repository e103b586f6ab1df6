/** Names recipients in a report. */
import { ownerOf } from "@tocsin/marks/recipient"

/** Returns the name of an id for people. */
export type NameOf = (id: string) => string

/** Returns the name of a recipient, a partner or a staff member. */
export function recipientName(recipient: string, name: NameOf): string {
    const { partner, person } = ownerOf(recipient)
    return name(person ?? partner ?? "")
}
