/**
 * The time from the answer of a suspension to the last byte. A partner fetches over several connections, and slowly
 * over one more, while other partners fetch too. Then the real route suspends it.
 */
import http from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import { type Servers, ask } from "./asking.ts"
import { type Figure, readingOf, shown } from "./measure.ts"
import type { BenchProgram, Fetcher } from "./program.ts"

const trials = 5
const fastClients = 4
const otherClients = 2
/** The time before the suspension, and the time observed after its answer. */
const leadMs = 600
const watchMs = 6000
const slowPieceMs = 100
const inFlightMsMax = 1000

interface Trial {
    readonly answeredMs: number
    /** Requests of the partner that were sent after the answer and still served. */
    readonly servedAfter: number
    readonly refusedAfter: number
    readonly othersServedAfter: number
    /** The time from the answer to the last possible byte on any connection of the partner. */
    readonly lastByteMs: number
    readonly slowWhole: boolean
}

export async function suspension(world: BenchProgram, servers: Servers): Promise<Figure> {
    const seen: Trial[] = []
    for (const [n, fetcher] of world.fetchers.slice(0, trials).entries()) {
        const others = world.fetchers.slice(trials + (n % 2) * otherClients).slice(0, otherClients)
        seen.push(await suspendUnderLoad(world, servers, fetcher, others))
    }
    const sum = (pick: (trial: Trial) => number) => seen.reduce((total, trial) => total + pick(trial), 0)
    const lastByte = readingOf(seen.map((trial) => trial.lastByteMs))
    const served = sum((trial) => trial.servedAfter)
    const refused = sum((trial) => trial.refusedAfter)
    const cut = seen.filter((trial) => !trial.slowWhole).length
    return {
        title: `Suspension under load, ${trials} partners one after the other`,
        lines: [
            ["from the request to the answer", shown(readingOf(seen.map((trial) => trial.answeredMs)), "ms")],
            ["from the answer to the last byte, a slow reader of a large copy included", shown(lastByte, "ms")],
            [`slow readers cut before the end of their copy`, `${cut} of ${trials}`],
            ["requests after the answer, of the suspended", `${served} served, ${refused} refused`],
            ["requests after the answer, of two others", `${sum((trial) => trial.othersServedAfter)} served`],
        ],
        floor: {
            text: "none served after the answer, the last byte within 1 s",
            kept: served === 0 && refused > 0 && lastByte.max <= inFlightMsMax,
        },
    }
}

async function suspendUnderLoad(
    world: BenchProgram,
    servers: Servers,
    fetcher: Fetcher,
    others: readonly Fetcher[],
): Promise<Trial> {
    const agent = new http.Agent({ keepAlive: true })
    const log: { readonly sentAt: number; readonly status: number; readonly lastByteAt: number; own: boolean }[] = []
    const running = new AbortController()
    const loop = async (fetcher: Fetcher, own: boolean) => {
        while (!running.signal.aborted) {
            const sentAt = Date.now()
            const { status, lastByteAt } = await ask({
                port: servers.portal,
                path: fetcher.copy,
                token: fetcher.token,
                agent,
            })
            log.push({ sentAt, status, lastByteAt, own })
        }
    }
    const loops = [
        ...Array.from({ length: fastClients }, () => loop(fetcher, true)),
        ...others.map((other) => loop(other, false)),
    ]
    const slow = readSlowly(servers.portal, fetcher)
    await pause(leadMs)
    const askedAt = Date.now()
    await suspend(servers.console, world.investigator.token, fetcher.id)
    const answeredAt = Date.now()
    await pause(watchMs)
    running.abort()
    await Promise.all(loops)
    const read = slow.stop()
    const gone = servers.goneAt.get(read.port) ?? Infinity
    agent.destroy()
    const own = log.filter((item) => item.own)
    const after = own.filter((item) => item.sentAt > answeredAt)
    const lastFast = Math.max(0, ...own.filter((item) => item.status === 200).map((item) => item.lastByteAt))
    return {
        answeredMs: answeredAt - askedAt,
        servedAfter: after.filter((item) => item.status === 200).length,
        refusedAfter: after.filter((item) => item.status !== 200).length,
        othersServedAfter: log.filter((item) => !item.own && item.sentAt > answeredAt && item.status === 200).length,
        lastByteMs: Math.max(0, lastFast - answeredAt, gone - answeredAt),
        slowWhole: read.whole,
    }
}

/**
 * Reads one piece at a time with pauses. Its own system buffers bytes that it reads after the reset, so the time counts
 * when the server closed the connection.
 */
function readSlowly(port: number, { large, token }: Fetcher) {
    const agent = new http.Agent()
    const state = { port: 0, whole: false }
    const headers = { authorization: `Bearer ${token}` }
    const request = http.get({ host: "127.0.0.1", port, path: large, headers, agent }, (response) => {
        response.on("data", () => {
            response.pause()
            setTimeout(() => response.resume(), slowPieceMs)
        })
        response.on("end", () => (state.whole = response.complete))
        response.on("error", () => undefined)
    })
    request.on("socket", (socket) => socket.once("connect", () => (state.port = socket.localPort ?? 0)))
    request.on("error", () => undefined)
    return {
        stop: () => {
            request.destroy()
            return state
        },
    }
}

async function suspend(port: number, token: string, partner: string): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${port}/api/measures`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ kind: "interim_suspension", partner, reason: "The suspension is measured." }),
    })
    if (!answer.ok) throw new Error(`the suspension was answered with ${answer.status}: ${await answer.text()}`)
}
