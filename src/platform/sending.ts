/**
 * Sends what is more than a JSON answer. The transaction that decided and recorded it has committed by now;
 * while bytes are under way the decision is asked again, and a "no" resets the connection, so that the client
 * sees a failed stream, never a file that is short but whole.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyReply } from "fastify"
import type { Doors } from "./doors.ts"
import { type Download, type Lines, Live } from "./http.ts"

const pieceBytes = 64 * 1024
const recheckMs = 400
export const liveMs = 1000

export async function sendDownload(doors: Doors, reply: FastifyReply, download: Download): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "application/octet-stream",
        "content-length": download.bytes.length,
        "content-disposition": `attachment; filename="${download.name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        ...download.headers,
    })
    const watch = setInterval(() => {
        doors.db
            .transaction(download.mayGoOn)
            .catch(() => false)
            .then((go) => go || cut(reply))
            .catch(() => undefined)
    }, recheckMs)
    raw.once("close", () => clearInterval(watch))
    for (let at = 0; at < download.bytes.length && !raw.destroyed; at += pieceBytes) {
        if (!raw.write(download.bytes.subarray(at, at + pieceBytes))) await drained(reply)
    }
    raw.end()
    return reply
}

/** A reset, not an end: what the system still holds unsent is thrown away. */
function cut(reply: FastifyReply): void {
    reply.raw.socket?.resetAndDestroy()
}

async function drained(reply: FastifyReply): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    reply.raw.once("drain", resolve)
    reply.raw.once("close", resolve)
    await promise
    reply.raw.off("drain", resolve)
    reply.raw.off("close", resolve)
}

export async function sendLines(reply: FastifyReply, answer: Lines): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": answer.type,
        "cache-control": "no-store",
    })
    try {
        for await (const line of answer.lines) {
            if (raw.destroyed) return reply
            if (!raw.write(line)) await drained(reply)
        }
        raw.end()
    } catch {
        cut(reply)
    }
    return reply
}

/** Server-sent events; each look is a whole request of its own. Same cadence whether or not anything changed. */
export async function sendLive(reply: FastifyReply, first: Live, again: () => Promise<unknown>): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream",
        "cache-control": "no-store",
    })
    let known = first.fingerprint
    raw.write("event: open\ndata: {}\n\n")
    while (!raw.destroyed) {
        await pause(liveMs)
        const next = await again().catch(() => null)
        if (!(next instanceof Live)) break
        raw.write(next.fingerprint === known ? ": \n\n" : "event: changed\ndata: {}\n\n")
        known = next.fingerprint
    }
    raw.end()
    return reply
}
