/** The same with texts: copies that carriers write, and excerpts that they read, from the project's documents. */
import { type Dice, dice } from "../../bench/tracing/dice.ts"
import { copyPaste, excerptOf } from "../../bench/tracing/leaking/prose.ts"
import { offlineCodebook, loadSlots } from "@tocsin/marks/commands/files-and-keys"
import { readContent } from "../../server/src/demo/content.ts"
import { applyCodeword } from "@tocsin/marks/carriers/carrier"
import { colludersDefault, noncesOf } from "@tocsin/marks/code"
import { type Leak, type CrossCaseEvidence, crossCaseEvidenceOf } from "@tocsin/marks/evidence/cross-case-evidence"
import { weigh } from "@tocsin/marks/evidence/typography"
import { loadParser } from "@tocsin/marks/grammars"
import { resultOf } from "../../server/src/trace/attribution/attribution.ts"
import { leakScoresOf } from "../../server/src/trace/attribution/scores.ts"
import { shipped } from "./counting.ts"

const files = ["toolshell/technical.md", "toolshell/guidance.md", "bypass/technical.md", "bypass/guidance.md"]
const recipients = Array.from({ length: 40 }, (_, i) => `partner ${i}`)

export interface Played {
    readonly leaker: string
    /** After each leak. */
    readonly ledgers: readonly CrossCaseEvidence[]
    /** Recipients identified by a leak alone, over all leaks. */
    readonly named: readonly string[]
}

/** One partner leaks this many words of each document. */
export async function playedWithTexts(words: number, seed: number): Promise<Played> {
    const by = dice(seed)
    const leaker = recipients[by.below(recipients.length)] ?? ""
    const leaks: Leak[] = []
    const [ledgers, named]: [CrossCaseEvidence[], string[]] = [[], []]
    for (const file of files) {
        const result = await attributedText(file, leaker, words, by)
        named.push(...result.documents.flatMap(({ identified }) => identified))
        const weighed = leakScoresOf(result)
        if (weighed !== null) leaks.push({ id: file, ...weighed })
        ledgers.push(...shipped.ledgers.map((bound) => crossCaseEvidenceOf(leaks, bound)))
    }
    return { leaker, ledgers, named }
}

async function attributedText(file: string, leaker: string, words: number, by: Dice) {
    const master = readContent(file)
    const { format: pen, slots } = await loadSlots(file, master, loadParser)
    const key = Uint8Array.from({ length: 32 }, () => by.below(256))
    const { coins, bits, codewordOf: wordOf, rowsFor } = offlineCodebook(key, master, slots, colludersDefault)
    const leak = copyPaste(excerptOf(applyCodeword(master, slots, wordOf(leaker)), words, by))
    const symbols = pen.read(master, slots, leak)
    const held = { coins, bits, symbols, recipients, rows: rowsFor(symbols, noncesOf(recipients)) }
    const findings = weigh(slots, held, shipped.alpha)
    return resultOf([{ artifact: file, version: 1, symbols, findings }], shipped.alpha, 0, null)
}
