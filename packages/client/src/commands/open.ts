/**
 * `tocsin open FILE.age`: opens a copy with the partner's own age identity, on the partner's machine.
 *
 * Without `--out`, the content goes to standard output: unchanged into a pipe, without control characters to a
 * terminal.
 */
import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import type { Command } from "commander"
import { open } from "../open.ts"
import { sealedFormatOf } from "../sealed-format.ts"
import { withoutPadding } from "@tocsin/base/padding"
import type { StartPlugin } from "../age-plugin.ts"
import { refuse } from "@tocsin/base/refusal"
import { createFile, readBytes } from "./files.ts"
import { type IdentityOptions, identityPath, loadOpeners } from "./identity.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import { type World, runClientCommand, jsonLine, realWorld } from "./connection.ts"
import { escapeForTerminal } from "@tocsin/base/terminal-text"

/** Options of the command. */
export interface OpenOptions extends IdentityOptions {
    readonly out?: string | undefined
    readonly json?: boolean | undefined
}

/** The output for content that is not written to a file. */
export interface Output {
    readonly isTerminal: boolean
    readonly write: (bytes: Uint8Array) => Promise<void>
}

const sealedBytesMax = 256 * 1024 * 1024

const standardOutput: Output = {
    isTerminal: process.stdout.isTTY,
    write: async (bytes) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))
        await promise
    },
}

/** Adds the command. */
export function openCommand(program: Command, plugins: StartPlugin): void {
    program
        .command("open")
        .description("Open a sealed copy with your age identity, or with the age plugin that holds it")
        .argument("<file>", "a sealed copy, as `tocsin pull` saves it")
        .option("--identity <file>", "the identity file (or TOCSIN_IDENTITY)")
        .option("--out <file>", "a new file for the opened text (default: standard output)")
        .option("--json", "print one JSON object")
        .action(async (file: string, options: OpenOptions) => {
            process.exitCode = await openCopy(file, options, { ...realWorld, plugins }, standardOutput)
        })
}

/** Opens a copy. Refuses `open.no_text` for binary content on a terminal. */
export function openCopy(file: string, options: OpenOptions, world: World, output: Output): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const sealed = await readBytes(file, sealedBytesMax)
        if (sealed === null) throw new UsageError(`no file \`${file}\`: check the path`)
        // An OpenPGP message is refused by `open`, also where there is no identity file.
        const needsIdentity = sealedFormatOf(sealed) === "age"
        const openers = needsIdentity ? await loadOpeners(identityPath(options, world), world) : []
        const plain = await open(sealed, openers, file)
        const facts = { file, bytes: plain.length, sha256: createHash("sha256").update(plain).digest("hex") }
        if (options.out !== undefined) {
            await createFile(options.out, plain)
            if (options.json) world.result(jsonLine({ ...facts, out: options.out }))
            else world.message(`opened into \`${options.out}\``)
        } else if (options.json) {
            const content = isUtf8(plain)
                ? { text: decodeText(plain) }
                : { base64: Buffer.from(plain).toString("base64") }
            world.result(jsonLine({ ...facts, ...content }))
        } else if (output.isTerminal) {
            if (!isUtf8(plain)) refuse("conflict", "open.no_text", `\`${file}\` is not text: use --out or a pipe`)
            await output.write(new TextEncoder().encode(terminalText(decodeText(plain))))
        } else {
            await output.write(plain)
        }
        return 0
    })
}

function decodeText(bytes: Uint8Array): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
}

function terminalText(text: string): string {
    const lines = withoutPadding(text).replaceAll("\r\n", "\n").split("\n")
    return `${lines.map((line) => line.split("\t").map(escapeForTerminal).join("\t")).join("\n")}\n`
}
