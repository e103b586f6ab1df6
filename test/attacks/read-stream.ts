/** The portal's stream of changes, frame by frame, as its reader sees it. */
import { once } from "node:events"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyInstance } from "fastify"

export interface Streamed {
    readonly status: number | undefined
    readonly headers: http.IncomingHttpHeaders
    /** As they arrive. */
    readonly frames: readonly string[]
    /** Waits for this number of frames. */
    readonly past: (count: number) => Promise<void>
    readonly ended: Promise<void>
    readonly close: () => void
}

/** Opens the stream of a listening app. */
export async function streamOf(app: FastifyInstance, headers: Record<string, string>): Promise<Streamed> {
    const { port } = app.server.address() as AddressInfo
    const request = http.get({ port, host: "127.0.0.1", path: "/api/events", headers, agent: false })
    request.on("error", () => undefined)
    const [answer] = (await once(request, "response")) as [http.IncomingMessage]
    const frames: string[] = []
    let rest = ""
    answer.setEncoding("utf8").on("data", (text: string) => {
        const pieces = (rest + text).split("\n\n")
        rest = pieces.pop() ?? ""
        frames.push(...pieces)
    })
    answer.on("error", () => undefined)
    const ended = new Promise<void>((resolve) => answer.once("close", resolve))
    const past = async (count: number) => {
        while (frames.length < count) await pause(20)
    }
    return { status: answer.statusCode, headers: answer.headers, frames, past, ended, close: () => request.destroy() }
}
