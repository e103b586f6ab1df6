/** Clients on loopback: each sends its next request as soon as it has the answer, over a kept connection. */
import { once } from "node:events"
import http from "node:http"
import { Worker } from "node:worker_threads"
import type { BenchProgram } from "./program.ts"
import type { OrderResult, Order, RepeatResult, Target, WalkResult } from "./raw-clients.ts"
import type { ClosedConnection, ServerOrder, ServerPorts } from "./serving.ts"

export interface Servers extends ServerPorts {
    /** When a connection with a requested copy was closed, by its client port. */
    readonly closedAt: ReadonlyMap<number, number>
    stop(): Promise<void>
}

/** Starts the servers in their own thread, once the program is ready. */
export async function startServers(world: BenchProgram, bytes: number, connections: number): Promise<Servers> {
    const { databaseUrl, keyEncryptionKey } = world
    const workerData: ServerOrder = { databaseUrl, keyEncryptionKey, bytes, connections }
    const thread = new Worker(new URL("./serving.ts", import.meta.url), { workerData })
    const failed = once(thread, "exit").then(() => Promise.reject(new Error("the servers did not start")))
    const [ports] = (await Promise.race([once(thread, "message"), failed])) as [ServerPorts]
    failed.catch(() => undefined)
    const closedAt = new Map<number, number>()
    thread.on("message", ({ port, at }: ClosedConnection) => closedAt.set(port, at))
    return {
        ...ports,
        closedAt,
        stop: async () => {
            const end = once(thread, "exit")
            thread.postMessage("stop")
            await end
        },
    }
}

export interface ClientRequest {
    readonly port: number
    readonly path: string
    readonly token?: string
    readonly agent: http.Agent
}

export interface ClientAnswer {
    readonly status: number
    readonly bytes: number
    /** Whether the whole answer arrived. */
    readonly isComplete: boolean
    /** When the last byte arrived, by `Date.now()`. */
    readonly lastByteAt: number
}

/** Never throws: a cut connection counts as an incomplete answer. */
export async function sendRequest({ port, path, token, agent }: ClientRequest): Promise<ClientAnswer> {
    const { promise, resolve } = Promise.withResolvers<ClientAnswer>()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    let [status, bytes, lastByteAt] = [0, 0, 0]
    const done = (isComplete: boolean) => resolve({ status, bytes, isComplete, lastByteAt })
    const request = http.get({ host: "127.0.0.1", port, path, headers, agent }, (response) => {
        status = response.statusCode ?? 0
        response.on("data", (piece: Buffer) => {
            bytes += piece.length
            lastByteAt = Date.now()
        })
        response.on("end", () => done(response.complete))
        response.on("error", () => done(false))
    })
    request.on("error", () => done(false))
    return await promise
}

/** Counts answers a second of `clients` that send requests for `ms`. Throws for any answer but 200. */
export async function measureAnswersPerSecond(
    clients: readonly Omit<ClientRequest, "agent">[],
    ms: number,
): Promise<number> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: clients.length })
    const start = performance.now()
    let answers = 0
    const runs = clients.map(async (client) => {
        while (performance.now() - start < ms) {
            const { status, isComplete } = await sendRequest({ ...client, agent })
            if (!(status === 200 && isComplete)) throw new Error(`${client.path} was answered with ${status}`)
            answers++
        }
    })
    await Promise.all(runs)
    const seconds = (performance.now() - start) / 1000
    agent.destroy()
    return answers / seconds
}

/** Runs clients in a thread of their own, which costs the servers only a core. Runs one order after the other. */
export interface Clients {
    /** Sends requests for `ms`, each after the last answer. Throws for any answer but 200. */
    repeat(targets: readonly Target[], ms: number): Promise<RepeatResult>
    /** Fetches page after page from this address. */
    walk(target: Target): Promise<WalkResult>
    stop(): Promise<void>
}

export function startClients(): Clients {
    const thread = new Worker(new URL("./raw-clients.ts", import.meta.url))
    const runOrder = async (order: Order) => {
        const answered = once(thread, "message")
        thread.postMessage(order)
        const [result] = (await answered) as [OrderResult]
        if ("failed" in result) throw new Error(result.failed)
        return result.done
    }
    return {
        repeat: async (targets, ms) => (await runOrder({ kind: "repeat", targets, ms })) as RepeatResult,
        walk: async (target) => (await runOrder({ kind: "walk", target })) as WalkResult,
        stop: async () => {
            const end = once(thread, "exit")
            thread.postMessage("stop")
            await end
        },
    }
}
