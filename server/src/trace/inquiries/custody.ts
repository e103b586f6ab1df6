/** The custody of a piece of evidence: what the record says ever happened to it, as far as the reader may know. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"

export interface Happened {
    readonly at: Instant
    /** As the record has it: `evidence.added`, `attribution.created`. */
    readonly kind: string
    /** A person; null where it happened by itself. */
    readonly by: string | null
    /** Its place in the record; null until it has one. */
    readonly leaf: number | null
    /** In words and ids of closed lists; null where the kind says it all. */
    readonly detail: string | null
    readonly inquiry: string | null
    /** What two people signed. */
    readonly approval: string | null
}

interface Recorded {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    readonly leaf: number | null
}

/** What happened in an inquiry is known to its members alone. */
export function custodyIn(record: readonly Recorded[], inquiries: ReadonlySet<string>): Happened[] {
    return record
        .filter(({ body: { inquiry } }) => typeof inquiry !== "string" || inquiries.has(inquiry))
        .map(({ at, kind, body, leaf }) => ({
            at,
            kind,
            leaf,
            by: wordIn(body, "by"),
            detail: detailOf(body),
            inquiry: wordIn(body, "inquiry"),
            approval: wordIn(body, "approval"),
        }))
}

const wordIn = (body: Readonly<Record<string, Json>>, field: string): string | null => {
    const input = body[field]
    return typeof input === "string" ? input : null
}

/** In this order whatever of it is there. */
function detailOf(body: Readonly<Record<string, Json>>): string | null {
    const { opened, notOpened } = body
    const isCounted = typeof opened === "number" && typeof notOpened === "number"
    const counted = isCounted ? [`${opened} opened, ${notOpened} not`] : []
    const words = ["what", "about", "verdict", "code", "ended"].map((field) => wordIn(body, field))
    const inputs = [...words.filter((word) => word !== null), ...counted]
    return inputs.length === 0 ? null : inputs.join(" · ")
}
