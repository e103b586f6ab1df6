/**
 * Canaries: names that one copy alone holds, and that tell when somebody touches or quotes them.
 *
 * An author writes `{{canary:host}}`, or `{{canary:host:mirror}}` for a second one. Each copy has a name of its own there,
 * drawn under the document's key as its marks are, so that none is stored and each can be made again. All names of a kind are
 * equally long. What they show is harmless: hosts of a zone of the operator's, addresses that are kept for documentation,
 * words and hashes that stand for nothing.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { base32nopad } from "@scure/base"

export const canaryKinds = ["host", "url", "address", "credential", "hash"] as const
export type CanaryKind = (typeof canaryKinds)[number]

/** What stands in the braces: two places that say the same have the same name. */
export interface Canary {
    readonly kind: CanaryKind
    /** `host`, or `host:mirror`. */
    readonly what: string
}

export interface Place extends Canary {
    readonly start: number
    readonly end: number
}

/** Each has a name in every copy, and a row where it is looked up. */
export const canariesMax = 16
const labelChars = 20
const credentialChars = 26
const utf8 = new TextEncoder()

/** In braces of one line that begin like a canary, whether or not they are one. */
const braces = /(?<!\\)\{\{canary\b([^{}\n]*)\}\}/g
const inside = /^:(host|url|address|credential|hash)(:[a-z][a-z0-9-]{0,30})?$/

/** Where a text has canaries, in its order. */
export function canaryPlaces(text: string): Place[] {
    return bracesLike(text).flatMap(({ start, end, canary }) => (canary === null ? [] : [{ ...canary, start, end }]))
}

/** Where braces begin like a canary; `canary` is null where they are written wrongly. */
export function bracesLike(text: string): { start: number; end: number; canary: Canary | null }[] {
    return [...text.matchAll(braces)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        canary: canaryIn(match[1] ?? ""),
    }))
}

function canaryIn(input: string): Canary | null {
    const kind = inside.exec(input)?.[1]
    const known = canaryKinds.find((canaryKind) => canaryKind === kind)
    return known === undefined ? null : { kind: known, what: input.slice(1) }
}

/** Each once, in the order of the text. */
export function canariesIn(text: string): Canary[] {
    return [...new Map(canaryPlaces(text).map(({ kind, what: value }) => [value, { kind, what: value }])).values()]
}

export const needsZone = ({ kind }: Canary): boolean => kind === "host" || kind === "url"

/** A name in a copy: as it stands there, and what of it is looked for, whatever stands around it. */
export interface Name {
    readonly text: string
    readonly core: string
}

/**
 * The name of one canary in the copy of one recipient, who is told by its nonce. No two recipients ever have the same, but
 * with a chance of 2 to the power of `bitsLeast`. `zone` is asked for where `needsZone` says so.
 */
export function nameOf({ kind, what: value }: Canary, key: Uint8Array, nonce: Uint8Array, zone: string | null): Name {
    const drawn = hmac(sha256, key, concatBytes(utf8.encode("canary"), Uint8Array.of(0), utf8.encode(value), nonce))
    if (kind === "address") return plain(addressOf(drawn))
    if (kind === "credential") return plain(lettersOf(drawn, credentialChars))
    if (kind === "hash") return plain(bytesToHex(drawn))
    const core = lettersOf(drawn, labelChars)
    return { core, text: kind === "url" ? `http://${core}.${zone}/` : `${core}.${zone}` }
}

const plain = (text: string): Name => ({ text, core: text })

const lettersOf = (bytes: Uint8Array, count: number): string => base32nopad.encode(bytes).toLowerCase().slice(0, count)

/** In 2001:db8::/32, which nobody has (RFC 3849); no group is shorter than four digits. */
function addressOf(bytes: Uint8Array): string {
    const groups = Array.from({ length: 6 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
    return ["2001:db8", ...groups.map((group) => (0x1000 + (group % 0xf000)).toString(16))].join(":")
}

/** The likeliest name has a chance of 2 to the power of minus this: six groups of an address, of which each can be twice as likely. */
export const bitsLeast = 90

/** The text with a name in each place. */
export function withNames(text: string, nameFor: (canary: Canary) => Name): string {
    let [made, at] = ["", 0]
    for (const { start, end, ...canary } of canaryPlaces(text)) {
        made += text.slice(at, start) + nameFor(canary).text
        at = end
    }
    return made + text.slice(at)
}

/** How many bytes all names together are longer than what stands for them: names of a kind are equally long. */
export function bytesGrown(text: string, zone: string | null): number {
    const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)]
    const grown = canaryPlaces(text).map(
        (place) => nameOf(place, key, nonce, zone).text.length - (place.end - place.start),
    )
    return grown.reduce((sum, value) => sum + value, 0)
}

/** What looks like a label of ours, whosever it is. */
export const isLabel = (word: string): boolean => /^[a-z2-7]{20}$/.test(word)

const shapes = [
    /(?<![a-z0-9])[a-z2-7]{20}(?![a-z0-9])/g,
    /(?<![a-z0-9])[a-z2-7]{26}(?![a-z0-9])/g,
    /(?<![0-9a-f:])2001:db8(?::[0-9a-f]{4}){6}(?![0-9a-f:])/g,
    /(?<![a-z0-9])[0-9a-f]{64}(?![a-z0-9])/g,
]

/** What could be a name in a text that somebody else wrote, each once: by its form alone, and not more than `max`. */
export function coresIn(text: string, max: number): string[] {
    const folded = text
        .normalize("NFKC")
        .replaceAll(/\p{Cf}/gu, "")
        .replaceAll(/\[([.:])\]/g, "$1")
        .toLowerCase()
    const found = new Set<string>()
    for (const shape of shapes) {
        for (const match of folded.matchAll(shape)) {
            if (found.size >= max) return [...found]
            found.add(match[0])
        }
    }
    return [...found]
}

/** By what a name is looked up. Nobody guesses what it is the hash of. */
export function digestOf(core: string): Uint8Array {
    return sha256(concatBytes(utf8.encode("canary"), Uint8Array.of(0), utf8.encode(core)))
}

/** A domain name of two labels or more, in lower case, that leaves room for a label before it. */
export function isZone(text: string): boolean {
    return (
        text.length <= 200 &&
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
    )
}
