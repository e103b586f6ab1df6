/**
 * Sends long answers, after their transaction has committed. The decision is checked again while bytes are sent. False
 * resets the connection, so the client sees a failed stream and never a short file that looks whole.
 */
import { Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyReply } from "fastify"
import { hold } from "./connection-hold.ts"
import { type Download, type Lines, Live, type Text } from "../../kernel/route.ts"
import { acknowledged } from "./tcp-queue.ts"

const pieceBytes = 64 * 1024
export const liveMs = 1000

export interface Patience {
    /** Time between two checks, in milliseconds. */
    readonly lookMs: number
    /** Maximum time of a check. Without a decision nothing more is sent. */
    readonly answerMs: number
    /**
     * The maximum time for a reader to take what the system's buffer holds, plus as much again for each kilobyte of
     * the whole. It is longer than the keep-alive time of a connection.
     */
    readonly lingerMs: number
    readonly lingerMsPerKilobyte: number
}

const usual: Patience = { lookMs: 400, answerMs: 5_000, lingerMs: 75_000, lingerMsPerKilobyte: 60 }

const lingerFor = (bytes: number, { lingerMs, lingerMsPerKilobyte }: Patience): number =>
    lingerMs + (bytes / 1024) * lingerMsPerKilobyte

type MayGoOn = () => Promise<boolean>

/** Sends a download. Resolves when nothing of it can be called back. */
export async function sendDownload(
    reply: FastifyReply,
    { bytes, name, headers }: Download,
    mayContinue: MayGoOn,
    patience = usual,
): Promise<FastifyReply> {
    const watching = addsUp(reply, bytes.length) ? watch(reply, mayContinue, patience) : null
    await sendPieces(reply, piecesOf(bytes), watching, {
        "content-type": "application/octet-stream",
        "content-length": bytes.length,
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        ...headers,
    })
    await watching?.over
    return reply
}

/**
 * Sends a text unchanged. A reader with the current tag gets 304. A long text is checked like a download where
 * `mayContinue` is given.
 */
export async function sendText(
    reply: FastifyReply,
    { text, type, status, headers }: Text,
    mayContinue: MayGoOn | null = null,
    patience = usual,
): Promise<FastifyReply> {
    const known = (reply.request.headers["if-none-match"] ?? "")
        .split(",")
        .map((item) => item.trim().replace(/^W\//, ""))
    if (headers["etag"] !== undefined && known.includes(headers["etag"])) {
        return await reply.code(304).headers(headers).send()
    }
    reply.code(status).headers(headers).type(type)
    return await sendWhole(reply, text, mayContinue, patience)
}

/** Sends JSON in the form of the route's schema. A long answer is checked like a download. */
export async function sendJson(
    reply: FastifyReply,
    answer: unknown,
    mayContinue: MayGoOn,
    patience = usual,
): Promise<FastifyReply> {
    reply.type("application/json; charset=utf-8")
    return await sendWhole(reply, reply.serialize(answer) as string, mayContinue, patience)
}

/** Sends bytes, because a string would be measured and copied each time. */
async function sendWhole(
    reply: FastifyReply,
    text: string | Buffer,
    mayContinue: MayGoOn | null,
    patience: Patience,
): Promise<FastifyReply> {
    const bytes = typeof text === "string" ? Buffer.from(text) : text
    if (mayContinue === null || !addsUp(reply, bytes.length)) return await reply.send(bytes)
    const watching = watch(reply, mayContinue, patience)
    await sendPieces(reply, piecesOf(bytes), watching, { "content-length": bytes.length })
    return reply
}

/** Sends lines as they are made, checked like a download where `mayContinue` is given. */
export async function sendLines(
    reply: FastifyReply,
    answer: Lines,
    mayContinue: MayGoOn | null = null,
    patience = usual,
): Promise<FastifyReply> {
    const watching = mayContinue && watch(reply, mayContinue, patience)
    const headers = { "content-type": answer.type, "cache-control": "no-store" }
    await sendPieces(reply, gatheredLines(answer.lines), watching, headers)
    return reply
}

/** Bytes of small answers on one connection since the last checked one: together they count as a long answer. */
const unwatched = new WeakMap<object, number>()

/** Whether an answer is checked: it is long, or makes the unchecked sum long. */
function addsUp({ request: { raw } }: FastifyReply, bytes: number): boolean {
    const sum = (unwatched.get(raw.socket) ?? 0) + bytes
    unwatched.set(raw.socket, sum > pieceBytes ? 0 : sum)
    return sum > pieceBytes
}

function* piecesOf(bytes: Buffer): Generator<Buffer, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function* gatheredLines(lines: AsyncIterable<string>): AsyncGenerator<Buffer, void> {
    let pending: string[] = []
    let length = 0
    for await (const line of lines) {
        pending.push(line)
        length += line.length
        if (length < pieceBytes) continue
        yield* piecesOf(Buffer.from(pending.join("")))
        ;[pending, length] = [[], 0]
    }
    yield* piecesOf(Buffer.from(pending.join("")))
}

/**
 * Sends pieces. Each is passed to the system after the system took the one before, and after a check that began then.
 * So at most one piece follows a suspension, and a reset drops what the system holds.
 */
async function sendPieces(
    reply: FastifyReply,
    pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
    watching: Watching | null,
    headers: Readonly<Record<string, string | number>>,
): Promise<void> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(reply.statusCode, { ...(reply.getHeaders() as Record<string, string>), ...headers })
    let sent = 0
    try {
        for await (const piece of pieces) {
            // The first was decided just now.
            if (sent > 0 && watching !== null && !(await watching.look())) return
            sent += piece.length
            if (!(await handOver(reply, piece))) return
        }
    } catch {
        return cut(reply.request.raw.socket)
    }
    watching?.linger(sent)
    raw.end()
}

/** Until the system has taken it; false where the connection is gone. */
async function handOver({ raw, request }: FastifyReply, piece: Buffer): Promise<boolean> {
    const { socket } = request.raw
    if (raw.destroyed) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const gone = () => resolve(false)
    socket.once("close", gone)
    raw.write(piece, (error) => resolve(!error))
    return await promise.finally(() => socket.off("close", gone))
}

interface Watching {
    /** Returns whether the download may continue. Otherwise it resets the connection. */
    readonly look: () => Promise<boolean>
    /**
     * All of it, so many bytes, is handed over. Watched until the other side has it, or the connection ends; after
     * long it is reset.
     */
    readonly linger: (bytes: number) => void
    readonly over: Promise<void>
}

/**
 * Checks again and again whether sending may continue. Only the kernel's report that the reader has all bytes ends
 * this, not what the reader sends.
 */
function watch({ raw, request }: FastifyReply, mayContinue: MayGoOn, patience: Patience): Watching {
    const { lookMs, answerMs } = patience
    // The socket of the request. An answer behind others on its connection has no socket yet.
    const { socket } = request.raw
    const { promise: over, resolve } = Promise.withResolvers<void>()
    let endsAt: number | null = null
    let isAsking = false
    let last: NodeJS.Timeout | undefined
    const stop = () => {
        clearInterval(timer)
        clearTimeout(last)
        release()
        resolve()
    }
    const look = async () => {
        const go = await within(answerMs, mayContinue())
        if (!go) cut(socket)
        return go && !socket.destroyed
    }
    const isTaken = async () => endsAt !== null && ((await acknowledged(socket)) ?? -1) >= endsAt
    const tick = async () => {
        if (isAsking) return
        isAsking = true
        await ((await isTaken()) ? stop() : look())
        isAsking = false
    }
    const timer = setInterval(() => void tick(), lookMs)
    // Tests ask without any.
    const isReal = socket instanceof Socket && !socket.destroyed
    const release = isReal ? hold(socket, stop) : () => undefined
    if (!isReal) stop()
    const linger = (bytes: number) => {
        if (!isReal || socket.destroyed) return
        const ms = lingerFor(bytes, patience)
        last = setTimeout(() => cut(socket), ms)
        raw.once("finish", () => {
            endsAt = socket.bytesWritten
            // Most readers have received everything before the next look.
            void isTaken().then((taken) => taken && stop())
            // Longer than a connection is kept over which nothing is asked.
            socket.setTimeout(ms + lookMs)
        })
    }
    return { look, linger, over }
}

/** False where the decision fails or takes too long. */
async function within(ms: number, decision: Promise<boolean>): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, ms, false)
    decision.then(resolve, () => resolve(false))
    return await promise.finally(() => clearTimeout(timer))
}

/** Resets the connection, so that unsent bytes are discarded. */
function cut(socket: Socket | null): void {
    socket?.resetAndDestroy()
}

/** Sends server-sent events. Each check is a whole request, at the same interval with or without changes. */
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
