/** Clients on loopback: each asks again as soon as it was answered, over a connection that stays open. */
import { once } from "node:events"
import http from "node:http"
import { Worker } from "node:worker_threads"
import type { BenchProgram } from "./program.ts"
import type { Carried, Order, Repeated, Target, Walked } from "./raw-clients.ts"
import type { Gone, Ordered, Served } from "./serving.ts"

export interface Servers extends Served {
    /** When a connection that had asked for a copy was gone, by its port at the client. */
    readonly goneAt: ReadonlyMap<number, number>
    stop(): Promise<void>
}

/** Starts the servers in their own thread, once the program stands. */
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
    /** The whole of it came. */
    readonly whole: boolean
    /** When the last byte came, by `Date.now()`. */
    readonly lastByteAt: number
}

/** Never throws: a connection that was cut is an answer that is not whole. */
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

/** Answers a second, of `clients` that ask for `ms`; throws for any answer but 200. */
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

/** Clients in a thread of their own, which costs the servers nothing but a core; one order after the other. */
export interface Clients {
    /** Each asks again as soon as it was answered, for `ms`; throws for any answer but 200. */
    repeat(targets: readonly Target[], ms: number): Promise<Repeated>
    /** Page after page, from this on. */
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
