/**
 * Asks the key process, over a Unix socket: one request and one answer of JSON for each connection. So a key process
 * that was restarted is asked like the one before.
 */
import { once } from "node:events"
import net from "node:net"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"
import type { NoteKeyKind } from "@tocsin/audit-log/note-keys"
import type { HighWater } from "../../models/high-water.ts"
import type { KeyRole } from "../../models/key-rights.ts"
import { MissingHalf } from "../crypto/keys.ts"

/** Bytes are in base64. */
export type KeyRequest =
    | { readonly do: "wrap"; readonly place: string; readonly key: string; readonly half: number }
    | { readonly do: "unwrap"; readonly place: string; readonly wrapped: string }
    | { readonly do: "knows"; readonly wrapped: string }
    | { readonly do: "newest_half" | "renew" | "guard" | "read_high_water" }
    | { readonly do: "derive"; readonly purpose: string; readonly length: number }
    | { readonly do: "public_key"; readonly kind: NoteKeyKind; readonly purpose: string }
    | { readonly do: "sign"; readonly kind: NoteKeyKind; readonly purpose: string; readonly message: string }
    | { readonly do: "change_high_water"; readonly before: string; readonly next: HighWater }

/** A failed answer names no cause: the log of the key process does. */
export type KeyAnswer = { readonly value: unknown } | { readonly failed: "not_for_role" | "missing_half" | "failed" }

/** The role does not get this key. */
export class NotForRole extends Error {}

/** The socket of a role, in a folder whose group says who may open it. */
export const socketOf = (folder: string, role: KeyRole): string => path.join(folder, role, "keys.sock")

/** A high-water file can be this long. */
const answerBytesMax = 128 * 1024 * 1024

/** Asks, and returns the value. Refuses `keys.process_down`, `keys.not_for_role` and `keys.process_failed`. */
export async function ask(socket: string, request: KeyRequest, msMax: number): Promise<unknown> {
    return valueOf(await exchange(socket, request, msMax))
}

/** Null: no key process answers in time. */
export async function exchange(socket: string, request: KeyRequest, msMax: number): Promise<KeyAnswer | null> {
    const connection = net.connect({ path: socket, allowHalfOpen: true })
    const timer = setTimeout(() => connection.destroy(new Error("the time is over")), msMax)
    try {
        await once(connection, "connect")
        connection.end(JSON.stringify(request))
        const pieces: Buffer[] = []
        let bytes = 0
        for await (const piece of connection as AsyncIterable<Buffer>) {
            bytes += piece.length
            if (bytes > answerBytesMax) return null
            pieces.push(piece)
        }
        return JSON.parse(Buffer.concat(pieces).toString("utf8")) as KeyAnswer
    } catch {
        return null
    } finally {
        clearTimeout(timer)
        connection.destroy()
    }
}

/** Refuses what `ask` refuses; `keys.process_down` for null. */
export function valueOf(answer: KeyAnswer | null): unknown {
    if (answer === null) refuseProcessDown()
    if ("value" in answer) return answer.value
    if (answer.failed === "missing_half") throw new MissingHalf()
    if (answer.failed === "not_for_role")
        refuse("forbidden", "keys.not_for_role", "the key process does not give this key to this role: see its log")
    return refuse("unavailable", "keys.process_failed", "the key process failed: see its log")
}

export function refuseProcessDown(): never {
    refuse(
        "unavailable",
        "keys.process_down",
        "the key process does not answer: start `tocsin serve --role keys`, and unlock its key file",
    )
}
