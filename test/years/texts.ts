/** The same with texts: copies that the carriers write, and excerpts that they read, of the project's own documents. */
import { type Dice, dice } from "../../bench/tracing/dice.ts"
import { copyPasted, excerptOf } from "../../bench/tracing/leaking/prose.ts"
import { offlineBook, slotsOf } from "../../src/cli/offline.ts"
import { readContent } from "../../src/demo/content.ts"
import { applyWord } from "../../src/lib/carriers/carrier.ts"
import { colludersDefault, noncesOf } from "../../src/lib/code.ts"
import { type Leak, type Ledger, ledgerOf } from "../../src/lib/evidence/ledger.ts"
import { weigh } from "../../src/lib/evidence/tripwire.ts"
import { loadParser } from "../../src/platform/grammars.ts"
import { resultOf } from "../../src/trace/attribution/attribution.ts"
import { weighedBy } from "../../src/trace/attribution/weighed.ts"
import { shipped } from "./counting.ts"

const files = ["toolshell/technical.md", "toolshell/guidance.md", "bypass/technical.md", "bypass/guidance.md"]
const recipients = Array.from({ length: 40 }, (_, i) => `partner ${i}`)

export interface Played {
    readonly leaker: string
    /** After each leak. */
    readonly ledgers: readonly Ledger[]
    /** Who is named by a leak itself, of all leaks. */
    readonly named: readonly string[]
}

/** One partner passes on so many words of each document. */
export async function playedWithTexts(words: number, seed: number): Promise<Played> {
    const by = dice(seed)
    const leaker = recipients[by.below(recipients.length)] ?? ""
    const leaks: Leak[] = []
    const [ledgers, named]: [Ledger[], string[]] = [[], []]
    for (const file of files) {
        const result = await attributedText(file, leaker, words, by)
        named.push(...result.documents.flatMap(({ identified }) => identified))
        const weighed = weighedBy(result)
        if (weighed !== null) leaks.push({ id: file, ...weighed })
        ledgers.push(...shipped.ledgers.map((bound) => ledgerOf(leaks, bound)))
    }
    return { leaker, ledgers, named }
}

async function attributedText(file: string, leaker: string, words: number, by: Dice) {
    const master = readContent(file)
    const { pen, slots } = await slotsOf(file, master, loadParser)
    const key = Uint8Array.from({ length: 32 }, () => by.below(256))
    const { coins, bits, wordOf, rowsFor } = offlineBook(key, master, slots, colludersDefault)
    const leak = copyPasted(excerptOf(applyWord(master, slots, wordOf(leaker)), words, by))
    const symbols = pen.read(master, slots, leak)
    const held = { coins, bits, symbols, recipients, rows: rowsFor(symbols, noncesOf(recipients)) }
    const findings = weigh(slots, held, shipped.alpha)
    return resultOf([{ artifact: file, version: 1, symbols, findings }], shipped.alpha, 0, null)
}
