/** Makes public answers: equal bytes for all readers, an ETag, and pages without scripts. */
import { createHash } from "node:crypto"
import { TextAnswer } from "../../kernel/route.ts"

/** A page loads its style and nothing else. */
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** Short, so that a correction appears soon. A reader with the current tag gets no bytes. */
const cacheBriefly = "public, max-age=60"
/** The cache header of addresses whose content never changes. */
export const cacheForever = "public, max-age=31536000, immutable"

/** Makes a public answer. `at`: the instant of the last change; null where it is unknown. */
export function publicText(
    text: string | Buffer,
    type: string,
    at: number | null,
    hash = hashOf(text),
    cacheControl = cacheBriefly,
): TextAnswer {
    return new TextAnswer(text, type, {
        "cache-control": cacheControl,
        "cross-origin-resource-policy": "cross-origin",
        etag: `"${hash.slice(0, 32)}"`,
        ...(at !== null && { "last-modified": new Date(at).toUTCString() }),
        ...(type.startsWith("text/html") && { "content-security-policy": pagePolicy }),
    })
}

const hashOf = (text: string | Buffer): string => createHash("sha256").update(text).digest("base64url")
