/** Serves a witness by HTTP. Inputs, connections and times are limited; a proxy in front adds TLS. */
import http from "node:http"
import type { AddressInfo } from "node:net"
import { witnessRequestBytesMax } from "../../witness-request.ts"
import { type Witness, type WitnessReply, addCheckpoint, findCheckpoint } from "./witness.ts"

export interface WitnessServer {
    readonly port: number
    stop(): Promise<void>
}

/** A whole request must have come after this time, so that a slow one holds no connection. */
const requestMs = 2000
const keepAliveMs = 10_000
const connectionsMax = 256
/** Requests whose bodies have come and that wait for their judgement. */
const runningMax = 64

/** Opens the server. `report` gets each fault of the witness itself. Throws the system's error for a taken port. */
export async function serveWitness(
    witness: Witness,
    { host, port }: { readonly host: string; readonly port: number },
    report: (error: unknown) => void,
): Promise<WitnessServer> {
    let running = 0
    let last: Promise<unknown> = Promise.resolve()
    // One after the other: a judgement and its state must be one step, and a state takes milliseconds.
    const inTurn = (work: () => Promise<WitnessReply>): Promise<WitnessReply> => {
        const next = last.then(work, work)
        last = next.catch(() => undefined)
        return next
    }
    const answer = async (request: http.IncomingMessage): Promise<WitnessReply> => {
        const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? "") ?? []
        if (request.method === "GET" && hash !== undefined) return await findCheckpoint(witness, hash)
        if (request.url !== "/add-checkpoint") return textReply(404, "not found")
        if (request.method !== "POST") return textReply(405, "use POST")
        const body = await readBody(request)
        if (body === null) return textReply(413, "too long")
        if (running >= runningMax) return textReply(503, "busy: try again later")
        running += 1
        return await inTurn(() => addCheckpoint(witness, body)).finally(() => (running -= 1))
    }
    const server = http.createServer(
        {
            headersTimeout: requestMs,
            requestTimeout: requestMs,
            connectionsCheckingInterval: 500,
            maxHeaderSize: 8192,
            keepAliveTimeout: keepAliveMs,
        },
        (request, response) => {
            const send = ({ status, type, text }: WitnessReply) =>
                response
                    .writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) })
                    .end(text)
            void answer(request)
                .catch((error: unknown) => {
                    if (!request.socket.destroyed) report(error)
                    return textReply(500, "the witness has a fault")
                })
                .then(send)
        },
    )
    server.maxConnections = connectionsMax
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve))
    return {
        port: (server.address() as AddressInfo).port,
        stop: () =>
            new Promise((resolve) => {
                server.close(() => resolve())
                server.closeIdleConnections()
            }),
    }
}

const textReply = (status: number, text: string): WitnessReply => ({
    status,
    type: "text/plain; charset=utf-8",
    text: `${text}\n`,
})

/** Null: the body is too long. */
async function readBody(request: http.IncomingMessage): Promise<string | null> {
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of request as AsyncIterable<Buffer>) {
        bytes += part.length
        if (bytes > witnessRequestBytesMax) return null
        parts.push(part)
    }
    return Buffer.concat(parts).toString("utf8")
}
