/**
 * `tocsin mark FILE --recipients LIST --key KEY --out DIR`: makes a marked copy for each recipient, without a server.
 *
 * All copies are made before the first is written. Existing files are never overwritten.
 */
import { createHash } from "node:crypto"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { basename, extname, join } from "node:path"
import type { Command } from "commander"
import { canariesIn } from "../canary.ts"
import { type Robustness, type Slot, applyCodeword, isCounted } from "../carriers/carrier.ts"
import type { ParserFor } from "../carriers/registry.ts"
import type { Check, CheckFor } from "../check.ts"
import { type Codebook, type Colluders, colludersDefault, designFor } from "../code.ts"
import {
    type MergeStrength,
    mergeStrength,
    countByRobustness,
    distinguishableRecipients,
    worthOf,
} from "../evidence/reach.ts"
import { refuse } from "@tocsin/base/refusal"
import { proseTokens } from "../tokens.ts"
import { checkCopies } from "./author-check.ts"
import { saveSlots, loadStoredSlots } from "./slot-cache.ts"
import {
    type ExitCode,
    type CommandOutput,
    UsageError,
    runWithExitCode,
    codeOf,
    processOutput,
} from "@tocsin/base/command-line"
import { readOrCreateKey, readRecipients, readText, offlineCodebook, loadSlots } from "./files-and-keys.ts"

/** Options of the command. */
export interface MarkOptions {
    readonly recipients: string
    readonly key: string
    readonly out: string
    readonly colluders?: string | undefined
    readonly json?: boolean | undefined
    readonly check?: string | undefined
    readonly checkShell?: string | undefined
    readonly checkTime?: string | undefined
    /** False leaves signs as the author wrote them. */
    readonly typography?: boolean | undefined
}

/** The functions that the command needs in addition to files. */
export interface MarkServices {
    readonly parserFor: ParserFor
    readonly checkFor: CheckFor
}

interface Copy {
    readonly recipient: string
    readonly file: string
    readonly text: string
}

const excerptWords = 150
const errors = [1e-3, 1e-6]

/** Adds the command. */
export function markCommand(program: Command, services: MarkServices): void {
    program
        .command("mark")
        .description("Make a marked copy of a text for each recipient, offline")
        .argument("<file>", "the master: Markdown, plain text, source code, rules or JSON")
        .requiredOption("--recipients <list>", "a file with one recipient a line")
        .requiredOption("--key <key>", "the key file; created if missing")
        .requiredOption("--out <dir>", "the folder for the copies; created if missing")
        .option("--colluders <n>", "for how many colluders codewords are generated, 1 to 8 (default: 2)")
        .option(
            "--check <command>",
            "your own check; runs on sample copies, with the path as last argument, before any copy is written",
        )
        .option("--check-shell <shell>", "the shell that runs the check", "/bin/sh")
        .option("--check-time <seconds>", "the time limit of the check for one copy", "60")
        .option("--no-typography", "leave out the typography layer, which never counts as evidence")
        .option("--json", "print one JSON object")
        .action(async (file: string, options: MarkOptions) => {
            process.exitCode = await markFile(file, options, services, processOutput)
        })
}

/** Refuses canaries, because they need a server that listens. Without one, every copy would show the braces. */
function refuseCanaries(master: string): void {
    const [first] = canariesIn(master)
    if (first === undefined) return
    refuse(
        "invalid",
        "mark.canary_not_allowed",
        `\`{{canary:${first.what}}}\` works only on a server, which listens for it: remove it`,
    )
}

/** Marks a file. */
export function markFile(
    file: string,
    options: MarkOptions,
    services: MarkServices,
    io: CommandOutput,
): Promise<ExitCode> {
    return runWithExitCode(io, async () => {
        const colluders = Number(options.colluders ?? colludersDefault)
        const design = designFor(colluders)
        if (!(Number.isInteger(colluders) && colluders >= 1) || design === null) {
            throw new UsageError(`bad --colluders \`${options.colluders}\`: give a whole number from 1 to 8`)
        }
        const master = await readText(file, "mark")
        refuseCanaries(master)
        const recipients = await readRecipients(options.recipients)
        const { slots } = await loadSlots(file, master, services.parserFor, await loadStoredSlots(options.key, master))
        const check = checkOf(file, options, services)
        const codebook = offlineCodebook(await readOrCreateKey(options.key, io), master, slots, design)
        const codewordOf =
            options.typography === false ? withoutTypography(slots, codebook.codewordOf) : codebook.codewordOf
        const copies = recipients.map((recipient): Copy => {
            const name = join(options.out, `${fileName(recipient)}${extname(file)}`)
            return { recipient, file: name, text: applyCodeword(master, slots, codewordOf(recipient)) }
        })
        const copiesChecked =
            check === null ? 0 : await checkCopies(check, { master, slots, codewords: recipients.map(codewordOf) })
        await saveSlots(options.key, master, slots)
        await writeCopies(options.out, copies)
        const strength = strengthOf(master, { slots, colluders, design, recipients: recipients.length })
        if (options.json) io.result(JSON.stringify({ ...strength, colluders, copies: copies.map(copyEntry) }))
        else for (const line of reportLines(strength, copies, options.out)) io.result(line)
        if (copiesChecked > 0) io.message(`the check passes on ${copiesChecked} copies`)
        for (const line of adviceLines(strength, recipients.length, colluders, options.colluders !== undefined))
            io.message(line)
        return 0
    })
}

/**
 * Generates codewords that leave the typography layer unchanged. `tocsin trace` need not know this, because it ignores
 * signs there.
 */
function withoutTypography(slots: readonly Slot[], codewordOf: Codebook["codewordOf"]): Codebook["codewordOf"] {
    return (recipient) => codewordOf(recipient).map((form, i) => (isCounted(slots[i] as Slot) ? form : 0))
}

function checkOf(file: string, options: MarkOptions, { checkFor }: MarkServices): Check | null {
    if (options.check === undefined) return null
    const seconds = Number(options.checkTime ?? "60")
    if (!(seconds > 0 && seconds <= 3600))
        throw new UsageError(`bad --check-time \`${options.checkTime}\`: give 1 to 3600 seconds`)
    return checkFor(options.checkShell ?? "/bin/sh", options.check, basename(file), seconds * 1000)
}

/**
 * Converts a recipient's name to a file name: letters, digits, spaces, dots and dashes stay, everything else becomes
 * %XX.
 */
function fileName(recipient: string): string {
    const escape = (text: string): string =>
        [...new TextEncoder().encode(text)]
            .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
            .join("")
    const name = recipient.replaceAll(/[^A-Za-z0-9 ._-]/g, escape).replaceAll(/^[. -]|[. ]$/g, escape)
    if (!(name.length <= 200))
        refuse("invalid", "mark.bad_recipient", `\`${recipient}\` is too long for a file name: shorten it`)
    return name
}

/** Writes every copy, or names one that cannot be written. Leaves an identical existing copy as it is. */
async function writeCopies(folder: string, copies: readonly Copy[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
        throw new UsageError(`cannot create the folder \`${folder}\``)
    })
    const missing: Copy[] = []
    for (const copy of copies) {
        const existing = await readFile(copy.file, "utf8").catch((error: unknown) => {
            if (codeOf(error) === "ENOENT") return null
            throw new UsageError(`cannot read \`${copy.file}\``)
        })
        if (existing === null) missing.push(copy)
        else if (existing !== copy.text) {
            refuse(
                "conflict",
                "mark.copy_exists",
                `\`${copy.file}\` exists with another content: choose another folder`,
            )
        }
    }
    for (const copy of missing) await writeCopy(copy)
}

async function writeCopy(copy: Copy): Promise<void> {
    const unfinished = `${copy.file}.unfinished`
    try {
        await writeFile(unfinished, copy.text, { mode: 0o600 })
        await rename(unfinished, copy.file)
    } catch {
        await rm(unfinished, { force: true })
        throw new UsageError(`cannot write \`${copy.file}\``)
    }
}

interface Strength {
    readonly slots: number
    readonly bits: number
    readonly kinds: Readonly<Record<string, number>>
    /** The number of recipients among which a leaked copy is identified, by a whole copy and by an excerpt. */
    readonly tellsApart: readonly { readonly alpha: number; readonly whole: number; readonly excerpt: number }[]
    /** The worth of all slots against merged copies, in slots of two forms. */
    readonly worth: number
    /** The number of slots by what they survive: see `Robustness`. */
    readonly lasts: Readonly<Record<Robustness, number>>
    /** For each number of colluders: the lasting slots of two forms that error 1e-3 needs, and the number available. */
    readonly merged: readonly MergeStrength[]
}

const mergeCounts = [2, 3]

interface StrengthInput {
    readonly slots: readonly Slot[]
    readonly colluders: number
    readonly design: Colluders
    readonly recipients: number
}

function strengthOf(master: string, { slots: list, colluders, design, recipients }: StrengthInput): Strength {
    const slots = list.filter(isCounted)
    const words = Math.max(excerptWords, proseTokens(master).length)
    const share = slots.filter(
        (_, i) => Math.floor(((i + 1) * excerptWords) / words) > Math.floor((i * excerptWords) / words),
    )
    const kinds: Record<string, number> = {}
    for (const { kind } of slots) kinds[kind] = (kinds[kind] ?? 0) + 1
    return {
        slots: slots.length,
        bits: Math.floor(slots.reduce((sum, { variants }) => sum + Math.log2(variants.length), 0)),
        kinds,
        tellsApart: errors.map((alpha) => {
            const distinguishable = (some: readonly Slot[]) => distinguishableRecipients(some, design, alpha)
            return { alpha, whole: distinguishable(slots), excerpt: distinguishable(share) }
        }),
        worth: worthOf(slots),
        lasts: countByRobustness(list),
        merged: [...new Set([...mergeCounts, colluders])]
            .filter((value) => value > 1)
            .map((value) => mergeStrength(slots, value, { recipients, alpha: errors[0] ?? 1e-3, design })),
    }
}

function copyEntry({ recipient, file, text }: Copy): { recipient: string; file: string; sha256: string } {
    return { recipient, file, sha256: createHash("sha256").update(text).digest("hex") }
}

function reportLines(strength: Strength, copies: readonly Copy[], folder: string): string[] {
    const kinds = Object.entries(strength.kinds).map(([kind, count]) => `${count} ${kind}`)
    const lasting = (["value", "wording", "order"] as const)
        .filter((kind) => strength.lasts[kind] > 0)
        .map((kind) => `${strength.lasts[kind]} ${kind}`)
    return [
        `${copies.length} ${copies.length === 1 ? "copy" : "copies"} in \`${folder}\`; keep the master, ` +
            "because tracing needs it",
        `${strength.slots} slots, ${strength.bits} bits: ${kinds.join(", ")}`,
        `lasting slots: ${lasting.join(", ")}; ${strength.lasts.fragile} disappear when a person applies a house ` +
            "style, a formatter or a linter, or removes comments",
        ...(strength.lasts.typography > 0
            ? [`${strength.lasts.typography} slots of the typography layer, which never count as evidence`]
            : []),
        ...strength.tellsApart.map(
            ({ alpha, whole, excerpt }) =>
                `error ${alpha}: a whole copy identifies one of ${countText(whole)} recipients, an excerpt of ` +
                `${excerptWords} words one of ${countText(excerpt)}`,
        ),
        ...strength.merged.map(
            ({ colluders, needed, worth }) =>
                `${colluders} colluders who merge their copies: about ${needed} lasting slots needed, ${worth} ` +
                `present${worth < needed ? ": too few" : ""}`,
        ),
    ]
}

function countText(count: number): string {
    if (count === 0) return "no"
    return count > 1_000_000 ? "more than a million" : `up to ${count}`
}

function adviceLines(strength: Strength, recipients: number, colluders: number, isDeclared: boolean): string[] {
    const weak = strength.tellsApart.filter(({ whole }) => whole < recipients).map(({ alpha }) => alpha)
    const lines = weak.map(
        (alpha) => `too few slots to identify one of ${recipients} recipients at error ${alpha}: add {{one|another}}`,
    )
    const merged = isDeclared ? strength.merged.find((merged) => merged.colluders === colluders) : undefined
    if (merged !== undefined) {
        lines.push(
            `${colluders} colluders: the error bounds how often an innocent recipient is identified, for any colluders`,
            `to identify one of ${colluders} colluders who merge their copies, about ${merged.needed} lasting slots ` +
                `are needed; this text has ${merged.worth}`,
        )
        if (merged.worth < merged.needed)
            lines.push("so they may stay unidentified: add {{one|another}} or {{=a value:1-256}}")
    }
    return lines
}
