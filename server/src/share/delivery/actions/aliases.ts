/**
 * Ids as one partner sees them: the same thing has another id for each partner, and none tells when it was made.
 *
 * A 128-bit id is one block of AES under a key of the partner and the kind of thing, so that nothing is stored and
 * a foreign id decodes to a thing that does not exist.
 */
import { type KeyObject, createHmac, createSecretKey } from "node:crypto"
import { type Permutation, permutationOf } from "../../../platform/crypto/aes-blocks.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"

export type Named = "warning" | "artifact" | "recall"

const keyBytes = 16

export function aliasFor(keys: Keys, partner: string, kind: Named, id: string): string {
    return toUuid(namesOf(keys, partner, kind).encrypt(toBytes(id)))
}

/** The inner id; for a foreign or invented name, one that nothing has. */
export function idOfAlias(keys: Keys, partner: string, kind: Named, name: string): string {
    return toUuid(namesOf(keys, partner, kind).decrypt(toBytes(name)))
}

/**
 * An id that is the same for all who may see the thing, so that partners can compare; and of things that nobody showed them
 * it reveals nothing: a keyed hash, which looks like a random UUID.
 */
export function commonId(keys: Keys, purpose: string, names: readonly string[]): string {
    const hash = createHmac("sha256", hashingFor(keys, purpose)).update(JSON.stringify(names)).digest()
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
    return toUuid(hash.subarray(0, 16))
}

/** To set up a key takes ten times as long as to use it, and it is used for each thing on a page. */
interface Ready {
    readonly names: Map<string, Permutation>
    readonly hashing: Map<string, KeyObject>
}

const ready = new WeakMap<Keys, Ready>()
/** Of partners and kinds; purposes are few. */
const namesMax = 10_000

function readyOf(keys: Keys): Ready {
    const input = ready.get(keys) ?? { names: new Map(), hashing: new Map() }
    ready.set(keys, input)
    return input
}

function namesOf(keys: Keys, partner: string, kind: Named): Permutation {
    const { names } = readyOf(keys)
    const purpose = `names:${kind}:${partner}`
    const known = names.get(purpose)
    const permutation = known ?? permutationOf(keys.derive(purpose, keyBytes))
    if (known === undefined && names.size >= namesMax) names.clear()
    names.set(purpose, permutation)
    return permutation
}

function hashingFor(keys: Keys, purpose: string): KeyObject {
    const { hashing } = readyOf(keys)
    const input = hashing.get(purpose) ?? createSecretKey(keys.derive(purpose, 32))
    hashing.set(purpose, input)
    return input
}

function toBytes(uuid: string): Buffer {
    return Buffer.from(uuid.replaceAll("-", ""), "hex")
}

function toUuid(bytes: Uint8Array): string {
    const hex = Buffer.from(bytes).toString("hex")
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
