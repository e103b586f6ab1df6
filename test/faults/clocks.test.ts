/** Wrong clocks on a real database: no wave is released early, and no release is undone. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../server/src/trust/approvals/actions/load-approvals.ts"
import { stateOf } from "../../server/src/trust/approvals/approval.ts"
import { moveEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { confirmClock, findClockState } from "../../server/src/share/release/actions/guard-clocks.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { addKey, listRecipients } from "../../server/src/trust/partners/keys/actions/manage-keys.ts"
import { awaitRefusalCode, listEvents } from "../support/actors.ts"
import { storeAcceptance } from "../support/doubles/keys.ts"
import {
    type Program,
    type TestPartner,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../support/program.ts"
import { type World, world } from "./world.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")
const minute = 60_000

let setup: Program
let partner: TestPartner
let summary: string
let caseId: string
let signed: string
let clocks: World

/** A signed wave at the instant; clocks agree, an hour earlier. */
beforeEach(async () => {
    setup = await createProgram()
    partner = await newPartner(setup, "validate")
    caseId = await newCase(setup, "toolshell")
    summary = await newArtifact(setup, caseId, "summary", "toolshell/summary.md")
    signed = await setup.acting(setup.manager, async (ctx) => requestRelease(ctx, (await wave()).id))
    await signAsApprover(setup, signed)
    clocks = await world(setup.services, setup.database, instant - hourMs)
    await clocks.look()
}, 120_000)
afterEach(async () => {
    await clocks.close()
    await setup.database.close()
})

const wave = async () => {
    const found = (await setup.acting(setup.manager, (ctx) => listWaves(ctx, caseId))).find(
        ({ tier }) => tier === "validate",
    )
    if (!found) throw new Error("no such wave")
    return found
}
const releasedAt = async (): Promise<Instant | null> => (await wave()).releasedAt
const doubt = async () => (await setup.acting(setup.manager, findClockState))?.distrust?.doubt ?? "none"
const events = async () =>
    (await listEvents(setup.database))
        .filter(({ kind }) => /^clock\.|^wave\.released|^wave\.approval_v/.test(kind))
        .map(({ kind, body }) =>
            `${kind} ${[body["doubt"], body["how"]].filter((item) => typeof item === "string").join("")}`.trim(),
        )
const read = async () => {
    setup.clock.now = await clocks.now()
    return await awaitRefusalCode(fetchCopyText(setup, partner, summary))
}

/** Lets time pass in steps, with a look of the worker at each. */
async function pass(ms: number, steps = 5): Promise<void> {
    for (let i = 0; i < steps; i++) {
        await clocks.pass(ms / steps)
        await clocks.look()
    }
}

/** A little over a minute, after which agreeing clocks are trusted. */
const aMinute = () => pass(70_000, 7)

test("agreeing clocks release the wave at its instant, without any alarm", async () => {
    await clocks.passTo(instant - 2_000)
    await clocks.look()
    expect(await releasedAt()).toBe(null)
    await clocks.passTo(instant)
    await clocks.look()
    expect(await releasedAt()).toBeGreaterThanOrEqual(instant)
    expect(await events()).toEqual(["wave.released"])
    expect(await read()).toBe("done")
})

describe("two clocks that disagree", () => {
    test.each([
        ["the application's is an hour ahead", { application: hourMs }],
        ["the application's is two seconds behind", { application: -2_000 }],
        ["the database's is a second ahead", { database: 1_000 }],
    ])("%s: no wave is released, not even late, until they have agreed for a minute", async (_, errors) => {
        await clocks.set(errors)
        await pass(2 * hourMs)
        expect(await releasedAt()).toBe(null)
        expect(await read()).toBe("request.not_found")
        expect(await doubt()).toBe("disagree")
        await clocks.set({ application: 0, database: 0 })
        await pass(50_000)
        expect(await releasedAt()).toBe(null)
        await pass(20_000, 2)
        expect(await releasedAt()).not.toBe(null)
        expect(await events()).toEqual(["clock.distrusted disagree", "clock.trusted agreement", "wave.released"])
        expect(await read()).toBe("done")
    })

    test("distrust keeps the signature, and the log contains both readings", async () => {
        await clocks.set({ application: dayMs })
        await pass(2 * hourMs)
        expect(stateOf(await setup.acting(setup.manager, (ctx) => loadApproval(ctx, signed)), setup.clock.now)).toBe(
            "signed",
        )
        const frozen = (await listEvents(setup.database)).find(({ kind }) => kind === "clock.distrusted")
        const apart = Number(frozen?.body["application"]) - Number(frozen?.body["database"])
        expect(Math.abs(apart - dayMs)).toBeLessThan(1_000)
    })
})

describe("a jump of a day", () => {
    test.each([
        ["of the application alone", { application: dayMs }, "disagree"],
        ["of the database alone", { database: dayMs }, "disagree"],
        ["of both, while no day has passed", { application: dayMs, database: dayMs }, "forward"],
    ])(
        "%s: no wave is released at any time; after the correction it is released at its instant",
        async (_, errors, reason) => {
            await clocks.set(errors)
            await releaseWavesJob.run(clocks.services)
            expect(await releasedAt()).toBe(null)
            await pass(30 * minute, 30)
            expect(await releasedAt()).toBe(null)
            expect(await doubt()).toBe(reason)
            await clocks.set({ application: 0, database: 0 })
            await aMinute()
            expect([await releasedAt(), await doubt()]).toEqual([null, "none"])
            await clocks.passTo(instant)
            await clocks.look()
            expect(await releasedAt()).toBeGreaterThanOrEqual(instant)
            expect(await events()).toEqual([`clock.distrusted ${reason}`, "clock.trusted agreement", "wave.released"])
        },
    )

    test("is detected in the release's own transaction, without an earlier look", async () => {
        await clocks.passTo(instant)
        await clocks.set({ application: dayMs, database: dayMs })
        await releaseWavesJob.run(clocks.services)
        expect(await releasedAt()).toBe(null)
        expect(await events()).toEqual(["clock.distrusted forward"])
    })

    test("that lasts only for the reading of program time releases nothing", async () => {
        const ahead = { now: async () => instant + 1 }
        await releaseWavesJob.run({ ...clocks.services, clock: ahead })
        expect(await releasedAt()).toBe(null)
        expect(await events()).toEqual([])
    })
})

describe("content postponed after its release", () => {
    const later = instant + 3 * dayMs
    let before: string

    /** The wave is released, read, and then postponed by three days: it cannot be read until then. */
    beforeEach(async () => {
        await clocks.passTo(instant)
        await clocks.look()
        before = await read()
        await setup.acting(setup.manager, (ctx) => moveEmbargo(ctx, caseId, publication + 3 * dayMs, "not ready"))
    })

    test.each([
        ["of the database alone", { database: 4 * dayMs }],
        ["of both", { application: 4 * dayMs, database: 4 * dayMs }],
    ])("stays withheld by a jump %s: before its detection, during it, and after the correction", async (_, errors) => {
        expect([before, await read()]).toEqual(["done", "request.not_found"])
        await clocks.set(errors)
        expect(await read()).toBe("request.not_found")
        await clocks.look()
        expect(await doubt()).not.toBe("none")
        expect(await read()).toBe("request.not_found")
        await pass(hourMs)
        expect(await read()).toBe("request.not_found")
        await clocks.set({ application: 0, database: 0 })
        await aMinute()
        expect([await doubt(), await read()]).toEqual(["none", "request.not_found"])
        await clocks.passTo(later)
        await clocks.look()
        expect(await read()).toBe("done")
    })

    test("is available at its instant; a later jump withholds nothing", async () => {
        await clocks.passTo(later - 2_000)
        await clocks.look()
        expect(await read()).toBe("request.not_found")
        await clocks.passTo(later)
        expect(await read()).toBe("done")
        await clocks.pass(6_000)
        await clocks.look()
        await clocks.set({ application: 4 * dayMs, database: 4 * dayMs })
        expect(await read()).toBe("done")
        await clocks.look()
        expect([await doubt(), await read()]).toEqual(["forward", "done"])
    })

    test("waits for a look if the clocks were not checked for a while", async () => {
        await clocks.passTo(later)
        expect(await read()).toBe("request.not_found")
        await clocks.look()
        expect(await read()).toBe("done")
    })
})

test("a key that waits a day is not sealed to because of a jump", async () => {
    await clocks.passTo(instant)
    await clocks.look()
    setup.clock.now = await clocks.now()
    const recipient = await identityToRecipient(await generateX25519Identity())
    const key = await setup.acting(partner.lead, (ctx) => addKey(ctx, recipient))
    await setup.acting(setup.manager, (ctx) => storeAcceptance(ctx, key))
    const sealedTo = async () => {
        const now = await clocks.now()
        return await setup.acting(partner.lead, (ctx) => listRecipients(ctx, partner.id, now))
    }
    expect(await sealedTo()).toHaveLength(1)
    await clocks.set({ application: 2 * dayMs, database: 2 * dayMs })
    expect(await sealedTo()).toHaveLength(1)
    await clocks.look()
    expect(await doubt()).toBe("forward")
    expect(await sealedTo()).toHaveLength(1)
    await clocks.set({ application: 0, database: 0 })
    await aMinute()
    await clocks.pass(dayMs)
    await clocks.look()
    expect(await sealedTo()).toContain(recipient)
})

describe("after a restart", () => {
    test("a day later by both clocks of two machines, after a power cut, the wave is released late", async () => {
        await clocks.set({ boot: "second", monotonic: -dayMs })
        await clocks.pass(dayMs)
        await clocks.look()
        expect(await releasedAt()).toBeGreaterThan(instant)
        expect(await events()).toEqual(["wave.released"])
    })

    test("a day later by one of them, no wave is released", async () => {
        await clocks.set({ boot: "second", application: dayMs })
        await pass(10 * minute)
        expect([await releasedAt(), await doubt()]).toEqual([null, "disagree"])
        await clocks.set({ application: 0, database: dayMs })
        await pass(10 * minute)
        expect([await releasedAt(), await doubt()]).toEqual([null, "disagree"])
    })

    test("one clock that is a day ahead releases no wave until a time service confirms it", async () => {
        await clocks.set({ boot: "second", hasTwoClocks: false, application: dayMs, database: dayMs })
        await pass(10 * minute)
        expect([await releasedAt(), await doubt()]).toEqual([null, "alone"])
        await clocks.set({ application: 0, database: 0, offByServiceMs: 4 })
        await aMinute()
        expect([await releasedAt(), await doubt()]).toEqual([null, "none"])
        await clocks.passTo(instant)
        await clocks.look()
        expect(await releasedAt()).not.toBe(null)
    })

    test("of the process only, the baseline stays: a jump in between is still detected", async () => {
        await clocks.set({ application: dayMs, database: dayMs, hasTwoClocks: false })
        await pass(10 * minute)
        expect([await releasedAt(), await doubt()]).toEqual([null, "forward"])
    })
})

describe("a step back", () => {
    test("of a third of a second has no effect", async () => {
        await clocks.set({ application: -300, database: -300 })
        await pass(10_000)
        expect(await events()).toEqual([])
    })

    test("of two hours after the release undoes nothing, releases nothing twice, and pauses releases", async () => {
        await clocks.passTo(instant)
        await clocks.look()
        const fell = await releasedAt()
        await clocks.set({ application: -2 * hourMs, database: -2 * hourMs })
        await pass(10 * minute)
        expect(await doubt()).toBe("backward")
        expect(await clocks.now()).toBeGreaterThanOrEqual(fell ?? Infinity)
        expect(await read()).toBe("done")
        expect(await releasedAt()).toBe(fell)
        await pass(2 * hourMs)
        await aMinute()
        expect(await doubt()).toBe("none")
        expect(await events()).toEqual(["wave.released", "clock.distrusted backward", "clock.trusted agreement"])
        expect(await read()).toBe("done")
    })

    test("and forward by as much is a jump", async () => {
        await clocks.set({ application: -hourMs, database: -hourMs })
        await pass(hourMs)
        await aMinute()
        expect(await doubt()).toBe("none")
        await clocks.set({ application: 0, database: 0 })
        await clocks.look()
        expect([await releasedAt(), await doubt()]).toEqual([null, "forward"])
    })
})

test("one worker with a wrong clock pauses all, raises one alarm, and the state does not flicker", async () => {
    await clocks.passTo(instant - minute)
    const wrong = clocks.another({ application: hourMs, boot: "another" })
    for (let i = 0; i < 20; i++) {
        await clocks.pass(10_000)
        await Promise.all([clocks.look(), clocks.look(wrong), clocks.look()])
    }
    expect(await releasedAt()).toBe(null)
    expect(await events()).toEqual(["clock.distrusted disagree"])
    await aMinute()
    expect(await releasedAt()).not.toBe(null)
})

describe("two people", () => {
    const attest = (author: Program["author"], its_?: string) =>
        setup.services.db.transaction(async (tx) =>
            confirmClock({ tx, now: await clocks.now(), actor: author, services: clocks.services }, its_),
        )
    const ask = async () => (await attest(setup.manager)).approval ?? ""

    test("confirm a correct jump by one reading, and only then the wave is released", async () => {
        expect(await awaitRefusalCode(attest(setup.manager))).toBe("clock.not_distrusted")
        await clocks.set({ application: dayMs, database: dayMs })
        await clocks.look()
        const id = await ask()
        setup.clock.now = await clocks.now()
        expect(await awaitRefusalCode(attest(setup.manager, id))).toBe("approval.not_signed")
        expect(await doubt()).toBe("forward")
        await signAsApprover(setup, id)
        await pass(minute)
        expect(await releasedAt()).toBe(null)
        expect(await attest(setup.manager, id)).toEqual({ done: true, approval: id })
        await clocks.look()
        expect(await releasedAt()).not.toBe(null)
        expect(await events()).toEqual(["clock.distrusted forward", "clock.trusted attestation", "wave.released"])
        expect(await awaitRefusalCode(attest(setup.manager, id))).toBe("clock.not_distrusted")
    })

    test("confirm one reading: clocks that have moved since pause releases at the next look", async () => {
        await clocks.set({ application: 1_000 * 10, database: 1_000 * 10 })
        await clocks.look()
        const id = await ask()
        setup.clock.now = await clocks.now()
        await signAsApprover(setup, id)
        await clocks.set({ application: dayMs, database: dayMs })
        await attest(setup.manager, id)
        await clocks.look()
        expect([await releasedAt(), await doubt()]).toEqual([null, "forward"])
        expect(await awaitRefusalCode(attest(setup.manager, id))).toBe("clock.distrust_mismatch")
    })

    test("cannot confirm clocks that disagree, or apply another action's approval", async () => {
        await clocks.set({ application: dayMs })
        await clocks.look()
        expect(await awaitRefusalCode(ask())).toBe("clock.disagrees")
        expect(await awaitRefusalCode(attest(setup.manager, signed))).toBe("clock.distrust_mismatch")
        expect(await doubt()).toBe("disagree")
    })
})
