/**
 * Resolves aliases: ids as one partner sees them. Each partner sees another id for the same thing, and no id reveals
 * when the thing was created.
 *
 * An alias is the 128-bit id as one AES block, under a key of the partner and the kind of thing. So no alias is stored,
 * and a foreign alias decodes to an id that does not exist.
 */
import { type KeyObject, createHmac, createSecretKey } from "node:crypto"
import { type Permutation, permutationOf } from "../../../platform/crypto/aes-blocks.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"

export type AliasKind = "warning" | "artifact" | "recall"

const keyBytes = 16

/** Returns the partner's alias of an id. */
export function aliasFor(keys: Keys, partner: string, kind: AliasKind, id: string): string {
    return toUuid(permutationFor(keys, partner, kind).encrypt(toBytes(id)))
}

/** Returns the id behind an alias. A foreign or invented alias gives an id that nothing has. */
export function idOfAlias(keys: Keys, partner: string, kind: AliasKind, alias: string): string {
    return toUuid(permutationFor(keys, partner, kind).decrypt(toBytes(alias)))
}

/**
 * Returns an id that is the same for all partners that may see the thing, so that they can compare.
 *
 * A keyed hash in the form of a random UUID. It reveals nothing about things that were never shown.
 */
export function commonId(keys: Keys, purpose: string, names: readonly string[]): string {
    const hash = createHmac("sha256", hashKeyFor(keys, purpose)).update(JSON.stringify(names)).digest()
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
    return toUuid(hash.subarray(0, 16))
}

/** Cached keys: setting up a key takes ten times as long as using it, and each thing on a page uses one. */
interface KeyCache {
    readonly permutations: Map<string, Permutation>
    readonly hashKeys: Map<string, KeyObject>
}

const keyCaches = new WeakMap<Keys, KeyCache>()
/** The number of cached keys of partners and kinds. Purposes of common ids are few and have no limit. */
const permutationsMax = 10_000

function keyCacheOf(keys: Keys): KeyCache {
    const cache = keyCaches.get(keys) ?? { permutations: new Map(), hashKeys: new Map() }
    keyCaches.set(keys, cache)
    return cache
}

function permutationFor(keys: Keys, partner: string, kind: AliasKind): Permutation {
    const { permutations } = keyCacheOf(keys)
    const purpose = `names:${kind}:${partner}`
    const known = permutations.get(purpose)
    const permutation = known ?? permutationOf(keys.derive(purpose, keyBytes))
    if (known === undefined && permutations.size >= permutationsMax) permutations.clear()
    permutations.set(purpose, permutation)
    return permutation
}

function hashKeyFor(keys: Keys, purpose: string): KeyObject {
    const { hashKeys } = keyCacheOf(keys)
    const key = hashKeys.get(purpose) ?? createSecretKey(keys.derive(purpose, 32))
    hashKeys.set(purpose, key)
    return key
}

function toBytes(uuid: string): Buffer {
    return Buffer.from(uuid.replaceAll("-", ""), "hex")
}

function toUuid(bytes: Uint8Array): string {
    const hex = Buffer.from(bytes).toString("hex")
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
