/** Serves a few fixed addresses by plain HTTP for monitoring: no sign-in, no bodies, limits on everything. */
import http from "node:http"
import type { AddressInfo } from "node:net"

export interface Reply {
    readonly status: number
    readonly type: string
    readonly text: string
}

export interface MonitoringServer {
    readonly port: number
    stop(): Promise<void>
}

const timeoutMs = 10_000
const connectionsMax = 64

/**
 * Opens the listener. Throws the system's error where the port is not available. A failed answer is a 500 without a
 * reason.
 */
export async function openMonitoringServer(
    host: string,
    port: number,
    answers: ReadonlyMap<string, () => Promise<Reply>>,
): Promise<MonitoringServer> {
    const limits = { headersTimeout: timeoutMs, requestTimeout: timeoutMs, maxHeaderSize: 8192 }
    const server = http.createServer(limits, (request, response) => {
        const send = ({ status, type, text }: Reply) => {
            response.writeHead(status, { "content-type": type, "cache-control": "no-store" })
            response.end(request.method === "HEAD" ? undefined : text)
        }
        const answer = answers.get((request.url ?? "").split("?")[0] ?? "")
        const isRead = request.method === "GET" || request.method === "HEAD"
        if (!(answer && isRead)) return send({ status: answer ? 405 : 404, type: "text/plain", text: "" })
        answer().then(send, () => send({ status: 500, type: "text/plain", text: "" }))
    })
    server.maxConnections = connectionsMax
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, resolve)
    })
    server.on("error", () => undefined)
    return { port: (server.address() as AddressInfo).port, stop: () => closeServer(server) }
}

async function closeServer(server: http.Server): Promise<void> {
    const closing = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closing
}
