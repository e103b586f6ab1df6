/**
 * Objects that were written from the same things, held once for all who are shown them. Each reader's are written for it
 * nevertheless: what somebody else was shown before makes no answer faster.
 */
import { hash } from "node:crypto"
import type { Db } from "../../platform/postgres/db.ts"
import type { Master } from "../../share/artifacts/actions.ts"
import type { Matched } from "./request.ts"

export interface Carried extends Matched {
    /** With what it was written, and how many of that stand before it. */
    readonly part: Written
    readonly place: number
}

export interface Version extends Pick<Master, "artifact" | "version"> {
    /** It is the partner's own copy, and bears its marks. */
    readonly isOwn: boolean
}

/** Objects that tell of one thing, before they are written down. */
export interface Rendered {
    /** The case that they tell of; null of what stands in all collections. */
    readonly case: string | null
    /** Whose text they hold; null of what holds none. */
    readonly master: Version | null
    /** `text`: JSON, as it is sent. */
    readonly objects: readonly (Matched & { readonly text: string })[]
    /** Ids of the marking definitions that its objects refer to. */
    readonly markings: readonly string[]
}

/** Objects that were written down together, so that those of a page that follow each other are one piece of memory. */
export interface Written extends Pick<Rendered, "case" | "master" | "markings"> {
    /** Of all that they were written from. */
    readonly fingerprint: string
    readonly objects: readonly Carried[]
    /** A comma between two. */
    readonly bytes: Buffer
    /** Where each begins in `bytes`, and where the next would. */
    readonly starts: readonly number[]
    /** The SHA-256 of each, in hex, as JSON; a comma between two. */
    readonly hashes: string
}

/** Of a hash in `hashes`, with its quotes and its comma. */
const hashChars = 67

export function writtenOf(fingerprint: string, { case: caseId, master, objects, markings }: Rendered): Written {
    const carried: Carried[] = []
    const texts = objects.map(({ text }) => text)
    const starts = [0]
    let end = 0
    for (const text of texts) starts.push((end += Buffer.byteLength(text) + 1))
    // Memory of its own: what is kept long would keep all that node puts beside it.
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

/** Of an object's JSON. */
export const bytesOf = ({ part, place }: Carried): number => startOf(part, place + 1) - startOf(part, place) - 1

function startOf({ starts }: Written, place: number): number {
    const start = starts[place]
    if (start === undefined) throw new RangeError("no object stands there")
    return start
}

/** Of the objects of a page, with a comma between two: their JSON, in pieces, and the hashes of it. */
export interface Joined {
    readonly pieces: readonly Buffer[]
    readonly hashes: string
}

const comma = Buffer.from(",")

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

/** By fingerprint, while somebody holds an object of it. */
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

/** The same, as somebody holds it already. Never of one partner's own copy. */
export function oneForAll(db: Db, input: Written): Written {
    const values = shared.get(db) ?? new Shared()
    shared.set(db, values)
    return values.of(input)
}
