/**
 * Makes canaries: names that only one copy contains, and that show when a person uses or quotes them.
 *
 * An author writes `{{canary:host}}`, or `{{canary:host:mirror}}` for a second one. Each copy has a name of its own
 * there. The document's key generates it like a mark, so names need not be stored. All names of a kind have the same
 * length. They are harmless: hosts in a zone of the operator, addresses reserved for documentation, and words and
 * hashes without meaning.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { base32nopad } from "@scure/base"

/** The kinds of canaries. */
export const canaryKinds = ["host", "url", "address", "credential", "hash"] as const

/** The forms of a canary in a text. */
export type CanaryKind = (typeof canaryKinds)[number]

/** The text in the braces. Two places with the same text have the same name. */
export interface Canary {
    readonly kind: CanaryKind
    /** `host`, or `host:mirror`. */
    readonly what: string
}

/** A canary and its place in a text. */
export interface CanaryPlace extends Canary {
    readonly start: number
    readonly end: number
}

/** The largest number of canaries in a text. Each has a name in every copy, and a row for look-ups. */
export const canariesMax = 16
const labelChars = 20
const credentialChars = 26
const utf8 = new TextEncoder()

/** Braces on one line that begin like a canary, valid or not. */
const braces = /(?<!\\)\{\{canary\b([^{}\n]*)\}\}/g
const inside = /^:(host|url|address|credential|hash)(:[a-z][a-z0-9-]{0,30})?$/

/** Lists the canaries of a text with their places, in text order. */
export function canaryPlaces(text: string): CanaryPlace[] {
    return canaryBraces(text).flatMap(({ start, end, canary }) => (canary === null ? [] : [{ ...canary, start, end }]))
}

/** Lists braces that begin like a canary; `canary` is null if they are malformed. */
export function canaryBraces(text: string): { start: number; end: number; canary: Canary | null }[] {
    return [...text.matchAll(braces)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        canary: parseCanary(match[1] ?? ""),
    }))
}

function parseCanary(input: string): Canary | null {
    const kind = inside.exec(input)?.[1]
    const known = canaryKinds.find((canaryKind) => canaryKind === kind)
    return known === undefined ? null : { kind: known, what: input.slice(1) }
}

/** Lists the distinct canaries of a text, in text order. */
export function canariesIn(text: string): Canary[] {
    return [...new Map(canaryPlaces(text).map(({ kind, what: value }) => [value, { kind, what: value }])).values()]
}

/** Checks whether a canary needs the operator's zone. */
export const needsZone = ({ kind }: Canary): boolean => kind === "host" || kind === "url"

/** A name in a copy: its text, and the core that is searched for in any surroundings. */
export interface CanaryName {
    readonly text: string
    readonly core: string
}

/**
 * Generates the name of a canary in the copy of a recipient, named by its nonce. Names of two recipients are equal with
 * a probability of 2^−`bitsMin` at most. `zone` is required if `needsZone` is true.
 */
export function nameOfCanary(
    { kind, what: value }: Canary,
    key: Uint8Array,
    nonce: Uint8Array,
    zone: string | null,
): CanaryName {
    const bytes = hmac(sha256, key, concatBytes(utf8.encode("canary"), Uint8Array.of(0), utf8.encode(value), nonce))
    if (kind === "address") return plainName(addressOf(bytes))
    if (kind === "credential") return plainName(lettersOf(bytes, credentialChars))
    if (kind === "hash") return plainName(bytesToHex(bytes))
    const core = lettersOf(bytes, labelChars)
    return { core, text: kind === "url" ? `http://${core}.${zone}/` : `${core}.${zone}` }
}

const plainName = (text: string): CanaryName => ({ text, core: text })

const lettersOf = (bytes: Uint8Array, count: number): string => base32nopad.encode(bytes).toLowerCase().slice(0, count)

/** Makes an address in 2001:db8::/32, which is reserved for documentation (RFC 3849). Every group has four digits. */
function addressOf(bytes: Uint8Array): string {
    const groups = Array.from({ length: 6 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
    return ["2001:db8", ...groups.map((group) => (0x1000 + (group % 0xf000)).toString(16))].join(":")
}

/** The least entropy of a name in bits. An address has six groups, and a group may be twice as likely as others. */
export const bitsMin = 90

/** Writes a name in the place of each canary. */
export function withNames(text: string, nameFor: (canary: Canary) => CanaryName): string {
    let [result, at] = ["", 0]
    for (const { start, end, ...canary } of canaryPlaces(text)) {
        result += text.slice(at, start) + nameFor(canary).text
        at = end
    }
    return result + text.slice(at)
}

/** Counts the bytes by which the names are longer than the canaries. Names of a kind have the same length. */
export function addedBytes(text: string, zone: string | null): number {
    const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)]
    const lengths = canaryPlaces(text).map(
        (place) => nameOfCanary(place, key, nonce, zone).text.length - (place.end - place.start),
    )
    return lengths.reduce((sum, value) => sum + value, 0)
}

/** Checks whether a word has the form of a canary label. */
export const isLabel = (word: string): boolean => /^[a-z2-7]{20}$/.test(word)

const shapes = [
    /(?<![a-z0-9])[a-z2-7]{20}(?![a-z0-9])/g,
    /(?<![a-z0-9])[a-z2-7]{26}(?![a-z0-9])/g,
    /(?<![0-9a-f:])2001:db8(?::[0-9a-f]{4}){6}(?![0-9a-f:])/g,
    /(?<![a-z0-9])[0-9a-f]{64}(?![a-z0-9])/g,
]

/** Lists up to `max` distinct words of a text that have the form of a canary name. */
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

/** Hashes a core for look-ups. A reader of the hash cannot guess the name. */
export function digestOf(core: string): Uint8Array {
    return sha256(concatBytes(utf8.encode("canary"), Uint8Array.of(0), utf8.encode(core)))
}

/** Checks for a lower-case domain name of at least two labels, short enough for another label in front. */
export function isZone(text: string): boolean {
    return (
        text.length <= 200 &&
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
    )
}
