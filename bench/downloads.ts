/**
 * Audited downloads a second through the real server: authentication, decision, mark, seal and log entry, in one
 * transaction that is on disk before the first byte is sent.
 */
import pg from "pg"
import { type Servers, measureAnswersPerSecond } from "./asking.ts"
import { type Figure, compareWithLimits, formatPercent, formatReading } from "./measure.ts"
import type { BenchProgram } from "./program.ts"

const rounds = 5
const roundMs = 2000
/** Warms up until the server's code is compiled. */
const warmMs = 15_000

export async function measureDownloads(
    world: BenchProgram,
    servers: Servers,
    clients: number,
    bytes: number,
): Promise<Figure> {
    const requests = Array.from({ length: clients }, (_, n) => {
        const fetcher = world.fetchers[n % world.fetchers.length]
        if (!fetcher) throw new Error("nobody fetches")
        return { port: servers.portal, path: fetcher.copy, token: fetcher.token }
    })
    const bareAt = (path: string) => requests.map(() => ({ port: servers.bare, path }))
    await measureAnswersPerSecond(requests, warmMs)
    const { measured, limits, ratios } = await compareWithLimits(
        rounds,
        () => measureAnswersPerSecond(requests, roundMs),
        [
            () => measureCommitsPerSecond(world.databaseUrl, clients, roundMs),
            () => measureAnswersPerSecond(bareAt("/bytes"), roundMs),
            () => measureAnswersPerSecond(bareAt("/commit"), roundMs),
        ],
    )
    const names = [
        `limit: bare commits of one small row, ${clients} connections`,
        `limit: a bare node:http server that sends ${bytes} bytes`,
        "limit: a bare server that commits one row, then sends them",
    ]
    return {
        title: `Audited downloads over HTTP on loopback, ${clients} clients, on this machine's cores together`,
        lines: [
            ["decided, recorded, marked, sealed, committed, sent", formatReading(measured, "a second")],
            ...limits.flatMap((limit, n): [string, string][] => [
                [names[n] ?? "", formatReading(limit, "a second")],
                ["  of that limit", ratios[n] ? formatPercent(ratios[n]) : ""],
            ]),
        ],
        target: null,
    }
}

async function measureCommitsPerSecond(url: string, connections: number, ms: number): Promise<number> {
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
