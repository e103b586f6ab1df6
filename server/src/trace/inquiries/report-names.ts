/** Who is meant in a report. */
import { whose } from "@tocsin/marks/recipient"

export type NameOf = (id: string) => string

export function named(recipient: string, name: NameOf): string {
    const { partner, person } = whose(recipient)
    return name(person ?? partner ?? "")
}
