/**
 * A witness of any number of logs (C2SP tlog-witness).
 *
 * It signs a checkpoint only if the log grew since the one that it signed before, and only after the new one is on the
 * disk. It keeps nothing in memory, so a crash at any moment loses nothing.
 */
import { randomBytes } from "node:crypto"
import fs from "node:fs/promises"
import path from "node:path"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { isKeyName, parseLeadingCheckpoint, parseNote } from "../../checkpoint.ts"
import { type NoteKey, formatNoteKey, verifiedLines } from "../../note-keys.ts"
import { emptyTree, judgeRequest, originOf, parseWitnessRequest } from "../../witness-request.ts"
import { type SigningNoteKey, nodeVerifiers, signingNoteKey, signWith } from "../node-keys.ts"
import { hashOfOrigin, makeFolder, readState, syncFolder, writeState } from "./states.ts"

export interface WitnessKeys {
    readonly ed25519: SigningNoteKey
    readonly mlDsa44: SigningNoteKey
}

export interface Witness {
    readonly dir: string
    readonly keys: WitnessKeys
    /** Of all logs that it signs; the name of a key is the log's origin. */
    readonly logs: readonly NoteKey[]
    /** Milliseconds since 1970. */
    readonly realNow: () => number
}

export interface WitnessReply {
    readonly status: number
    readonly type: string
    readonly text: string
}

const keyFile = "witness.json"
/** Holds the key to which the states belong. */
const markFile = "logs/key"

/**
 * Reads the keys in a folder, or makes them. The name is fixed with the first key. Refuses `witness.bad_name`,
 * `witness.key_damaged` and `witness.states_missing`.
 */
export async function openWitnessKeys(dir: string, name: string | undefined): Promise<WitnessKeys> {
    await makeFolder(dir)
    const file = path.join(dir, keyFile)
    if (name !== undefined && !(isKeyName(name) && Buffer.byteLength(name) <= 255)) {
        refuse("invalid", "witness.bad_name", "the name of a witness must be like `witness.example.org/w1`")
    }
    const text = await fs.readFile(file, "utf8").catch(() => null)
    if (text === null) {
        if (name === undefined) refuse("invalid", "witness.bad_name", "the folder has no key yet: give `--name`")
        const made = { name, ed25519: randomBytes(32).toString("hex"), mlDsa44: randomBytes(32).toString("hex") }
        await fs.writeFile(file, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: "wx", flush: true })
        await makeFolder(path.join(dir, "logs"))
        await fs.writeFile(path.join(dir, markFile), formatNoteKey(keysOf(made).ed25519), { mode: 0o600, flush: true })
        await syncFolder(path.join(dir, "logs"))
        await syncFolder(dir)
        return await openWitnessKeys(dir, name)
    }
    const kept = parseKeys(text)
    if (name !== undefined && name !== kept.name) {
        refuse(
            "invalid",
            "witness.bad_name",
            `this folder belongs to the witness \`${kept.name}\`: give another folder`,
        )
    }
    const keys = keysOf(kept)
    await assertStates(dir, keys)
    return keys
}

function keysOf({ name, ed25519, mlDsa44 }: ReturnType<typeof parseKeys>): WitnessKeys {
    const key = (kind: "cosignature" | "ml_dsa_44", seed: string) =>
        signingNoteKey(kind, Buffer.from(seed, "hex"), () => name)
    return { ed25519: key("cosignature", ed25519), mlDsa44: key("ml_dsa_44", mlDsa44) }
}

/** Without its states, a key would sign a second history. */
async function assertStates(dir: string, { ed25519 }: WitnessKeys): Promise<void> {
    const mark = await fs.readFile(path.join(dir, markFile), "utf8").catch(() => null)
    if (mark === formatNoteKey(ed25519)) return
    refuse(
        "conflict",
        "witness.states_missing",
        `the folder has \`${keyFile}\` but not its \`logs\`: mount them, or make new keys in another folder`,
    )
}

function parseKeys(text: string): { readonly name: string; readonly ed25519: string; readonly mlDsa44: string } {
    try {
        const { name, ed25519, mlDsa44 } = JSON.parse(text) as Record<string, unknown>
        const isSeed = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
        if (typeof name === "string" && isSeed(ed25519) && isSeed(mlDsa44)) return { name, ed25519, mlDsa44 }
    } catch {
        // As below.
    }
    return refuse("invalid", "witness.key_damaged", `\`${keyFile}\` is damaged: make new keys in another folder`)
}

const plain = "text/plain; charset=utf-8"
const ownFaults = new Set(["witness.state_damaged", "witness.states_missing"])

/** Answers `add-checkpoint`. Throws where the stored state is damaged, and signs nothing then. */
export async function addCheckpoint(witness: Witness, body: string): Promise<WitnessReply> {
    try {
        const request = parseWitnessRequest(body)
        const origin = originOf(request)
        const keys = witness.logs.filter(({ name }) => name === origin)
        if (keys.length === 0) return { status: 404, type: plain, text: "this log is not known here\n" }
        const hash = hashOfOrigin(origin)
        const stored = await readState(witness.dir, hash)
        if (stored.number === 0) await assertStates(witness.dir, witness.keys)
        const signed = stored.number === 0 ? emptyTree : signedTree(witness, origin, stored.note)
        const verdict = judgeRequest(request, keys, signed, nodeVerifiers)
        if (verdict.status === 409) return conflict(signed.size)
        if (verdict.status !== 200) return { status: verdict.status, type: plain, text: `${verdict.reason}\n` }
        const time = Math.floor(witness.realNow() / 1000)
        const lines = [witness.keys.ed25519, witness.keys.mlDsa44].map((key) => signWith(verdict.text, key, time))
        const logLines = verifiedLines(verdict.text, linesOf(request.note), keys, nodeVerifiers).map(({ line }) => line)
        const note = `${verdict.text}\n${[...logLines, ...lines].join("")}`
        const isStored = stored.number > 0 && verdict.checkpoint.size === signed.size
        if (isStored || (await writeState(witness.dir, hash, stored.number, note)))
            return { status: 200, type: plain, text: lines.join("") }
        return conflict(signedTree(witness, origin, (await readState(witness.dir, hash)).note).size)
    } catch (error) {
        if (!(error instanceof Refusal) || ownFaults.has(error.code)) throw error
        return { status: 400, type: plain, text: `${error.message}\n` }
    }
}

const conflict = (size: number): WitnessReply => ({ status: 409, type: "text/x.tlog.size", text: `${size}\n` })

const linesOf = (note: string): string[] => note.slice(note.lastIndexOf("\n\n") + 2, -1).split("\n")

/** Reads a stored state. Refuses `witness.state_damaged` unless this witness signed it for this log. */
function signedTree({ keys }: Witness, origin: string, note: string) {
    try {
        const { text } = parseNote(note)
        const checkpoint = parseLeadingCheckpoint(text)
        const own = verifiedLines(text, linesOf(note), [keys.ed25519], nodeVerifiers)
        if (own.length > 0 && checkpoint.origin === origin) return checkpoint
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
    }
    return refuse(
        "unavailable",
        "witness.state_damaged",
        `the stored checkpoint of \`${origin}\` is damaged: make new keys under a new name in another folder`,
    )
}

/** Answers `GET /HASH/checkpoint`: the newest checkpoint that it signed. */
export async function findCheckpoint(witness: Witness, hash: string): Promise<WitnessReply> {
    const log = witness.logs.find(({ name }) => hashOfOrigin(name) === hash)
    const { number, note } = log === undefined ? { number: 0, note: "" } : await readState(witness.dir, hash)
    if (log === undefined || number === 0) return { status: 404, type: plain, text: "no checkpoint of this log\n" }
    signedTree(witness, log.name, note)
    return { status: 200, type: plain, text: note }
}
