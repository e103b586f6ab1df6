/**
 * `tocsin verify --policy FILE …`: checks what witnesses signed, and exports of the audit log against it.
 *
 * A witnessed checkpoint alone shows that the receipt log was signed. A proof (`GET /api/audit-log/witnessed`) binds
 * the audit log to it: an export must then have the same leaves up to that size.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { escapeForTerminal } from "@tocsin/base/terminal-text"
import { exportFormat, type AcceptedExport, verifyLines } from "../export.ts"
import { decodeNote } from "../checkpoint.ts"
import { hashesEqual } from "../merkle.ts"
import { type Fields, type Lines, splitLines, trustAnyKey } from "../signed-note.ts"
import { isTlogProof } from "../tlog-proof.ts"
import {
    checkWitnessPolicy,
    parseWitnessPolicy,
    type WitnessedCheckpoint,
    type WitnessPolicy,
} from "../witness-policy.ts"
import { type ProvenAuditLog, verifyWitnessedProof } from "../witnessed-proof.ts"
import { computeRootAt } from "./compare.ts"
import { nodeVerifiers } from "./node-keys.ts"
import { describeReceipt, unwrapReceipt } from "./receipt-answer.ts"

/** Reads files, and writes lines. */
export interface WitnessedIo {
    readonly open: (path: string) => AsyncIterable<Uint8Array>
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

const bytesMax = 1024 * 1024

/** A proof or a signed note; null for other files of JSON. Undefined where it cannot be read. */
async function readIfWitnessed(path: string, io: WitnessedIo): Promise<Uint8Array | null | undefined> {
    const parts: Uint8Array[] = []
    let bytes = 0
    try {
        for await (const part of unwrapReceipt(io.open(path))) {
            if (bytes === 0 && part[0] === 0x7b) return null
            parts.push(part)
            bytes += part.length
            if (bytes > bytesMax) break
        }
        return Buffer.concat(parts)
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read \`${escapeForTerminal(path)}\`: ${escapeForTerminal(error.message)}`)
        return undefined
    }
}

/** The result of a check against the policy; `policy` says what it found. */
export type WitnessedExport =
    /** How many of its first leaves witnesses signed; 0: the log alone signed, as the policy allows. */
    | { readonly ok: true; readonly witnessedSize: number; readonly policy: string; readonly body?: Fields }
    | { readonly ok: false; readonly index: null; readonly code: string; readonly reason: string }

/** The files for `tocsin verify` itself, by their paths, and how many of the others were rejected or unreadable. */
export interface WitnessedVerdict {
    readonly exports: ReadonlyMap<string, WitnessedExport>
    readonly rejected: number
    readonly unread: number
}

/** Checks all files that witnesses signed. Null where the policy cannot be read. */
export async function verifyByPolicy(
    paths: readonly string[],
    policyPath: string,
    json: boolean,
    io: WitnessedIo,
): Promise<WitnessedVerdict | null> {
    const policy = await readPolicy(policyPath, io)
    if (policy === null || paths.length === 0) return null
    const others: string[] = []
    const proofs: ProvenAuditLog[] = []
    let [rejected, unread] = [0, 0]
    for (const path of paths) {
        const content = await readIfWitnessed(path, io)
        if (content === undefined) unread += 1
        else if (content === null) others.push(path)
        else if (!(await judge(path, json, io, () => describe(policy, content, proofs)))) rejected += 1
    }
    const exports = new Map<string, WitnessedExport>()
    for (const path of others) exports.set(path, await judgeExport(path, proofs, io))
    return { exports, rejected, unread }
}

/** The exit code for proofs alone. A given checkpoint or master was compared with nothing, which the message says. */
export function compareNothing(
    { checkpoint = [], master = [] }: Partial<Record<"checkpoint" | "master", readonly string[] | undefined>>,
    io: WitnessedIo,
): 0 | 2 {
    if (checkpoint.length + master.length === 0) return 0
    io.message("verify: no export was given, so nothing was compared with `--checkpoint` or `--master`")
    return 2
}

async function readPolicy(path: string, io: WitnessedIo): Promise<WitnessPolicy | null> {
    try {
        const parts: Uint8Array[] = []
        for await (const part of io.open(path)) parts.push(part)
        return parseWitnessPolicy(Buffer.concat(parts))
    } catch (error) {
        io.message(`verify: the policy: ${error instanceof Error ? escapeForTerminal(error.message) : "not readable"}`)
        return null
    }
}

function describe(policy: WitnessPolicy, content: Uint8Array, proofs: ProvenAuditLog[]): BoundExport {
    if (!isTlogProof(content)) {
        const checked = checkWitnessPolicy(policy, decodeNote(content), nodeVerifiers)
        return { witnessedSize: sizeOf(checked, checked.checkpoint.size), policy: checkpointText(checked) }
    }
    const proof = verifyWitnessedProof(content, policy, nodeVerifiers)
    if ("body" in proof) {
        const { log, body, index, at } = proof
        const receipt = `${describeReceipt(body)}, in batch ${index} of ${at}`
        const witnessedSize = sizeOf(log, log.checkpoint.size)
        return { witnessedSize, policy: `${checkpointText(log)}; ${receipt}`, body }
    }
    proofs.push(proof)
    const { size, root, origin } = proof.auditLog
    const commits = `batch ${proof.index} of ${proof.at} commits to ${size} leaves of ${origin}`
    return {
        witnessedSize: sizeOf(proof.log, size),
        policy: `${checkpointText(proof.log)}; ${commits} with root ${bytesToHex(root)}`,
    }
}

const sizeOf = ({ witnesses }: WitnessedCheckpoint, size: number): number => (witnesses.length > 0 ? size : 0)

function checkpointText({ checkpoint: { origin, size }, witnesses }: WitnessedCheckpoint): string {
    if (witnesses.length === 0) return `signed by the log alone, as the policy allows: size ${size} of ${origin}`
    const signers = witnesses.map(({ name, time }) => `${name} at ${new Date(time * 1000).toISOString()}`)
    return `witnessed: size ${size} of ${origin}, by ${signers.join(", ")}`
}

/** Each export must have the tree of a proof in its past. Other files are not witnessed by themselves. */
async function judgeExport(path: string, proofs: readonly ProvenAuditLog[], io: WitnessedIo): Promise<WitnessedExport> {
    const open = () => splitLines(io.open(path))
    const verdict = await verifyLines(open(), { keys: trustAnyKey, verify: nodeVerifiers.ed25519 })
    return await resultOf(() =>
        verdict.ok && verdict.format === exportFormat
            ? bindToProofs({ accepted: verdict, open }, proofs)
            : refuse(
                  "invalid",
                  "verify.not_witnessed",
                  "no witness vouches for it, because it is not a sound export: check it without `--policy`",
              ),
    )
}

async function bindToProofs(
    exported: { readonly accepted: AcceptedExport; readonly open: () => Lines },
    proofs: readonly ProvenAuditLog[],
): Promise<BoundExport> {
    const own = proofs.filter(({ auditLog }) => auditLog.origin === exported.accepted.origin)
    let [covered, witnessed] = [0, false]
    for (const {
        auditLog: { size, root },
        log: { witnesses },
    } of own) {
        if (size > exported.accepted.size) {
            refuse(
                "invalid",
                "verify.shorter_than_signed",
                `the export has ${exported.accepted.size} leaves, the proof commits to ${size}: give a newer export`,
            )
        }
        if (!hashesEqual(await computeRootAt(exported, size), root)) {
            refuse("invalid", "verify.histories_diverge", `the first ${size} leaves differ from those of the proof`)
        }
        if (size > covered) [covered, witnessed] = [size, witnesses.length > 0]
    }
    if (covered === 0) {
        refuse("invalid", "verify.not_witnessed", "no proof covers it: give one of this audit log")
    }
    const by = witnessed ? "witnessed" : "signed by the log alone, as the policy allows"
    return {
        witnessedSize: witnessed ? covered : 0,
        policy: `${by}: its first ${covered} of ${exported.accepted.size} leaves`,
    }
}

type BoundExport = Pick<Extract<WitnessedExport, { ok: true }>, "witnessedSize" | "policy" | "body">

async function resultOf(work: () => BoundExport | Promise<BoundExport>): Promise<WitnessedExport> {
    try {
        return { ok: true, ...(await work()) }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index: null, code: error.code, reason: error.message }
    }
}

async function judge(path: string, json: boolean, io: WitnessedIo, work: () => BoundExport): Promise<boolean> {
    const result = await resultOf(work)
    io.result(json ? JSON.stringify({ file: path, ...result }) : line(path, describeResult(result)))
    return result.ok
}

/** Gives the result in one line. */
export function describeResult(result: WitnessedExport): string {
    return result.ok ? result.policy : `REJECTED: ${result.reason} (${result.code})`
}

const line = (path: string, text: string): string => `${escapeForTerminal(path)}: ${escapeForTerminal(text)}`
