/**
 * The time from the answer of a suspension to the last byte. A partner fetches over several connections, and slowly
 * over one more, while other partners fetch too. Then the real route suspends it.
 */
import http from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import { type Servers, sendRequest } from "./asking.ts"
import { type Figure, readingOf, formatReading } from "./measure.ts"
import type { BenchProgram, Fetcher } from "./program.ts"

const runsCount = 5
const fastClients = 4
const otherClients = 2
/** The time before the suspension, and the time observed after its answer. */
const leadMs = 600
const watchMs = 6000
const slowPieceMs = 100
const inFlightMsMax = 1000

interface SuspensionRun {
    readonly answeredMs: number
    /** Requests of the partner that were sent after the answer and still served. */
    readonly servedAfter: number
    readonly refusedAfter: number
    readonly othersServedAfter: number
    /** The time from the answer to the last possible byte on any connection of the partner. */
    readonly lastByteMs: number
    readonly isSlowComplete: boolean
}

export async function measureSuspension(world: BenchProgram, servers: Servers): Promise<Figure> {
    const runs: SuspensionRun[] = []
    for (const [n, fetcher] of world.fetchers.slice(0, runsCount).entries()) {
        const others = world.fetchers.slice(runsCount + (n % 2) * otherClients).slice(0, otherClients)
        runs.push(await suspendUnderLoad(world, servers, fetcher, others))
    }
    const sum = (pick: (run: SuspensionRun) => number) => runs.reduce((total, run) => total + pick(run), 0)
    const lastByte = readingOf(runs.map((run) => run.lastByteMs))
    const served = sum((run) => run.servedAfter)
    const refused = sum((run) => run.refusedAfter)
    const cut = runs.filter((run) => !run.isSlowComplete).length
    return {
        title: `Suspension under load, ${runsCount} partners one after the other`,
        lines: [
            ["from the request to the answer", formatReading(readingOf(runs.map((run) => run.answeredMs)), "ms")],
            ["from the answer to the last byte, a slow reader of a large copy included", formatReading(lastByte, "ms")],
            [`slow readers cut before the end of their copy`, `${cut} of ${runsCount}`],
            ["requests after the answer, of the suspended", `${served} served, ${refused} refused`],
            ["requests after the answer, of two others", `${sum((run) => run.othersServedAfter)} served`],
        ],
        target: {
            text: "none served after the answer, the last byte within 1 s",
            isMet: served === 0 && refused > 0 && lastByte.max <= inFlightMsMax,
        },
    }
}

async function suspendUnderLoad(
    world: BenchProgram,
    servers: Servers,
    fetcher: Fetcher,
    others: readonly Fetcher[],
): Promise<SuspensionRun> {
    const agent = new http.Agent({ keepAlive: true })
    const log: { readonly sentAt: number; readonly status: number; readonly lastByteAt: number; own: boolean }[] = []
    const running = new AbortController()
    const loop = async (fetcher: Fetcher, isSuspended: boolean) => {
        while (!running.signal.aborted) {
            const sentAt = Date.now()
            const { status, lastByteAt } = await sendRequest({
                port: servers.portal,
                path: fetcher.copy,
                token: fetcher.token,
                agent,
            })
            log.push({ sentAt, status, lastByteAt, own: isSuspended })
        }
    }
    const loops = [
        ...Array.from({ length: fastClients }, () => loop(fetcher, true)),
        ...others.map((other) => loop(other, false)),
    ]
    const slow = readSlowly(servers.portal, fetcher)
    await pause(leadMs)
    const requestedAt = Date.now()
    await suspend(servers.console, world.investigator.token, fetcher.id)
    const answeredAt = Date.now()
    await pause(watchMs)
    running.abort()
    await Promise.all(loops)
    const read = slow.stop()
    const closedAt = servers.closedAt.get(read.port) ?? Infinity
    agent.destroy()
    const isSuspended = log.filter((item) => item.own)
    const after = isSuspended.filter((item) => item.sentAt > answeredAt)
    const lastFast = Math.max(0, ...isSuspended.filter((item) => item.status === 200).map((item) => item.lastByteAt))
    return {
        answeredMs: answeredAt - requestedAt,
        servedAfter: after.filter((item) => item.status === 200).length,
        refusedAfter: after.filter((item) => item.status !== 200).length,
        othersServedAfter: log.filter((item) => !item.own && item.sentAt > answeredAt && item.status === 200).length,
        lastByteMs: Math.max(0, lastFast - answeredAt, closedAt - answeredAt),
        isSlowComplete: read.whole,
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
