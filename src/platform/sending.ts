/**
 * Sends what is more than a JSON answer. The transaction that decided and recorded it has committed by now;
 * while bytes are under way the decision is asked again, and a "no" resets the connection, so that the client
 * sees a failed stream, never a file that is short but whole.
 */
import { Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyReply } from "fastify"
import { type Download, type Lines, Live, type Text } from "./http.ts"

const pieceBytes = 64 * 1024
export const liveMs = 1000

export interface Patience {
    /** From one look to the next. */
    readonly lookMs: number
    /** How long a look may take: what cannot be decided is not sent. */
    readonly answerMs: number
    /**
     * How long a reader may take for what the system holds, longer than a connection is said to be kept; and for each
     * kilobyte of the whole as much again.
     */
    readonly lingerMs: number
    readonly lingerMsPerKilobyte: number
}

const usual: Patience = { lookMs: 400, answerMs: 5_000, lingerMs: 75_000, lingerMsPerKilobyte: 60 }

/** Answers when nothing of it is ours to call back any more. */
export async function sendDownload(
    reply: FastifyReply,
    download: Download,
    mayGoOn: () => Promise<boolean>,
    patience = usual,
): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    const { bytes } = download
    // Megabytes fit into the system's buffers, out of which a slow reader still takes them when we are done: only as
    // long as the connection is ours can a reset reach them.
    const isLarge = bytes.length > pieceBytes
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        ...(isLarge && { connection: "keep-alive" }),
        "content-type": "application/octet-stream",
        "content-length": bytes.length,
        "content-disposition": `attachment; filename="${download.name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        ...download.headers,
    })
    const watching = watch(reply, mayGoOn, patience)
    for (let at = 0; at < bytes.length && !raw.destroyed; at += pieceBytes) {
        if (!raw.write(bytes.subarray(at, at + pieceBytes))) await drained(reply)
    }
    if (isLarge) watching.linger(lingerFor(bytes.length, patience))
    else raw.once("close", watching.stop)
    raw.end()
    await watching.over
    return reply
}

const lingerFor = (bytes: number, { lingerMs, lingerMsPerKilobyte }: Patience): number =>
    lingerMs + (bytes / 1024) * lingerMsPerKilobyte

/**
 * As it is: no schema cuts it. Whoever has it already by its tag is told just that. What is more than a piece is
 * called back as a download is, where `mayGoOn` is given.
 */
export async function sendText(
    reply: FastifyReply,
    { text, type, status, headers }: Text,
    mayGoOn: (() => Promise<boolean>) | null = null,
    patience = usual,
): Promise<FastifyReply> {
    const known = (reply.request.headers["if-none-match"] ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""))
    if (headers["etag"] !== undefined && known.includes(headers["etag"])) {
        return await reply.code(304).headers(headers).send()
    }
    reply.code(status).headers(headers).type(type)
    return await sendWhole(reply, text, mayGoOn, patience)
}

/** JSON as its route's schema cuts it; what is more than a piece is called back as a download is. */
export async function sendJson(
    reply: FastifyReply,
    answer: unknown,
    mayGoOn: () => Promise<boolean>,
    patience = usual,
): Promise<FastifyReply> {
    reply.type("application/json; charset=utf-8")
    return await sendWhole(reply, reply.serialize(answer) as string, mayGoOn, patience)
}

/** As bytes: a string would be counted, joined to its headers and written down, each time as a whole. */
async function sendWhole(
    reply: FastifyReply,
    text: string | Buffer,
    mayGoOn: (() => Promise<boolean>) | null,
    patience: Patience,
): Promise<FastifyReply> {
    const bytes = typeof text === "string" ? Buffer.from(text) : text
    if (mayGoOn !== null && bytes.length > pieceBytes) callBack(reply, bytes, mayGoOn, patience)
    return await reply.send(bytes)
}

/**
 * What is sent, and what stands around it, is the same. It is handed over at once, for pieces would cost a walk over large
 * pages half as much again: a reset throws away what we hold of it as what the system does.
 */
function callBack(reply: FastifyReply, bytes: Buffer, mayGoOn: () => Promise<boolean>, patience: Patience): void {
    const { raw } = reply
    const watching = watch(reply, mayGoOn, patience)
    // Closed by us when all is handed over, it would be out of reach.
    raw.shouldKeepAlive = true
    raw.once("finish", () => watching.linger(lingerFor(bytes.length, patience)))
}

interface Watching {
    /** Until somebody asks something else over this connection, or it ends; after so long it is reset. */
    readonly linger: (ms: number) => void
    readonly stop: () => void
    readonly over: Promise<void>
}

/** Asks again and again whether what is under way may go on, and resets the connection when it may not. */
function watch({ raw, request }: FastifyReply, mayGoOn: () => Promise<boolean>, patience: Patience): Watching {
    const { lookMs, answerMs } = patience
    // The request's: an answer that others of its connection stand before has none yet.
    const { socket } = request.raw
    const { promise: over, resolve } = Promise.withResolvers<void>()
    let asking = false
    let readBefore: number | null = null
    let last: NodeJS.Timeout | undefined
    const stop = () => {
        clearInterval(timer)
        clearTimeout(last)
        watchesOn(socket).delete(stop)
        resolve()
    }
    const look = async () => {
        asking = true
        const go = await Promise.race([mayGoOn().catch(() => false), pause(answerMs, false, { ref: false })])
        asking = false
        if (!go) cut(socket)
    }
    const timer = setInterval(() => {
        if (readBefore !== null && socket.bytesRead !== readBefore) stop()
        else if (!asking) void look()
    }, lookMs)
    watchesOn(socket).add(stop)
    // Left to the server, a connection that stands still would be closed, and what the system holds be sent after that.
    raw.once("timeout", () => cut(socket))
    // Tests ask without any.
    if (!(socket instanceof Socket) || socket.destroyed) stop()
    const linger = (ms: number) => {
        if (!watchesOn(socket).has(stop)) return
        readBefore = socket.bytesRead
        last = setTimeout(() => cut(socket), ms)
        const keep = () => socket.setTimeout(ms + lookMs)
        if (raw.writableFinished) keep()
        else raw.once("finish", keep)
    }
    return { linger, stop, over }
}

const watches = new WeakMap<Socket, Set<() => void>>()

/** What ends each watch over a connection, all of them with the connection itself. */
function watchesOn(socket: Socket): Set<() => void> {
    const known = watches.get(socket)
    if (known) return known
    const fresh = new Set<() => void>()
    watches.set(socket, fresh)
    socket.once("close", () => {
        for (const stop of fresh) stop()
    })
    return fresh
}

/** A reset, not an end: what the system still holds unsent is thrown away. */
function cut(socket: Socket | null): void {
    socket?.resetAndDestroy()
}

async function drained(reply: FastifyReply): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    reply.raw.once("drain", resolve)
    reply.raw.once("close", resolve)
    await promise
    reply.raw.off("drain", resolve)
    reply.raw.off("close", resolve)
}

/** Line by line as they are made; called back as a download is, where `mayGoOn` is given. */
export async function sendLines(
    reply: FastifyReply,
    answer: Lines,
    mayGoOn: (() => Promise<boolean>) | null = null,
    patience = usual,
): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        // How much comes is not known yet: closed by us when all is handed over, it would be out of reach.
        ...(mayGoOn !== null && { connection: "keep-alive" }),
        "content-type": answer.type,
        "cache-control": "no-store",
    })
    const watching = mayGoOn && watch(reply, mayGoOn, patience)
    let sent = 0
    try {
        for await (const line of answer.lines) {
            if (raw.destroyed) break
            sent += line.length
            if (!raw.write(line)) await drained(reply)
        }
        if (sent > pieceBytes) watching?.linger(lingerFor(sent, patience))
        else watching?.stop()
        raw.end()
    } catch {
        cut(reply.request.raw.socket)
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
