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
import { hashesEqual } from "../merkle.ts"
import { type Lines, splitLines, trustAnyKey } from "../signed-note.ts"
import { tlogProofFormat } from "../tlog-proof.ts"
import {
    checkWitnessPolicy,
    parseWitnessPolicy,
    type WitnessedCheckpoint,
    type WitnessPolicy,
} from "../witness-policy.ts"
import { verifyAuditLogProof, type WitnessedProof } from "../witnessed-proof.ts"
import { computeRootAt } from "./compare.ts"
import { nodeVerifiers } from "./node-keys.ts"

/** Reads files, and writes lines. */
export interface WitnessedIo {
    readonly open: (path: string) => AsyncIterable<Uint8Array>
    readonly result: (line: string) => void
    readonly message: (line: string) => void
}

const bytesMax = 1024 * 1024

/** The text of a proof or a signed note; null for files of JSON. Undefined where it cannot be read. */
async function readIfWitnessed(path: string, io: WitnessedIo): Promise<string | null | undefined> {
    const parts: Uint8Array[] = []
    let bytes = 0
    try {
        for await (const part of io.open(path)) {
            if (bytes === 0 && part[0] === 0x7b) return null
            parts.push(part)
            bytes += part.length
            if (bytes > bytesMax) break
        }
        return Buffer.concat(parts).toString("utf8")
    } catch (error) {
        if (!(error instanceof Error && "code" in error)) throw error
        io.message(`verify: cannot read \`${escapeForTerminal(path)}\`: ${escapeForTerminal(error.message)}`)
        return undefined
    }
}

/** The files for `tocsin verify` itself, and what came of the others. */
export interface WitnessedVerdict {
    readonly others: readonly string[]
    readonly rejected: number
}

/** Checks all files that witnesses signed. Null where a file cannot be read, or the policy is malformed. */
export async function verifyByPolicy(
    paths: readonly string[],
    policyPath: string,
    json: boolean,
    io: WitnessedIo,
): Promise<WitnessedVerdict | null> {
    const policy = await readPolicy(policyPath, io)
    if (policy === null || paths.length === 0) return null
    const others: string[] = []
    const proofs: WitnessedProof[] = []
    let rejected = 0
    for (const path of paths) {
        const text = await readIfWitnessed(path, io)
        if (text === undefined) return null
        if (text === null) others.push(path)
        else if (!(await judge(path, json, io, () => describe(policy, text, proofs)))) rejected += 1
    }
    for (const path of others) if (!(await judgeExport(path, proofs, json, io))) rejected += 1
    return { others, rejected }
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

function describe(policy: WitnessPolicy, text: string, proofs: WitnessedProof[]): string {
    if (!text.startsWith(`${tlogProofFormat}\n`)) return checkpointText(checkWitnessPolicy(policy, text, nodeVerifiers))
    const proof = verifyAuditLogProof(text, policy, nodeVerifiers)
    proofs.push(proof)
    const { size, root, origin } = proof.auditLog
    return (
        `${checkpointText(proof.log)}; batch ${proof.index} of ${proof.at} commits to ${size} leaves of ${origin} ` +
        `with root ${bytesToHex(root)}`
    )
}

function checkpointText({ checkpoint: { origin, size }, witnesses }: WitnessedCheckpoint): string {
    const signers = witnesses.map(({ name, time }) => `${name} at ${new Date(time * 1000).toISOString()}`)
    return `witnessed: size ${size} of ${origin}, by ${signers.join(", ") || "the log alone, as the policy allows"}`
}

/** Each export must have the tree of a proof in its past. Other files are not witnessed by themselves. */
async function judgeExport(
    path: string,
    proofs: readonly WitnessedProof[],
    json: boolean,
    io: WitnessedIo,
): Promise<boolean> {
    const open = () => splitLines(io.open(path))
    const verdict = await verifyLines(open(), { keys: trustAnyKey, verify: nodeVerifiers.ed25519 })
    return await judge(path, json, io, () =>
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
    proofs: readonly WitnessedProof[],
): Promise<string> {
    const own = proofs.filter(({ auditLog }) => auditLog.origin === exported.accepted.origin)
    let covered = 0
    for (const {
        auditLog: { size, root },
    } of own) {
        if (size > exported.accepted.size) {
            refuse(
                "invalid",
                "verify.shorter_than_signed",
                `the export has ${exported.accepted.size} leaves, the witnesses signed ${size}: give a newer export`,
            )
        }
        if (!hashesEqual(await computeRootAt(exported, size), root)) {
            refuse(
                "invalid",
                "verify.histories_diverge",
                `the first ${size} leaves differ from those that the witnesses signed`,
            )
        }
        covered = Math.max(covered, size)
    }
    if (covered === 0) {
        refuse("invalid", "verify.not_witnessed", "no proof of witnesses covers it: give one of this audit log")
    }
    return `witnessed: its first ${covered} of ${exported.accepted.size} leaves`
}

async function judge(
    path: string,
    json: boolean,
    io: WitnessedIo,
    work: () => string | Promise<string>,
): Promise<boolean> {
    try {
        const text = await work()
        io.result(json ? JSON.stringify({ file: path, ok: true, witnessed: text }) : line(path, text))
        return true
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const { code, message } = error
        const rejection = { file: path, ok: false, index: null, code, reason: message }
        io.result(json ? JSON.stringify(rejection) : line(path, `REJECTED: ${message} (${code})`))
        return false
    }
}

const line = (path: string, text: string): string => `${escapeForTerminal(path)}: ${escapeForTerminal(text)}`
