/** Both listeners and the worker over one set of doors, by role. */
import type { AddressInfo } from "node:net"
import type { Doors } from "../platform/doors.ts"
import type { Route, Side } from "../platform/http.ts"
import { type Chore, type Worker, startWorker } from "../platform/worker.ts"
import { chores, ends, flow } from "../flow.ts"
import { makeServer } from "../server.ts"
import type { Act } from "../trust/audit/actions.ts"

export type Role = "all" | "console" | "portal" | "worker"
export const roles: readonly Role[] = ["all", "console", "portal", "worker"]

export interface ListeningOptions {
    readonly doors: Doors
    readonly role: Role
    readonly host: string
    /** 0: any free one. */
    readonly ports: Readonly<Record<Side, number>>
    /** Whether people come by https, or to localhost. */
    readonly secureCookies: boolean
    readonly requestsPerMinuteMax: number
    readonly extraRoutes?: readonly Route<Act>[]
    readonly extraChores?: readonly Chore[]
}

export interface Listening {
    readonly ports: Partial<Record<Side, number>>
    stop(): Promise<void>
}

const web = (side: Side) => new URL(`../../dist/web/${side}/`, import.meta.url)

export async function listen(options: ListeningOptions): Promise<Listening> {
    const { doors, role, host, secureCookies, requestsPerMinuteMax, extraRoutes = [], extraChores = [] } = options
    const stops: (() => Promise<unknown>)[] = []
    const ports: Partial<Record<Side, number>> = {}
    for (const side of ["console", "portal"] as const) {
        if (role !== "all" && role !== side) continue
        const app = await makeServer({
            ...{ doors, side, web: web(side), secureCookies, requestsPerMinuteMax, extraRoutes },
        })
        await app.listen({ host, port: options.ports[side] })
        ports[side] = (app.server.address() as AddressInfo).port
        stops.push(() => app.close())
    }
    if (role === "all" || role === "worker") {
        const worker: Worker = startWorker(doors, flow, ends, [...chores, ...extraChores])
        stops.push(() => worker.stop())
    }
    return { ports, stop: async () => void (await Promise.all(stops.map((stop) => stop()))) }
}
