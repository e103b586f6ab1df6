/** The jobs that run in threads: pure functions of their input. */
import type { Slot, Symbol } from "@tocsin/marks/carriers/carrier"
import { readerOf } from "@tocsin/marks/carriers/registry"
import { type Colluders, type CodeSlot, codebookOf } from "@tocsin/marks/code"
import { type Rows, sumRows } from "@tocsin/marks/code/codewords"
import type { CopyComparison } from "@tocsin/marks/evidence"
import { type WeighedFindings, weigh } from "@tocsin/marks/evidence/typography"
import { Refusal } from "@tocsin/base/refusal"
import { blockCipher } from "../crypto/aes-blocks.ts"

/** A leak, and a master to compare it with. */
export interface LeakComparison {
    /** The name of the master's file. Its ending decides how it is read. */
    readonly name: string
    readonly master: string
    readonly slots: readonly Slot[]
    readonly leak: string
}

/** The input of a document's codewords; `key` is K_doc. */
export interface CodewordInput {
    readonly key: Uint8Array
    readonly places: readonly CodeSlot[]
    readonly colluders: Colluders
}

export interface CodewordJob extends CodewordInput {
    readonly symbols: readonly Symbol[]
    /** 12 bytes for each recipient. */
    readonly nonces: Uint8Array
    /** Receives the rows, and has their length. */
    readonly into: Uint32Array
}

/** Returns one symbol for each slot; null where the leak cannot be read, or the master's kind carries no marks. */
function readLeak({ name, master, slots, leak }: LeakComparison): Symbol[] | null {
    try {
        return readerOf(name)?.(master, slots, leak) ?? null
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

interface WeighJob {
    readonly slots: readonly Slot[]
    readonly held: CopyComparison
    readonly alpha: number
}

interface SumJob {
    readonly rows: Rows
    readonly fits: Float64Array
    readonly others: Float64Array
}

/** Jobs by name. */
const threadJobs = {
    read: readLeak,
    weigh: ({ slots, held, alpha }: WeighJob): WeighedFindings => weigh(slots, held, alpha),
    draw: ({ key, places, colluders, symbols, nonces, into }: CodewordJob): void => {
        into.set(codebookOf(key, places, colluders, blockCipher).rowsFor(symbols, nonces).bits)
    },
    sum: ({ rows, fits, others }: SumJob): Float64Array => sumRows(rows, fits, others),
}

export type ThreadJobs = typeof threadJobs

export interface Job {
    readonly name: keyof ThreadJobs
    readonly input: unknown
}

/** Runs a job in a thread of the pool. */
export const run = ({ name, input }: Job): unknown => (threadJobs[name] as (input: unknown) => unknown)(input)
