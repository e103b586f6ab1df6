/** A freeze by one person and a thaw by two, before a wave falls and after it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded, system } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { hourMs, parseInstant } from "../../lib/instant.ts"
import { approval, signApproval, voidApproval } from "../../trust/approvals/actions.ts"
import type { Doors } from "../../platform/doors.ts"
import { reviseArtifact } from "../artifacts/actions.ts"
import { warningsFor } from "../delivery/actions/projection.ts"
import { mailing, makeNotices } from "../delivery/actions/notices.ts"
import { matrixOf } from "../entitlement/actions/entitlements.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { releasing, requestRelease } from "./actions.ts"
import { closeForGood } from "./actions/breaking.ts"
import { makeAvailable } from "./actions/recalling.ts"
import { thaw, waitingFrozen } from "./actions/thawing.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")

let its: Program
let caseId: string
let summary: string
let partner: TestPartner

beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
}, 120_000)
afterEach(() => its.database.close())

const asManager = <T>(work: Parameters<typeof its.acting<T>>[1]) => its.acting(its.manager, work)
const wave = async (tier = "validate") => {
    const found = (await asManager((act) => wavesOf(act, caseId))).find((one) => one.tier === tier)
    if (!found) throw new Error("no such wave")
    return found
}
const freeze = async (tier?: string) => {
    const { id } = await wave(tier)
    await asManager((act) => freezeWave(act, id))
}
const ask = async (tier?: string) => {
    const { id } = await wave(tier)
    return await asManager((act) => requestRelease(act, id))
}
const thaws = async (signed?: string) => {
    const { id } = await wave()
    return await asManager((act) => thaw(act, id, signed))
}
const read = () => codeOf(fetched(its, partner, summary))
async function lookAt(now: number): Promise<void> {
    its.clock.now = now
    await releasing.run(its.doors)
}
const kinds = async () =>
    (await recorded(its.database)).map(({ kind }) => kind).filter((kind) => /^wave\.(?!planned)/.test(kind))
async function falls(tier?: string): Promise<void> {
    await sign(its, await ask(tier))
    await lookAt(instant)
}

describe("a wave that has not fallen", () => {
    test("stays frozen when one person asks, and thaws as it falls under another's signature", async () => {
        its.clock.now = instant - hourMs
        await freeze()
        const asked = await ask()
        expect((await wave()).frozenAt).not.toBe(null)
        await lookAt(instant)
        expect(await kinds()).toEqual(["wave.frozen"])
        await sign(its, asked)
        await lookAt(instant)
        expect(await kinds()).toEqual(["wave.frozen", "wave.unfrozen", "wave.released"])
        expect(await wave()).toMatchObject({ frozenAt: null, releasedAt: instant })
        expect(await read()).toBe("done")
    })

    test("stays frozen when what was signed is taken back, or falls", async () => {
        await freeze()
        const asked = await ask()
        await sign(its, asked)
        await asManager((act) => voidApproval(act, asked, "withdrawn"))
        await lookAt(instant)
        await sign(its, await ask())
        await its.acting(its.author, (act) => reviseArtifact(act, summary, "# Other\n\nText."))
        await lookAt(instant + 1)
        expect(await kinds()).toEqual(["wave.frozen"])
        expect((await wave()).frozenAt).not.toBe(null)
    })

    test("is frozen again by one, however far its thaw has come", async () => {
        await freeze()
        await sign(its, await ask())
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
        its.clock.now += hourMs
        await freeze()
        await freeze()
        const frozenAt = its.clock.now
        expect(await read()).toBe("request.not_found")
        expect(await its.acting(partner.analyst, (act) => warningsFor(act, partner.id))).toEqual([])
        its.clock.now += hourMs
        const { approval: id, done } = await thaws()
        expect(done).toBe(false)
        expect(await codeOf(thaws(id))).toBe("approval.not_signed")
        const effects = (await asManager((act) => approval(act, id))).effects
        expect(effects).toMatchObject({
            ...{
                act: "wave.unfreeze",
                recipients: [partner.id],
                artifacts: [{ artifact: summary, version: 1 }],
                at: null,
            },
            detail: { tier: "validate", frozenAt },
        })
        expect(await read()).toBe("request.not_found")
        await sign(its, id)
        expect(await thaws(id)).toEqual({ done: true, approval: id })
        expect(await read()).toBe("done")
        expect(await kinds()).toEqual(["wave.released", "wave.frozen", "wave.unfrozen"])
        const available = async (at: number) => {
            const { entitlements } = await asManager((act) => matrixOf(act, caseId, { at }))
            return entitlements.map((one) => one.decision.available)
        }
        const instants = [instant, frozenAt - 1, frozenAt, its.clock.now - 1, its.clock.now]
        expect(await Promise.all(instants.map(available))).toEqual([[true], [true], [false], [false], [true]])
    })

    test("needs another signature for another freeze, and somebody independent to give it", async () => {
        await falls()
        await freeze()
        const { approval: id } = await thaws()
        for (const [who, code] of [
            [its.manager, "approval.own_request"],
            [its.author, "approval.author_cannot_sign"],
        ] as const) {
            const { effectsHash } = await asManager((act) => approval(act, id))
            expect(await codeOf(its.acting(who, (act) => signApproval(act, id, effectsHash)))).toBe(code)
        }
        await sign(its, id)
        const { approval: other } = await its.acting(its.author, async (act) => thaw(act, (await wave()).id, undefined))
        await sign(its, other)
        await thaws(id)
        its.clock.now += 1
        await freeze()
        expect(await codeOf(thaws(id))).toMatch(/^approval\.(already_applied|effects_exceeded)$/)
        expect(await codeOf(thaws(other))).toBe("approval.already_voided")
        expect(await read()).toBe("request.not_found")
    })

    test("sends no notice that was not sent before, until it thaws", async () => {
        const sent: string[] = []
        const doors: Doors = { ...its.doors, mail: { send: async ({ to }) => void sent.push(to) } }
        await falls()
        const { id } = await wave()
        await its.acting(system, (act) => makeNotices(act, { case: caseId, wave: id }, [partner.id]))
        expect(await mailing.next(doors)).toBe(true)
        await freeze()
        expect(await mailing.next(doors)).toBe(false)
        await its.acting(system, (act) => makeNotices(act, null, [partner.id]))
        while (await mailing.next(doors));
        expect(sent).toHaveLength(3)
        const { approval: signed } = await thaws()
        await sign(its, signed)
        await thaws(signed)
        expect(await mailing.next(doors)).toBe(true)
        expect(sent).toHaveLength(4)
    })

    test("is not publication: that cannot be called back, and opens what an earlier wave has lost", async () => {
        await falls()
        await freeze()
        const publication = parseInstant("2025-07-08T17:00:00Z")
        await sign(its, await ask("publication"))
        await lookAt(publication)
        expect(await read()).toBe("done")
        expect(await codeOf(freeze("publication"))).toBe("wave.already_published")
    })
})

describe("it is told that a freeze waits", () => {
    const waits = async () =>
        (await asManager(waitingFrozen)).map(({ wave: { tier }, since, at }) => ({ tier, since, at }))

    test("until its release is asked for, where it was still to fall", async () => {
        its.clock.now = instant - hourMs
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
        await sign(its, id)
        expect(await waits()).toHaveLength(1)
        await thaws(id)
        expect(await waits()).toEqual([])
    })
})

test("of a case that was withdrawn nothing is thawed or given back, and nothing waits", async () => {
    const rules = await newArtifact(its, caseId, "rules", "toolshell/request.rules")
    await falls()
    const asAuthor = <T>(work: Parameters<typeof its.acting<T>>[1]) => its.acting(its.author, work)
    const recall = await asAuthor((act) => recallArtifact(act, rules, { version: null, reason: "wrong" }))
    await freeze()
    await asAuthor((act) => closeForGood(act, caseId, "no flaw after all"))
    expect(await codeOf(thaws())).toBe("case.closed")
    expect(await codeOf(asManager((act) => makeAvailable(act, recall, undefined)))).toBe("case.closed")
    expect(await asManager(waitingFrozen)).toEqual([])
})
