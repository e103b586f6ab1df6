/**
 * Audited downloads a second through the real server: authentication, decision, mark, seal and log entry, in one
 * transaction that is on disk before the first byte is sent.
 */
import pg from "pg"
import { type Servers, answersPerSecond } from "./asking.ts"
import { type Figure, besideLimits, percent, shown } from "./measure.ts"
import type { BenchProgram } from "./program.ts"

const rounds = 5
const roundMs = 2000
/** Warms up until the server's code is compiled. */
const warmMs = 15_000

export async function downloads(
    world: BenchProgram,
    servers: Servers,
    clients: number,
    bytes: number,
): Promise<Figure> {
    const ours = Array.from({ length: clients }, (_, n) => {
        const fetcher = world.fetchers[n % world.fetchers.length]
        if (!fetcher) throw new Error("nobody fetches")
        return { port: servers.portal, path: fetcher.copy, token: fetcher.token }
    })
    const bareAt = (path: string) => ours.map(() => ({ port: servers.bare, path }))
    await answersPerSecond(ours, warmMs)
    const { measured, limits, ratios } = await besideLimits(rounds, () => answersPerSecond(ours, roundMs), [
        () => commitsPerSecond(world.databaseUrl, clients, roundMs),
        () => answersPerSecond(bareAt("/bytes"), roundMs),
        () => answersPerSecond(bareAt("/commit"), roundMs),
    ])
    const names = [
        `limit: bare commits of one small row, ${clients} connections`,
        `limit: a bare node:http server that sends ${bytes} bytes`,
        "limit: a bare server that commits one row, then sends them",
    ]
    return {
        title: `Audited downloads over HTTP on loopback, ${clients} clients, on this machine's cores together`,
        lines: [
            ["decided, recorded, marked, sealed, committed, sent", shown(measured, "a second")],
            ...limits.flatMap((limit, n): [string, string][] => [
                [names[n] ?? "", shown(limit, "a second")],
                ["  of that limit", ratios[n] ? percent(ratios[n]) : ""],
            ]),
        ],
        floor: null,
    }
}

async function commitsPerSecond(url: string, connections: number, ms: number): Promise<number> {
    const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }))
    await Promise.all(clients.map((client) => client.connect()))
    const start = performance.now()
    let commits = 0
    await Promise.all(
        clients.map(async (client) => {
            while (performance.now() - start < ms) {
                await client.query({ name: "one row", text: "insert into bench_rows (n) values ($1)", values: [1] })
                commits++
            }
        }),
    )
    const seconds = (performance.now() - start) / 1000
    await Promise.all(clients.map((client) => client.end()))
    return commits / seconds
}
