/**
 * `tocsin trace LEAK --master FILE --recipients LIST --key KEY`: finds the copy that a leaked text comes from, without
 * a server.
 *
 * The leak is read before the key is opened, so that no codeword can influence the reading.
 */
import type { Command } from "commander"
import type { Slot, Symbol } from "../carriers/carrier.ts"
import type { ParserFor } from "../carriers/registry.ts"
import { assertReadable } from "../align.ts"
import { type Colluders, codebookOf, colludersDefault, designFor, noncesOf } from "../code.ts"
import type { Rows } from "../code/codewords.ts"
import { type TypographyLayer, type WeighedFindings, weigh, weighMany } from "../evidence/typography.ts"
import { type RankedRecipient, type RowSums, isLarge } from "../evidence.ts"
import {
    type Hypothesis,
    type Support,
    hypothesesOf,
    hypothesisTitles,
    missingSlotsOf,
    runnerUpOf,
    scale,
    supportInWords,
    supportOf,
} from "../evidence/hypotheses.ts"
import { loadStoredSlots } from "./slot-cache.ts"
import {
    type ExitCode,
    type CommandOutput,
    UsageError,
    runWithExitCode,
    processOutput,
} from "@tocsin/base/command-line"
import {
    type OfflineDocument,
    cipherOf,
    offlineDocument,
    readKey,
    readRecipients,
    readText,
    offlineCodebook,
    loadSlots,
} from "./files-and-keys.ts"

/** Options of the command. */
export interface TraceOptions {
    readonly master: string
    readonly recipients: string
    readonly key: string
    readonly alpha?: string | undefined
    readonly colluders?: string | undefined
    readonly json?: boolean | undefined
}

/** The most UTF-8 bytes of a UTF-16 unit. A loaded leak is measured in UTF-16 units. */
const bytesOfUnit = 3
const shownMax = 10
const layerShownMax = 3

/** Generates and sums the codewords of very many recipients. */
export interface BulkCodewords {
    readonly generateRows: (
        offlineDocument: OfflineDocument,
        symbols: readonly Symbol[],
        nonces: Uint8Array,
    ) => Promise<Rows>
    readonly sums: RowSums
}

/** Adds the command. */
export function traceCommand(program: Command, parserFor: ParserFor, bulk: BulkCodewords | null = null): void {
    program
        .command("trace")
        .description("Find out offline which copy a leaked text comes from")
        .argument("<leak>", "the leaked text: a whole copy, or parts of it")
        .requiredOption("--master <file>", "the master of the copies")
        .requiredOption("--recipients <list>", "a file with all recipients of a copy, one a line")
        .requiredOption("--key <key>", "the key file")
        .option("--alpha <error>", "the highest probability that an innocent recipient is identified", "1e-6")
        .option("--colluders <n>", "the number that was given to `mark` (default: try all)")
        .option("--json", "print one JSON object")
        .action(async (leak: string, options: TraceOptions) => {
            process.exitCode = await traceFile(leak, options, parserFor, processOutput, bulk)
        })
}

/** Traces a file. */
export function traceFile(
    path: string,
    options: TraceOptions,
    parserFor: ParserFor,
    io: CommandOutput,
    bulk: BulkCodewords | null = null,
): Promise<ExitCode> {
    return runWithExitCode(io, async () => {
        const alpha = Number(options.alpha ?? "1e-6")
        if (!(alpha >= 1e-100 && alpha < 1))
            throw new UsageError(`bad --alpha \`${options.alpha}\`: give a number between 0 and 1`)
        const leak = await readText(path, "trace", (bytes) => assertReadable(Math.ceil(bytes / bytesOfUnit)))
        assertReadable(leak.length)
        const master = await readText(options.master, "mark")
        const { format, slots } = await loadSlots(
            options.master,
            master,
            parserFor,
            await loadStoredSlots(options.key, master),
        )
        const symbols = format.read(master, slots, leak)
        const recipients = await readRecipients(options.recipients)
        const key = await readKey(options.key, io)
        const traceInput = { master, slots, symbols, recipients, key }
        const designs = designsFor(options.colluders)
        const isBulk = bulk !== null && isLarge(recipients.length, slots.length)
        const found = isBulk
            ? await weighRecipientsInBulk(traceInput, designs, alpha, bulk)
            : weighRecipients(traceInput, designs, alpha)
        if (options.json) io.result(JSON.stringify(traceReport(found)))
        else for (const line of reportLines(found)) io.result(line)
        for (const line of [...adviceLines(found), ...tryWarning(alpha)]) io.message(line)
        return found.verdict === "traced" ? 0 : 1
    })
}

/** The symbols read, the recipients, and the key of their codewords. */
export interface TraceInput {
    readonly slots: readonly Slot[]
    readonly master: string
    readonly symbols: readonly Symbol[]
    readonly recipients: readonly string[]
    readonly key: Uint8Array
}

/** Weighs all recipients under each code design. All designs share `alpha`. */
export function weighRecipients(
    { master, slots, symbols, recipients, key }: TraceInput,
    designs: readonly Design[],
    alpha: number,
): WeighedFindings {
    const nonces = noncesOf(recipients)
    const found = designs.map(({ design, share }) => {
        const { coins, bits, rowsFor } = offlineCodebook(key, master, slots, design)
        return weigh(slots, { coins, bits, symbols, recipients, rows: rowsFor(symbols, nonces) }, alpha * share)
    })
    return bestFindings(found, alpha)
}

/** Does the same for very many recipients. */
async function weighRecipientsInBulk(
    { master, slots, symbols, recipients: unsorted, key }: TraceInput,
    designs: readonly Design[],
    alpha: number,
    { generateRows, sums }: BulkCodewords,
): Promise<WeighedFindings> {
    const recipients = unsorted.toSorted()
    const nonces = noncesOf(recipients)
    const found: WeighedFindings[] = []
    for (const { design, share } of designs) {
        const offline = offlineDocument(key, master, slots, design)
        const { coins, bits } = codebookOf(offline.key, offline.places, offline.colluders, cipherOf)
        const comparison = { coins, bits, symbols, recipients, rows: await generateRows(offline, symbols, nonces) }
        found.push(await weighMany(slots, comparison, alpha * share, sums))
    }
    return bestFindings(found, alpha)
}

interface Design {
    readonly design: Colluders
    /** The design's part of α. */
    readonly share: number
}

/** Lists the code designs that `--colluders` permits, or all. */
export function designsFor(colluders: string | undefined): Design[] {
    if (colluders === undefined) {
        return ([2, 4, 8] as const).map((design) => ({ design, share: design === colludersDefault ? 0.8 : 0.1 }))
    }
    const design = designFor(Number(colluders))
    if (!(Number(colluders) >= 1) || design === null) {
        throw new UsageError(`bad --colluders \`${colluders}\`: give a whole number from 1 to 8`)
    }
    return [{ design, share: 1 }]
}

/** Picks the findings of the design that identifies a copy; otherwise of the first. */
function bestFindings(found: readonly WeighedFindings[], alpha: number): WeighedFindings {
    const best = found.find(({ verdict }) => verdict === "traced") ?? (found[0] as WeighedFindings)
    return { ...best, alpha, tests: found.reduce((sum, { tests }) => sum + tests, 0), threshold: best.threshold }
}

/** The findings with the hypotheses and the verbal scale. */
export interface TraceReport extends Omit<WeighedFindings, "ranking"> {
    readonly ranking: readonly (RankedRecipient & {
        readonly mismatches: number
        readonly support: Support
        readonly text: string
    })[]
    readonly runnerUp: { readonly recipient: string; readonly log10e: number; readonly behind: number } | null
    /** About how many more slots of two forms would identify the best copy; 0 if one is identified. */
    readonly missingSlots: number
    readonly hypotheses: readonly (Hypothesis & { readonly title: string; readonly text: string })[]
    readonly scale: string
}

function traceReport(found: WeighedFindings): TraceReport {
    const [best] = found.ranking
    const next = runnerUpOf(found)
    return {
        ...found,
        ranking: found.ranking.map((ranked) => ({
            ...ranked,
            mismatches: found.slots.read - ranked.fits,
            support: supportOf(ranked.log10e),
            text: supportInWords(ranked.log10e),
        })),
        runnerUp: best && next ? { ...copyEvidence(next), behind: best.log10e - next.log10e } : null,
        missingSlots: missingSlotsOf(found),
        hypotheses: hypothesesOf(found).map((hypothesis) => ({
            ...hypothesis,
            title: hypothesisTitles[hypothesis.key],
            text: supportInWords(hypothesis.log10),
        })),
        scale,
    }
}

const copyEvidence = ({ recipient, log10e }: RankedRecipient) => ({ recipient, log10e })

function hypothesisLine({ key, recipient, log10, behind }: Hypothesis): string {
    const owner = recipient === null || key === "remade" ? "" : ` (\`${recipient}\`)`
    const less =
        behind === null ? "" : `; the best-fitting copy explains the leak 10^${behind.toFixed(2)} times as well`
    return `  ${log10.toFixed(2).padStart(8)}  ${supportInWords(log10)}: ${hypothesisTitles[key]}${owner}${less}`
}

function reportLines(found: WeighedFindings): string[] {
    const { total, read, erased, mixed } = found.slots
    const names = found.identified.map((name) => `\`${name}\``).join(", ")
    const shown = found.ranking.slice(0, Math.max(shownMax, found.identified.length))
    const width = Math.max(...shown.map(({ recipient }) => recipient.length))
    return [
        found.verdict === "traced" ? `traced to the copy of ${names}` : found.verdict,
        `${read} of ${total} slots read, ${erased} erased, ${mixed} mixed`,
        `a copy is identified from log10 e = ${found.threshold.toFixed(2)} on (${found.ranking.length} candidates, ` +
            `error ${found.alpha}, ${found.tests} tests)`,
        ...shown.map(({ recipient, log10e, identified, fits }) => {
            const mismatches = `${read - fits} slots differ`
            const evidenceText = `${supportInWords(log10e)}; ${mismatches}${identified ? "; identified" : ""}`
            return `${recipient.padEnd(width)}  ${log10e.toFixed(2).padStart(8)}  ${evidenceText}`
        }),
        ...(found.ranking.length > shown.length ? [`and ${found.ranking.length - shown.length} more candidates`] : []),
        ...found.together.map(
            ({ recipients, log10e }) =>
                `together: ${recipients.map((name) => `\`${name}\``).join(" and ")}  ${log10e.toFixed(2)}`,
        ),
        ...typographyLines(found.typographyLayer),
        "hypotheses, with log10 of how much better each explains the leak than chance:",
        ...hypothesesOf(found).map(hypothesisLine),
        `support in words: ${scale}`,
    ]
}

/** Formats the typography layer, which counts for nothing. */
function typographyLines(found: TypographyLayer | null): string[] {
    if (found === null) return []
    const { total, read, erased, mixed, fits } = found
    if (read === 0) return [`typography layer, not counted: too little of it is left (${total} slots)`]
    const best = fits.slice(0, layerShownMax).map(({ recipient, log10e }) => `\`${recipient}\` ${log10e.toFixed(2)}`)
    return [
        `typography layer, not counted: ${read} of ${total} slots read, ${erased} erased, ${mixed} mixed; alone it ` +
            `fits ${best.join(", ")}`,
    ]
}

/** Warns that no budget of tries is kept offline. */
function tryWarning(alpha: number): string[] {
    return [
        `the error ${alpha} covers one try: choose the text before you see a result, and try each leak once`,
        "for n tries with texts that you choose beforehand, divide the error by n; excerpts that you choose " +
            "after a result have no bound",
    ]
}

function adviceLines(found: WeighedFindings): string[] {
    if (found.verdict === "traced") {
        return [
            "this identifies a copy, not a culprit: the copy may have been stolen, passed on, or planted",
            `chance alone identifies an innocent recipient with a probability of at most ${found.alpha}`,
        ]
    }
    if (found.unmarked.explains) {
        return [
            "the leak reads as the unmarked master: it comes from a text without marks, or was written independently",
        ]
    }
    if (found.verdict === "unrelated") return ["too little was recognised to say that the leak comes from this master"]
    const missingSlots = missingSlotsOf(found)
    return [`too few slots were read to identify a copy: about ${missingSlots} more slots of two forms are needed`]
}
