/** A freeze by one person and a thaw by two, before a wave falls and after it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../../test/support/program.ts"
import { hourMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { voidApproval } from "../../trust/approvals/actions/void-approvals.ts"
import type { Services } from "../../kernel/services.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listWarnings } from "../delivery/actions/projection.ts"
import { sendNoticesJob, createNotices } from "../delivery/notices/actions/create-notices.ts"
import { loadMatrix } from "../entitlement/actions/decide-access.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { recallArtifact } from "../artifacts/actions/find-recalls.ts"
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
    world = await program()
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
const thaws = async (signed?: string) => {
    const { id } = await wave()
    return await asManager((ctx) => unfreezeWave(ctx, id, signed))
}
const read = () => codeOf(fetched(world, partner, summary))
async function lookAt(now: number): Promise<void> {
    world.clock.now = now
    await releaseWavesJob.run(world.services)
}
const kinds = async () =>
    (await recorded(world.database)).map(({ kind }) => kind).filter((kind) => /^wave\.(?!planned|approval_)/.test(kind))
async function falls(tier?: string): Promise<void> {
    await sign(world, await ask(tier))
    await lookAt(instant)
}

describe("a wave that has not fallen", () => {
    test("stays frozen when one person asks, and thaws as it falls under another's signature", async () => {
        world.clock.now = instant - hourMs
        await freeze()
        const request = await ask()
        expect((await wave()).frozenAt).not.toBe(null)
        await lookAt(instant)
        expect(await kinds()).toEqual(["wave.frozen"])
        await sign(world, request)
        await lookAt(instant)
        expect(await kinds()).toEqual(["wave.frozen", "wave.unfrozen", "wave.released"])
        expect(await wave()).toMatchObject({ frozenAt: null, releasedAt: instant })
        expect(await read()).toBe("done")
    })

    test("stays frozen when what was signed is taken back, or falls", async () => {
        await freeze()
        const request = await ask()
        await sign(world, request)
        await asManager((ctx) => voidApproval(ctx, request, "withdrawn"))
        await lookAt(instant)
        await sign(world, await ask())
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Other\n\nText."))
        await lookAt(instant + 1)
        expect(await kinds()).toEqual(["wave.frozen"])
        expect((await wave()).frozenAt).not.toBe(null)
    })

    test("is frozen again by one, however far its thaw has come", async () => {
        await freeze()
        await sign(world, await ask())
        await freeze()
        await freeze()
        await lookAt(instant)
        expect(await kinds()).toEqual(["wave.frozen", "wave.frozen"])
        expect(await wave()).toMatchObject({ approval: null, releasedAt: null })
    })

    test("is not thawed by itself", async () => {
        expect(await codeOf(thaws())).toBe("release.not_frozen")
        await freeze()
        expect(await codeOf(thaws())).toBe("release.not_released")
    })
})

describe("a wave that has fallen", () => {
    test("is read no more from the freeze on, and again from the thaw by two", async () => {
        await falls()
        expect(await read()).toBe("done")
        world.clock.now += hourMs
        await freeze()
        await freeze()
        const frozenAt = world.clock.now
        expect(await read()).toBe("request.not_found")
        expect(await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))).toEqual([])
        world.clock.now += hourMs
        const { approval: id, done } = await thaws()
        expect(done).toBe(false)
        expect(await codeOf(thaws(id))).toBe("approval.not_signed")
        const effects = (await asManager((ctx) => loadApproval(ctx, id))).effects
        expect(effects).toMatchObject({
            action: "wave.unfreeze",
            recipients: [partner.id],
            artifacts: [{ artifact: summary, version: 1 }],
            at: null,
            detail: { tier: "validate", frozenAt },
        })
        expect(await read()).toBe("request.not_found")
        await sign(world, id)
        expect(await thaws(id)).toEqual({ done: true, approval: id })
        expect(await read()).toBe("done")
        expect(await kinds()).toEqual(["wave.released", "wave.frozen", "wave.unfrozen"])
        const available = async (at: number) => {
            const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId, { at }))
            return entitlements.map((entitlement) => entitlement.decision.available)
        }
        const instants = [instant, frozenAt - 1, frozenAt, world.clock.now - 1, world.clock.now]
        expect(await Promise.all(instants.map(available))).toEqual([[true], [true], [false], [false], [true]])
    })

    test("needs another signature for another freeze, and somebody independent to give it", async () => {
        await falls()
        await freeze()
        const { approval: id } = await thaws()
        for (const [actor, code] of [
            [world.manager, "approval.own_request"],
            [world.author, "approval.author_cannot_sign"],
        ] as const) {
            const { effectsHash } = await asManager((ctx) => loadApproval(ctx, id))
            expect(await codeOf(world.acting(actor, (ctx) => signApproval(ctx, id, effectsHash)))).toBe(code)
        }
        await sign(world, id)
        const { approval: other } = await world.acting(world.author, async (ctx) =>
            unfreezeWave(ctx, (await wave()).id, undefined),
        )
        await sign(world, other)
        await thaws(id)
        world.clock.now += 1
        await freeze()
        expect(await codeOf(thaws(id))).toMatch(/^approval\.(already_applied|effects_exceeded)$/)
        expect(await codeOf(thaws(other))).toBe("approval.already_voided")
        expect(await read()).toBe("request.not_found")
    })

    test("sends no notice that was not sent before, until it thaws", async () => {
        const sent: string[] = []
        const services: Services = { ...world.services, mail: { send: async ({ to }) => void sent.push(to) } }
        await falls()
        const { id } = await wave()
        await world.acting(system, (ctx) => createNotices(ctx, { case: caseId, wave: id }, [partner.id]))
        expect(await sendNoticesJob.sendNext(services)).toBe(true)
        await freeze()
        expect(await sendNoticesJob.sendNext(services)).toBe(false)
        await world.acting(system, (ctx) => createNotices(ctx, null, [partner.id]))
        while (await sendNoticesJob.sendNext(services));
        expect(sent).toHaveLength(3)
        const { approval: signed } = await thaws()
        await sign(world, signed)
        await thaws(signed)
        expect(await sendNoticesJob.sendNext(services)).toBe(true)
        expect(sent).toHaveLength(4)
    })

    test("is not publication: that cannot be called back, and opens what an earlier wave has lost", async () => {
        await falls()
        await freeze()
        const publication = parseInstant("2025-07-08T17:00:00Z")
        await sign(world, await ask("publication"))
        await lookAt(publication)
        expect(await read()).toBe("done")
        expect(await codeOf(freeze("publication"))).toBe("wave.already_published")
    })
})

describe("it is told that a freeze waits", () => {
    const waits = async () =>
        (await asManager(listFrozenWaves)).map(({ wave: { tier }, since, at }) => ({ tier, since, at }))

    test("until its release is asked for, where it was still to fall", async () => {
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

    test("until it is thawed, where it had fallen", async () => {
        await falls()
        await freeze()
        expect(await waits()).toEqual([{ tier: "validate", since: instant, at: null }])
        const { approval: id } = await thaws()
        await sign(world, id)
        expect(await waits()).toHaveLength(1)
        await thaws(id)
        expect(await waits()).toEqual([])
    })
})

test("of a case that was withdrawn nothing is thawed or given back, and nothing waits", async () => {
    const rules = await newArtifact(world, caseId, "rules", "toolshell/request.rules")
    await falls()
    const asAuthor = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.author, work)
    const recall = await asAuthor((ctx) => recallArtifact(ctx, rules, { version: null, reason: "wrong" }))
    await freeze()
    await asAuthor((ctx) => closeCaseWithWaves(ctx, caseId, "no flaw after all"))
    expect(await codeOf(thaws())).toBe("case.closed")
    expect(await codeOf(asManager((ctx) => liftRecallByTwo(ctx, recall, undefined)))).toBe("case.closed")
    expect(await asManager(listFrozenWaves)).toEqual([])
})
