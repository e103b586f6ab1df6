/** One person freezes a wave and two unfreeze it, before and after its release. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents, system } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { hourMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { voidApproval } from "../../trust/approvals/actions/void-approvals.ts"
import type { Services } from "../../kernel/services.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listWarnings } from "../delivery/actions/project-warnings.ts"
import { sendNoticesJob, createNotices } from "../delivery/notices/actions/create-notices.ts"
import { loadMatrix } from "../entitlement/actions/decide-access.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import { closeCaseWithWaves } from "./actions/emergency-release.ts"
import { liftRecallByTwo } from "./actions/lift-recall.ts"
import { unfreezeWave, listFrozenWaves } from "./actions/unfreeze-wave.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")

let world: Program
let caseId: string
let summary: string
let partner: TestPartner

beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
}, 120_000)
afterEach(() => world.database.close())

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const wave = async (tier = "validate") => {
    const found = (await asManager((ctx) => listWaves(ctx, caseId))).find((wave) => wave.tier === tier)
    if (!found) throw new Error("no such wave")
    return found
}
const freeze = async (tier?: string) => {
    const { id } = await wave(tier)
    await asManager((ctx) => freezeWave(ctx, id))
}
const ask = async (tier?: string) => {
    const { id } = await wave(tier)
    return await asManager((ctx) => requestRelease(ctx, id))
}
const unfreeze = async (signed?: string) => {
    const { id } = await wave()
    return await asManager((ctx) => unfreezeWave(ctx, id, signed))
}
const read = () => awaitRefusalCode(fetchCopyText(world, partner, summary))
async function lookAt(now: number): Promise<void> {
    world.clock.now = now
    await releaseWavesJob.run(world.services)
}
const listKinds = async () =>
    (await listEvents(world.database))
        .map(({ kind }) => kind)
        .filter((kind) => /^wave\.(?!planned|approval_)/.test(kind))
async function releaseAt(tier?: string): Promise<void> {
    await signAsApprover(world, await ask(tier))
    await lookAt(instant)
}

describe("an unreleased wave", () => {
    test("stays frozen on a request, and unfreezes as it is released under another's signature", async () => {
        world.clock.now = instant - hourMs
        await freeze()
        const request = await ask()
        expect((await wave()).frozenAt).not.toBe(null)
        await lookAt(instant)
        expect(await listKinds()).toEqual(["wave.frozen"])
        await signAsApprover(world, request)
        await lookAt(instant)
        expect(await listKinds()).toEqual(["wave.frozen", "wave.unfrozen", "wave.released"])
        expect(await wave()).toMatchObject({ frozenAt: null, releasedAt: instant })
        expect(await read()).toBe("done")
    })

    test("stays frozen when the approval is withdrawn or voided", async () => {
        await freeze()
        const request = await ask()
        await signAsApprover(world, request)
        await asManager((ctx) => voidApproval(ctx, request, "withdrawn"))
        await lookAt(instant)
        await signAsApprover(world, await ask())
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Other\n\nText."))
        await lookAt(instant + 1)
        expect(await listKinds()).toEqual(["wave.frozen"])
        expect((await wave()).frozenAt).not.toBe(null)
    })

    test("is frozen again by one person, at any step of its unfreezing", async () => {
        await freeze()
        await signAsApprover(world, await ask())
        await freeze()
        await freeze()
        await lookAt(instant)
        expect(await listKinds()).toEqual(["wave.frozen", "wave.frozen"])
        expect(await wave()).toMatchObject({ approval: null, releasedAt: null })
    })

    test("does not unfreeze automatically", async () => {
        expect(await awaitRefusalCode(unfreeze())).toBe("release.not_frozen")
        await freeze()
        expect(await awaitRefusalCode(unfreeze())).toBe("release.not_released")
    })
})

describe("a released wave", () => {
    test("is unreadable from the freeze on, and readable again after two people unfreeze it", async () => {
        await releaseAt()
        expect(await read()).toBe("done")
        world.clock.now += hourMs
        await freeze()
        await freeze()
        const frozenAt = world.clock.now
        expect(await read()).toBe("request.not_found")
        expect(await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))).toEqual([])
        world.clock.now += hourMs
        const { approval: id, done } = await unfreeze()
        expect(done).toBe(false)
        expect(await awaitRefusalCode(unfreeze(id))).toBe("approval.not_signed")
        const effects = (await asManager((ctx) => loadApproval(ctx, id))).effects
        expect(effects).toMatchObject({
            action: "wave.unfreeze",
            recipients: [partner.id],
            artifacts: [{ artifact: summary, version: 1 }],
            at: null,
            detail: { tier: "validate", frozenAt },
        })
        expect(await read()).toBe("request.not_found")
        await signAsApprover(world, id)
        expect(await unfreeze(id)).toEqual({ done: true, approval: id })
        expect(await read()).toBe("done")
        expect(await listKinds()).toEqual(["wave.released", "wave.frozen", "wave.unfrozen"])
        const available = async (at: number) => {
            const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId, { at }))
            return entitlements.map((entitlement) => entitlement.decision.available)
        }
        const instants = [instant, frozenAt - 1, frozenAt, world.clock.now - 1, world.clock.now]
        expect(await Promise.all(instants.map(available))).toEqual([[true], [true], [false], [false], [true]])
    })

    test("needs a new signature for each freeze, by an independent person", async () => {
        await releaseAt()
        await freeze()
        const { approval: id } = await unfreeze()
        for (const [actor, code] of [
            [world.manager, "approval.own_request"],
            [world.author, "approval.author_cannot_sign"],
        ] as const) {
            const { effectsHash } = await asManager((ctx) => loadApproval(ctx, id))
            expect(await awaitRefusalCode(world.acting(actor, (ctx) => signApproval(ctx, id, effectsHash)))).toBe(code)
        }
        await signAsApprover(world, id)
        const { approval: other } = await world.acting(world.author, async (ctx) =>
            unfreezeWave(ctx, (await wave()).id, undefined),
        )
        await signAsApprover(world, other)
        await unfreeze(id)
        world.clock.now += 1
        await freeze()
        expect(await awaitRefusalCode(unfreeze(id))).toMatch(/^approval\.(already_applied|effects_exceeded)$/)
        expect(await awaitRefusalCode(unfreeze(other))).toBe("approval.already_voided")
        expect(await read()).toBe("request.not_found")
    })

    test("sends no further notice until it unfreezes", async () => {
        const sent: string[] = []
        const services: Services = { ...world.services, mail: { send: async ({ to }) => void sent.push(to) } }
        await releaseAt()
        const { id } = await wave()
        await world.acting(system, (ctx) => createNotices(ctx, { case: caseId, wave: id }, [partner.id]))
        expect(await sendNoticesJob.sendNext(services)).toBe(true)
        await freeze()
        expect(await sendNoticesJob.sendNext(services)).toBe(false)
        await world.acting(system, (ctx) => createNotices(ctx, null, [partner.id]))
        while (await sendNoticesJob.sendNext(services));
        expect(sent).toHaveLength(3)
        const { approval: signed } = await unfreeze()
        await signAsApprover(world, signed)
        await unfreeze(signed)
        expect(await sendNoticesJob.sendNext(services)).toBe(true)
        expect(sent).toHaveLength(4)
    })

    test("is not publication, which cannot be frozen and opens what an earlier wave lost", async () => {
        await releaseAt()
        await freeze()
        const publication = parseInstant("2025-07-08T17:00:00Z")
        await signAsApprover(world, await ask("publication"))
        await lookAt(publication)
        expect(await read()).toBe("done")
        expect(await awaitRefusalCode(freeze("publication"))).toBe("wave.already_published")
    })
})

describe("a freeze is a task", () => {
    const waits = async () =>
        (await asManager(listFrozenWaves)).map(({ wave: { tier }, since, at }) => ({ tier, since, at }))

    test("until its release is requested, for an unreleased wave", async () => {
        world.clock.now = instant - hourMs
        expect(await waits()).toEqual([])
        await freeze()
        expect(await waits()).toEqual([{ tier: "validate", since: instant - hourMs, at: instant }])
        await ask()
        expect(await waits()).toEqual([])
        await freeze("entry")
        await freeze("advance")
        expect(await waits()).toEqual([])
    })

    test("until it is unfrozen, for a released wave", async () => {
        await releaseAt()
        await freeze()
        expect(await waits()).toEqual([{ tier: "validate", since: instant, at: null }])
        const { approval: id } = await unfreeze()
        await signAsApprover(world, id)
        expect(await waits()).toHaveLength(1)
        await unfreeze(id)
        expect(await waits()).toEqual([])
    })
})

test("waves of a withdrawn case are not unfrozen, and are no task", async () => {
    const rules = await newArtifact(world, caseId, "rules", "toolshell/request.rules")
    await releaseAt()
    const asAuthor = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.author, work)
    const recall = await asAuthor((ctx) => recallArtifact(ctx, rules, { version: null, reason: "wrong" }))
    await freeze()
    await asAuthor((ctx) => closeCaseWithWaves(ctx, caseId, "no flaw after all"))
    expect(await awaitRefusalCode(unfreeze())).toBe("case.closed")
    expect(await awaitRefusalCode(asManager((ctx) => liftRecallByTwo(ctx, recall, undefined)))).toBe("case.closed")
    expect(await asManager(listFrozenWaves)).toEqual([])
})
