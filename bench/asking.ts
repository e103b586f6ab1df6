/** Clients on loopback: each sends its next request as soon as it has the answer, over a kept connection. */
import { once } from "node:events"
import http from "node:http"
import { Worker } from "node:worker_threads"
import type { BenchProgram } from "./program.ts"
import type { Carried, Order, Repeated, Target, Walked } from "./raw-clients.ts"
import type { Gone, Ordered, Served } from "./serving.ts"

export interface Servers extends Served {
    /** When a connection with a requested copy was closed, by its client port. */
    readonly goneAt: ReadonlyMap<number, number>
    stop(): Promise<void>
}

/** Starts the servers in their own thread, once the program is ready. */
export async function startServers(world: BenchProgram, bytes: number, connections: number): Promise<Servers> {
    const { databaseUrl, keyEncryptionKey } = world
    const workerData: Ordered = { databaseUrl, keyEncryptionKey, bytes, connections }
    const thread = new Worker(new URL("./serving.ts", import.meta.url), { workerData })
    const failed = once(thread, "exit").then(() => Promise.reject(new Error("the servers did not start")))
    const [served] = (await Promise.race([once(thread, "message"), failed])) as [Served]
    failed.catch(() => undefined)
    const goneAt = new Map<number, number>()
    thread.on("message", ({ port, at }: Gone) => goneAt.set(port, at))
    return {
        ...served,
        goneAt,
        stop: async () => {
            const end = once(thread, "exit")
            thread.postMessage("stop")
            await end
        },
    }
}

export interface Asked {
    readonly port: number
    readonly path: string
    readonly token?: string
    readonly agent: http.Agent
}

export interface Answered {
    readonly status: number
    readonly bytes: number
    /** Whether the whole answer arrived. */
    readonly whole: boolean
    /** When the last byte arrived, by `Date.now()`. */
    readonly lastByteAt: number
}

/** Never throws: a cut connection counts as an incomplete answer. */
export async function ask({ port, path, token, agent }: Asked): Promise<Answered> {
    const { promise, resolve } = Promise.withResolvers<Answered>()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    let [status, bytes, lastByteAt] = [0, 0, 0]
    const done = (whole: boolean) => resolve({ status, bytes, whole, lastByteAt })
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
export async function answersPerSecond(clients: readonly Omit<Asked, "agent">[], ms: number): Promise<number> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: clients.length })
    const start = performance.now()
    let answers = 0
    const runs = clients.map(async (client) => {
        while (performance.now() - start < ms) {
            const { status, whole } = await ask({ ...client, agent })
            if (!(status === 200 && whole)) throw new Error(`${client.path} was answered with ${status}`)
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
    repeat(targets: readonly Target[], ms: number): Promise<Repeated>
    /** Fetches page after page from this address. */
    walk(target: Target): Promise<Walked>
    stop(): Promise<void>
}

export function startClients(): Clients {
    const thread = new Worker(new URL("./raw-clients.ts", import.meta.url))
    const carry = async (order: Order) => {
        const answered = once(thread, "message")
        thread.postMessage(order)
        const [carried] = (await answered) as [Carried]
        if ("failed" in carried) throw new Error(carried.failed)
        return carried.done
    }
    return {
        repeat: async (targets, ms) => (await carry({ kind: "repeat", targets, ms })) as Repeated,
        walk: async (target) => (await carry({ kind: "walk", target })) as Walked,
        stop: async () => {
            const end = once(thread, "exit")
            thread.postMessage("stop")
            await end
        },
    }
}
