/**
 * Shares encoded objects between all their readers in memory. Encoding still runs for each reader, so that no answer is
 * faster because of other readers.
 */
import { hash } from "node:crypto"
import type { Db } from "../../platform/postgres/db.ts"
import type { Master } from "../../share/artifacts/actions/load-artifacts.ts"
import type { ObjectFacts } from "./request.ts"

export interface EncodedObject extends ObjectFacts {
    /** The group that it was encoded with, and its index there. */
    readonly group: EncodedGroup
    readonly index: number
}

export interface ServedVersion extends Pick<Master, "artifact" | "version"> {
    /** Whether it is the partner's own copy with its marks. */
    readonly isMarkedCopy: boolean
}

/** Objects about one subject, before encoding. */
export interface ObjectGroup {
    /** The case of the objects; null for objects in all collections. */
    readonly case: string | null
    /** The master of their text; null where they have none. */
    readonly master: ServedVersion | null
    /** `text` is the JSON that is sent. */
    readonly objects: readonly (ObjectFacts & { readonly text: string })[]
    /** Ids of the marking definitions that the objects refer to. */
    readonly markings: readonly string[]
}

/** Objects encoded together, so that neighbours on a page are one piece of memory. */
export interface EncodedGroup extends Pick<ObjectGroup, "case" | "master" | "markings"> {
    /** A hash of all inputs. */
    readonly fingerprint: string
    readonly objects: readonly EncodedObject[]
    /** JSON of all objects, with a comma between two. */
    readonly bytes: Buffer
    /** Where each object begins in `bytes`, and the end. */
    readonly starts: readonly number[]
    /** The SHA-256 of each as a JSON string in hex, with a comma between two. */
    readonly hashes: string
}

/** Length of a hash in `hashes`, with quotes and comma. */
const hashChars = 67

/** Encodes a group of objects. */
export function encodeGroup(
    fingerprint: string,
    { case: caseId, master, objects, markings }: ObjectGroup,
): EncodedGroup {
    const encoded: EncodedObject[] = []
    const texts = objects.map(({ text }) => text)
    const starts = [0]
    let end = 0
    for (const text of texts) starts.push((end += Buffer.byteLength(text) + 1))
    // Uses memory of its own, because a slice of a pool would keep the whole pool alive.
    const bytes = Buffer.allocUnsafeSlow(Math.max(end - 1, 0))
    bytes.write(texts.join())
    const group = {
        fingerprint,
        case: caseId,
        master,
        markings,
        objects: encoded,
        bytes,
        starts,
        hashes: texts.map((text) => `"${hash("sha256", text, "hex")}"`).join(),
    }
    for (const [index, { id, type, version, specVersion }] of objects.entries()) {
        encoded.push({ id, type, version, specVersion, group, index })
    }
    return group
}

/** Returns the length of an object's JSON. */
export const bytesOf = ({ group, index }: EncodedObject): number =>
    startOf(group, index + 1) - startOf(group, index) - 1

function startOf({ starts }: EncodedGroup, index: number): number {
    const start = starts[index]
    if (start === undefined) throw new RangeError("no object at this index")
    return start
}

/** JSON and hashes of a page's objects, in pieces, with a comma between two. */
export interface JoinedObjects {
    readonly pieces: readonly Buffer[]
    readonly hashes: string
}

const comma = Buffer.from(",")

/** Joins the objects of a page. */
export function joinObjects(list: readonly { readonly item: EncodedObject }[]): JoinedObjects {
    const runs: { readonly group: EncodedGroup; readonly from: number; to: number }[] = []
    let last: (typeof runs)[number] | undefined
    for (const { group, index } of list.map(({ item: object }) => object)) {
        if (last?.group === group && last.to === index) last.to++
        else runs.push((last = { group, from: index, to: index + 1 }))
    }
    const pieces = runs.flatMap(({ group, from, to }, n) => {
        const run = group.bytes.subarray(startOf(group, from), startOf(group, to) - 1)
        return n === 0 ? [run] : [comma, run]
    })
    const hashes = runs.map(({ group, from, to }) => group.hashes.slice(from * hashChars, to * hashChars - 1))
    return { pieces, hashes: hashes.join() }
}

/** Holds groups by fingerprint while any object of them is in use. */
class GroupCache {
    readonly #groups = new Map<string, WeakRef<EncodedGroup>>()
    readonly #unused = new FinalizationRegistry<string>((fingerprint) => {
        if (this.#groups.get(fingerprint)?.deref() === undefined) this.#groups.delete(fingerprint)
    })

    intern(group: EncodedGroup): EncodedGroup {
        const cached = this.#groups.get(group.fingerprint)?.deref()
        if (cached !== undefined) return cached
        this.#groups.set(group.fingerprint, new WeakRef(group))
        this.#unused.register(group, group.fingerprint)
        return group
    }
}

const groupCaches = new WeakMap<Db, GroupCache>()

/** Returns the shared instance of a group. Not for a partner's own copy. */
export function shareGroup(db: Db, group: EncodedGroup): EncodedGroup {
    const cache = groupCaches.get(db) ?? new GroupCache()
    groupCaches.set(db, cache)
    return cache.intern(group)
}
