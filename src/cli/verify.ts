/**
 * `tocsin verify FILE…`: judges exported records and receipts, offline, with nothing but the file and a key.
 *
 * A file can only vouch for itself; whose it is, a key tells that the reader had from elsewhere. So without
 * `--key` the answer says loudly what it does not prove.
 */
import { createPublicKey, verify } from "node:crypto"
import { createReadStream } from "node:fs"
import type { Command } from "commander"
import { parseVerifierKey, type VerifierKey, type VerifySignature } from "../lib/checkpoint.ts"
import { believeTheFile, linesOf, type Verdict, verifyLines } from "../lib/record.ts"
import { Refusal } from "../lib/refusal.ts"

export interface VerifyOptions {
    /** `name+hash+base64`: the key that the reader knows. */
    readonly key?: string | undefined
    readonly json?: boolean | undefined
}

/** Where files come from, and where lines go. */
export interface VerifyIo {
    /** Throws, now or while it is read, if there is no such file. */
    readonly open: (path: string) => AsyncIterable<Uint8Array>
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

/** 0: every file is accepted. 1: one is rejected. 2: none is, but a file cannot be read, or the key is no key. */
export type ExitCode = 0 | 1 | 2

export const ed25519: VerifySignature = (publicKey, message, signature) => {
    try {
        const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") }
        return verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)
    } catch {
        return false
    }
}

export const realIo: VerifyIo = {
    open: (path) => createReadStream(path, { highWaterMark: 256 * 1024 }),
    result: (line) => process.stdout.write(`${line}\n`),
    message: (line) => process.stderr.write(`${line}\n`),
}

export function verifyCommand(program: Command): void {
    program
        .command("verify")
        .description("check exported records and receipts, offline")
        .argument("<file...>", "files from `/api/record/export` or `/api/receipts/{id}`")
        .option("--key <key>", "the log's verifier key, from a source that you trust: name+hash+base64")
        .option("--json", "one JSON object a file")
        .action(async (paths: string[], options: VerifyOptions) => {
            process.exitCode = await verifyFiles(paths, options, realIo)
        })
}

export async function verifyFiles(paths: readonly string[], options: VerifyOptions, io: VerifyIo): Promise<ExitCode> {
    if (paths.length === 0) {
        io.message("verify: name the files to check")
        return 2
    }
    const key = options.key === undefined ? believeTheFile : readKey(options.key, io)
    if (key === null) return 2
    let [rejected, unread] = [0, 0]
    for (const path of paths) {
        const verdict = await judge(path, key, io)
        if (verdict === null) unread += 1
        else {
            if (!verdict.ok) rejected += 1
            say(path, verdict, options.json === true, io)
        }
    }
    return rejected > 0 ? 1 : unread > 0 ? 2 : 0
}

function readKey(text: string, io: VerifyIo): VerifierKey | null {
    try {
        return parseVerifierKey(text)
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        io.message(`verify: \`${shown(text)}\` is no verifier key: ${error.message}`)
        return null
    }
}

/** Null if the file cannot be read, which is told. */
async function judge(path: string, key: VerifierKey | typeof believeTheFile, io: VerifyIo): Promise<Verdict | null> {
    try {
        return await verifyLines(linesOf(io.open(path)), { key, verify: ed25519 })
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read \`${shown(path)}\`: ${shown(error.message)}`)
        return null
    }
}

function say(path: string, verdict: Verdict, json: boolean, io: VerifyIo): void {
    io.result(json ? JSON.stringify({ file: path, ...verdict }) : `${shown(path)}: ${shown(inWords(verdict))}`)
    if (!verdict.ok || verdict.keyKnown) return
    io.message(
        `${shown(path)}: WARNING: only checked against the key that the file itself names, so whoever made it may ` +
            `have made the key. Compare with the key that the program publishes, or pass it as --key: ` +
            shown(verdict.verifierKey),
    )
}

function inWords(verdict: Verdict): string {
    if (!verdict.ok) {
        const where = verdict.index === null ? "its head" : `leaf ${verdict.index}`
        return `REJECTED at ${where}: ${verdict.why} (${verdict.code})`
    }
    const { origin, size, withheld, root } = verdict
    const signed = `signed by ${verdict.keyKnown ? "the key you gave" : "the key it names itself"}`
    if (verdict.format === "tocsin-receipt/1") {
        return `accepted: one leaf of ${size} of ${origin}, ${signed}${withheld > 0 ? ", its body withheld" : ""}`
    }
    return `accepted: ${size} leaves of ${origin}, ${withheld} with their body withheld, ${signed}, root ${root}`
}

/** Text of others on a terminal: control, format and bidi characters are written out. */
export function shown(text: string): string {
    return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}
