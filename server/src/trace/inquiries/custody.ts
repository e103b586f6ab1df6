/** Builds the chain of custody of evidence from the audit log, as far as the reader may know it. */
import { valueText } from "@tocsin/base/value-text"
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"

/** An event in the chain of custody. */
export interface CustodyEvent {
    readonly at: Instant
    /** The event kind, such as `evidence.added` or `attribution.created`. */
    readonly kind: string
    /** The person; null where Tocsin acted automatically. */
    readonly by: string | null
    /** The index of the leaf; null until it is sequenced. */
    readonly leaf: number | null
    /** Details from closed lists; null where the kind says everything. */
    readonly detail: string | null
    readonly inquiry: string | null
    /** The signed approval. */
    readonly approval: string | null
}

interface RecordedEvent {
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, Json>>
    readonly leaf: number | null
}

/** Builds the custody. Events of an inquiry are for its members only. */
export function custodyOf(events: readonly RecordedEvent[], inquiries: ReadonlySet<string>): CustodyEvent[] {
    return events
        .filter(({ body: { inquiry } }) => typeof inquiry !== "string" || inquiries.has(inquiry))
        .map(({ at, kind, body, leaf }) => ({
            at,
            kind,
            leaf,
            by: textIn(body, "by"),
            detail: detailOf(body),
            inquiry: textIn(body, "inquiry"),
            approval: textIn(body, "approval"),
        }))
}

const textIn = (body: Readonly<Record<string, Json>>, field: string): string | null => {
    const value = body[field]
    return typeof value === "string" ? value : null
}

/** Joins the details that are present, in this order. */
function detailOf(body: Readonly<Record<string, Json>>): string | null {
    const { opened, notOpened } = body
    const isCounted = typeof opened === "number" && typeof notOpened === "number"
    const counted = isCounted ? [`${opened} opened, ${notOpened} not`] : []
    const values = ["what", "about", "verdict", "ended"].map((field) => textIn(body, field))
    const texts = values.filter((value) => value !== null).map(valueText)
    const code = textIn(body, "code")
    const details = [...texts, ...(code === null ? [] : [code]), ...counted]
    return details.length === 0 ? null : details.join(" · ")
}
