/**
 * Sends what is more than a JSON answer. The transaction that decided and recorded it has committed by now;
 * while bytes are under way the decision is asked again, and a "no" resets the connection, so that the client
 * sees a failed stream, never a file that is short but whole.
 */
import type { ServerResponse } from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyReply } from "fastify"
import type { Doors } from "./doors.ts"
import { type Download, type Lines, Live } from "./http.ts"

const pieceBytes = 64 * 1024
const recheckMs = 400
const lingerMs = 60_000
export const liveMs = 1000

export async function sendDownload(doors: Doors, reply: FastifyReply, download: Download): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    // Megabytes fit into the system's buffers, out of which a slow reader still takes them when we are done: only as
    // long as the connection is ours can a reset reach them.
    const isLarge = download.bytes.length > pieceBytes
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        ...(isLarge && { connection: "keep-alive" }),
        "content-type": "application/octet-stream",
        "content-length": download.bytes.length,
        "content-disposition": `attachment; filename="${download.name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        ...download.headers,
    })
    const watching = watch(doors, raw, download)
    for (let at = 0; at < download.bytes.length && !raw.destroyed; at += pieceBytes) {
        if (!raw.write(download.bytes.subarray(at, at + pieceBytes))) await drained(reply)
    }
    if (isLarge) watching.linger()
    else raw.once("close", watching.stop)
    raw.end()
    return reply
}

interface Watching {
    /** Until somebody asks something else over this connection, or it ends, or a minute has gone by. */
    readonly linger: () => void
    readonly stop: () => void
}

/** Asks again and again whether the download may go on, and resets the connection when it may not. */
function watch(doors: Doors, { socket }: ServerResponse, { mayGoOn }: Download): Watching {
    let asking = false
    let readBefore: number | null = null
    const stop = () => {
        clearInterval(timer)
        socket?.off("close", stop)
    }
    const look = async () => {
        asking = true
        const go = await doors.db.transaction(mayGoOn).catch(() => false)
        asking = false
        if (!go) socket?.resetAndDestroy()
    }
    const timer = setInterval(() => {
        if (readBefore !== null && socket?.bytesRead !== readBefore) stop()
        else if (!asking) void look()
    }, recheckMs)
    socket?.once("close", stop)
    if (!socket || socket.destroyed) stop()
    return {
        stop,
        linger: () => {
            readBefore = socket?.bytesRead ?? null
            setTimeout(stop, lingerMs).unref()
        },
    }
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
            if (raw.destroyed) break
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
