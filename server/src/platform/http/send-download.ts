/**
 * Sends long answers, after their transaction has committed. The decision is checked again while bytes are sent. False
 * resets the connection, so the client sees a failed stream and never a short file that looks whole.
 */
import { Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyReply } from "fastify"
import { holdConnection } from "./connection-hold.ts"
import { type Download, type LinesAnswer, LiveAnswer, type TextAnswer } from "../../kernel/route.ts"
import { countAcknowledgedBytes } from "./tcp-queue.ts"

const pieceBytes = 64 * 1024
export const liveMs = 1000

export interface SendTiming {
    /** Time between two checks, in milliseconds. */
    readonly checkEveryMs: number
    /** Maximum time of a check. Without a decision nothing more is sent. */
    readonly checkMsMax: number
    /**
     * The maximum time for a reader to receive the system's buffer, plus as much again for each kilobyte of the answer.
     * It is longer than the keep-alive time of a connection.
     */
    readonly lingerMs: number
    readonly lingerMsPerKilobyte: number
}

const defaultTiming: SendTiming = { checkEveryMs: 400, checkMsMax: 5_000, lingerMs: 75_000, lingerMsPerKilobyte: 60 }

const lingerMsFor = (bytes: number, { lingerMs, lingerMsPerKilobyte }: SendTiming): number =>
    lingerMs + (bytes / 1024) * lingerMsPerKilobyte

type MayContinue = () => Promise<boolean>

/** Sends a download. Resolves when no byte of it can be discarded. */
export async function sendDownload(
    reply: FastifyReply,
    { bytes, name, headers }: Download,
    mayContinue: MayContinue,
    timing = defaultTiming,
): Promise<FastifyReply> {
    const sendWatch = mustBeChecked(reply, bytes.length) ? startWatch(reply, mayContinue, timing) : null
    await sendPieces(reply, piecesOf(bytes), sendWatch, {
        "content-type": "application/octet-stream",
        "content-length": bytes.length,
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        ...headers,
    })
    await sendWatch?.done
    return reply
}

/**
 * Sends a text unchanged. A reader with the current tag gets 304. A long text is checked like a download where
 * `mayContinue` is given.
 */
export async function sendText(
    reply: FastifyReply,
    { text, type, status, headers }: TextAnswer,
    mayContinue: MayContinue | null = null,
    timing = defaultTiming,
): Promise<FastifyReply> {
    const tags = (reply.request.headers["if-none-match"] ?? "")
        .split(",")
        .map((item) => item.trim().replace(/^W\//, ""))
    if (headers["etag"] !== undefined && tags.includes(headers["etag"])) {
        return await reply.code(304).headers(headers).send()
    }
    reply.code(status).headers(headers).type(type)
    return await sendWhole(reply, text, mayContinue, timing)
}

/** Sends JSON in the form of the route's schema. A long answer is checked like a download. */
export async function sendJson(
    reply: FastifyReply,
    answer: unknown,
    mayContinue: MayContinue,
    timing = defaultTiming,
): Promise<FastifyReply> {
    reply.type("application/json; charset=utf-8")
    return await sendWhole(reply, reply.serialize(answer) as string, mayContinue, timing)
}

/** Sends bytes, because a string would be measured and copied each time. */
async function sendWhole(
    reply: FastifyReply,
    text: string | Buffer,
    mayContinue: MayContinue | null,
    timing: SendTiming,
): Promise<FastifyReply> {
    const bytes = typeof text === "string" ? Buffer.from(text) : text
    if (mayContinue === null || !mustBeChecked(reply, bytes.length)) return await reply.send(bytes)
    const sendWatch = startWatch(reply, mayContinue, timing)
    await sendPieces(reply, piecesOf(bytes), sendWatch, { "content-length": bytes.length })
    return reply
}

/** Sends lines as they are made, checked like a download where `mayContinue` is given. */
export async function sendLines(
    reply: FastifyReply,
    answer: LinesAnswer,
    mayContinue: MayContinue | null = null,
    timing = defaultTiming,
): Promise<FastifyReply> {
    const sendWatch = mayContinue && startWatch(reply, mayContinue, timing)
    const headers = { "content-type": answer.type, "cache-control": "no-store" }
    await sendPieces(reply, batchedLines(answer.lines), sendWatch, headers)
    return reply
}

/** Bytes of small answers on one connection since the last checked one: together they count as a long answer. */
const uncheckedBytes = new WeakMap<object, number>()

/** Whether an answer is checked: it is long, or makes the unchecked sum long. */
function mustBeChecked({ request: { raw } }: FastifyReply, bytes: number): boolean {
    const sum = (uncheckedBytes.get(raw.socket) ?? 0) + bytes
    uncheckedBytes.set(raw.socket, sum > pieceBytes ? 0 : sum)
    return sum > pieceBytes
}

function* piecesOf(bytes: Buffer): Generator<Buffer, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function* batchedLines(lines: AsyncIterable<string>): AsyncGenerator<Buffer, void> {
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
 * Sends pieces. Each is passed to the system after the system took the earlier piece, and after a check that began
 * then. So at most one piece follows a suspension, and a reset discards the bytes that the system buffers.
 */
async function sendPieces(
    reply: FastifyReply,
    pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
    sendWatch: SendWatch | null,
    headers: Readonly<Record<string, string | number>>,
): Promise<void> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(reply.statusCode, { ...(reply.getHeaders() as Record<string, string>), ...headers })
    let sent = 0
    try {
        for await (const piece of pieces) {
            // The first piece was decided just now.
            if (sent > 0 && sendWatch !== null && !(await sendWatch.check())) return
            sent += piece.length
            if (!(await writePiece(reply, piece))) return
        }
    } catch {
        return resetConnection(reply.request.raw.socket)
    }
    sendWatch?.linger(sent)
    raw.end()
}

/** Resolves when the system has taken the piece; false where the connection is closed. */
async function writePiece({ raw, request }: FastifyReply, piece: Buffer): Promise<boolean> {
    const { socket } = request.raw
    if (raw.destroyed) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const onClose = () => resolve(false)
    socket.once("close", onClose)
    raw.write(piece, (error) => resolve(!error))
    return await promise.finally(() => socket.off("close", onClose))
}

interface SendWatch {
    /** Returns whether the download may continue. Otherwise it resets the connection. */
    readonly check: () => Promise<boolean>
    /**
     * Watches after all bytes are passed to the system, until the reader has them or the connection ends. After
     * `lingerMs` it resets the connection.
     */
    readonly linger: (bytes: number) => void
    readonly done: Promise<void>
}

/**
 * Checks repeatedly whether sending may continue. Only the kernel's report that the reader has all bytes ends this, not
 * what the reader sends.
 */
function startWatch({ raw, request }: FastifyReply, mayContinue: MayContinue, timing: SendTiming): SendWatch {
    const { checkEveryMs, checkMsMax } = timing
    // The socket of the request. An answer behind others on its connection has no socket yet.
    const { socket } = request.raw
    const { promise: done, resolve } = Promise.withResolvers<void>()
    let endsAt: number | null = null
    let isChecking = false
    let lingerTimer: NodeJS.Timeout | undefined
    const stop = () => {
        clearInterval(timer)
        clearTimeout(lingerTimer)
        release()
        resolve()
    }
    const check = async () => {
        const isAllowed = await decideWithin(checkMsMax, mayContinue())
        if (!isAllowed) resetConnection(socket)
        return isAllowed && !socket.destroyed
    }
    const isTaken = async () => endsAt !== null && ((await countAcknowledgedBytes(socket)) ?? -1) >= endsAt
    const tick = async () => {
        if (isChecking) return
        isChecking = true
        await ((await isTaken()) ? stop() : check())
        isChecking = false
    }
    const timer = setInterval(() => void tick(), checkEveryMs)
    // Tests have no real socket.
    const isRealSocket = socket instanceof Socket && !socket.destroyed
    const release = isRealSocket ? holdConnection(socket, stop) : () => undefined
    if (!isRealSocket) stop()
    const linger = (bytes: number) => {
        if (!isRealSocket || socket.destroyed) return
        const ms = lingerMsFor(bytes, timing)
        lingerTimer = setTimeout(() => resetConnection(socket), ms)
        raw.once("finish", () => {
            endsAt = socket.bytesWritten
            // Most readers have received everything before the next check.
            void isTaken().then((isComplete) => isComplete && stop())
            // Longer than an idle connection is kept open.
            socket.setTimeout(ms + checkEveryMs)
        })
    }
    return { check, linger, done }
}

/** Returns the decision; false where it fails or takes too long. */
async function decideWithin(ms: number, decision: Promise<boolean>): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, ms, false)
    decision.then(resolve, () => resolve(false))
    return await promise.finally(() => clearTimeout(timer))
}

/** Resets the connection, so that unsent bytes are discarded. */
function resetConnection(socket: Socket | null): void {
    socket?.resetAndDestroy()
}

/** Sends server-sent events. Each check is a whole request, at the same interval with or without changes. */
export async function sendLive(
    reply: FastifyReply,
    first: LiveAnswer,
    runAgain: () => Promise<unknown>,
): Promise<FastifyReply> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream",
        "cache-control": "no-store",
    })
    let lastFingerprint = first.fingerprint
    raw.write("event: open\ndata: {}\n\n")
    while (!raw.destroyed) {
        await pause(liveMs)
        const next = await runAgain().catch(() => null)
        if (!(next instanceof LiveAnswer)) break
        raw.write(next.fingerprint === lastFingerprint ? ": \n\n" : "event: changed\ndata: {}\n\n")
        lastFingerprint = next.fingerprint
    }
    raw.end()
    return reply
}
