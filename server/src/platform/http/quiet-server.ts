/**
 * Listens by HTTP and reveals nothing: every request gets the same few bytes. No body is read, and all inputs have
 * limits.
 */
import http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { crowd } from "./connection-limit.ts"
import type { Server } from "../outgoing/name-server.ts"

export interface Asked {
    /** The `Host` field in lower case, without a port. */
    readonly host: string
    readonly path: string
    readonly method: string
    readonly agent: string
    readonly address: string
}

export type Hear = (request: Asked) => void

const headerBytesMax = 4096
const connectionsMax = 256
const connectionsEachMax = 16
const patienceMs = 5_000
const wordsMax = 200
const from = Buffer.from("ok\n")
const fields = {
    "content-type": "text/plain",
    "content-length": from.length,
    "cache-control": "no-store",
    connection: "close",
}

/** Throws what the system says of a port that cannot be had. */
export async function openQuietServer(host: string, port: number, hear: Hear): Promise<Server> {
    const limits = { headersTimeout: patienceMs, requestTimeout: patienceMs, connectionsCheckingInterval: 1_000 }
    const bounds = { ...limits, maxHeaderSize: headerBytesMax }
    const server = http.createServer({ ...bounds, insecureHTTPParser: false, requireHostHeader: false })
    for (const value of ["request", "checkContinue", "checkExpectation"]) {
        server.on(value, (request: http.IncomingMessage, response: http.ServerResponse) => {
            hear(askedBy(request))
            // Sends only our headers. The date would distinguish machines.
            response.sendDate = false
            response.writeHead(200, fields)
            response.end(request.method === "HEAD" ? undefined : from, () => request.socket.destroy())
        })
    }
    server.maxConnections = connectionsMax
    server.maxRequestsPerSocket = 1
    const mayStay = crowd(connectionsEachMax)
    server.on("connection", (socket: Socket) => {
        socket.on("error", () => socket.destroy())
        if (!mayStay(socket)) return
        const timer = setTimeout(() => socket.destroy(), 2 * patienceMs)
        socket.on("close", () => clearTimeout(timer))
    })
    for (const other of ["clientError", "connect", "upgrade"] as const) {
        server.on(other, (_: unknown, socket: Socket) => void socket.destroy())
    }
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, resolve)
    })
    server.on("error", () => undefined)
    return { port: (server.address() as AddressInfo).port, stop: () => stopped(server) }
}

function askedBy({ headers, url = "", method = "", socket }: http.IncomingMessage): Asked {
    return {
        host: (headers.host ?? "").slice(0, 300).replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase(),
        path: url.slice(0, wordsMax),
        method: method.slice(0, 20),
        agent: (headers["user-agent"] ?? "").slice(0, wordsMax).replaceAll(/[^\x20-\x7e]/g, "?"),
        address: socket.remoteAddress ?? "",
    }
}

async function stopped(server: http.Server): Promise<void> {
    const closing = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closing
}
