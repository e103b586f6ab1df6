/** Follows the receipt log: compares the log of the server with the largest one that this browser has seen. */
import { Refusal } from "@tocsin/base/refusal"
import {
    acceptCheckpoint,
    acceptNoCheckpoint,
    behindMsMax,
    type ConsistencySource,
    isBehind,
    type KnownLog,
} from "@tocsin/client/log"

/** A checkpoint with its signature, and the key that shall have made it. */
export interface SignedLog {
    readonly verifierKey: string
    readonly checkpoint: string
}

const contradictions = ["behind", "forked", "other_key", "unsigned"] as const

/** The log of the server differs from the kept one. Null: there is none. */
export interface Contradiction {
    readonly kind: (typeof contradictions)[number]
    readonly kept: SignedLog | null
    readonly shown: SignedLog | null
}

export type LogVerdict =
    /** `continues`: the size of the log that was kept; null: none was. `size` null: there is no batch yet. */
    | {
          readonly kind: "sound"
          readonly size: number | null
          readonly continues: number | null
          /** The key that this browser adopted because the former one names it, until a person has compared it. */
          readonly newKey?: string
      }
    /** Normal for a moment: servers can differ. */
    | { readonly kind: "late" | "unproven" }
    /** The browser lacks Ed25519 or storage. */
    | { readonly kind: "cannot_verify" | "cannot_remember" }
    | { readonly kind: "contradiction"; readonly found: Contradiction; readonly size: number }

/** The text that a browser keeps about the log. Both throw where it keeps nothing. */
export interface Memory {
    readonly load: () => string | null
    readonly save: (text: string) => void
}

interface Visit extends ConsistencySource {
    readonly memory: Memory
    /** Null: the server shows no batch. */
    readonly loadShown: () => Promise<SignedLog | null>
    /** Milliseconds since 1970. */
    readonly now: number
}

/** Sizes and roots come from signed checkpoints only. */
interface KeptLog extends KnownLog, SignedLog {}

interface Remembered {
    readonly kept: KeptLog | null
    /** Since when the server shows less than the kept log, in milliseconds since 1970. */
    readonly behindSince: number | null
    readonly contradiction: Contradiction | null
    /** The adopted key, until a person has compared it. */
    readonly newKey: string | null
}

const nothing: Remembered = { kept: null, behindSince: null, contradiction: null, newKey: null }

/** A contradiction found before is the verdict until it is forgotten. Throws what the requests throw. */
export async function checkLog(visit: Visit): Promise<LogVerdict> {
    if (globalThis.crypto.subtle === undefined) return { kind: "cannot_verify" }
    const text = loadText(visit.memory)
    if (text === undefined) return { kind: "cannot_remember" }
    try {
        const before = await readRemembered(text)
        if (before.contradiction !== null) return await describe(before.contradiction)
        return await compare(before, await visit.loadShown(), visit)
    } catch (error) {
        if (error instanceof Error && error.name === "NotSupportedError") return { kind: "cannot_verify" }
        throw error
    }
}

async function compare(before: Remembered, shown: SignedLog | null, visit: Visit): Promise<LogVerdict> {
    const { kept } = before
    try {
        const log = await accept(kept, shown, visit)
        const isAdopted = log !== null && kept !== null && log.verifierKey !== kept.verifierKey
        const newKey = isAdopted ? log.verifierKey : before.newKey
        const isKept = log === null || remember(visit.memory, { ...nothing, kept: log, newKey })
        if (!isKept) return { kind: "cannot_remember" }
        const adopted = newKey === null ? {} : { newKey }
        return { kind: "sound", size: log?.size ?? null, continues: kept?.size ?? null, ...adopted }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        if (!isBehind(error) || kept === null) return await accuse(before, kindOf(error), shown, visit)
        const isLarger = shown !== null && ((await openLog(shown))?.size ?? 0) > kept.size
        if (isLarger) return { kind: "unproven" }
        const behindSince = Math.min(before.behindSince ?? visit.now, visit.now)
        if (visit.now - behindSince > behindMsMax) return await accuse(before, "behind", shown, visit)
        remember(visit.memory, { ...before, behindSince })
        return { kind: "late" }
    }
}

/** Gives the largest log, under the newest key that signed it. */
async function accept(
    kept: KeptLog | null,
    shown: SignedLog | null,
    source: ConsistencySource,
): Promise<KeptLog | null> {
    if (shown === null) {
        acceptNoCheckpoint(kept)
        return null
    }
    const accepted = await acceptCheckpoint(kept, shown, source)
    if (kept === null || accepted.size > kept.size) return { ...accepted, checkpoint: shown.checkpoint }
    const isSame = shown.checkpoint.split("\n\n")[0] === kept.checkpoint.split("\n\n")[0]
    return isSame && accepted.verifierKey !== kept.verifierKey ? { ...accepted, checkpoint: shown.checkpoint } : kept
}

const kindOf = ({ code }: Refusal): Contradiction["kind"] =>
    code === "client.log_forked" ? "forked" : code === "client.log_key_mismatch" ? "other_key" : "unsigned"

async function accuse(
    before: Remembered,
    kind: Contradiction["kind"],
    shown: SignedLog | null,
    { memory }: Visit,
): Promise<LogVerdict> {
    const found = { kind, kept: signedPart(before.kept), shown: signedPart(shown) }
    remember(memory, { ...before, contradiction: found })
    return await describe(found)
}

const describe = async (found: Contradiction): Promise<LogVerdict> => ({
    kind: "contradiction",
    found,
    size: (found.kept && (await openLog(found.kept))?.size) ?? 0,
})

/** Forgets the kept log and what contradicted it. */
export const forgetLog = (memory: Memory): boolean => remember(memory, nothing)

/** Notes that a person has compared the adopted key. */
export async function confirmKey(memory: Memory): Promise<void> {
    const text = loadText(memory)
    if (text !== undefined) remember(memory, { ...(await readRemembered(text)), newKey: null })
}

/** Both checkpoints, for people who judge the difference. */
export const evidenceOf = ({ kept, shown }: Contradiction): string => `${JSON.stringify({ kept, shown }, null, 4)}\n`

// --- Memory

function loadText({ load }: Memory): string | null | undefined {
    try {
        return load()
    } catch {
        return undefined
    }
}

/** Whether the browser kept it. */
function remember({ save }: Memory, { kept, ...rest }: Remembered): boolean {
    try {
        save(JSON.stringify({ kept: signedPart(kept), ...rest }))
        return true
    } catch {
        return false
    }
}

/** Ignores a stored text without its signature: any person at this browser can write there. */
async function readRemembered(text: string | null): Promise<Remembered> {
    const stored = fieldsOf(text)
    const since = stored["behindSince"]
    const kept = await readKept(stored["kept"])
    return {
        kept,
        behindSince: typeof since === "number" ? since : null,
        contradiction: await readContradiction(stored["contradiction"]),
        newKey: kept !== null && stored["newKey"] === kept.verifierKey ? kept.verifierKey : null,
    }
}

function fieldsOf(text: string | null): Record<string, unknown> {
    try {
        return { ...(JSON.parse(text ?? "null") as object | null) }
    } catch {
        return {}
    }
}

async function readKept(stored: unknown): Promise<KeptLog | null> {
    return isSignedLog(stored) ? await openLog(stored) : null
}

async function readContradiction(stored: unknown): Promise<Contradiction | null> {
    const { kind, kept, shown } = { ...(stored as Partial<Contradiction> | null) }
    const isKeptSigned = (await readKept(kept)) !== null
    const areBothSigned = isKeptSigned && (await readKept(shown)) !== null
    const isEvident =
        kind === "forked"
            ? areBothSigned
            : kind === "behind"
              ? areBothSigned || (isKeptSigned && shown === null)
              : contradictions.some((known) => known === kind) && (isKeptSigned || kept === null) && isSignedLog(shown)
    return isEvident ? ({ kind, kept, shown } as Contradiction) : null
}

const isSignedLog = (value: unknown): value is SignedLog => {
    const { verifierKey, checkpoint } = { ...(value as Partial<SignedLog> | null) }
    return typeof verifierKey === "string" && typeof checkpoint === "string"
}

const signedPart = (log: SignedLog | null): SignedLog | null =>
    log && { verifierKey: log.verifierKey, checkpoint: log.checkpoint }

/** Null: its key did not sign it. */
async function openLog(log: SignedLog): Promise<KeptLog | null> {
    try {
        return { ...(await acceptCheckpoint(null, log, noSource)), checkpoint: log.checkpoint }
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

/** The first checkpoint needs no proof. */
const noSource: ConsistencySource = {
    loadConsistencyProof: () => Promise.reject(new Error("there is no earlier log")),
    listHandovers: () => Promise.reject(new Error("there is no earlier key")),
}
