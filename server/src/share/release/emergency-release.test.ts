/** Tests the emergency release and the closure of a case on a real database. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { changePartnerStatus, setDuties } from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { openCase } from "../cases/actions/open-case.ts"
import { terminateEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { phase } from "../cases/embargo.ts"
import { listWarnings } from "../delivery/actions/project-warnings.ts"
import { activatePolicy } from "../entitlement/actions/manage-policies.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import {
    runEmergencyRelease,
    loadEmergencyRelease,
    closeCaseWithWaves,
    requestEmergencyRelease,
} from "./actions/emergency-release.ts"

let world: Program
let caseId: string
let summary: string
let poc: string
let first: TestPartner
let last: TestPartner
let reporting: TestPartner

beforeEach(async () => {
    world = await createProgram()
    first = await newPartner(world, "validate")
    last = await newPartner(world, "entry")
    reporting = await newPartner(world, "validate")
    const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
    await world.acting(world.manager, (ctx) => setDuties(ctx, reporting.id, rmsv))
    // The rule of August: a partner that reports before publication gets nothing before it, and no proof of concept.
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, 2))
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
}, 120_000)
afterEach(() => world.database.close())

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const requestApproval = () => asManager((ctx) => requestEmergencyRelease(ctx, caseId, "it is all over the net"))
const applyApproval = (signed: string) => asManager((ctx) => runEmergencyRelease(ctx, caseId, signed))
const wavesNow = () => asManager((ctx) => listWaves(ctx, caseId))
const waveOf = async (tier: string) => (await wavesNow()).find((wave) => wave.tier === tier)?.id ?? ""
const phaseNow = async () => phase((await asManager((ctx) => loadCaseFile(ctx, caseId))).embargo, world.clock.now)
const eventsAfter = async (seq: number) => await listEvents(world.database, seq)
const countEvents = async () => (await listEvents(world.database)).length

describe("emergency release", () => {
    test("opens at once all that the remaining waves and publication would, to the same partners", async () => {
        await releaseWaveNow(world, caseId, "validate", [summary, poc])
        const armed = await asManager((ctx) => waveOf("entry").then((id) => requestRelease(ctx, id)))
        await signAsApprover(world, armed)
        const frozen = await waveOf("advance")
        await asManager((ctx) => freezeWave(ctx, frozen))
        const { waves } = await asManager((ctx) => loadEmergencyRelease(ctx, caseId))
        expect(waves.map(({ wave }) => wave.tier)).toEqual(["advance", "entry", "publication"])
        const id = await requestApproval()
        await signAsApprover(world, id)
        const seq = await countEvents()
        await applyApproval(id)
        expect((await eventsAfter(seq)).map(({ kind }) => kind)).toEqual([
            "approval.applied",
            "embargo.terminated",
            "wave.unfrozen",
            "wave.released",
            "approval.voided",
            "wave.released",
            "wave.released",
            "embargo.ended",
            "embargo.emergency_released",
        ])
        expect((await wavesNow()).map((wave) => wave.releasedAt)).toEqual(
            Array.from({ length: 4 }, () => world.clock.now),
        )
        expect(await phaseNow()).toBe("ended")
        const { embargo } = await asManager((ctx) => loadCaseFile(ctx, caseId))
        expect(embargo.find((turn) => turn.kind === "terminated")).toMatchObject({ reason: "it is all over the net" })
        expect(stateOf(await asManager((ctx) => loadApproval(ctx, armed)), world.clock.now)).toBe("voided")
        expect(await fetchCopyText(world, last, summary)).toContain("SharePoint")
        expect(await fetchCopyText(world, reporting, summary)).toContain("SharePoint")
        const notified = (await eventsAfter(seq)).filter(({ kind }) => kind === "wave.released").map(({ body }) => body)
        expect(notified).toMatchObject([
            { tier: "advance", recipients: [], approval: id },
            { tier: "entry", recipients: [last.id], approval: id },
            { tier: "publication", plannedAt: world.clock.now, approval: id },
        ])
        expect(notified.at(-1)?.["recipients"]).toContain(reporting.id)
        await releaseWavesJob.run(world.services)
        expect((await eventsAfter(seq)).filter(({ kind }) => kind === "wave.released")).toHaveLength(3)
    })

    test("gives no partner what publication would not: a reporting duty still applies", async () => {
        const id = await requestApproval()
        await signAsApprover(world, id)
        await applyApproval(id)
        expect(await fetchCopyText(world, first, poc)).toContain("import")
        expect(await awaitRefusalCode(fetchCopyText(world, reporting, poc))).toBe("request.not_found")
    })

    const rows: [string, () => Promise<unknown>, string][] = [
        ["nobody signed", async () => undefined, "approval.not_signed"],
        [
            "a wave was frozen since",
            async () => {
                const id = await waveOf("entry")
                await asManager((ctx) => freezeWave(ctx, id))
            },
            "approval.effects_exceeded",
        ],
        ["a recipient was added since", () => newPartner(world, "validate"), "approval.effects_exceeded"],
        [
            "an artifact was changed since",
            () => world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Other\n\nText.")),
            "approval.effects_exceeded",
        ],
    ]
    test.each(rows)("does nothing when %s", async (kind, change, code) => {
        const id = await requestApproval()
        if (kind !== "nobody signed") await signAsApprover(world, id)
        await change()
        const seq = await countEvents()
        expect(await awaitRefusalCode(applyApproval(id))).toBe(code)
        expect(await eventsAfter(seq)).toEqual([])
        expect(await phaseNow()).toBe("running")
        expect(await awaitRefusalCode(fetchCopyText(world, last, summary))).toBe("request.not_found")
    })

    test("is not signed by the requester or an author of the content, and is applied once", async () => {
        const id = await requestApproval()
        for (const actor of [world.manager, world.author]) {
            const signs = world.acting(actor, async (ctx) => {
                const { effectsHash } = await loadApproval(ctx, id)
                await signApproval(ctx, id, effectsHash)
            })
            expect(await awaitRefusalCode(signs)).toMatch(/approval.(own_request|author_cannot_sign)/)
        }
        await signAsApprover(world, id)
        await applyApproval(id)
        expect(await awaitRefusalCode(applyApproval(id))).toBe("release.no_embargo_to_end")
    })

    test("stays approved though a partner is suspended since, who gets nothing", async () => {
        const id = await requestApproval()
        await signAsApprover(world, id)
        await asManager((ctx) => changePartnerStatus(ctx, last.id, "suspended", { measure: caseId }))
        await applyApproval(id)
        expect(await awaitRefusalCode(fetchCopyText(world, last, summary))).toBe("request.not_found")
        expect(await fetchCopyText(world, first, summary)).toContain("SharePoint")
    })

    test("is applied though the embargo is already terminated, which alone releases nothing", async () => {
        await world.acting(world.author, (ctx) => terminateEmbargo(ctx, caseId, "leaked"))
        await releaseWavesJob.run(world.services)
        expect((await wavesNow()).filter((wave) => wave.releasedAt !== null)).toEqual([])
        const id = await requestApproval()
        await signAsApprover(world, id)
        await applyApproval(id)
        expect(await phaseNow()).toBe("ended")
    })

    test("needs an embargo", async () => {
        const vulnerabilities = [
            {
                cve: "CVE-2025-1000",
                cwe: "CWE-94",
                products: [],
                score: 8.8,
                vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            },
        ]
        const details = { title: "A flaw", vulnerabilities, finder: "" }
        const other = await world.acting(world.author, (ctx) => openCase(ctx, details))
        expect(
            await awaitRefusalCode(asManager((ctx) => requestEmergencyRelease(ctx, other, "it is all over the net"))),
        ).toBe("release.no_embargo_to_end")
    })
})

describe("a closed case", () => {
    const close = () => world.acting(world.author, (ctx) => closeCaseWithWaves(ctx, caseId, "no flaw after all"))
    const warned = async (partner: TestPartner) =>
        await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))

    test("is cancelled before any warning: approvals are voided, and nothing is released", async () => {
        const armed = await asManager((ctx) => waveOf("validate").then((id) => requestRelease(ctx, id)))
        await signAsApprover(world, armed)
        await close()
        world.clock.now = parseInstant("2025-07-09T00:00:00Z")
        await releaseWavesJob.run(world.services)
        expect((await wavesNow()).filter((wave) => wave.releasedAt !== null)).toEqual([])
        expect(await warned(first)).toEqual([])
        const [wave] = await wavesNow()
        expect(await awaitRefusalCode(asManager((ctx) => requestRelease(ctx, wave?.id ?? "")))).toBe("case.closed")
        expect(await awaitRefusalCode(requestApproval())).toBe("case.closed")
        expect((await asManager((ctx) => loadCaseFile(ctx, caseId))).closure?.kind).toBe("cancelled")
    })

    test("is withdrawn after a wave: this is shown, notified to recipients, and releases nothing new", async () => {
        await releaseWaveNow(world, caseId, "validate", [summary])
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        const seq = await countEvents()
        await close()
        expect(await eventsAfter(seq)).toMatchObject([
            { kind: "case.withdrawn" },
            { kind: "case.withdrawal_announced", body: { recipients: [first.id] } },
        ])
        expect(await warned(first)).toMatchObject([{ withdrawnAt: world.clock.now, published: false }])
        world.clock.now += 20 * dayMs
        await releaseWavesJob.run(world.services)
        expect(await warned(last)).toEqual([])
        expect(await warned(first)).toMatchObject([{ published: false }])
    })
})
