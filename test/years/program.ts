/**
 * Years of a synthetic program: partners who join and leave, cases, and versions whose codewords the real code
 * generates. Without texts: a version is its slots, and a copy its codeword.
 */
import { type Dice, dice } from "../../bench/tracing/dice.ts"
import { type Slot, placesOf } from "@tocsin/marks/carriers/carrier"
import { type Codebook, type Colluders, codebookOf, docKey } from "@tocsin/marks/code"
import { type Instant, dayMs, parseInstant } from "@tocsin/base/instant"
import { blockCipher } from "../../server/src/platform/crypto/aes-blocks.ts"

export interface Setting {
    readonly cases: number
    readonly partners: number
    /** Per version, minimum and maximum. */
    readonly slots: readonly [least: number, most: number]
    /** The numbers of forms of slots, in turn. */
    readonly forms: readonly number[]
    readonly design: Colluders
    /** Some join late and some leave. */
    readonly isMoving: boolean
    /** False: everyone gets the same text, of a kind without marks. */
    readonly isMarked: boolean
}

export interface Marks {
    readonly key: Uint8Array
    readonly slots: readonly Slot[]
    readonly book: Codebook
}

export interface Version {
    readonly artifact: string
    readonly at: Instant
    /** Null: a kind without marks. */
    readonly marks: (() => Marks) | null
    /** Since when each recipient has a copy. */
    readonly held: ReadonlyMap<string, Instant>
}

export interface Program {
    readonly setting: Setting
    readonly partners: readonly string[]
    /** Creates the versions of the next case, without a copy for `withheld`. */
    readonly opened: (n: number, withheld: readonly string[]) => Version[]
}

const start = parseInstant("2026-01-01T00:00:00Z")
/** Eight cases a year. */
export const betweenMs = (365 / 8) * dayMs

interface Stay {
    readonly name: string
    readonly from: Instant
    readonly until: Instant
}

export function programOf(setting: Setting, seed: number): Program {
    const by = dice(seed)
    const end = start + setting.cases * betweenMs
    const stays = Array.from({ length: setting.partners }, (_, i) =>
        setting.isMoving ? stayOf(`partner ${i}`, end, by) : { name: `partner ${i}`, from: start, until: end },
    )
    const secret = Uint8Array.from({ length: 32 }, () => by.below(256))
    return {
        setting,
        partners: stays.map(({ name }) => name),
        opened: (n, withheld) => {
            const at = start + n * betweenMs
            const names = by.unit() < 0.3 ? [`case ${n} technical`, `case ${n} proof`] : [`case ${n} technical`]
            return names.map((artifact) => ({
                artifact,
                at,
                held: heldBy(stays, at, withheld, by),
                marks: setting.isMarked ? marksOf(secret, artifact, setting, by) : null,
            }))
        },
    }
}

/** Three of ten join late, two of ten leave early. */
function stayOf(name: string, end: Instant, by: Dice): Stay {
    const within = () => start + by.unit() * (end - start)
    const from = by.unit() < 0.3 ? within() : start
    return { name, from, until: by.unit() < 0.2 ? Math.max(from, within()) : end }
}

/** Most fetch within days. Some that join later also fetch older versions. */
function heldBy(stays: readonly Stay[], at: Instant, withheld: readonly string[], by: Dice): Map<string, Instant> {
    const held = new Map<string, Instant>()
    for (const { name, from, until } of stays) {
        const share = from > at ? 0.3 : 0.95
        const fetched = Math.max(from, at) + by.unit() ** 2 * 10 * dayMs
        if (by.unit() < share && fetched < until && !withheld.includes(name)) held.set(name, fetched)
    }
    return held
}

/** Generated on first use, because most versions never leak. */
function marksOf(secret: Uint8Array, artifact: string, { slots, forms, design }: Setting, by: Dice): () => Marks {
    const [least, most] = slots
    const entries = slotsOf(least + by.below(most - least + 1), forms)
    let made: Marks | null = null
    return () => {
        if (made !== null) return made
        const key = docKey(secret, { document: artifact, version: "1", epoch: 1 })
        return (made = { key, slots: entries, book: codebookOf(key, placesOf(entries), design, blockCipher) })
    }
}

function slotsOf(count: number, forms: readonly number[]): Slot[] {
    return Array.from({ length: count }, (_, i) => ({
        id: `slot ${i}`,
        kind: "synonym",
        robustness: "wording",
        variants: Array.from({ length: forms[i % forms.length] ?? 2 }, () => []),
    }))
}
