/** Keys of a process that has none: it asks the key process. */
import { setTimeout as pause } from "node:timers/promises"
import type { NoteKeyKind } from "@tocsin/audit-log/note-keys"
import { type KeyRole, storedPurposeOf } from "../../models/key-rights.ts"
import { type Keys, keepDerived } from "../crypto/keys.ts"
import type { Log } from "../log/log.ts"
import { limitConcurrency } from "../sandbox/limit-concurrency.ts"
import { type KeyRequest, ask, exchange, socketOf } from "./ask.ts"
import { openAskNow } from "./ask-now.ts"

const msMax = 5_000
const connectionsMax = 32
const waitMs = 500

export interface KeyProcess {
    readonly keys: Keys
    /** Asks for something else. Refuses `keys.process_down`. */
    readonly ask: (request: KeyRequest, msMax?: number) => Promise<unknown>
    /** Whether the key process answers. */
    readonly isUp: () => Promise<boolean>
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")
const bytesOf = (value: unknown): Buffer => Buffer.from(String(value), "base64")

/** Waits until the key process answers. Null: `stopped` came first. */
export async function openKeyProcess(
    { folder, role, log }: { readonly folder: string; readonly role: KeyRole; readonly log: Log },
    stopped: Promise<unknown>,
): Promise<KeyProcess | null> {
    const socket = socketOf(folder, role)
    const runLimited = limitConcurrency(connectionsMax)
    const askLimited = (request: KeyRequest) => runLimited(() => ask(socket, request, msMax))
    const isUp = async () => (await exchange(socket, { do: "newest_half" }, msMax)) !== null
    const ending = stopped.then(() => true)
    for (let tries = 0; !(await isUp()); tries++) {
        if (tries === 0) log.warn("waiting for the key process", { role })
        if (await Promise.race([pause(waitMs, false), ending])) return null
    }
    const askNow = await openAskNow(socket)
    const derive = keepDerived((purpose, length) => bytesOf(askNow({ do: "derive", purpose, length })))
    const publicKeyOf = keepDerived((name) => {
        const [kind, purpose = ""] = name.split(" ")
        return bytesOf(askNow({ do: "public_key", kind: kind as NoteKeyKind, purpose }))
    })
    const signingKey: Keys["signingKey"] = (kind, purpose) => ({
        publicKey: publicKeyOf(`${kind} ${purpose}`, 0),
        sign: (message) => bytesOf(askNow({ do: "sign", kind, purpose, message: base64(message) })),
    })
    const keys: Keys = {
        wrap: async (place, key, half = 1) => bytesOf(await askLimited({ do: "wrap", place, key: base64(key), half })),
        unwrap: async (place, wrapped) => bytesOf(await askLimited({ do: "unwrap", place, wrapped: base64(wrapped) })),
        knows: async (wrapped) => (await askLimited({ do: "knows", wrapped: base64(wrapped) })) === true,
        newestHalf: async () => Number(await askLimited({ do: "newest_half" })),
        renew: async () => void (await askLimited({ do: "renew" })),
        derive,
        signingKey,
        storedSigningKey: (kind, verifierKey) => signingKey(kind, storedPurposeOf(verifierKey)),
    }
    // Comparisons do not wait for the keys of requests.
    return { keys, ask: (request, ms = msMax) => ask(socket, request, ms), isUp }
}
