/** Tests releases on a real database: when a signed wave is released, and what voids its approval. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
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
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { openCase } from "../cases/actions/open-case.ts"
import { terminateEmbargo, moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { phase } from "../cases/embargo.ts"
import { freezeWave, moveWave, planWaves, setDefaultSchedule, listWaves } from "../waves/actions.ts"
import type { WaveTier } from "../waves/wave.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let caseId: string
let summary: string
let first: TestPartner
let second: TestPartner

beforeEach(async () => {
    world = await createProgram()
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
}, 120_000)
afterEach(() => world.database.close())

const waveOf = async (tier: WaveTier, subject = caseId) => {
    const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, subject))).find(
        (wave) => wave.tier === tier,
    )
    if (!wave) throw new Error("no such wave")
    return wave
}
const ask = async (tier: WaveTier = "validate", subject = caseId) => {
    const { id } = await waveOf(tier, subject)
    return await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
}
async function signed(tier: WaveTier = "validate"): Promise<string> {
    const id = await ask(tier)
    await signAsApprover(world, id)
    return id
}
const byAuthor = (work: Parameters<typeof world.acting<void>>[1]) => world.acting(world.author, work)
const stateOfApproval = async (id: string) =>
    stateOf(await world.acting(world.manager, (ctx) => loadApproval(ctx, id)), world.clock.now)
const listKinds = async () => (await listEvents(world.database)).map(({ kind }) => kind)
const listReleases = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "wave.released")

/** The worker looks, at this instant. */
async function lookAt(now: number): Promise<void> {
    world.clock.now = now
    await releaseWavesJob.run(world.services)
}

describe("a signed wave", () => {
    test("is released at its instant, and not a millisecond before", async () => {
        const id = await signed()
        await lookAt(instant - 1)
        expect((await waveOf("validate")).releasedAt).toBe(null)
        await lookAt(instant)
        const wave = await waveOf("validate")
        expect(wave.releasedAt).toBe(instant)
        expect(await stateOfApproval(id)).toBe("applied")
        expect(await listReleases()).toMatchObject([
            {
                body: {
                    wave: wave.id,
                    case: caseId,
                    tier: "validate",
                    plannedAt: instant,
                    approval: id,
                    recipients: [first.id, second.id].toSorted(),
                    artifacts: [`${summary}:1`],
                    by: null,
                    step: "releasing",
                },
            },
        ])
        expect(await fetchCopyText(world, first, summary)).toContain("SharePoint")
    })

    test("opens for its tier only, as other waves are not released", async () => {
        const other = await newPartner(world, "entry")
        await signed()
        await lookAt(instant)
        expect(await awaitRefusalCode(fetchCopyText(world, other, summary))).toBe("request.not_found")
    })

    test("is released once when the worker is late, with several workers", async () => {
        await signed()
        world.clock.now = instant + 3 * dayMs
        await Promise.all(Array.from({ length: 5 }, () => releaseWavesJob.run(world.services)))
        await releaseWavesJob.run(world.services)
        expect(await listReleases()).toMatchObject([{ body: { plannedAt: instant } }])
        expect((await waveOf("validate")).releasedAt).toBe(instant + 3 * dayMs)
        expect(await listKinds()).not.toContain("wave.approval_voided")
    })

    test("is released in order with other late waves", async () => {
        await newPartner(world, "entry")
        await newPartner(world, "advance")
        for (const tier of ["entry", "validate", "advance"] as const) await signed(tier)
        await lookAt(publication - 1)
        expect((await listReleases()).map(({ body }) => body["tier"])).toEqual(["validate", "advance", "entry"])
    })
})

describe("between signature and instant", () => {
    const rows: [string, () => Promise<unknown>, { state: string; code?: string; to?: number }][] = [
        [
            "an artifact is changed",
            () => byAuthor(async (ctx) => void (await reviseArtifact(ctx, summary, "Other."))),
            { state: "approval_voided", code: "approval.effects_exceeded" },
        ],
        [
            "an artifact is added",
            () => newArtifact(world, caseId, "guidance", "toolshell/guidance.md"),
            { state: "approval_voided", code: "approval.effects_exceeded" },
        ],
        [
            "a recipient is added",
            () => newPartner(world, "validate"),
            { state: "approval_voided", code: "approval.effects_exceeded" },
        ],
        ["a partner of another tier is added", () => newPartner(world, "entry"), { state: "released", to: 2 }],
        ["a partner is suspended", () => suspended(first), { state: "released", to: 1 }],
        [
            "every partner is suspended",
            async () => [await suspended(first), await suspended(second)],
            { state: "released", to: 0 },
        ],
        ["the wave is frozen", async () => await frozen(), { state: "frozen" }],
        [
            "the embargo is moved to an earlier end",
            () => byAuthor((ctx) => moveEmbargo(ctx, caseId, publication - hourMs, "sooner")),
            { state: "approval_voided", code: "approval.effects_exceeded" },
        ],
        [
            "the embargo is terminated",
            () => byAuthor((ctx) => terminateEmbargo(ctx, caseId, "a leak")),
            { state: "approval_voided", code: "approval.effects_exceeded" },
        ],
        [
            "the embargo is moved to a later end",
            () => byAuthor((ctx) => moveEmbargo(ctx, caseId, publication + hourMs, "later")),
            { state: "approved" },
        ],
    ]
    const suspended = (partner: TestPartner) =>
        world.acting(world.manager, (ctx) => changePartnerStatus(ctx, partner.id, "suspended"))
    const frozen = async () => {
        const { id } = await waveOf("validate")
        await world.acting(world.manager, (ctx) => freezeWave(ctx, id))
    }

    test.each(rows)("%s", async (_, meddle, expected) => {
        const id = await signed()
        world.clock.now += hourMs
        await meddle()
        await lookAt(instant)
        await lookAt(instant + 1)
        const wave = await waveOf("validate")
        const state = await stateOfApproval(id)
        const events = (await listEvents(world.database)).filter(({ kind }) =>
            /^wave.released|^wave.approval_v/.test(kind),
        )
        if (expected.state === "released") {
            expect(wave.releasedAt).toBe(instant)
            expect(state).toBe("applied")
            expect(events).toMatchObject([{ kind: "wave.released" }])
            expect(events[0]?.body["recipients"]).toHaveLength(expected.to ?? -1)
            // Signed content is open, also for a partner that regains access only later.
            expect(events[0]?.body["artifacts"]).toEqual([`${summary}:1`])
            return
        }
        expect(wave.releasedAt).toBe(null)
        for (const partner of [first, second]) {
            expect(await awaitRefusalCode(fetchCopyText(world, partner, summary))).toBe("request.not_found")
        }
        if (expected.state === "approval_voided") {
            expect(state).toBe("voided")
            expect(wave).toMatchObject({ approval: id, frozenAt: null })
            expect(events).toMatchObject([
                { kind: "wave.approval_voided", body: { wave: wave.id, code: expected.code } },
            ])
        } else {
            expect(events).toEqual([])
            expect(wave.approval).toBe(expected.state === "approved" ? id : null)
            expect(wave.frozenAt === null).toBe(expected.state === "approved")
        }
    })

    test("a later end delays the wave, under the same signature", async () => {
        const id = await signed()
        await byAuthor((ctx) => moveEmbargo(ctx, caseId, publication + dayMs, "later"))
        await lookAt(instant + dayMs - 1)
        expect((await waveOf("validate")).releasedAt).toBe(null)
        await lookAt(instant + dayMs)
        expect((await waveOf("validate")).releasedAt).toBe(instant + dayMs)
        expect(await stateOfApproval(id)).toBe("applied")
    })

    test("a suspended partner gets nothing, and the other gets its copy", async () => {
        await signed()
        await suspended(first)
        await lookAt(instant)
        expect(await awaitRefusalCode(fetchCopyText(world, first, summary))).toBe("request.not_found")
        expect(await fetchCopyText(world, second, summary)).toContain("SharePoint")
    })

    test("a voided wave is released once signed again", async () => {
        await signed()
        await byAuthor(async (ctx) => void (await reviseArtifact(ctx, summary, "Another summary, and a short one.")))
        await lookAt(instant)
        await signed()
        await lookAt(instant + hourMs)
        expect(await listReleases()).toMatchObject([{ body: { artifacts: [`${summary}:2`] } }])
        expect(await fetchCopyText(world, first, summary)).toContain("short one")
    })

    test("a frozen wave is released once two people sign it again", async () => {
        await signed()
        await frozen()
        await lookAt(instant)
        const again = await ask()
        await lookAt(instant + 1)
        expect(await listReleases()).toEqual([])
        await signAsApprover(world, again)
        await lookAt(instant + 2)
        expect(await listReleases()).toHaveLength(1)
    })

    test("a version written after the release is not released with it", async () => {
        await signed()
        await lookAt(instant)
        await byAuthor(async (ctx) => void (await reviseArtifact(ctx, summary, "What nobody signed.")))
        await lookAt(instant + hourMs)
        expect(await fetchCopyText(world, first, summary)).toContain("SharePoint")
    })
})

describe("a signature", () => {
    test("is needed: an unrequested or unsigned wave is not released", async () => {
        await lookAt(instant)
        expect(await listReleases()).toEqual([])
        world.clock.now = instant - hourMs
        const id = await ask()
        await lookAt(instant)
        expect(await listReleases()).toEqual([])
        await signAsApprover(world, id)
        await lookAt(instant + hourMs)
        expect(await listReleases()).toMatchObject([{ body: { plannedAt: instant } }])
    })

    test("is not by the requester or an author", async () => {
        const id = await ask()
        const { effectsHash } = await world.acting(world.manager, (ctx) => loadApproval(ctx, id))
        const by = async (author: Program["author"]) =>
            await awaitRefusalCode(world.acting(author, (ctx) => signApproval(ctx, id, effectsHash)))
        expect(await by(world.manager)).toBe("approval.own_request")
        expect(await by(world.author)).toBe("approval.author_cannot_sign")
        expect(await by(world.approver)).toBe("done")
    })

    test("is voided by a new request for the same wave", async () => {
        const [old, fresh] = [await signed(), await ask()]
        expect(await stateOfApproval(old)).toBe("voided")
        expect((await waveOf("validate")).approval).toBe(fresh)
        await lookAt(instant)
        expect(await listReleases()).toEqual([])
    })

    test("is not requested when nothing would be released", async () => {
        const details = {
            title: "t",
            vulnerabilities: [
                {
                    cve: "CVE-2025-1234",
                    cwe: "",
                    products: [],
                    score: 5.3,
                    vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
                },
            ],
        }
        const empty = await world.acting(world.author, async (ctx) => {
            const id = await openCase(ctx, { ...details, finder: "" })
            await planWaves(ctx, id)
            return id
        })
        expect(await awaitRefusalCode(ask("validate", empty))).toBe("release.no_embargo")
        expect(await awaitRefusalCode(ask("advance"))).toBe("release.no_recipients")
        await signed()
        await lookAt(instant)
        expect(await awaitRefusalCode(ask())).toBe("release.already_released")
        const { id } = await waveOf("validate")
        expect(await awaitRefusalCode(world.acting(world.manager, (ctx) => freezeWave(ctx, id)))).toBe("done")
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => planWaves(ctx, caseId)))).toBe(
            "wave.already_planned",
        )
    })
})

test("publication ends the embargo in its own transaction", async () => {
    await newPartner(world, "entry")
    await newArtifact(world, caseId, "patch", "toolshell/guidance.md")
    await signed("publication")
    const state = async () =>
        phase((await world.acting(world.author, (ctx) => loadCaseFile(ctx, caseId))).embargo, world.clock.now)
    await lookAt(publication - 1)
    expect(await state()).toBe("running")
    await lookAt(publication)
    expect(await state()).toBe("ended")
    const events = await listKinds()
    expect(events.indexOf("embargo.ended")).toBe(events.indexOf("wave.released") - 1)
})

describe("a moved wave", () => {
    const move = async (hoursBefore: number, tier: WaveTier = "validate") => {
        const { id } = await waveOf(tier)
        await world.acting(world.manager, (ctx) => moveWave(ctx, id, hoursBefore))
    }

    test("is released later, under the same signature", async () => {
        const id = await signed()
        await move(13 * 24)
        expect(await stateOfApproval(id)).toBe("signed")
        world.clock.now = instant
        await releaseWavesJob.run(world.services)
        expect((await waveOf("validate")).releasedAt).toBe(null)
        world.clock.now = instant + dayMs
        await releaseWavesJob.run(world.services)
        expect((await waveOf("validate")).releasedAt).toBe(instant + dayMs)
    })

    test("to an earlier instant loses its signature, and needs a new one", async () => {
        const id = await signed()
        await move(15 * 24)
        expect(await stateOfApproval(id)).toBe("voided")
        world.clock.now = instant - dayMs
        await releaseWavesJob.run(world.services)
        expect((await waveOf("validate")).releasedAt).toBe(null)
        await signed()
        await releaseWavesJob.run(world.services)
        expect((await waveOf("validate")).releasedAt).toBe(world.clock.now)
        expect(await awaitRefusalCode(move(14 * 24))).toBe("wave.already_released")
        expect((await listEvents(world.database)).find(({ kind }) => kind === "wave.moved")?.body).toMatchObject({
            was: -14 * dayMs,
            offsetMs: -15 * dayMs,
        })
    })

    test("cannot change places with another, and the refusal names both", async () => {
        const refusedAs = async (work: Promise<unknown>) => await work.then(String, (error: unknown) => String(error))
        const name = (high: string, low: string) => new RegExp(`\`${high}\` would be released after \`${low}\``)
        expect(await awaitRefusalCode(move(119))).toBe("wave.schedule_out_of_order")
        expect(await refusedAs(move(119))).toMatch(name("validate", "advance"))
        expect(await refusedAs(move(121, "entry"))).toMatch(name("advance", "entry"))
        expect(await refusedAs(move(23, "advance"))).toMatch(name("advance", "entry"))
        expect(await refusedAs(move(337, "advance"))).toMatch(name("validate", "advance"))
        expect(await listKinds()).not.toContain("wave.moved")
        expect(await awaitRefusalCode(move(120))).toBe("done")
        expect(await awaitRefusalCode(move(119, "advance"))).toBe("done")
    })

    test("cannot be scheduled out of order, by any route", async () => {
        const plan = { validate: -dayMs, advance: -2 * dayMs }
        expect(await awaitRefusalCode(world.acting(world.manager, (ctx) => setDefaultSchedule(ctx, plan)))).toBe(
            "wave.schedule_out_of_order",
        )
        const late = { entry: hourMs }
        expect(await awaitRefusalCode(world.acting(world.manager, (ctx) => setDefaultSchedule(ctx, late)))).toBe(
            "wave.schedule_out_of_order",
        )
    })

    test("is never publication, and is due within ninety days", async () => {
        expect(await awaitRefusalCode(move(1, "publication"))).toBe("wave.is_publication")
        expect(await awaitRefusalCode(move(90 * 24 + 1))).toBe("wave.bad_hours")
        expect(await awaitRefusalCode(move(-1))).toBe("wave.bad_hours")
        expect(await awaitRefusalCode(move(0.5))).toBe("wave.bad_hours")
        expect(await awaitRefusalCode(move(14 * 24))).toBe("done")
        expect(await listKinds()).not.toContain("wave.moved")
    })
})
