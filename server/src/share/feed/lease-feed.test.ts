/** A lease saves computing a feed for a few seconds, and every change is still served at once. */
import { setTimeout as pause } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { system } from "../../../../test/support/actors.ts"
import { noteChange } from "../../../../test/support/change-notes.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import type { ClockMemory } from "../../models/clock-trust.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { pruneChangesJob } from "../../kernel/change-detection.ts"
import { saveClockMemory } from "../../platform/time/clock-baseline.ts"
import type { Services } from "../../kernel/services.ts"
import { lockToRead } from "../../kernel/locks.ts"
import { destroyKey, encryptText } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { addAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { changePartnerStatus, setDuties, setRestriction } from "../../trust/partners/actions/change-partner.ts"
import { setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { insertFact } from "../../trust/partners/store/partners.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { setPermission } from "../cases/actions/open-case.ts"
import { exitEmbargo } from "../cases/actions/answer-invitation.ts"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { freezeWave, markWaveReleased, listWaves } from "../waves/actions.ts"
import { fetchCopy } from "../delivery/actions/fetch-copy.ts"
import { aliasFor } from "../delivery/actions/resolve-alias.ts"
import { fingerprintDecisions, loadProjection } from "../delivery/actions/project-warnings.ts"
import type { Feed } from "./actions/lease-feed.ts"
import { readFeed } from "./actions/read-feed.ts"

let world: Program
let partner: TestPartner
let other: TestPartner
let subject: string
let summary: string
let [requested, decided] = [0, 0]
/** The random bytes that set the length of a lease. */
let chance = 1
const faults: string[] = []

const seen: Feed<{ readonly id: string }> = {
    collection: "warnings",
    load: async (ctx) => {
        requested++
        const { warnings, decisions } = await loadProjection(ctx, partner.id)
        const list = warnings.flatMap(({ id, artifacts }) =>
            artifacts.map((artifact) => ({ id: `${id} ${JSON.stringify(artifact)}` })),
        )
        return { fingerprint: JSON.stringify(warnings), decisions, loadItems: async () => list }
    },
    isTracked: true,
    keyOf: ({ id }) => id,
    bytesOf: ({ id }) => id.length,
}
/** Decisions are computed separately. */
const apart: typeof seen = {
    ...seen,
    decide: async (ctx) => {
        decided++
        return await fingerprintDecisions(ctx, partner.id)
    },
}

beforeEach(async () => {
    world = await createProgram()
    ;[partner, other] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
    subject = await newCase(world, "toolshell")
    summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [summary])
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
async function actAsPartner<T>(work: (ctx: ActionContext) => Promise<T>): Promise<T> {
    const done = await world.acting(partner.analyst, (ctx) =>
        work({ ...ctx, services: { ...ctx.services, random, log } }),
    )
    return done
}
const rows = async (subject = seen) =>
    [...(await actAsPartner((ctx) => readFeed(ctx, subject)))].map((view) => view.item.id)
/** Acts as another process without a cache. */
const fresh = async () =>
    await world.acting(partner.analyst, async (ctx) => {
        const { loadItems: run } = await seen.load(ctx)
        return (await run([])).map(({ id }) => id)
    })
/** How often it was computed meanwhile. */
async function computed(work: () => Promise<unknown>): Promise<number> {
    ;[requested, decided] = [0, 0]
    await work()
    return requested
}

test("a second poll gets a lease, and later polls compute nothing", async () => {
    expect(await computed(rows)).toBe(2)
    expect(await computed(rows)).toBe(1)
    expect(await computed(rows)).toBe(0)
    expect(await rows()).toEqual(await fresh())
})

test("a second poll computes the decisions only", async () => {
    const run = () => rows(apart)
    expect(await computed(run)).toBe(2)
    for (const times of [1, 0]) expect([await computed(run), decided]).toEqual([0, times])
    expect(await run()).toEqual(await fresh())
})

test("a feed that records no changes has no lease", async () => {
    const { isTracked: _, ...silent } = seen
    const run = () => actAsPartner((ctx) => readFeed(ctx, silent))
    for (let n = 0; n < 3; n++) await run()
    expect(await computed(run)).toBe(1)
})

test("a poll after the end of a lease gets the next one", async () => {
    let real = 0
    const start = world.clock.now
    const at = async (ms: number) => {
        world.clock.now = start + ms
        real = ms
        return await computed(() =>
            actAsPartner((ctx) => readFeed({ ...ctx, services: { ...ctx.services, realNow: () => real } }, seen)),
        )
    }
    // The injected random bytes make each lease 2257 ms long.
    for (let n = 0; n < 2; n++) await at(0)
    for (const ms of [0, 2200]) expect(await at(ms)).toBe(0)
    for (const ms of [2300, 4600, 14_000]) {
        expect(await at(ms)).toBe(1)
        expect(await at(ms + 2200)).toBe(0)
    }
    // More than ten seconds after the end of the last lease.
    for (const times of [1, 1, 0]) expect(await at(27_000)).toBe(times)
    expect(faults).toEqual([])
})

test("a renewal computes the decisions, once a minute everything, and everything where they differ", async () => {
    let real = 0
    const start = world.clock.now
    const at = async (ms: number) => {
        ;[world.clock.now, real] = [start + ms, ms]
        const asking = (ctx: ActionContext) =>
            readFeed({ ...ctx, services: { ...ctx.services, realNow: () => real } }, apart)
        return [await computed(() => actAsPartner(asking)), decided]
    }
    const from = start + 71_000
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction, { from }))
    for (let n = 0; n < 2; n++) await at(0)
    expect(await at(2200)).toEqual([0, 0])
    for (let ms = 2400; ms <= 60_000; ms += 2400) expect(await at(ms)).toEqual([0, 1])
    expect(await at(62_400)).toEqual([1, 0])
    for (let ms = 64_800; ms <= 67_200; ms += 2400) expect(await at(ms)).toEqual([0, 1])
    // At the end of the lease, and now.
    expect(await at(69_600)).toEqual([2, 1])
    await at(71_000)
    expect(await rows(apart)).toEqual([])
    expect(faults).toEqual([])
})

test("equal decisions under unchanged rows show the same feed", async () => {
    const rules = await newArtifact(world, subject, "rules", "toolshell/request-web-log.yml")
    await releaseWaveNow(world, subject, "advance", [rules])
    const closed = await newCase(world, "toolshell")
    await releaseWaveNow(world, closed, "validate", [
        await newArtifact(world, closed, "summary", "toolshell/summary.md"),
    ])
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
    const found = await actAsPartner(async (ctx) => {
        const list: { seen: string; decisions: string; again: string }[] = []
        for (const ms of after) {
            const then = { ...ctx, now: start + ms }
            const { warnings, decisions } = await loadProjection(then, partner.id)
            list.push({
                seen: JSON.stringify(warnings),
                decisions,
                again: await fingerprintDecisions(then, partner.id),
            })
        }
        return list
    })
    expect(found.map(({ again }) => again)).toEqual(found.map(({ decisions }) => decisions))
    const alike = [...Map.groupBy(found, ({ decisions }) => decisions).values()]
    for (const list of alike) expect(new Set(list.map((item) => item.seen)).size).toBe(1)
    expect(alike.length).toBeGreaterThan(2)
    expect(alike.length).toBeLessThan(after.length)
})

test("a restriction that begins within a lease prevents it, and applies at its instant", async () => {
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

test("a lease ends when the clocks are no longer trusted", async () => {
    const trust = async (until: number) =>
        await world.acting(system, async ({ tx }) => {
            await saveClockMemory(tx, { highWater: until - 15_000, distrust: null } as unknown as ClockMemory)
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
    ["it is suspended", manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended")],
    ["it is restricted", manager, (ctx) => setRestriction(ctx, partner.id, restriction)],
    ["it gets a duty", manager, (ctx) => setDuties(ctx, partner.id, dutyTable)],
    ["its artifact is recalled", author, (ctx) => recallArtifact(ctx, summary, because)],
    ["the wave is frozen", manager, async (ctx) => await freezeWave(ctx, await waveIn(ctx))],
    ["the case is withdrawn", author, (ctx) => closeCase(ctx, subject, "withdrawn", "It was none.")],
    [
        "its deployment permission is set",
        author,
        (ctx) => setPermission(ctx, subject, { deployment: "hosted_only", text: "Where it is yours." }),
    ],
    ["its embargo moves", author, (ctx) => moveEmbargo(ctx, subject, ctx.now + 30 * dayMs, "More time.")],
    ["another artifact is released", () => system, (ctx) => openAnother(ctx)],
    ["it leaves the embargo", () => partner.lead, (ctx) => exitEmbargo(ctx, subject)],
    [
        "its lead narrows the access list",
        () => partner.lead,
        (ctx) => setAccessList(ctx, subject, [partner.lead.person]),
    ],
    [
        "an agreement starts that applies at once",
        manager,
        (ctx) => addAgreement(ctx, "Another text. ".repeat(10), null, []),
    ],
]

async function waveIn(ctx: ActionContext): Promise<string> {
    return (await listWaves(ctx, subject)).find(({ tier }) => tier === "validate")?.id ?? ""
}

async function openAnother(ctx: ActionContext): Promise<void> {
    const wave = (await listWaves(ctx, subject)).find(({ tier }) => tier === "advance")
    if (wave === undefined) return
    await markWaveReleased(ctx, wave, [{ artifact: summary, version: 1 }])
    await record(ctx, { kind: "wave.released", case: subject, wave: wave.id, tier: wave.tier })
}

describe.each([
    ["computed as a whole", seen],
    ["with separate decisions", apart],
])("%s", (_, kept) => {
    const run = () => rows(kept)

    test.each(changes)("%s: the feed is as without a lease", async (__, by, change) => {
        for (let n = 0; n < 3; n++) expect(await run()).not.toEqual([])
        expect(await computed(run)).toBe(0)
        await world.acting(by(world), change)
        const after = await run()
        expect(requested).toBeGreaterThan(0)
        expect(after).toEqual(await fresh())
    })
})

test("a read that waits for a suspension is not served under its lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    const suspended = Promise.withResolvers<void>()
    const suspending = world.acting(world.manager, async (ctx) => {
        await changePartnerStatus(ctx, partner.id, "suspended")
        await suspended.promise
    })
    await pause(50)
    const waiting = actAsPartner(async (ctx) => {
        await lockToRead(ctx.tx, partner.id)
        return (await readFeed(ctx, seen)).length
    })
    await pause(50)
    suspended.resolve()
    await suspending
    expect(await waiting).toBe(0)
})

test("a broken connection ends leases", async () => {
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

test("a change of another partner ends no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(world.manager, (ctx) => setRestriction(ctx, other.id, restriction))
    await world.acting(other.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, other.id, "artifact", summary)).catch(() => 0),
    )
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, other.id, "suspended"))
    expect(await computed(rows)).toBe(0)
})

test("a first copy of another partner ends no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(other.analyst, (ctx) =>
        fetchCopy(ctx, aliasFor(ctx.services.keys, other.id, "artifact", summary)),
    )
    expect(await computed(rows)).toBe(0)
})

test("deleted evidence ends no lease", async () => {
    const scope = `evidence:${subject}`
    await world.acting(system, (ctx) =>
        encryptText(ctx.tx, ctx.services.keys, scope, "evidence.box", "What was found."),
    )
    for (let n = 0; n < 3; n++) await rows()
    await world.acting(system, ({ tx }) => destroyKey(tx, scope))
    expect(await computed(rows)).toBe(0)
})

test("a rolled back transaction leaves no lease", async () => {
    for (let n = 0; n < 3; n++) await rows()
    const failing = actAsPartner(async (ctx) => {
        await changePartnerStatus({ ...ctx, actor: world.manager }, partner.id, "suspended")
        expect([...(await readFeed(ctx, seen))]).toEqual([])
        expect([...(await readFeed(ctx, seen))]).toEqual([])
        throw new Error("no")
    })
    await expect(failing).rejects.toThrow("no")
    expect(await rows()).toEqual(await fresh())
    expect(await rows()).not.toEqual([])
})

/** Makes a change whose note is missing. */
const changeUnrecorded = (by: Actor, change: (ctx: ActionContext) => Promise<unknown>) =>
    world.acting(by, async (ctx) => {
        await change(ctx)
        await ctx.tx.query("set constraints all immediate")
        await ctx.tx.query("delete from changes where tx = pg_current_xact_id()")
    })

test.each([
    ["with separate decisions", () => apart],
    ["computed as a whole", () => seen],
])(
    "an unrecorded change of a decision is found at the renewal, reported, and ends all leases: %s",
    async (_, feedOf) => {
        let real = 0
        const ask = () =>
            actAsPartner(async (ctx) => {
                const services = { ...ctx.services, realNow: () => real }
                return (await readFeed({ ...ctx, services }, feedOf())).length
            })
        for (let n = 0; n < 2; n++) expect(await ask()).toBeGreaterThan(0)
        const before = world.clock.now
        await changeUnrecorded(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
        ;[world.clock.now, real] = [before + 2400, 2400]
        expect(await ask()).toBe(0)
        expect(faults).toEqual(["a feed lease was wrong: leases are disabled until restart"])
        for (let n = 0; n < 3; n++) expect(await computed(ask)).toBeGreaterThan(0)
        expect(faults).toHaveLength(1)
    },
)

test("a change recorded during the check of the change notes ends no other lease", async () => {
    let real = 0
    let meanwhile: (() => Promise<unknown>) | null = null
    const racing: typeof seen = {
        ...seen,
        load: async (ctx) => {
            // The feed as of the instant of the view is computed last.
            if (ctx.now === before && meanwhile !== null) await meanwhile()
            return await seen.load(ctx)
        },
    }
    const ask = () =>
        actAsPartner((ctx) => readFeed({ ...ctx, services: { ...ctx.services, realNow: () => real } }, racing))
    const from = world.clock.now + 2000
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction, { from }))
    const before = world.clock.now
    await ask()
    ;[world.clock.now, real] = [from + 1, 2001]
    meanwhile = async () => {
        meanwhile = null
        await world.acting(world.author, (ctx) =>
            setPermission(ctx, subject, { deployment: "hosted_only", text: "Where it is yours." }),
        )
    }
    await ask()
    expect(meanwhile).toBeNull()
    expect(faults).toEqual([])
})

test("an unrecorded change of a text is found within about a minute, and reported", async () => {
    let real = 0
    const at = async (ms: number) => {
        ;[world.clock.now, real] = [start + ms, ms]
        await actAsPartner((ctx) => readFeed({ ...ctx, services: { ...ctx.services, realNow: () => real } }, apart))
    }
    const start = world.clock.now
    for (let n = 0; n < 2; n++) await at(0)
    await changeUnrecorded(world.author, (ctx) =>
        setPermission(ctx, subject, { deployment: "hosted_only", text: "Where it is yours." }),
    )
    for (let ms = 9000; ms < 60_000; ms += 9000) await at(ms)
    expect(faults).toEqual([])
    await at(63_000)
    expect(faults).toEqual(["a feed lease was wrong: leases are disabled until restart"])
    expect(await rows(apart)).toEqual(await fresh())
})

test("a change note that is deleted too early ends leases", async () => {
    for (let n = 0; n < 3; n++) expect(await rows()).not.toEqual([])
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
    await world.acting(system, ({ tx }) => tx.query("update changes set at = at - interval '2 hours'"))
    expect(await pruneChangesJob.run(world.services)).toBe(false)
    expect(await rows()).toEqual([])
})

test("old change notes are deleted in batches", async () => {
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

test("a change that is over between two polls, before the lease ends, is served", async () => {
    expect(await rows()).not.toEqual([])
    await world.acting(world.manager, (ctx) => setRestriction(ctx, partner.id, restriction))
    const over = { fact: "restriction", value: null } as const
    await world.acting(system, async ({ tx, now }) => {
        await insertFact(tx, partner.id, over, { from: now + 1000, by: null })
        await noteChange(tx)
    })
    expect(await rows()).toEqual([])
})
