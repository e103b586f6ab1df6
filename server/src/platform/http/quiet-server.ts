/**
 * Listens by HTTP and reveals nothing: every request gets the same few bytes. It reads no body and limits all inputs.
 */
import http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { limitConnections } from "./connection-limit.ts"
import type { Server } from "../outgoing/name-server.ts"

export interface ReceivedRequest {
    /** The `Host` field in lower case, without a port. */
    readonly host: string
    readonly path: string
    readonly method: string
    readonly agent: string
    readonly address: string
}

export type ObserveReceived = (request: ReceivedRequest) => void

const headerBytesMax = 4096
const connectionsMax = 256
const connectionsEachMax = 16
const timeoutMs = 5_000
const textMax = 200
const answerBytes = Buffer.from("ok\n")
const answerHeaders = {
    "content-type": "text/plain",
    "content-length": answerBytes.length,
    "cache-control": "no-store",
    connection: "close",
}

/** Opens the listener. Throws the system's error where the port is not available. */
export async function openQuietServer(host: string, port: number, observe: ObserveReceived): Promise<Server> {
    const limits = { headersTimeout: timeoutMs, requestTimeout: timeoutMs, connectionsCheckingInterval: 1_000 }
    const serverLimits = { ...limits, maxHeaderSize: headerBytesMax }
    const server = http.createServer({ ...serverLimits, insecureHTTPParser: false, requireHostHeader: false })
    for (const event of ["request", "checkContinue", "checkExpectation"]) {
        server.on(event, (request: http.IncomingMessage, response: http.ServerResponse) => {
            observe(describeRequest(request))
            // Sends only our headers. The date would distinguish machines.
            response.sendDate = false
            response.writeHead(200, answerHeaders)
            response.end(request.method === "HEAD" ? undefined : answerBytes, () => request.socket.destroy())
        })
    }
    server.maxConnections = connectionsMax
    server.maxRequestsPerSocket = 1
    const isAllowed = limitConnections(connectionsEachMax)
    server.on("connection", (socket: Socket) => {
        socket.on("error", () => socket.destroy())
        if (!isAllowed(socket)) return
        const timer = setTimeout(() => socket.destroy(), 2 * timeoutMs)
        socket.on("close", () => clearTimeout(timer))
    })
    for (const event of ["clientError", "connect", "upgrade"] as const) {
        server.on(event, (_: unknown, socket: Socket) => void socket.destroy())
    }
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, resolve)
    })
    server.on("error", () => undefined)
    return { port: (server.address() as AddressInfo).port, stop: () => closeServer(server) }
}

function describeRequest({ headers, url = "", method = "", socket }: http.IncomingMessage): ReceivedRequest {
    return {
        host: (headers.host ?? "").slice(0, 300).replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase(),
        path: url.slice(0, textMax),
        method: method.slice(0, 20),
        agent: (headers["user-agent"] ?? "").slice(0, textMax).replaceAll(/[^\x20-\x7e]/g, "?"),
        address: socket.remoteAddress ?? "",
    }
}

async function closeServer(server: http.Server): Promise<void> {
    const closing = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closing
}
