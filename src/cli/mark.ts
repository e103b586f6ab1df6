/**
 * `tocsin mark FILE --recipients LIST --key KEY --out DIR`: one marked copy for each recipient, without a server.
 *
 * All copies are made before the first is written, and nothing that is there already is overwritten.
 */
import { createHash } from "node:crypto"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { extname, join } from "node:path"
import type { Command } from "commander"
import { type Slot, applyWord } from "../lib/carriers/carrier.ts"
import type { ParserFor } from "../lib/carriers/registry.ts"
import { log10Reach } from "../lib/evidence.ts"
import { refuse } from "../lib/refusal.ts"
import { proseTokens } from "../lib/tokens.ts"
import {
    type ExitCode,
    type Io,
    WrongUse,
    answered,
    codeOf,
    readOrMakeKey,
    readRecipients,
    readText,
    realIo,
    slotsOf,
    wordsOf,
} from "./offline.ts"

export interface MarkOptions {
    readonly recipients: string
    readonly key: string
    readonly out: string
    readonly colluders?: string | undefined
    readonly json?: boolean | undefined
}

interface Copy {
    readonly recipient: string
    readonly file: string
    readonly text: string
}

const excerptWords = 150
const errors = [1e-3, 1e-6]

export function markCommand(program: Command, parserFor: ParserFor): void {
    program
        .command("mark")
        .description("make one marked copy of a text for each recipient, offline")
        .argument("<file>", "the master: Markdown, plain text or source code")
        .requiredOption("--recipients <list>", "a text with one name a line")
        .requiredOption("--key <key>", "the file with the key; made if it is not there")
        .requiredOption("--out <dir>", "the folder for the copies; made if it is not there")
        .option("--colluders <n>", "how many recipients may put their copies together", "1")
        .option("--json", "one JSON object")
        .action(async (file: string, options: MarkOptions) => {
            process.exitCode = await markFile(file, options, parserFor, realIo)
        })
}

export function markFile(file: string, options: MarkOptions, parserFor: ParserFor, io: Io): Promise<ExitCode> {
    return answered(io, async () => {
        const colluders = Number(options.colluders ?? 1)
        if (!(Number.isInteger(colluders) && colluders >= 1)) {
            throw new WrongUse(`\`${options.colluders}\` colluders: a whole number from 1 on is meant`)
        }
        const master = await readText(file, "mark")
        const recipients = await readRecipients(options.recipients)
        const { slots } = await slotsOf(file, master, parserFor)
        const wordOf = wordsOf(await readOrMakeKey(options.key, io), slots)
        const copies = recipients.map((recipient): Copy => {
            const name = join(options.out, `${fileName(recipient)}${extname(file)}`)
            return { recipient, file: name, text: applyWord(master, slots, wordOf(recipient)) }
        })
        await writeAll(options.out, copies)
        const strength = strengthOf(master, slots)
        if (options.json) io.result(JSON.stringify({ ...strength, colluders, copies: copies.map(listed) }))
        else for (const line of report(strength, copies, options.out)) io.result(line)
        for (const line of advice(strength, recipients.length, colluders)) io.message(line)
        return 0
    })
}

/** A recipient's name as a file's: letters, digits, spaces, dots, dashes; everything else as %XX. */
function fileName(recipient: string): string {
    const escape = (text: string): string =>
        [...new TextEncoder().encode(text)]
            .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
            .join("")
    const name = recipient.replaceAll(/[^A-Za-z0-9 ._-]/g, escape).replaceAll(/^[. -]|[. ]$/g, escape)
    if (!(name.length <= 200))
        refuse("invalid", "mark.recipient_unclear", `\`${recipient}\` is too long for a file name`)
    return name
}

/** Writes every copy or, where one cannot be, says which. A copy that is there already, byte for byte, is left alone. */
async function writeAll(folder: string, copies: readonly Copy[]): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
        throw new WrongUse(`the folder \`${folder}\` cannot be made`)
    })
    const missing: Copy[] = []
    for (const copy of copies) {
        const there = await readFile(copy.file, "utf8").catch((error: unknown) => {
            if (codeOf(error) === "ENOENT") return null
            throw new WrongUse(`\`${copy.file}\` cannot be read`)
        })
        if (there === null) missing.push(copy)
        else if (there !== copy.text) {
            refuse(
                "conflict",
                "mark.copy_exists",
                `\`${copy.file}\` is there and says something else; choose another folder`,
            )
        }
    }
    for (const copy of missing) await write(copy)
}

async function write(copy: Copy): Promise<void> {
    const unfinished = `${copy.file}.unfinished`
    try {
        await writeFile(unfinished, copy.text, { mode: 0o600 })
        await rename(unfinished, copy.file)
    } catch {
        await rm(unfinished, { force: true })
        throw new WrongUse(`\`${copy.file}\` cannot be written`)
    }
}

interface Strength {
    readonly slots: number
    readonly bits: number
    readonly kinds: Readonly<Record<string, number>>
    /** Among how many recipients the one whose copy leaked is named, by a whole copy and by an excerpt. */
    readonly tellsApart: readonly { readonly alpha: number; readonly whole: number; readonly excerpt: number }[]
}

function strengthOf(master: string, slots: readonly Slot[]): Strength {
    const sizes = slots.map((slot) => slot.variants.length)
    const words = Math.max(excerptWords, proseTokens(master).length)
    const share = sizes.filter(
        (_, i) => Math.floor(((i + 1) * excerptWords) / words) > Math.floor((i * excerptWords) / words),
    )
    const kinds: Record<string, number> = {}
    for (const { kind } of slots) kinds[kind] = (kinds[kind] ?? 0) + 1
    const among = (some: readonly number[], alpha: number): number => {
        const reach = Math.floor(10 ** Math.min(15, log10Reach(some) + Math.log10(alpha)))
        return reach >= 2 ? reach : 0
    }
    return {
        slots: slots.length,
        bits: Math.floor(sizes.reduce((sum, size) => sum + Math.log2(size), 0)),
        kinds,
        tellsApart: errors.map((alpha) => ({ alpha, whole: among(sizes, alpha), excerpt: among(share, alpha) })),
    }
}

function listed({ recipient, file, text }: Copy): { recipient: string; file: string; sha256: string } {
    return { recipient, file, sha256: createHash("sha256").update(text).digest("hex") }
}

function report(strength: Strength, copies: readonly Copy[], folder: string): string[] {
    const kinds = Object.entries(strength.kinds).map(([kind, count]) => `${count} ${kind}`)
    return [
        `${copies.length} ${copies.length === 1 ? "copy" : "copies"} in \`${folder}\``,
        `${strength.slots} slots, ${strength.bits} bits: ${kinds.join(", ")}`,
        ...strength.tellsApart.map(
            ({ alpha, whole, excerpt }) =>
                `error ${alpha}: a whole copy is traced among ${people(whole)}, an excerpt of ${excerptWords} words among ${people(excerpt)}`,
        ),
    ]
}

function people(count: number): string {
    if (count === 0) return "nobody"
    return count > 1_000_000 ? "more than a million" : `up to ${count}`
}

function advice(strength: Strength, recipients: number, colluders: number): string[] {
    const weak = strength.tellsApart.filter(({ whole }) => whole < recipients).map(({ alpha }) => alpha)
    const lines = weak.map(
        (alpha) => `too few slots to name one of ${recipients} at error ${alpha}: add {{one|another}}`,
    )
    if (colluders > 1) {
        lines.push(
            `${colluders} colluders: an innocent is named no more often than the error says, whoever works together;`,
            "but these marks are made to name one leaker, and several who merge their copies may go unnamed",
        )
    }
    return lines
}
