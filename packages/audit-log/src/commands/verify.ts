/**
 * `tocsin verify FILE…`: checks exports of the audit log, receipts, expert files and inquiry bundles offline, with
 * these files and keys only.
 *
 * A file cannot prove who wrote it. So without `--key` no file passes, unless `--any-key` is given.
 *
 * Exports of one log are compared with each other and with older checkpoints. Receipts and expert files are also
 * searched in an export. A bundle has its own proofs.
 */
import { createPublicKey, verify } from "node:crypto"
import { createReadStream } from "node:fs"
import type { Command } from "commander"
import { bindReceipts } from "../bind-receipts.ts"
import { parseVerifierKey, type VerifySignature } from "../checkpoint.ts"
import { type AcceptedReceipt, receiptFormat } from "../receipt.ts"
import { type AcceptedRecord, recordFormat, type Rejected, type Verdict, verifyLines } from "../export.ts"
import { Refusal } from "@tocsin/base/refusal"
import { believeTheFile, linesOf, type Trust } from "../signed-note.ts"
import { type Comparison, type Export, type KeptCheckpoint, compareExports, holdTo, readCheckpoint } from "./compare.ts"
import { escapeForTerminal } from "@tocsin/base/terminal-text"

/** Options of `tocsin verify`, as the command line gives them. */
export interface VerifyOptions {
    /** `name+hash+base64`: the keys that the reader knows, of the record and of the partners' log. */
    readonly key?: readonly string[] | undefined
    /** Accept files under whatever key they name. */
    readonly anyKey?: boolean | undefined
    /** Files with checkpoints that exports must have in their past. */
    readonly checkpoint?: readonly string[] | undefined
    /** Masters, of which the copies of expert files are made again. */
    readonly master?: readonly string[] | undefined
    readonly json?: boolean | undefined
}

/** Reads files, and writes lines. */
export interface VerifyIo {
    /** Throws, now or while it is read, if there is no such file. */
    readonly open: (path: string) => AsyncIterable<Uint8Array>
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

/** 0: every file is accepted. 1: one is rejected, or its key is not known. 2: a file cannot be read, or wrong use. */
export type ExitCode = 0 | 1 | 2

/** A receipt that was found in a record. */
interface Found extends AcceptedReceipt {
    readonly leaf: number
    readonly record: string
}

/** A file of another kind than exports and receipts, sound in itself. */
export interface OtherFile {
    readonly ok: true
    readonly other: object
}

/** The verdict on a file that another package checks, where it accepts the file. */
export interface AcceptedOther {
    readonly ok: true
    readonly format: string
    /** Missing where the file carries no signature of its own. */
    readonly keyKnown?: boolean
    readonly verifierKey?: string
}

/** The other files that another kind of file is checked against. */
export interface Beside<File> {
    readonly others: readonly File[]
    readonly records: readonly Export[]
    readonly masters: readonly Uint8Array[]
    readonly trust: Trust
}

/** Checks files of other kinds than exports and receipts. `read` gives null where a file begins as something else. */
export interface OtherFiles<File extends OtherFile = OtherFile, Accepted extends AcceptedOther = AcceptedOther> {
    read(open: () => AsyncIterable<Uint8Array>, trust: Trust): Promise<File | Rejected | null>
    checkBeside(file: File, beside: Beside<File>): Promise<Accepted | Rejected>
    inWords(accepted: Accepted): string
}

const noOthers: OtherFiles = {
    read: () => Promise.resolve(null),
    checkBeside: () => Promise.reject(new Error("no other kind of file is known")),
    inWords: ({ format }) => format,
}

interface Judged<File> {
    readonly path: string
    /** Null where the file could not be read; the reader has a message about it. */
    readonly verdict: Verdict | Found | File | null
}

/** Verifies an Ed25519 signature. `publicKey` has 32 bytes; a malformed key or signature gives false. */
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

/** Adds the command `verify` to a program. `others` checks the files that are not exports or receipts. */
export function verifyCommand(program: Command, others: OtherFiles = noOthers): void {
    program
        .command("verify")
        .description(
            "Check exports, receipts, expert files and inquiry bundles offline. With several files, check " +
                "them against each other.",
        )
        .argument(
            "<file...>",
            "files from `/api/audit-log/export`, `/api/receipts/{id}`, an opened key or an inquiry's report",
        )
        .option("--key <key>", "a log's verifier key, from a source that you trust: name+hash+base64", gather)
        .option("--any-key", "accept the key that a file names itself; without a key the exit code is 1")
        .option("--checkpoint <file>", "an older checkpoint, which each export must continue", gather)
        .option("--master <file>", "a master, to reproduce the copies of an expert file", gather)
        .option("--json", "one JSON object a file")
        .action(async (paths: string[], options: VerifyOptions) => {
            process.exitCode = await verifyFiles(paths, options, realIo, others)
        })
}

/** The record and the partners' log have a key each. */
function gather(key: string, before: readonly string[] = []): readonly string[] {
    return [...before, key]
}

/** Checks files and writes one verdict a file. Returns the exit code: 0 all accepted, 1 any refused, 2 wrong usage. */
export async function verifyFiles(
    paths: readonly string[],
    options: VerifyOptions,
    io: VerifyIo,
    others: OtherFiles = noOthers,
): Promise<ExitCode> {
    if (paths.length === 0) {
        io.message("verify: name the files to check")
        return 2
    }
    if (options.key !== undefined && options.anyKey === true) {
        io.message("verify: give `--key` or `--any-key`, not both")
        return 2
    }
    const keys = options.key === undefined ? believeTheFile : readKeys(options.key, io)
    const masters = await readFiles("master", options.master ?? [], io)
    const checkpoints = await readFiles("checkpoint", options.checkpoint ?? [], io)
    if (keys === null || masters === null || checkpoints === null) return 2
    const trust = { keys, verify: ed25519 }
    const alone: Judged<OtherFile>[] = []
    for (const path of paths) alone.push({ path, verdict: await judge(path, trust, io, others) })
    const judged = await inRecords(alone, trust, io)
    const records = recordsAmong(alone, io)
    const beside = {
        records,
        masters,
        trust,
        others: alone.flatMap(({ verdict }) => (verdict !== null && isOther(verdict) ? [verdict] : [])),
    }
    let [rejected, unread, unknown] = [0, 0, 0]
    for (const { path, verdict } of judged) {
        if (verdict === null) {
            unread += 1
            continue
        }
        const checkBeside = isOther(verdict) ? await others.checkBeside(verdict, beside) : verdict
        if (!checkBeside.ok) rejected += 1
        else if (checkBeside.keyKnown === false) unknown += 1
        say(path, checkBeside, options, io, others)
    }
    const kept = checkpoints.map((bytes, i) => readCheckpoint(options.checkpoint?.[i] ?? "", bytes.toString("utf8")))
    rejected += await compareAll(records, kept, options.json === true, io)
    if (rejected > 0) return 1
    if (unread > 0) return 2
    return unknown > 0 && options.anyKey !== true ? 1 : 0
}

/** Exports with each other and with checkpoints; gives how many comparisons failed. */
async function compareAll(
    exports: readonly Export[],
    kept: readonly KeptCheckpoint[],
    json: boolean,
    io: VerifyIo,
): Promise<number> {
    if (kept.length > 0 && exports.length === 0) {
        io.message("verify: no export was accepted that could be held to a checkpoint")
        return kept.length
    }
    const comparisons = await compareExports(exports)
    for (const checkpoint of kept)
        for (const input of exports) comparisons.push(await holdTo(checkpoint, input, ed25519))
    for (const comparison of comparisons) sayCompared(comparison, json, io)
    return comparisons.filter(({ ok }) => !ok).length
}

function sayCompared({ ok, code, compared, reason, index }: Comparison, json: boolean, io: VerifyIo): void {
    const [a, b] = compared
    const text = ok ? `consistent: ${reason}` : `REJECTED: ${reason} (${code})`
    io.result(
        json
            ? JSON.stringify({ compared, ok, index, code, reason })
            : `${escapeForTerminal(a)}, ${escapeForTerminal(b)}: ${escapeForTerminal(text)}`,
    )
}

function readKeys(texts: readonly string[], io: VerifyIo): Trust["keys"] | null {
    const keys = []
    for (const text of texts) {
        try {
            keys.push(parseVerifierKey(text))
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            io.message(`verify: \`${escapeForTerminal(text)}\` is no verifier key: ${error.message}`)
            return null
        }
    }
    return keys
}

const fileBytesMax = 64 * 1024 * 1024

async function readFiles(kind: string, paths: readonly string[], io: VerifyIo): Promise<Buffer[] | null> {
    const files: Buffer[] = []
    try {
        for (const path of paths) {
            const kept: Uint8Array[] = []
            let bytes = 0
            for await (const chunk of io.open(path)) {
                bytes += chunk.length
                if (bytes > fileBytesMax) {
                    throw Object.assign(new Error(`it is too long for a ${kind}`), { code: "long" })
                }
                kept.push(chunk)
            }
            files.push(Buffer.concat(kept))
        }
        return files
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read a ${kind}: ${escapeForTerminal(error.message)}`)
        return null
    }
}

async function judge(
    path: string,
    trust: Trust,
    io: VerifyIo,
    others: OtherFiles,
): Promise<Judged<OtherFile>["verdict"]> {
    try {
        const other = await others.read(() => io.open(path), trust)
        if (other !== null) return other
        return await verifyLines(linesOf(unwrapped(io.open(path))), trust)
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read \`${escapeForTerminal(path)}\`: ${escapeForTerminal(error.message)}`)
        return null
    }
}

const answerStart = '{"receipt":'
const answerBytesMax = 1024 * 1024

/** A receipt as the portal answers it is taken out of its answer; all else stays as it is. */
async function* unwrapped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const kept: Uint8Array[] = []
    let bytes = 0
    let isAnswer: boolean | null = null
    for await (const chunk of chunks) {
        isAnswer ??= Buffer.from(chunk.subarray(0, answerStart.length)).toString("latin1") === answerStart
        bytes += chunk.length
        if (!isAnswer || bytes > answerBytesMax) {
            yield* kept.splice(0)
            yield chunk
        } else kept.push(chunk)
    }
    const text = Buffer.concat(kept).toString("utf8")
    const receipt = receiptIn(text)
    if (receipt !== null) yield Buffer.from(receipt)
    else yield* kept
}

function receiptIn(text: string): string | null {
    try {
        const answer = JSON.parse(text) as { receipt?: unknown }
        return typeof answer.receipt === "string" && Object.keys(answer).length === 1 ? answer.receipt : null
    } catch {
        return null
    }
}

type AnyVerdict = Judged<OtherFile>["verdict"]

const isOther = (verdict: NonNullable<AnyVerdict>): verdict is OtherFile => "other" in verdict
const isRecord = (verdict: AnyVerdict): verdict is AcceptedRecord =>
    verdict !== null && verdict.ok && "format" in verdict && verdict.format === recordFormat
const isReceipt = (verdict: AnyVerdict): verdict is AcceptedReceipt =>
    verdict !== null && verdict.ok && "format" in verdict && verdict.format === receiptFormat

function recordsAmong(judged: readonly Judged<OtherFile>[], io: VerifyIo) {
    return judged.flatMap(({ path, verdict }) =>
        isRecord(verdict) ? [{ path, record: verdict, open: () => linesOf(io.open(path)) }] : [],
    )
}

/** Each receipt must belong to one of the records, if there is any; the last of them says why it does not. */
async function inRecords(
    alone: readonly Judged<OtherFile>[],
    trust: Trust,
    io: VerifyIo,
): Promise<Judged<OtherFile>[]> {
    const receipts = alone.map(({ verdict }) => verdict).filter(isReceipt)
    const bound = new Map<AcceptedReceipt, Found | Rejected>()
    for (const { path, verdict: record } of alone) {
        if (!isRecord(record) || receipts.length === 0) continue
        const answers = await bindReceipts(record, () => linesOf(unwrapped(io.open(path))), receipts, trust)
        for (const [i, receipt] of receipts.entries()) {
            const answer = answers[i]
            if (answer === undefined || bound.get(receipt)?.ok === true) continue
            const found = answer.ok ? { ...receipt, leaf: answer.leaf, record: path } : { ...answer, index: null }
            bound.set(receipt, found)
        }
    }
    return alone.map(({ path, verdict }) => ({
        path,
        verdict: isReceipt(verdict) ? (bound.get(verdict) ?? verdict) : verdict,
    }))
}

function say(
    path: string,
    verdict: Exclude<AnyVerdict, OtherFile | null> | AcceptedOther,
    { json = false, anyKey = false }: VerifyOptions,
    io: VerifyIo,
    others: OtherFiles,
): void {
    const text = verdict.ok && !isOwn(verdict) ? others.inWords(verdict) : inWords(verdict as Verdict | Found)
    io.result(
        json ? JSON.stringify({ file: path, ...verdict }) : `${escapeForTerminal(path)}: ${escapeForTerminal(text)}`,
    )
    if (!verdict.ok || verdict.keyKnown !== false) return
    io.message(
        `${escapeForTerminal(path)}: WARNING: only checked against the key that the file itself names, which its ` +
            `author may have made. Compare with the key that the program publishes, and pass it as --key ` +
            `${anyKey ? "" : "(or --any-key, to accept any) "}: ${escapeForTerminal(verdict.verifierKey ?? "")}`,
    )
}

const isOwn = (verdict: { readonly format: string }): boolean =>
    verdict.format === recordFormat || verdict.format === receiptFormat

function inWords(verdict: Verdict | Found): string {
    if (!verdict.ok) {
        const value = verdict.code.startsWith("receipt.") ? "" : " at its head"
        const where = verdict.index === null ? value : ` at leaf ${verdict.index}`
        return `REJECTED${where}: ${verdict.reason} (${verdict.code})`
    }
    const { origin, size, root } = verdict
    const signed = `signed by ${verdict.keyKnown ? "the key you gave" : "the key it names itself"}`
    if (verdict.format === recordFormat) {
        const { withheld } = verdict
        return `accepted: ${size} leaves of ${origin}, ${withheld} with their body withheld, ${signed}, root ${root}`
    }
    const { kind, at, partner } = verdict.body
    const item = `receipt of what partner ${describe(partner)} ${describe(kind)} at ${describe(at)}`
    const place = `in batch ${verdict.index} of ${size} of ${origin}`
    const leaf = "leaf" in verdict ? `, leaf ${verdict.leaf} of the record ${verdict.record}` : ""
    return `accepted: ${item}, ${place}, ${signed}${leaf}`
}

const describe = (value: unknown): string => (typeof value === "string" ? value : "?")
