/**
 * `tocsin verify FILE…`: checks exports of the audit log, receipts, expert files and inquiry bundles offline, with
 * these files and keys only.
 *
 * A file cannot prove who wrote it. So without `--key` no file passes, unless `--any-key` is given.
 *
 * Exports of one log are compared with each other and with older checkpoints. Receipts and expert files are also
 * searched in an export. A bundle has its own proofs.
 */
import { createReadStream } from "node:fs"
import type { Command } from "commander"
import { bindReceipts } from "../bind-receipts.ts"
import { parseVerifierKey, type VerifySignature } from "../checkpoint.ts"
import { type AcceptedReceipt, receiptFormat } from "../receipt.ts"
import { type AcceptedExport, exportFormat, type Rejection, type Verdict, verifyLines } from "../export.ts"
import { Refusal } from "@tocsin/base/refusal"
import { trustAnyKey, splitLines, type Trust } from "../signed-note.ts"
import {
    type Comparison,
    type Export,
    type EarlierCheckpoint,
    compareExports,
    compareWithCheckpoint,
    readCheckpoint,
} from "./compare.ts"
import { escapeForTerminal } from "@tocsin/base/terminal-text"
import { nodeVerifiers } from "./node-keys.ts"
import { describeReceipt, unwrapReceipt } from "./receipt-answer.ts"
import { compareNothing, describeResult, verifyByPolicy, type WitnessedExport } from "./verify-policy.ts"

/** Options of `tocsin verify`, as the command line gives them. */
export interface VerifyOptions {
    /** `name+hash+base64`: the keys that the reader trusts, of the audit log and of the receipt log. */
    readonly key?: readonly string[] | undefined
    /** Accept files under whatever key they name. */
    readonly anyKey?: boolean | undefined
    /** Files with checkpoints that exports must have in their past. */
    readonly checkpoint?: readonly string[] | undefined
    /** Masters, of which the copies of expert files are made again. */
    readonly master?: readonly string[] | undefined
    readonly json?: boolean | undefined
    /** A file with the witnesses that must have signed. */
    readonly policy?: string | undefined
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

/** A receipt that was found in an export of the audit log. */
interface FoundReceipt extends AcceptedReceipt {
    readonly leaf: number
    readonly auditLog: string
}

/** A file of another kind than exports and receipts, sound in itself. */
export interface OtherFile {
    readonly ok: true
    readonly content: object
}

/** The verdict on a file that another package checks, where it accepts the file. */
export interface AcceptedOtherFile {
    readonly ok: true
    readonly format: string
    /** Missing where the file carries no signature of its own. */
    readonly keyKnown?: boolean
    readonly verifierKey?: string
}

/** The other files that another kind of file is checked against. */
export interface CheckContext<File> {
    readonly others: readonly File[]
    readonly exports: readonly Export[]
    readonly masters: readonly Uint8Array[]
    readonly trust: Trust
}

/** Checks files of other kinds than exports and receipts. `read` gives null where a file begins as something else. */
export interface OtherFileChecker<
    File extends OtherFile = OtherFile,
    Accepted extends AcceptedOtherFile = AcceptedOtherFile,
> {
    read(open: () => AsyncIterable<Uint8Array>, trust: Trust): Promise<File | Rejection | null>
    check(file: File, beside: CheckContext<File>): Promise<Accepted | Rejection>
    describe(accepted: Accepted): string
}

const noOtherFiles: OtherFileChecker = {
    read: () => Promise.resolve(null),
    check: () => Promise.reject(new Error("no other kind of file is known")),
    describe: ({ format }) => format,
}

interface JudgedFile<File> {
    readonly path: string
    /** Null where the file could not be read; the reader has a message about it. */
    readonly verdict: Verdict | FoundReceipt | File | null
}

/** Verifies an Ed25519 signature. `publicKey` has 32 bytes; a malformed key or signature gives false. */
export const ed25519: VerifySignature = nodeVerifiers.ed25519

export const processIo: VerifyIo = {
    open: (path) => createReadStream(path, { highWaterMark: 256 * 1024 }),
    result: (line) => process.stdout.write(`${line}\n`),
    message: (line) => process.stderr.write(`${line}\n`),
}

/** Adds the command `verify` to a program. `otherFiles` checks the files that are not exports or receipts. */
export function verifyCommand(program: Command, otherFiles: OtherFileChecker = noOtherFiles): void {
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
        .option("--key <key>", "a verifier key of a log, from a source that you trust; repeatable", collect)
        .option("--any-key", "accept the key that each file names; without --key or --any-key the exit code is 1")
        .option("--checkpoint <file>", "an older checkpoint that each export must continue", collect)
        .option("--master <file>", "a master, to reproduce the copies that an expert file describes", collect)
        .option(
            "--policy <file>",
            "the witnesses that must have signed (C2SP tlog-policy): proofs and exports are checked",
        )
        .option("--json", "print one JSON object for each file")
        .action(async (paths: string[], options: VerifyOptions) => {
            process.exitCode = await verifyAll(paths, options, processIo, otherFiles)
        })
}

/** Checks what witnesses must have signed, where there is a policy, and then all other files. */
export async function verifyAll(
    paths: readonly string[],
    options: VerifyOptions,
    io: VerifyIo,
    otherFiles: OtherFileChecker = noOtherFiles,
): Promise<ExitCode> {
    if (options.policy === undefined) return await verifyFiles(paths, options, io, otherFiles)
    if (readTrust(options, io) === null) return 2
    const witnessed = await verifyByPolicy(paths, options.policy, options.json === true, io)
    if (witnessed === null) return 2
    const { exports, rejected, unread } = witnessed
    const exit =
        exports.size === 0
            ? compareNothing(options, io)
            : await verifyFiles([...exports.keys()], { ...options, exports }, io, otherFiles)
    if (rejected > 0 || exit === 1 || [...exports.values()].some(({ ok }) => !ok)) return 1
    return unread > 0 ? 2 : exit
}

/** Adds a value: the audit log and the receipt log each have a key, and later another one. */
function collect(key: string, earlier: readonly string[] = []): readonly string[] {
    return [...earlier, key]
}

/** Checks files and writes one verdict a file. Returns the exit code: 0 all accepted, 1 any refused, 2 wrong usage. */
export async function verifyFiles(
    paths: readonly string[],
    options: VerifyOptions & { readonly exports?: ReadonlyMap<string, WitnessedExport> },
    io: VerifyIo,
    otherFiles: OtherFileChecker = noOtherFiles,
): Promise<ExitCode> {
    if (paths.length === 0) {
        io.message("verify: name the files to check")
        return 2
    }
    const keys = readTrust(options, io)
    const masters = await readFiles("master", options.master ?? [], io)
    const checkpoints = await readFiles("checkpoint", options.checkpoint ?? [], io)
    if (keys === null || masters === null || checkpoints === null) return 2
    const trust = { keys, verify: ed25519 }
    const judgedAlone: JudgedFile<OtherFile>[] = []
    for (const path of paths) judgedAlone.push({ path, verdict: await verifyFile(path, trust, io, otherFiles) })
    const judgedTogether = await bindToExports(judgedAlone, trust, io)
    const exports = acceptedExports(judgedAlone, io)
    const context = {
        exports,
        masters,
        trust,
        others: judgedAlone.flatMap(({ verdict }) => (verdict !== null && isOther(verdict) ? [verdict] : [])),
    }
    let [rejected, unread, unknownKeys] = [0, 0, 0]
    for (const { path, verdict } of judgedTogether) {
        if (verdict === null) {
            unread += 1
            continue
        }
        const finalVerdict = isOther(verdict) ? await otherFiles.check(verdict, context) : verdict
        if (!finalVerdict.ok) rejected += 1
        else if (finalVerdict.keyKnown === false) unknownKeys += 1
        const witnessed = options.exports?.get(path)
        printVerdict(path, finalVerdict, { ...options, witnessed }, io, otherFiles)
    }
    const earlierCheckpoints = checkpoints.map((bytes, i) =>
        readCheckpoint(options.checkpoint?.[i] ?? "", bytes.toString("utf8")),
    )
    if (checkpoints.length > 0 && exports.length === 0) {
        io.message("verify: no export was accepted, so no checkpoint was compared")
        unread += 1
    } else rejected += await compareAll(exports, earlierCheckpoints, { ...trust, json: options.json === true }, io)
    if (rejected > 0) return 1
    if (unread > 0) return 2
    return unknownKeys > 0 && options.anyKey !== true ? 1 : 0
}

/** Exports with each other and with checkpoints; gives how many comparisons failed. */
async function compareAll(
    exports: readonly Export[],
    earlierCheckpoints: readonly EarlierCheckpoint[],
    trust: Trust & { readonly json: boolean },
    io: VerifyIo,
): Promise<number> {
    const comparisons = await compareExports(exports)
    for (const checkpoint of earlierCheckpoints)
        for (const exported of exports) comparisons.push(await compareWithCheckpoint(checkpoint, exported, trust))
    for (const comparison of comparisons) printComparison(comparison, trust.json, io)
    return comparisons.filter(({ ok }) => !ok).length
}

function printComparison({ ok, code, compared, reason, index }: Comparison, json: boolean, io: VerifyIo): void {
    const [a, b] = compared
    const text = ok ? `consistent: ${reason}` : `REJECTED: ${reason} (${code})`
    io.result(
        json
            ? JSON.stringify({ compared, ok, index, code, reason })
            : `${escapeForTerminal(a)}, ${escapeForTerminal(b)}: ${escapeForTerminal(text)}`,
    )
}

/** The keys that the options name; null for wrong usage, with a message. */
function readTrust({ key, anyKey }: VerifyOptions, io: VerifyIo): Trust["keys"] | null {
    if (key === undefined) return trustAnyKey
    if (anyKey !== true) return readKeys(key, io)
    io.message("verify: give `--key` or `--any-key`, not both")
    return null
}

function readKeys(texts: readonly string[], io: VerifyIo): Trust["keys"] | null {
    const keys = []
    for (const text of texts) {
        try {
            keys.push(parseVerifierKey(text))
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            io.message(`verify: \`${escapeForTerminal(text)}\` is not a verifier key: ${error.message}`)
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
            const chunks: Uint8Array[] = []
            let bytes = 0
            for await (const chunk of io.open(path)) {
                bytes += chunk.length
                if (bytes > fileBytesMax) {
                    throw Object.assign(new Error(`it is too long to be a ${kind}`), { code: "long" })
                }
                chunks.push(chunk)
            }
            files.push(Buffer.concat(chunks))
        }
        return files
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read a ${kind}: ${escapeForTerminal(error.message)}`)
        return null
    }
}

async function verifyFile(
    path: string,
    trust: Trust,
    io: VerifyIo,
    otherFiles: OtherFileChecker,
): Promise<JudgedFile<OtherFile>["verdict"]> {
    try {
        const other = await otherFiles.read(() => io.open(path), trust)
        if (other !== null) return other
        return await verifyLines(splitLines(unwrapReceipt(io.open(path))), trust)
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read \`${escapeForTerminal(path)}\`: ${escapeForTerminal(error.message)}`)
        return null
    }
}

type AnyVerdict = JudgedFile<OtherFile>["verdict"]

const isOther = (verdict: NonNullable<AnyVerdict>): verdict is OtherFile => "content" in verdict
const isExport = (verdict: AnyVerdict): verdict is AcceptedExport =>
    verdict !== null && verdict.ok && "format" in verdict && verdict.format === exportFormat
const isReceipt = (verdict: AnyVerdict): verdict is AcceptedReceipt =>
    verdict !== null && verdict.ok && "format" in verdict && verdict.format === receiptFormat

function acceptedExports(judged: readonly JudgedFile<OtherFile>[], io: VerifyIo) {
    return judged.flatMap(({ path, verdict }) =>
        isExport(verdict) ? [{ path, accepted: verdict, open: () => splitLines(io.open(path)) }] : [],
    )
}

/** Finds each receipt in one of the exports, if any was given. The last export gives the reason if none has it. */
async function bindToExports(
    judged: readonly JudgedFile<OtherFile>[],
    trust: Trust,
    io: VerifyIo,
): Promise<JudgedFile<OtherFile>[]> {
    const receipts = judged.map(({ verdict }) => verdict).filter(isReceipt)
    const bound = new Map<AcceptedReceipt, FoundReceipt | Rejection>()
    for (const { path, verdict: accepted } of judged) {
        if (!isExport(accepted) || receipts.length === 0) continue
        const answers = await bindReceipts(accepted, () => splitLines(unwrapReceipt(io.open(path))), receipts, trust)
        for (const [i, receipt] of receipts.entries()) {
            const answer = answers[i]
            if (answer === undefined || bound.get(receipt)?.ok === true) continue
            const result = answer.ok ? { ...receipt, leaf: answer.leaf, auditLog: path } : { ...answer, index: null }
            bound.set(receipt, result)
        }
    }
    return judged.map(({ path, verdict }) => ({
        path,
        verdict: isReceipt(verdict) ? (bound.get(verdict) ?? verdict) : verdict,
    }))
}

function printVerdict(
    path: string,
    verdict: Exclude<AnyVerdict, OtherFile | null> | AcceptedOtherFile,
    { json = false, anyKey = false, witnessed }: VerifyOptions & { readonly witnessed: WitnessedExport | undefined },
    io: VerifyIo,
    otherFiles: OtherFileChecker,
): void {
    const text =
        verdict.ok && !isOwnFormat(verdict)
            ? otherFiles.describe(verdict)
            : verdictText(verdict as Verdict | FoundReceipt)
    const say = (line: string) => io.result(`${escapeForTerminal(path)}: ${escapeForTerminal(line)}`)
    if (json) {
        io.result(JSON.stringify({ file: path, ...withWitnesses(verdict, witnessed) }))
    } else if (witnessed === undefined || !verdict.ok) say(text)
    else {
        say(describeResult(witnessed))
        if (witnessed.ok) say(text)
    }
    if (!verdict.ok || verdict.keyKnown !== false) return
    const key = escapeForTerminal(verdict.verifierKey ?? "")
    io.message(
        `${escapeForTerminal(path)}: WARNING: checked only against the key that the file names, which its ` +
            "author can have made. " +
            `Compare this key with the one that the operator publishes: ${key}` +
            `${anyKey ? "" : ". Then give it as --key, or give --any-key"}`,
    )
}

/** The one verdict on a file that must be sound in itself, and signed as the policy says. */
function withWitnesses(verdict: { readonly ok: boolean }, witnessed: WitnessedExport | undefined): object {
    if (witnessed === undefined || !verdict.ok) return verdict
    return witnessed.ok ? { ...verdict, witnessedSize: witnessed.witnessedSize, policy: witnessed.policy } : witnessed
}

const isOwnFormat = (verdict: { readonly format: string }): boolean =>
    verdict.format === exportFormat || verdict.format === receiptFormat

function verdictText(verdict: Verdict | FoundReceipt): string {
    if (!verdict.ok) {
        const isHead = !verdict.code.startsWith("receipt.") && verdict.code !== "audit_log.too_long"
        const headText = isHead ? " in the first line" : ""
        const where = verdict.index === null ? headText : ` at leaf ${verdict.index}`
        return `REJECTED${where}: ${verdict.reason} (${verdict.code})`
    }
    const { origin, size, root } = verdict
    const signed = `signed by ${verdict.keyKnown ? "the key that you gave" : "the key that it names"}`
    if (verdict.format === exportFormat) {
        const { withheld } = verdict
        return `accepted: ${size} leaves of ${origin}, ${withheld} without their body, ${signed}, root ${root}`
    }
    const place = `in batch ${verdict.index} of ${size} of ${origin}`
    const leaf = "leaf" in verdict ? `, leaf ${verdict.leaf} of the audit log ${verdict.auditLog}` : ""
    return `accepted: ${describeReceipt(verdict.body)}, ${place}, ${signed}${leaf}`
}
