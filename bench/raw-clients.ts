/**
 * Clients with almost no cost, in a thread of their own: they send prepared bytes over a kept connection. They check
 * the status, count the content-length and drop the rest. Anything else is an error.
 */
import net from "node:net"
import { parentPort } from "node:worker_threads"

/** A GET request to a server on this machine. */
export interface Target {
    readonly port: number
    readonly path: string
    readonly token?: string | undefined
}

/** Repeats one request, each client over its own connection; or follows pages to the last. */
export type Order =
    | { readonly kind: "repeat"; readonly targets: readonly Target[]; readonly ms: number }
    | { readonly kind: "walk"; readonly target: Target }

/** Times in milliseconds, from the first byte sent to the last byte received; `bytes` is the largest body. */
export interface RepeatResult {
    readonly perSecond: number
    readonly p50: number
    readonly p99: number
    readonly bytes: number
}

/** `lastHeaders`: the last page's headers. */
export interface WalkResult {
    readonly seconds: number
    readonly pages: number
    readonly bytes: number
    readonly lastHeaders: string
}

interface Answer {
    readonly headers: string
    /** The start of its body, some hundred characters. */
    readonly start: string
    readonly bytes: number
}

interface Connection {
    ask(request: Buffer): Promise<Answer>
    end(): void
}

const pieceBytes = 256 * 1024
const headBytesMax = 16 * 1024
const startBytes = 200
const silentMsMax = 60_000

/** Takes an answer in pieces; returns it when complete. Throws for any answer but a 200 with a length. */
function answerReader(): (piece: Buffer) => Answer | null {
    let early: Buffer = Buffer.alloc(0)
    let headers = ""
    let start = ""
    let [received, bytes] = [0, 0]
    const takeHeaders = (piece: Buffer): Buffer | null => {
        early = early.length === 0 ? piece : Buffer.concat([early, piece])
        const end = early.indexOf("\r\n\r\n")
        if (end < 0) {
            if (early.length > headBytesMax) throw new Error("an answer has no end of its headers")
            // The next piece overwrites this one.
            early = Buffer.from(early)
            return null
        }
        headers = early.toString("latin1", 0, end)
        const length = /\r\ncontent-length: (\d+)/i.exec(headers)?.[1]
        const rest = early.subarray(end + 4)
        early = Buffer.alloc(0)
        const report = () => `${headers}\n${rest.toString("latin1", 0, startBytes)}`
        if (!headers.startsWith("HTTP/1.1 200 ")) throw new Error(`answered with: ${report()}`)
        if (length === undefined) throw new Error(`an answer that does not say its length: ${report()}`)
        bytes = Number(length)
        return rest
    }
    return (piece) => {
        const body = headers === "" ? takeHeaders(piece) : piece
        if (body === null) return null
        received += body.length
        if (start.length < startBytes) start += body.toString("latin1", 0, startBytes - start.length)
        if (received > bytes) throw new Error(`more came than was said: ${received} bytes of ${bytes}`)
        if (received < bytes) return null
        const answer = { headers, start, bytes }
        headers = start = ""
        received = 0
        return answer
    }
}

async function connect(port: number): Promise<Connection> {
    let pending: PromiseWithResolvers<Answer> | null = null
    const take = answerReader()
    const onData = (length: number, buffer: Uint8Array): boolean => {
        try {
            const answer = take(Buffer.from(buffer.buffer, buffer.byteOffset, length))
            if (answer === null) return true
            if (pending === null) throw new Error("an answer came that nobody asked for")
            const { resolve } = pending
            pending = null
            resolve(answer)
        } catch (error) {
            socket.destroy(error instanceof Error ? error : new Error(String(error)))
        }
        return true
    }
    const onread = { buffer: Buffer.alloc(pieceBytes), callback: onData }
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true, onread })
    const opened = Promise.withResolvers<void>()
    const failed = (error: Error) => {
        opened.reject(error)
        pending?.reject(error)
    }
    socket.once("connect", opened.resolve)
    socket.on("error", failed)
    socket.on("close", () => failed(new Error("the connection was closed before the answer was whole")))
    socket.setTimeout(silentMsMax, () => socket.destroy(new Error(`no answer in ${silentMsMax} ms`)))
    await opened.promise
    return {
        ask: (request) => {
            pending = Promise.withResolvers<Answer>()
            socket.write(request)
            return pending.promise
        },
        end: () => void socket.destroy(),
    }
}

function requestOf({ path, token }: Target): Buffer {
    const authorization = token === undefined ? "" : `authorization: Bearer ${token}\r\n`
    return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${authorization}\r\n`, "latin1")
}

async function repeat(targets: readonly Target[], ms: number): Promise<RepeatResult> {
    const connections = await Promise.all(targets.map(({ port }) => connect(port)))
    const durations: number[] = []
    let largest = 0
    const start = performance.now()
    const runs = connections.map(async (connection, n) => {
        const request = requestOf(targets[n]!)
        for (let now = start; now - start < ms;) {
            const { bytes } = await connection.ask(request)
            const then = performance.now()
            durations.push(then - now)
            now = then
            largest = Math.max(largest, bytes)
        }
    })
    await Promise.all(runs).finally(() => connections.forEach((connection) => connection.end()))
    const seconds = (performance.now() - start) / 1000
    durations.sort((a, b) => a - b)
    const percentile = (share: number) =>
        durations[Math.min(Math.floor(durations.length * share), durations.length - 1)] ?? 0
    return { perSecond: durations.length / seconds, p50: percentile(0.5), p99: percentile(0.99), bytes: largest }
}

async function walk(target: Target): Promise<WalkResult> {
    const connection = await connect(target.port)
    try {
        return await walkOver(connection, target)
    } finally {
        connection.end()
    }
}

/** The cursor of the next page comes before the objects. The rest is not read. */
async function walkOver(connection: Connection, target: Target): Promise<WalkResult> {
    const start = performance.now()
    let [pages, bytes] = [0, 0]
    for (let next = ""; ;) {
        const answer = await connection.ask(requestOf({ ...target, path: `${target.path}${next && `&next=${next}`}` }))
        pages++
        bytes += answer.bytes
        const more = /^\{"more":(?:true,"next":"(?<next>[^"]+)"|false),"objects":\[/.exec(answer.start)
        if (more === null) throw new Error(`no page of objects: ${answer.start}`)
        next = more.groups?.next ?? ""
        if (next === "") {
            return { seconds: (performance.now() - start) / 1000, pages, bytes, lastHeaders: answer.headers }
        }
    }
}

/** Answers of the clients' thread: one per order, in order. */
export type OrderResult = { readonly done: RepeatResult | WalkResult } | { readonly failed: string }

async function runOrder(order: Order): Promise<void> {
    const work = order.kind === "repeat" ? repeat(order.targets, order.ms) : walk(order.target)
    const result: OrderResult = await work.then(
        (done) => ({ done }),
        (error: unknown) => ({ failed: String(error) }),
    )
    parentPort?.postMessage(result)
}

parentPort?.on("message", (order: Order | "stop") => (order === "stop" ? parentPort?.close() : void runOrder(order)))
