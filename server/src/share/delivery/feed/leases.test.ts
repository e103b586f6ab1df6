/** For a few seconds what a reader sees is not computed anew: and whatever changes it is there at once all the same. */
import { setTimeout as pause } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { system } from "../../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../../../test/support/program.ts"
import type { Memory } from "../../../models/clock-trust.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { pruneChangesJob } from "../../../kernel/change-detection.ts"
import { saveClockMemory } from "../../../platform/time/clock-baseline.ts"
import type { Services } from "../../../kernel/services.ts"
import { lockToRead } from "../../../kernel/locks.ts"
import { destroyKey, seal } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Actor } from "../../../kernel/actor.ts"
import { setRoles } from "../../../trust/identity/store.ts"
import { addAgreement } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { changeStanding, setDuties, setRestriction } from "../../../trust/partners/actions/change-partner.ts"
import { setCircle } from "../../../trust/partners/roster/actions/access-lists-for-partner.ts"
import { insertFact } from "../../../trust/partners/store/partners.ts"
import { dutyTable } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import { recallArtifact } from "../../artifacts/actions/find-recalls.ts"
import { closeCase, setPermission } from "../../cases/actions.ts"
import { exitEmbargo } from "../../cases/actions/answer-invitation.ts"
import { moveEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import { freezeWave, openWave, wavesOf } from "../../waves/actions.ts"
import { fetchCopy } from "../actions/fetch-copy.ts"
import { aliasFor } from "../actions/aliases.ts"
import { leasesGiven } from "./actions/leases.ts"
import { decisionsFor, projectionFor } from "../actions/projection.ts"
import { type Kept, keptNow, seenNow } from "./actions/load-feed.ts"

let world: Program
let partner: TestPartner
let other: TestPartner
let subject: string
let summary: string
let [requested, decided] = [0, 0]
/** What chance says: how long a lease is. */
let chance = 1
const faults: string[] = []

const seen: Kept<{ readonly id: string }> = {
    collection: "warnings",
    see: async (ctx) => {
        requested++
        const { warnings, decisions } = await projectionFor(ctx, partner.id)
        const list = warnings.flatMap(({ id, artifacts }) =>
            artifacts.map((artifact) => ({ id: `${id} ${JSON.stringify(artifact)}` })),
        )
        return { fingerprint: JSON.stringify(warnings), decisions, all: async () => list }
    },
    isNoted: true,
    keyOf: ({ id }) => id,
    bytesOf: ({ id }) => id.length,
}
/** What is decided is asked for by itself. */
const apart: typeof seen = {
    ...seen,
    decide: async (ctx) => {
        decided++
        return await decisionsFor(ctx, partner.id)
    },
}

beforeEach(async () => {
    world = await program()
    ;[partner, other] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
    subject = await newCase(world, "toolshell")
    summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(world, subject, "validate", [summary])
    ;[requested, decided, chance] = [0, 0, 1]
    faults.length = 0
}, 120_000)
afterEach(() => world.database.close())

const log = { ...nothingLogged(), error: (text: string) => void faults.push(text) }
function nothingLogged(): Services["log"] {
    return {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
    } as Services["log"]
}
const random = (bytes: number) => Buffer.alloc(bytes, chance)
/** Until every lease is given that this sets off. */
async function acting<T>(work: (ctx: ActionContext) => Promise<T>): Promise<T> {
    const done = await world.acting(partner.analyst, (ctx) =>
        work({ ...ctx, services: { ...ctx.services, random, log } }),
    )
    await leasesGiven(world.services.db)
    return done
}
const rows = async (subject = seen) => [...(await acting((ctx) => keptNow(ctx, subject)))].map((view) => view.of.id)
/** As another process does, which keeps nothing. */
const fresh = async () =>
    await world.acting(partner.analyst, async (ctx) => {
        const { all: run } = await seen.see(ctx)
        return (await run([])).map(({ id }) => id)
    })
/** How often it was computed meanwhile. */
async function computed(work: () => Promise<unknown>): Promise<number> {
    ;[requested, decided] = [0, 0]
    await work()
    return requested
}

test("whoever asks again is given a lease, and from then on nothing is computed", async () => {
    expect(await computed(rows)).toBe(2)
    expect(await computed(rows)).toBe(1)
    expect(await computed(rows)).toBe(0)
    expect(await computed(() => acting((ctx) => seenNow(ctx, seen)))).toBe(0)
    expect(await rows()).toEqual(await fresh())
})

test("whoever asks again is decided about, and what follows from it is not computed", async () => {
    const run = () => rows(apart)
    expect(await computed(run)).toBe(2)
    for (const times of [1, 0]) expect([await computed(run), decided]).toEqual([0, times])
    expect(await run()).toEqual(await fresh())
})

test("on what does not note its changes there is no lease", async () => {
    const { isNoted: _, ...silent } = seen
    const run = () => acting((ctx) => keptNow(ctx, silent))
    for (let n = 0; n < 3; n++) await run()
    expect(await computed(run)).toBe(1)
})

test("whoever asks when a lease is about to end is answered by it, and goes on with the next", async () => {
    let real = 0
    const at = async (ms: number) => {
        world.clock.now = start + ms
        real = ms
        return await computed(() =>
            acting((ctx) => keptNow({ ...ctx, services: { ...ctx.services, realNow: () => real } }, seen)),
        )
    }
    const start = world.clock.now
    // Of 2257 ms each, as chance has it.
    for (let n = 0; n < 2; n++) await at(0)
    for (const ms of [0, 1100]) expect(await at(ms)).toBe(0)
    for (const ms of [1200, 2400, 3600]) {
        expect(await at(ms)).toBe(1)
        expect(await at(ms + 100)).toBe(0)
    }
    expect(await at(6000)).toBe(1)
    expect(await at(6000)).toBe(0)
    expect(faults).toEqual([])
})

test("whoever goes on is decided about, and what follows from it is computed where something else is decided", async () => {
    let real = 0
    const start = world.clock.now
    const at = async (ms: number) => {
        ;[world.clock.now, real] = [start + ms, ms]
        const asking = (ctx: ActionContext) =>
            keptNow({ ...ctx, services: { ...ctx.services, realNow: () => real } }, apart)
        return [await computed(() => acting(asking)), decided]
    }
    const from = start + 70_000
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction, { from }))
    // Of 2257 ms each, as chance has it.
    for (let n = 0; n < 2; n++) await at(0)
    expect(await at(1100)).toEqual([0, 0])
    for (let ms = 1200; ms <= 60_000; ms += 1200) expect(await at(ms)).toEqual([0, 1])
    expect(await at(61_200)).toEqual([1, 0])
    for (let ms = 62_400; ms < 68_000; ms += 1200) expect(await at(ms)).toEqual([0, 1])
    expect(await at(68_400)).toEqual([2, 1])
    await at(70_000)
    expect(await rows(apart)).toEqual([])
    expect(faults).toEqual([])
})

test("while no row is another, the same is seen as long as the same is decided", async () => {
    const rules = await newArtifact(world, subject, "rules", "toolshell/request-web-log.yml")
    await fall(world, subject, "advance", [rules])
    const closed = await newCase(world, "toolshell")
    await fall(world, closed, "validate", [await newArtifact(world, closed, "summary", "toolshell/summary.md")])
    await world.acting(partner.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, partner.id, "artifact", summary)),
    )
    await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, because))
    await world.acting(world.author, (ctx) => closeCase(ctx, closed, "withdrawn", "It was none."))
    const start = world.clock.now
    const when = (ms: number) => ({ from: start + ms })
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction, when(dayMs)))
    await world.acting(world.manager, (ctx) => setDuties(ctx, partner.id, dutyTable, when(3 * dayMs)))
    const after = [0, 1, 5, dayMs - 1, dayMs, dayMs + 1, 2 * dayMs, 3 * dayMs, 20 * dayMs, 364 * dayMs, 800 * dayMs]
    const found = await acting(async (ctx) => {
        const list: { seen: string; decisions: string; again: string }[] = []
        for (const ms of after) {
            const then = { ...ctx, now: start + ms }
            const { warnings, decisions } = await projectionFor(then, partner.id)
            list.push({ seen: JSON.stringify(warnings), decisions, again: await decisionsFor(then, partner.id) })
        }
        return list
    })
    expect(found.map(({ again }) => again)).toEqual(found.map(({ decisions }) => decisions))
    const alike = [...Map.groupBy(found, ({ decisions }) => decisions).values()]
    for (const list of alike) expect(new Set(list.map((item) => item.seen)).size).toBe(1)
    expect(alike.length).toBeGreaterThan(2)
    expect(alike.length).toBeLessThan(after.length)
})

test("who asked long ago is given none", async () => {
    let real = 0
    const slow = () =>
        acting((ctx) => keptNow({ ...ctx, services: { ...ctx.services, realNow: () => (real += 11_000) } }, seen))
    for (let n = 0; n < 3; n++) await slow()
    expect(await computed(slow)).toBe(1)
})

test("what shuts while it would last leaves no lease, and is shut at its instant", async () => {
    const from = world.clock.now + 1500
    const values = { withhold: ["summary"], notBeforePublication: false, cases: null }
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, values, { from }))
    for (let n = 0; n < 3; n++) expect(await computed(rows)).toBe(2)
    expect(await rows()).not.toEqual([])
    world.clock.now = from
    expect(await rows()).toEqual([])
    expect(await computed(rows)).toBe(1)
    expect(await computed(rows)).toBe(0)
})

test("nobody has a lease for longer than the clocks are trusted", async () => {
    const trust = async (until: number) =>
        await world.acting(system, async ({ tx }) => {
            await saveClockMemory(tx, { highWater: until - 15_000, frozen: null } as unknown as Memory)
        })
    world.clock.now += hourMs
    await trust(world.clock.now + 1000)
    for (let n = 0; n < 3; n++) await rows()
    expect(await computed(rows)).toBe(1)
    await trust(world.clock.now + 60_000)
    await rows()
    expect(await computed(rows)).toBe(0)
    await trust(world.clock.now - 1)
    expect(await computed(rows)).toBe(1)
})

const restriction = { withhold: ["summary"], notBeforePublication: false, cases: null }
const because = { version: null, reason: "It was wrong." }
type Change = readonly [what: string, by: (on: Program) => Actor, change: (ctx: ActionContext) => Promise<unknown>]
const manager = (on: Program) => on.manager
const author = (on: Program) => on.author

const changes: readonly Change[] = [
    ["it is suspended", manager, (ctx) => changeStanding(ctx, partner.id, "suspended")],
    ["it is restricted", manager, (ctx) => setRestriction(ctx, partner.id, restriction)],
    ["it comes under a duty", manager, (ctx) => setDuties(ctx, partner.id, dutyTable)],
    ["what it has is recalled", author, (ctx) => recallArtifact(ctx, summary, because)],
    ["the wave is frozen", manager, async (ctx) => await freezeWave(ctx, await waveIn(ctx))],
    ["the case is withdrawn", author, (ctx) => closeCase(ctx, subject, "withdrawn", "It was none.")],
    [
        "its permission is set",
        author,
        (ctx) => setPermission(ctx, subject, { deployment: "hosted", text: "Where it is yours." }),
    ],
    ["its embargo moves", author, (ctx) => moveEmbargo(ctx, subject, ctx.now + 30 * dayMs, "More time.")],
    ["another thing comes", () => system, (ctx) => openAnother(ctx)],
    ["it leaves the embargo", () => partner.lead, (ctx) => exitEmbargo(ctx, subject)],
    ["its lead lets nobody else in", () => partner.lead, (ctx) => setCircle(ctx, subject, [partner.lead.person])],
    [
        "an agreement comes that binds at once",
        manager,
        (ctx) => addAgreement(ctx, "Another text. ".repeat(10), null, []),
    ],
]

async function waveIn(ctx: ActionContext): Promise<string> {
    return (await wavesOf(ctx, subject)).find(({ tier }) => tier === "validate")?.id ?? ""
}

async function openAnother(ctx: ActionContext): Promise<void> {
    const wave = (await wavesOf(ctx, subject)).find(({ tier }) => tier === "advance")
    if (wave) await openWave(ctx, wave, [{ artifact: summary, version: 1 }])
}

describe.each([
    ["seen as a whole", seen],
    ["decided apart", apart],
])("%s", (_, kept) => {
    const run = () => rows(kept)

    test.each(changes)("%s: what is seen is what would be without a lease", async (__, by, change) => {
        for (let n = 0; n < 3; n++) expect(await run()).not.toEqual([])
        expect(await computed(run)).toBe(0)
        await world.acting(by(world), change)
        const after = await run()
        expect(requested).toBeGreaterThan(0)
        expect(after).toEqual(await fresh())
    })
})

test("what a lease would show is not shown by a read that waits for a suspension", async () => {
    for (let n = 0; n < 3; n++) await rows()
    const suspended = Promise.withResolvers<void>()
    const suspending = world.acting(world.manager, async (ctx) => {
        await changeStanding(ctx, partner.id, "suspended")
        await suspended.promise
    })
    await pause(50)
    const waiting = acting(async (ctx) => {
        await lockToRead(ctx.tx, partner.id)
        return (await keptNow(ctx, seen)).length
    })
    await pause(50)
    suspended.resolve()
    await suspending
    expect(await waiting).toBe(0)
})

test("no lease outlives a connection that broke", async () => {
    await Promise.all([rows(), rows()])
    for (let n = 0; n < 2; n++) await rows()
    expect(await computed(rows)).toBe(0)
    await world.acting(system, async ({ tx }) => {
        await tx.query(`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`)
    })
    await pause(200)
    expect(await computed(rows)).toBeGreaterThan(0)
})

test("what is no business of its own ends no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(world.manager, (ctx) => setRestriction(ctx, other.id, restriction))
    await world.acting(other.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, other.id, "artifact", summary)).catch(() => 0),
    )
    await world.acting(world.manager, (ctx) => changeStanding(ctx, other.id, "suspended"))
    expect(await computed(rows)).toBe(0)
})

test("that another partner has the first copy of something ends no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(other.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, other.id, "artifact", summary)),
    )
    expect(await computed(rows)).toBe(0)
})

test("that evidence is deleted, under seal, ends no lease", async () => {
    const scope = `evidence:${subject}`
    await world.acting(system, (ctx) => seal(ctx.tx, ctx.services.keys, scope, "evidence.box", "What was found."))
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(system, ({ tx }) => destroyKey(tx, scope))
    expect(await computed(rows)).toBe(0)
})

test("what a transaction saw of its own, and then rolled back, is under no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    const failing = acting(async (ctx) => {
        await changeStanding({ ...ctx, actor: world.manager }, partner.id, "suspended")
        expect([...(await keptNow(ctx, seen))]).toEqual([])
        expect([...(await keptNow(ctx, seen))]).toEqual([])
        throw new Error("no")
    })
    await expect(failing).rejects.toThrow("no")
    expect(await rows()).toEqual(await fresh())
    expect(await rows()).not.toEqual([])
})

test("who was a lead when a lease was set off, and is none when it is given, is given none", async () => {
    const { lead } = partner
    await world.acting(lead, (ctx) => setCircle(ctx, subject, [lead.person]))
    await world.acting(system, ({ tx }) =>
        tx.query("update access_lists set person_ids = $1", [[partner.analyst.person]]),
    )
    let [real, slow] = [0, Promise.resolve()]
    const slowly = { ...seen, see: async (ctx: ActionContext) => (await slow, await seen.see(ctx)) }
    const ask = (actor: Actor, subject = seen) =>
        world.acting(actor, async (ctx) => {
            const services = { ...ctx.services, random, realNow: () => real }
            return (await keptNow({ ...ctx, services }, subject)).length
        })
    for (let n = 0; n < 2; n++) {
        await ask(other.analyst)
        expect(await ask(lead)).toBeGreaterThan(0)
    }
    const before = Promise.withResolvers<void>()
    ;[real, slow] = [1200, before.promise]
    await ask(other.analyst, slowly)
    expect(await computed(() => ask(lead))).toBe(0)
    await world.acting(system, ({ tx }) => setRoles(tx, lead.person, ["analyst"]))
    before.resolve()
    await leasesGiven(world.services.db)
    expect(requested).toBeGreaterThan(0)
    expect(await ask({ kind: "partner", partner: partner.id, person: lead.person, roles: ["analyst"] })).toBe(0)
})

test.each([
    ["when it is dated", keptNow],
    ["whenever it came", seenNow],
])("a lease that was wrong is the last one, and is told: %s", async (_, look) => {
    let real = 0
    const ask = () =>
        acting(async (ctx) => (await look({ ...ctx, services: { ...ctx.services, realNow: () => real } }, seen)).length)
    for (let n = 0; n < 2; n++) expect(await ask()).toBeGreaterThan(0)
    await world.acting(system, async ({ tx }) => {
        await tx.query("alter table partner_facts disable trigger noted")
    })
    await world.acting(world.manager, (ctx) => changeStanding(ctx, partner.id, "suspended"))
    real = 1200
    await ask()
    expect(faults).toEqual(["a feed lease was wrong: leases are disabled until restart"])
    for (let n = 0; n < 3; n++) {
        expect(await computed(ask)).toBeGreaterThan(0)
        expect(await ask()).toBe(0)
    }
    expect(faults).toHaveLength(1)
})

test("a change of words of which nothing was noted is found out within about a minute, and told", async () => {
    let real = 0
    const at = async (ms: number) => {
        ;[world.clock.now, real] = [start + ms, ms]
        await acting((ctx) => keptNow({ ...ctx, services: { ...ctx.services, realNow: () => real } }, apart))
    }
    const start = world.clock.now
    for (let n = 0; n < 2; n++) await at(0)
    await world.acting(system, ({ tx }) => tx.query("alter table cases disable trigger noted"))
    await world.acting(world.author, (ctx) =>
        setPermission(ctx, subject, { deployment: "hosted", text: "Where it is yours." }),
    )
    // Whoever comes after each lease, and goes on beside no request.
    for (let ms = 9000; ms < 60_000; ms += 9000) await at(ms)
    expect(faults).toEqual([])
    await at(63_000)
    expect(faults).toEqual(["a feed lease was wrong: leases are disabled until restart"])
    expect(await rows(apart)).toEqual(await fresh())
})

test("a change that is forgotten, whatever the clock said of its age, ends leases as before", async () => {
    for (let n = 0; n < 3; n++) expect(await rows()).not.toEqual([])
    await world.acting(world.manager, (ctx) => changeStanding(ctx, partner.id, "suspended"))
    await world.acting(system, ({ tx }) => tx.query("update changes set at = at - interval '2 hours'"))
    expect(await pruneChangesJob.run(world.services)).toBe(false)
    expect(await rows()).toEqual([])
})

test("of what is an hour old nothing is forgotten each time", async () => {
    const count = async () => (await world.acting(system, ({ tx }) => tx.query("select 1 from changes"))).length
    const grow = (minutes: number) =>
        world.acting(system, ({ tx }) => tx.query("update changes set at = at - make_interval(mins => $1)", [minutes]))
    const before = await count()
    await grow(65)
    await pruneChangesJob.run(world.services)
    expect(await count()).toBe(before)
    await grow(10)
    await pruneChangesJob.run(world.services)
    expect(await count()).toBe(1)
    await pruneChangesJob.run(world.services)
    expect(await count()).toBe(1)
})

test("what changed since the first answer is there in the second, though it is over before a lease would be", async () => {
    expect(await rows()).not.toEqual([])
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction))
    const over = { fact: "restriction", value: null } as const
    await world.acting(system, ({ tx, now }) => insertFact(tx, partner.id, over, { from: now + 1000, by: null }))
    expect(await rows()).toEqual([])
})
