/** The measured servers in a thread of their own: Tocsin with both listeners and the worker, and a bare one. */
import { subscribe } from "node:diagnostics_channel"
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { parentPort, workerData } from "node:worker_threads"
import { databaseClock } from "../server/src/platform/time/clock.ts"
import { openLog } from "../server/src/platform/log/log.ts"
import { buildServices, openMigrated } from "../server/src/commands/services.ts"
import { openListeners } from "../server/src/commands/listeners.ts"
import { startBareServer } from "./bare-server.ts"

export interface ServerOrder {
    readonly databaseUrl: string
    readonly keyEncryptionKey: Uint8Array
    readonly bytes: number
    readonly connections: number
}

/** Ports on 127.0.0.1. */
export interface ServerPorts {
    readonly console: number
    readonly portal: number
    readonly bare: number
}

/** A connection with a requested copy: its client port, and when it ended. */
export interface ClosedConnection {
    readonly port: number
    readonly at: number
}

const order = workerData as ServerOrder
const log = openLog("error")
const { db, keys } = await openMigrated(order.databaseUrl, order.keyEncryptionKey, log)
const services = buildServices(db, {
    keys,
    clock: databaseClock,
    mail: { send: async () => undefined },
    log,
    receiptsIntervalMs: 60_000,
    taxiiCacheBytesMax: 2 ** 32,
})
const listeners = await openListeners({
    services,
    databaseUrl: order.databaseUrl,
    role: "all",
    host: "127.0.0.1",
    secureCookies: true,
    requestsPerMinuteMax: 1e9,
    ports: { console: 0, portal: 0 },
})
const bare = await startBareServer(order.databaseUrl, order.bytes, order.connections)

// A closed connection sends nothing more, whatever its buffers contain.
const watched = new WeakSet<Socket>()
subscribe("http.server.request.start", (message) => {
    const { request, socket } = message as { request: IncomingMessage; socket: Socket }
    if (request.url?.endsWith("/copy") !== true) return
    const port = socket.remotePort ?? 0
    if (watched.has(socket)) return
    watched.add(socket)
    socket.once("close", () => parentPort?.postMessage({ port, at: Date.now() } satisfies ClosedConnection))
})

const ports: ServerPorts = {
    console: listeners.ports.console ?? 0,
    portal: listeners.ports.portal ?? 0,
    bare: bare.port,
}
parentPort?.postMessage(ports)
parentPort?.once("message", () => void stop())

async function stop(): Promise<void> {
    await bare.stop()
    await listeners.stop()
    await services.db.close()
    parentPort?.close()
}
