/**
 * How long an answer takes tells no more than what it says. The two kinds of requests take turns by chance, so that whatever else the
 * machine does falls on both; what took longest is left out, for it is the machine's doing. Too slow, and too easily
 * disturbed, to stand between a contributor and a commit: it runs with the slow tests, and finds gross differences only; with
 * `TIMING` set, on a machine that does nothing else, it finds small ones.
 */
import { randomInt } from "node:crypto"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { flow } from "../../src/flow.ts"
import { dayMs, hourMs } from "../../src/lib/instant.ts"
import { silentLog } from "../../src/platform/log.ts"
import { runNext } from "../../src/platform/worker.ts"
import { addArtifact } from "../../src/share/artifacts/actions.ts"
import { releasing, requestRelease } from "../../src/share/release/actions.ts"
import { wavesOf } from "../../src/share/waves/actions.ts"
import { recorded } from "../acting.ts"
import { sign } from "../program.ts"
import { nameFor } from "../../src/share/delivery/actions/names.ts"
import { newId } from "../database.ts"
import { type Portal, portalOf } from "../polled.ts"
import { type Three, three, write } from "./three.ts"

let world: Three
let portal: Portal
beforeAll(async () => {
    world = await three()
    portal = await portalOf(world.its)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.its.database.close()
})

const isThorough = Boolean(process.env["TIMING"])
/** By which two kinds may differ, in standard errors: by chance alone, 4.5 comes once in 150,000 times. */
const [told, most] = [4.5, isThorough ? 4.5 : 10]
const pairs = isThorough ? 6000 : 300
const warmUp = 200

const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length
const variance = (of: readonly number[], its = mean(of)) =>
    of.reduce((sum, one) => sum + (one - its) ** 2, 0) / (of.length - 1)

/** Welch's t of what is left of both without their slowest tenth, by one bar for both. */
function welch(one: readonly number[], other: readonly number[]): number {
    const bar = [...one, ...other].toSorted((a, b) => a - b)[Math.floor((one.length + other.length) * 0.9)] ?? 0
    const [a, b] = [one, other].map((of) => of.filter((its) => its <= bar)) as [number[], number[]]
    return (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length)
}

async function timeOf(app: FastifyInstance, token: string, url: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    const before = process.hrtime.bigint()
    await app.inject({ method: "GET", url, headers })
    return Number(process.hrtime.bigint() - before)
}

test("two kinds that differ by a twentieth of their noise are told apart", () => {
    const drawn = (shift: number) =>
        Array.from(
            { length: 6000 },
            () => 1000 + shift + Array.from({ length: 6 }, () => randomInt(100)).reduce((a, b) => a + b),
        )
    expect(Math.abs(welch(drawn(0), drawn(0)))).toBeLessThan(told)
    expect(Math.abs(welch(drawn(0), drawn(12)))).toBeGreaterThan(told)
})

/** What somebody comes by who is not to have it: what another partner calls it, and what the operator does. */
async function called(kind: "warning" | "artifact"): Promise<string[]> {
    const { its, one, x } = world
    const inner = kind === "warning" ? x.id : (x.artifacts.summary ?? "")
    return [nameFor(its.doors.keys, one.id, kind, inner), inner]
}

/** What has one name for all: of a list, what stands in it for one partner and not for the third. */
async function common(url: string, name: RegExp): Promise<string[]> {
    const [one, third] = await Promise.all(
        [world.tokens.one, world.tokens.third].map(async (token) => {
            const { body } = await portal.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
            return [...body.matchAll(name)].map(([its]) => its)
        }),
    )
    return [...new Set(one)].filter((its) => third?.includes(its) === false).slice(0, 2)
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
    "A-02 a %s that is hidden is refused in the time of one that never was",
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

/** Cases one after the other, each asked for, signed and fallen as in earnest: the marks of a few documents are at hand at once. */
const [cases, documents] = [isThorough ? 50 : 10, 10]
const text = (n: string) =>
    `# Document ${n}\n\nThe server does not check what it is sent. It cannot be used before the update is in place, and it is ` +
    "not hard to find. An attacker who is signed in can run code, and whoever is not is asked to sign in first.\n"

test("E-03 the first who fetches a version waits as long as the next one, and as it does the second time", async () => {
    const { its, one, two, tokens } = world
    const doors = { ...its.doors, log: silentLog }
    const readers = [
        [one, tokens.one],
        [two, tokens.two],
    ] as const
    const times: Record<"first" | "next" | "again", number[]> = { first: [], next: [], again: [] }
    for (let n = 0; n < cases; n++) {
        const endsAt = its.clock.now + 14 * dayMs + hourMs
        const { id } = await write(its, { name: `t${n}`, tiers: [], classes: [], unopened: [], endsAt })
        const artifacts: string[] = []
        for (let k = 0; k < documents; k++) {
            const input = {
                class: "summary",
                tlp: "RED",
                pap: "RED",
                name: `d${k}.md`,
                content: text(`${n} ${k}`),
            } as const
            artifacts.push(await its.acting(its.author, (act) => addArtifact(act, { case: id, ...input })))
        }
        const wave = (await its.acting(its.manager, (act) => wavesOf(act, id))).find(({ tier }) => tier === "validate")
        await sign(its, await its.acting(its.manager, (act) => requestRelease(act, wave?.id ?? "")))
        while (await runNext(doors, flow));
        its.clock.now += hourMs
        await releasing.run(doors)
        for (const artifact of artifacts) {
            const order = randomInt(2) === 0 ? readers : readers.toReversed()
            const asked = order.map(([{ id: partner }, token]) => {
                const name = nameFor(its.doors.keys, partner, "artifact", artifact)
                return () => timeOf(portal.app, token, `/api/artifacts/${name}/copy`)
            })
            times.first.push((await asked[0]?.()) ?? 0)
            times.next.push((await asked[1]?.()) ?? 0)
            times.again.push((await asked[0]?.()) ?? 0)
        }
    }
    expect(Math.abs(welch(times.first, times.next))).toBeLessThan(most)
    expect(Math.abs(welch(times.first, times.again))).toBeLessThan(most)
    expect((await recorded(its.database)).filter(({ kind }) => kind === "copy.delivered")).toHaveLength(
        3 * cases * documents,
    )
}, 600_000)
