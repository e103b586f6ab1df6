/**
 * Shares encoded objects between all their readers in memory. Encoding still runs for each reader, so that no answer is
 * faster because of other readers.
 */
import { hash } from "node:crypto"
import type { Db } from "../../platform/postgres/db.ts"
import type { Master } from "../../share/artifacts/actions.ts"
import type { Matched } from "./request.ts"

export interface Carried extends Matched {
    /** The group that it was encoded with, and its index there. */
    readonly part: Written
    readonly place: number
}

export interface Version extends Pick<Master, "artifact" | "version"> {
    /** Whether it is the partner's own copy with its marks. */
    readonly isOwn: boolean
}

/** Objects about one subject, before encoding. */
export interface Rendered {
    /** The case of the objects; null for objects in all collections. */
    readonly case: string | null
    /** The master of their text; null where they have none. */
    readonly master: Version | null
    /** `text` is the JSON that is sent. */
    readonly objects: readonly (Matched & { readonly text: string })[]
    /** Ids of the marking definitions that the objects refer to. */
    readonly markings: readonly string[]
}

/** Objects encoded together, so that neighbours on a page are one piece of memory. */
export interface Written extends Pick<Rendered, "case" | "master" | "markings"> {
    /** A hash of all inputs. */
    readonly fingerprint: string
    readonly objects: readonly Carried[]
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
export function writtenOf(fingerprint: string, { case: caseId, master, objects, markings }: Rendered): Written {
    const carried: Carried[] = []
    const texts = objects.map(({ text }) => text)
    const starts = [0]
    let end = 0
    for (const text of texts) starts.push((end += Buffer.byteLength(text) + 1))
    // Uses memory of its own, because a slice of a pool would keep the whole pool alive.
    const bytes = Buffer.allocUnsafeSlow(Math.max(end - 1, 0))
    bytes.write(texts.join())
    const input = {
        fingerprint,
        case: caseId,
        master,
        markings,
        objects: carried,
        bytes,
        starts,
        hashes: texts.map((text) => `"${hash("sha256", text, "hex")}"`).join(),
    }
    for (const [place, { id, type, version, specVersion }] of objects.entries()) {
        carried.push({ id, type, version, specVersion, part: input, place })
    }
    return input
}

/** Returns the length of an object's JSON. */
export const bytesOf = ({ part, place }: Carried): number => startOf(part, place + 1) - startOf(part, place) - 1

function startOf({ starts }: Written, place: number): number {
    const start = starts[place]
    if (start === undefined) throw new RangeError("no object at this index")
    return start
}

/** JSON and hashes of a page's objects, in pieces, with a comma between two. */
export interface Joined {
    readonly pieces: readonly Buffer[]
    readonly hashes: string
}

const comma = Buffer.from(",")

/** Joins the objects of a page. */
export function joined(list: readonly { readonly of: Carried }[]): Joined {
    const runs: { readonly part: Written; readonly from: number; to: number }[] = []
    let last: (typeof runs)[number] | undefined
    for (const { part, place } of list.map(({ of: carried }) => carried)) {
        if (last?.part === part && last.to === place) last.to++
        else runs.push((last = { part, from: place, to: place + 1 }))
    }
    const pieces = runs.flatMap(({ part, from, to }, n) => {
        const run = part.bytes.subarray(startOf(part, from), startOf(part, to) - 1)
        return n === 0 ? [run] : [comma, run]
    })
    const hashes = runs.map(({ part, from, to }) => part.hashes.slice(from * hashChars, to * hashChars - 1))
    return { pieces, hashes: hashes.join() }
}

/** Holds groups by fingerprint while any object of them is in use. */
class Shared {
    readonly #all = new Map<string, WeakRef<Written>>()
    readonly #gone = new FinalizationRegistry<string>((fingerprint) => {
        if (this.#all.get(fingerprint)?.deref() === undefined) this.#all.delete(fingerprint)
    })

    of(input: Written): Written {
        const known = this.#all.get(input.fingerprint)?.deref()
        if (known !== undefined) return known
        this.#all.set(input.fingerprint, new WeakRef(input))
        this.#gone.register(input, input.fingerprint)
        return input
    }
}

const shared = new WeakMap<Db, Shared>()

/** Returns the shared instance of a group. Not for a partner's own copy. */
export function oneForAll(db: Db, input: Written): Written {
    const values = shared.get(db) ?? new Shared()
    shared.set(db, values)
    return values.of(input)
}
