/**
 * Response times reveal no more than the answers. The two kinds of requests alternate randomly, so that other load
 * affects both; the slowest are dropped. Too slow and sensitive for each commit, so it runs with the slow tests and
 * finds gross differences only. With `TIMING` set, on an idle machine, it finds small ones.
 */
import { randomInt } from "node:crypto"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { listEvents } from "../support/actors.ts"
import { signAsApprover } from "../support/program.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { newId } from "../support/database.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import { type Three, three, write } from "./three-partners.ts"

let world: Three
let portal: Portal
beforeAll(async () => {
    world = await three()
    portal = await openPortal(world.its)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.its.database.close()
})

const isThorough = Boolean(process.env["TIMING"])
/** The allowed difference in standard errors. By chance, 4.5 occurs once in 150,000 times. */
const [count, most] = [4.5, isThorough ? 4.5 : 10]
const pairs = isThorough ? 6000 : 300
const warmUp = 200

const mean = (items: readonly number[]) => items.reduce((sum, value) => sum + value, 0) / items.length
const variance = (items: readonly number[], value = mean(items)) =>
    items.reduce((sum, item) => sum + (item - value) ** 2, 0) / (items.length - 1)

/** Welch's t without the slowest tenth, cut at the same time for both. */
function welch(entry: readonly number[], other: readonly number[]): number {
    const threshold =
        [...entry, ...other].toSorted((a, b) => a - b)[Math.floor((entry.length + other.length) * 0.9)] ?? 0
    const [a, b] = [entry, other].map((items) => items.filter((item) => item <= threshold)) as [number[], number[]]
    return (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length)
}

async function timeOf(app: FastifyInstance, token: string, url: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    const before = process.hrtime.bigint()
    await app.inject({ method: "GET", url, headers })
    return Number(process.hrtime.bigint() - before)
}

test("two kinds that differ by a twentieth of their noise are distinguished", () => {
    const drawn = (shift: number) =>
        Array.from(
            { length: 6000 },
            () => 1000 + shift + Array.from({ length: 6 }, () => randomInt(100)).reduce((a, b) => a + b),
        )
    expect(Math.abs(welch(drawn(0), drawn(0)))).toBeLessThan(count)
    expect(Math.abs(welch(drawn(0), drawn(12)))).toBeGreaterThan(count)
})

/** Names that a partner without access may learn: another partner's alias, and the internal id. */
async function called(kind: "warning" | "artifact"): Promise<string[]> {
    const { its: setup, one: partner, x } = world
    const inner = kind === "warning" ? x.id : (x.artifacts.summary ?? "")
    return [aliasFor(setup.services.keys, partner.id, kind, inner), inner]
}

/** Names shared by all: list entries of one partner that the third does not have. */
async function common(url: string, name: RegExp): Promise<string[]> {
    const [item, third] = await Promise.all(
        [world.tokens.one, world.tokens.third].map(async (token) => {
            const { body } = await portal.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
            return [...body.matchAll(name)].map(([value]) => value)
        }),
    )
    return [...new Set(item)].filter((value) => third?.includes(value) === false).slice(0, 2)
}

const taxii = "/taxii2/api/collections/warnings/objects/"
const csaf = "/csaf/partner/red"

test.each([
    ["case", () => called("warning"), (name: string) => `/api/warnings/${name}`],
    ["copy", () => called("artifact"), (name: string) => `/api/artifacts/${name}/copy`],
    ["MISP event", () => called("warning"), (name: string) => `/api/warnings/${name}/misp`],
    [
        "TAXII object",
        () => common(taxii, /(?:report|note|indicator)--[0-9a-f-]{36}/g),
        (name: string) => `${taxii}${name}/`,
    ],
    ["CSAF document", () => common(`${csaf}/index.txt`, /\S+/g), (name: string) => `${csaf}/${name}`],
] as const)(
    "A-02 a hidden %s is refused in the same time as a missing one",
    async (_, namesOf, url) => {
        const { tokens } = world
        const hidden = await namesOf()
        expect(hidden).toHaveLength(2)
        const nothing = hidden.map((name) =>
            name.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, () => newId()),
        )
        const times: [number[], number[]] = [[], []]
        for (let n = 0; n < warmUp + pairs; n++) {
            const order = randomInt(2) === 0 ? ([0, 1] as const) : ([1, 0] as const)
            for (const which of order) {
                const name = [hidden, nothing][which]?.[n % 2] ?? ""
                const taken = await timeOf(portal.app, tokens.third, url(name))
                if (n >= warmUp) times[which].push(taken)
            }
        }
        expect(Math.abs(welch(...times))).toBeLessThan(most)
    },
    600_000,
)

/**
 * Cases one after the other, each really requested, signed and released. The marks of few documents are ready at once.
 */
const [cases, documents] = [isThorough ? 50 : 10, 10]
const text = (n: string) =>
    `# Document ${n}\n\nThe server does not check what it is sent. It cannot be used before the update is in ` +
    "place, and it is " +
    "not hard to find. An attacker who is signed in can run code, and whoever is not is asked to sign in first.\n"

test("E-03 the first fetch of a version takes as long as the next, and as long as a second fetch", async () => {
    const { its: setup, one: item, two, tokens } = world
    const services = { ...setup.services, log: silentLog }
    const readers = [
        [item, tokens.one],
        [two, tokens.two],
    ] as const
    const times: Record<"first" | "next" | "again", number[]> = { first: [], next: [], again: [] }
    for (let n = 0; n < cases; n++) {
        const endsAt = setup.clock.now + 14 * dayMs + hourMs
        const { id } = await write(setup, { name: `t${n}`, tiers: [], classes: [], unopened: [], endsAt })
        const artifacts: string[] = []
        for (let k = 0; k < documents; k++) {
            const input = {
                class: "summary",
                tlp: "RED",
                pap: "RED",
                name: `d${k}.md`,
                content: text(`${n} ${k}`),
            } as const
            artifacts.push(await setup.acting(setup.author, (ctx) => addArtifact(ctx, { case: id, ...input })))
        }
        const wave = (await setup.acting(setup.manager, (ctx) => listWaves(ctx, id))).find(
            ({ tier }) => tier === "validate",
        )
        await signAsApprover(setup, await setup.acting(setup.manager, (ctx) => requestRelease(ctx, wave?.id ?? "")))
        while (await handleNextEvent(services, eventHandlers));
        setup.clock.now += hourMs
        await releaseWavesJob.run(services)
        for (const artifact of artifacts) {
            const order = randomInt(2) === 0 ? readers : readers.toReversed()
            const requests = order.map(([{ id: partner }, token]) => {
                const name = aliasFor(setup.services.keys, partner, "artifact", artifact)
                return () => timeOf(portal.app, token, `/api/artifacts/${name}/copy`)
            })
            times.first.push((await requests[0]?.()) ?? 0)
            times.next.push((await requests[1]?.()) ?? 0)
            times.again.push((await requests[0]?.()) ?? 0)
        }
    }
    expect(Math.abs(welch(times.first, times.next))).toBeLessThan(most)
    expect(Math.abs(welch(times.first, times.again))).toBeLessThan(most)
    expect((await listEvents(setup.database)).filter(({ kind }) => kind === "copy.delivered")).toHaveLength(
        3 * cases * documents,
    )
}, 600_000)
