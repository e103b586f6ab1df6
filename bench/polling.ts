/**
 * Partners' tools that poll TAXII: the first and the last page of a hundred indicators, an empty poll, all pages of a
 * thousand, and a post of a hundred. With few objects and with many.
 *
 * A page is decided, recorded and committed before it is sent. The limits are a bare server that sends as many bytes,
 * and one that also takes locks, reads a row and commits a row. The limit of an empty poll is one that reads.
 */
import { randomUUID } from "node:crypto"
import { formatMicros } from "../server/src/channels/taxii/protocol.ts"
import { type Clients, type Servers, startClients } from "./asking.ts"
import { addCases, indicatorsOf, uuidOf } from "./indicators.ts"
import {
    type Comparison,
    type Figure,
    compareWithLimits,
    formatPercent,
    readingOf,
    measureSeconds,
    formatReading,
} from "./measure.ts"
import type { BenchProgram } from "./program.ts"
import type { RepeatResult, Target, WalkResult } from "./raw-clients.ts"

const clientsCount = 4
const rounds = 3
const roundMs = 2000
const pageOf = 100
const objects = "/taxii2/api/collections/warnings/objects/"
/** An empty TAXII answer. */
const emptyAnswer = "{}"

type Line = [label: string, value: string]

/** `sizes`: numbers of objects, each made of whole cases. */
export async function measurePolling(world: BenchProgram, servers: Servers, sizes: readonly number[]): Promise<Figure> {
    const lines: Line[] = []
    const clients = startClients()
    const pollers = world.fetchers.slice(0, clientsCount).map(({ token }) => ({ port: servers.portal, token }))
    let cases = 0
    try {
        for (const size of sizes.toSorted((a, b) => a - b)) {
            const before = cases
            while (indicatorsOf(cases) < size) cases++
            const [from, to] = [before, cases]
            const built = await measureSeconds(() => addCases(world, from, to))
            lines.push([
                `${indicatorsOf(cases)} indicators, of ${cases} cases; building ${to - from} of them`,
                `${built.toFixed(0)} s`,
            ])
            lines.push(...(await measurePolls(clients, pollers, servers)))
            const posts = await measurePosts(pollers)
            lines.push([
                `  posts of ${objectsOfPost} objects, on the disk when they are answered`,
                `${posts.toFixed(1)} /s`,
            ])
        }
    } finally {
        await clients.stop()
    }
    const title =
        `TAXII, ${clientsCount} clients of one partner each; authorised and recorded at each request; with memory ` +
        "for all of it"
    return { title, lines, target: null }
}

interface Poller {
    readonly port: number
    readonly token: string
}

async function measurePolls(clients: Clients, poller: readonly Poller[], servers: Servers): Promise<Line[]> {
    const list = poller.map((poller) => ({ ...poller, path: `${objects}?limit=1000` }))
    const [cold, warm] = [await clients.walk(list[0]!), await clients.walk(list[0]!)]
    const walks: WalkResult[] = [warm]
    for (const each of list.slice(1)) walks.push(await clients.walk(each))
    const pages = await Promise.all(poller.map((poller, n) => findPages(poller, walks[n]!.lastHeaders)))
    const bare = (path: string) => poller.map(() => ({ port: servers.bare, path }))
    const run = { clients, ms: roundMs }
    const { bytes } = pages[0]!
    const page = await comparePolls(
        run,
        pages.map(({ first }) => first),
        [bare(`/bytes/${bytes}`), bare(`/record/${bytes}`)],
    )
    const last = await comparePolls(
        run,
        pages.map(({ last }) => last),
        [],
    )
    const from = encodeURIComponent("2100-01-01T00:00:00Z")
    const emptyPolls = poller.map((poller) => ({ ...poller, path: `${objects}?added_after=${from}` }))
    const empty = await comparePolls(run, emptyPolls, [bare(`/check/${emptyAnswer.length}`)])
    return [
        [`  a page of ${pageOf} indicators, ${bytes} bytes`, page.text],
        ...limitLines(page, ["sends as many", "first takes locks, reads a row and commits one"]),
        [`  the last page of ${pageOf} there is, ${last.bytes} bytes`, last.text],
        ["  a poll that finds nothing", empty.text],
        ...limitLines(empty, ["reads two rows, and sends as little"]),
        ["  all of them, 1000 a page", `${warm.seconds.toFixed(2)} s (${warm.pages} pages, ${megabytes(warm.bytes)})`],
        ["  all of them, for the first time since they came", `${cold.seconds.toFixed(2)} s`],
    ]
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

interface Pages {
    /** The page of the oldest indicators, and its length. */
    readonly first: Target
    readonly bytes: number
    readonly last: Target
}

/** Each reader has its own dates, a microsecond apart. An artifact's text would make a page as long as the artifact. */
async function findPages(poller: Poller, lastHead: string): Promise<Pages> {
    const { headers } = await getPage({ ...poller, path: `${objects}?limit=1&match%5Btype%5D=indicator` })
    const firstAt = headers.get("x-taxii-date-added-first") ?? ""
    const lastAt = /\r\nx-taxii-date-added-last: (\S+)/i.exec(lastHead)?.[1] ?? ""
    const after = (at: number) => ({
        ...poller,
        path: `${objects}?limit=${pageOf}&added_after=${encodeURIComponent(formatMicros(at))}`,
    })
    const [first, last] = [after(microsOf(firstAt) - 1), after(microsOf(lastAt) - pageOf)]
    const [oldest, newest] = [await getPage(first), await getPage(last)]
    if (oldest.types.join() !== "indicator" || oldest.count !== pageOf) throw new Error("no page of indicators")
    if (newest.more || newest.count !== pageOf) throw new Error("this is not the last page")
    return { first, bytes: oldest.bytes, last }
}

const microsOf = (written: string): number =>
    Date.parse(`${written.slice(0, 19)}Z`) * 1000 + Number(written.slice(20, 26).replace("Z", ""))

async function getPage({ port, path, token }: Target) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}: ${text}`)
    const { more: hasMore, objects } = JSON.parse(text) as { more: boolean; objects: { type: string }[] }
    const types = [...new Set(objects.map(({ type }) => type))]
    return { headers: answer.headers, bytes: Buffer.byteLength(text), more: hasMore, count: objects.length, types }
}

interface PollComparison extends Comparison {
    /** Measures answers a second and their durations. */
    readonly text: string
    readonly bytes: number
}

async function comparePolls(
    { clients, ms }: { readonly clients: Clients; readonly ms: number },
    targets: readonly Target[],
    limits: readonly (readonly Target[])[],
): Promise<PollComparison> {
    const results: RepeatResult[] = []
    const measure = async () => {
        const repeated = await clients.repeat(targets, ms)
        results.push(repeated)
        return repeated.perSecond
    }
    const compared = await compareWithLimits(
        rounds,
        measure,
        limits.map((limit) => async () => (await clients.repeat(limit, ms)).perSecond),
    )
    // The first was the warm-up.
    const counted = results.slice(1)
    const median = (pick: (repeated: RepeatResult) => number) => readingOf(counted.map(pick)).median.toFixed(2)
    const times = `p50 ${median(({ p50 }) => p50)} ms, p99 ${median(({ p99 }) => p99)} ms`
    return {
        ...compared,
        text: `${formatReading(compared.measured, "/s", compared.measured.median < 10 ? 1 : 0)}, ${times}`,
        bytes: Math.max(...counted.map(({ bytes }) => bytes)),
    }
}

function limitLines({ limits, ratios }: Comparison, names: readonly string[]): Line[] {
    return names.flatMap((name, n): Line[] => [
        [`    a bare server that ${name}`, formatReading(limits[n]!, "/s")],
        ["    of it", formatPercent(ratios[n]!)],
    ])
}

const postsOfEach = 25
const objectsOfPost = 100

/** The consequences of a warning's first sighting are then the same at each size. */
const warningsSighted = 2

/** Measures posts a second: a sighting with its observed data. */
async function measurePosts(pollers: readonly Poller[]): Promise<number> {
    const seconds = await measureSeconds(() =>
        Promise.all(
            pollers.map(async ({ port, token }) => {
                for (let n = 0; n < postsOfEach; n++) {
                    const answer = await fetch(`http://127.0.0.1:${port}/taxii2/api/collections/sightings/objects/`, {
                        method: "POST",
                        headers: {
                            authorization: `Bearer ${token}`,
                            "content-type": "application/taxii+json;version=2.1",
                        },
                        body: JSON.stringify({ objects: sightingObjects(uuidOf(indicatorsOf(n % warningsSighted))) }),
                    })
                    const text = await answer.text()
                    const { success_count: count } = JSON.parse(text) as { success_count?: number }
                    if (count !== objectsOfPost) throw new Error(`a post was answered with ${answer.status}: ${text}`)
                }
            }),
        ),
    )
    return (pollers.length * postsOfEach) / seconds
}

function sightingObjects(indicator: string): object[] {
    const at = new Date().toISOString()
    const common = { spec_version: "2.1", created: at, modified: at }
    const addresses = Array.from({ length: objectsOfPost - 2 }, (_, n) => ({
        type: "ipv4-addr",
        spec_version: "2.1",
        id: `ipv4-addr--${randomUUID()}`,
        value: `203.0.113.${n}`,
    }))
    const refs = addresses.map(({ id }) => id)
    const data = {
        type: "observed-data",
        ...common,
        id: `observed-data--${randomUUID()}`,
        first_observed: at,
        last_observed: at,
        number_observed: 1,
        object_refs: refs,
    }
    const sighting = {
        type: "sighting",
        ...common,
        id: `sighting--${randomUUID()}`,
        first_seen: at,
        last_seen: at,
        count: 1,
        sighting_of_ref: `indicator--${indicator}`,
        observed_data_refs: [data.id],
    }
    return [sighting, data, ...addresses]
}
