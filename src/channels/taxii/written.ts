/**
 * Objects that were written from the same things, held once for all who are shown them. Each reader's are written for it
 * nevertheless: what somebody else was shown before makes no answer faster.
 */
import { hash } from "node:crypto"
import type { Db } from "../../platform/db.ts"
import type { Master } from "../../share/artifacts/actions.ts"
import type { Matched } from "./asking.ts"

export interface Carried extends Matched {
    /** JSON, as it is sent. */
    readonly text: string
    /** SHA-256 of `text`, in hex. */
    readonly hash: string
    /** The case that it tells of; null of what stands in all collections. */
    readonly case: string | null
    /** Whose text it holds; null of what holds none. */
    readonly master: Version | null
    /** With what it was written. */
    readonly part: Written
}

export interface Version extends Pick<Master, "artifact" | "version"> {
    /** It is the partner's own copy, and bears its marks. */
    readonly isOwn: boolean
}

export interface Written {
    /** Of all that they were written from. */
    readonly fingerprint: string
    readonly objects: readonly Carried[]
}

export const hashOf = (text: string): string => hash("sha256", text, "hex")

export function writtenOf(fingerprint: string, objects: readonly Omit<Carried, "part">[]): Written {
    const all: Carried[] = []
    const its = { fingerprint, objects: all }
    for (const one of objects) all.push({ ...one, part: its })
    return its
}

/** By fingerprint, while somebody holds an object of it. */
class Shared {
    readonly #all = new Map<string, WeakRef<Written>>()
    readonly #gone = new FinalizationRegistry<string>((fingerprint) => {
        if (this.#all.get(fingerprint)?.deref() === undefined) this.#all.delete(fingerprint)
    })

    of(its: Written): Written {
        const known = this.#all.get(its.fingerprint)?.deref()
        if (known !== undefined) return known
        this.#all.set(its.fingerprint, new WeakRef(its))
        this.#gone.register(its, its.fingerprint)
        return its
    }
}

const shared = new WeakMap<Db, Shared>()

/** The same, as somebody holds it already. Never of one partner's own copy. */
export function oneForAll(db: Db, its: Written): Written {
    const all = shared.get(db) ?? new Shared()
    shared.set(db, all)
    return all.of(its)
}
