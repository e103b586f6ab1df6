/**
 * How long an answer takes tells no more than what it says. The two kinds of requests take turns by chance, so that whatever else the
 * machine does falls on both; what took longest is left out, for it is the machine's doing. Too slow, and too easily
 * disturbed, to stand between a contributor and a commit: it runs with the slow tests.
 */
import { randomInt } from "node:crypto"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { nameFor } from "../../src/share/delivery/actions/names.ts"
import { newId } from "../database.ts"
import { type Portal, portalOf } from "../polled.ts"
import { type Three, three } from "./three.ts"

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

/** By which two kinds may differ, in standard errors: by chance alone, once in 150,000 times. */
const most = 4.5

const pairs = 6000
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
    expect(Math.abs(welch(drawn(0), drawn(0)))).toBeLessThan(most)
    expect(Math.abs(welch(drawn(0), drawn(12)))).toBeGreaterThan(most)
})

/** What somebody comes by who is not to have it: what another partner calls it, and what the operator does. */
test.each([
    ["case", "warning", (name: string) => `/api/warnings/${name}`],
    ["copy", "artifact", (name: string) => `/api/artifacts/${name}/copy`],
] as const)(
    "A-02 a %s that is hidden is refused in the time of one that never was",
    async (_, kind, url) => {
        const { its, one, tokens, x } = world
        const inner = kind === "warning" ? x.id : (x.artifacts.summary ?? "")
        const hidden = [nameFor(its.doors.keys, one.id, kind, inner), inner]
        const nothing = hidden.map(() => newId())
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
