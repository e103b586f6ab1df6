/** A signer of a publication reads the exact public text, and sees whether it denies reported exploitation. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { silentLog } from "../../platform/log/log.ts"
import { handleNextEvent } from "../../kernel/worker.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { stateOf } from "../../trust/approvals/approval.ts"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listArtifacts } from "../artifacts/actions/load-artifacts.ts"
import { releaseWavesJob, requestRelease } from "../release/actions/release-wave.ts"
import { listUnsignedWaves } from "../release/actions/list-waves.ts"
import { runEmergencyRelease, requestEmergencyRelease } from "../release/actions/emergency-release.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { reportSighting, withdrawReport } from "../../trace/sightings/actions/report-sighting.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { amendCase, applySignedAmendment } from "../release/actions/amend-case.ts"
import { unfreezeWave } from "../release/actions/unfreeze-wave.ts"
import { previewPublication, listRefusedPublications } from "./actions/preview-publication.ts"
import { publishCase } from "./actions/publish-case.ts"
import { loadSignedText } from "./actions/load-signed-text.ts"

const denial = "There is no sign of exploitation."

let world: Program
let subject: string
let witness: TestPartner

beforeEach(async () => {
    world = await createProgram()
    witness = await newPartner(world, "validate")
    subject = await newCase(world, "toolshell")
    world.clock.now = parseInstant("2025-07-01T00:00:00Z")
    const labels = { tlp: "AMBER", pap: "AMBER", name: "summary.md" } as const
    const content = `A {{note|message}} to the server runs code. ${denial}`
    await world.acting(world.author, (ctx) => addArtifact(ctx, { case: subject, class: "summary", ...labels, content }))
    await newArtifact(world, subject, "guidance", "toolshell/guidance.md")
}, 120_000)
afterEach(() => world.database.close())

async function requested(tier: "publication" | "validate"): Promise<string> {
    const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, subject))).find(
        (wave) => wave.tier === tier,
    )
    return await world.acting(world.manager, (ctx) => requestRelease(ctx, wave?.id ?? ""))
}

const read = (approval: string) => world.acting(world.approver, (ctx) => loadSignedText(ctx, approval))

/** Reports a sighting, and returns a function that withdraws it. */
async function report(by?: TestPartner): Promise<() => Promise<void>> {
    const witness = by ?? (await newPartner(world, "validate"))
    const id = newId()
    await world.acting(witness.analyst, (ctx) =>
        reportSighting(ctx, subject, id, {
            observedAt: ctx.now,
            zeroReportSince: null,
            clock: "unknown",
            product: "a secret product",
            indicators: ["198.51.100.7"],
            confidence: 90,
            note: "a secret note",
        }),
    )
    return async () => await world.acting(witness.analyst, (ctx) => withdrawReport(ctx, id))
}

test("the text has the first form of each slot, and only what becomes public", async () => {
    const text = await read(await requested("publication"))
    expect(text).toMatchObject({ case: subject, exploited: false, denials: [], guidance: null })
    expect(text?.summary).toBe(`A note to the server runs code. ${denial}`)
})

test("a reported sighting that the text denies is stated, without its content", async () => {
    const request = await requested("publication")
    const contradicts = () =>
        world.acting(world.manager, async (ctx) => (await previewPublication(ctx, subject)).contradictsReports)
    expect(await contradicts()).toBe(false)
    await report()
    const text = await read(request)
    expect(text).toMatchObject({ exploited: true, denials: [denial] })
    expect(JSON.stringify(text)).not.toMatch(/secret|198\.51|partner/)
    expect(await contradicts()).toBe(true)
})

test("a read is recorded once, and can be followed by the signature", async () => {
    const request = await requested("publication")
    await read(request)
    await read(request)
    const reads = (await listEvents(world.database)).filter(
        ({ kind, body }) => kind === "case.read" && body["case"] === subject,
    )
    expect(reads.map(({ body }) => body["part"])).toEqual(["public_text"])
    await signAsApprover(world, request)
})

test("a reader of the text is listed among people who read these versions without marks", async () => {
    await read(await requested("publication"))
    const reads = (await listEvents(world.database)).filter(({ kind }) => kind === "artifact.read")
    expect(reads).toMatchObject([{ body: { version: 1, reason: "to sign", copy: null, by: world.approver.person } }])
})

test("a person who cannot sign reads nothing, and no person does once it is signed", async () => {
    const request = await requested("publication")
    const before = (await listEvents(world.database)).length
    expect(await awaitRefusalCode(world.acting(world.manager, (ctx) => loadSignedText(ctx, request)))).toBe(
        "approval.own_request",
    )
    expect(await awaitRefusalCode(world.acting(world.author, (ctx) => loadSignedText(ctx, request)))).toBe(
        "approval.author_cannot_sign",
    )
    expect((await listEvents(world.database)).slice(before)).toEqual([])
    await signAsApprover(world, request)
    expect(await awaitRefusalCode(read(request))).toBe("approval.already_signed")
})

test("a wave to partners publishes nothing, and an unknown approval has no text", async () => {
    expect(await read(await requested("validate"))).toBeNull()
    expect(await awaitRefusalCode(read(newId()))).toBe("approval.not_found")
})

const end = parseInstant("2025-07-08T17:00:00Z")
const services = () => ({ ...world.services, log: silentLog })

async function handleEvents(): Promise<void> {
    while (await handleNextEvent(services(), eventHandlers));
}

async function signPublication(): Promise<string> {
    const request = await requested("publication")
    await signAsApprover(world, request)
    await handleEvents()
    return request
}

const stateOfApproval = (id: string) =>
    world.acting(world.manager, async (ctx) => stateOf(await loadApproval(ctx, id), ctx.now))

/** Whether the case is published after the worker ran at the end of the embargo. */
async function isReleased(): Promise<boolean> {
    world.clock.now = Math.max(world.clock.now, end)
    await releaseWavesJob.run(services())
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, subject))
    return waves.find((wave) => wave.tier === "publication")?.releasedAt !== null
}

describe("a signature for a text that denies exploitation", () => {
    test("is void once the first report comes, and a task until the text is signed again", async () => {
        const before = await signPublication()
        await report(witness)
        await handleEvents()
        expect(await stateOfApproval(before)).toBe("voided")
        const codes = (await listEvents(world.database)).filter(({ kind }) => kind === "wave.approval_voided")
        expect(codes.map(({ body }) => body["code"])).toEqual(["release.effects_changed"])
        const unsigned = await world.acting(world.manager, (ctx) => listUnsignedWaves(ctx, ctx.now))
        expect(unsigned.map(({ wave }) => wave.tier)).toContain("publication")
        expect(await isReleased()).toBe(false)
        await signPublication()
        expect(await isReleased()).toBe(true)
    })

    test("releases nothing when the report comes just before its instant", async () => {
        const before = await signPublication()
        world.clock.now = end
        await report(witness)
        expect(await isReleased()).toBe(false)
        expect(await stateOfApproval(before)).toBe("voided")
    })

    test("given with the report in sight stays valid, also after the report is withdrawn", async () => {
        const withdraw = await report(witness)
        const after = await signPublication()
        await withdraw()
        await handleEvents()
        expect(await stateOfApproval(after)).toBe("signed")
        expect(await isReleased()).toBe(true)
    })

    test("of an emergency release is not applied after the first report", async () => {
        const request = await world.acting(world.manager, (ctx) => requestEmergencyRelease(ctx, subject, "It is out."))
        await signAsApprover(world, request)
        await report(witness)
        const carriedOut = world.acting(world.manager, (ctx) => runEmergencyRelease(ctx, subject, request))
        expect(await awaitRefusalCode(carriedOut)).toBe("approval.effects_exceeded")
    })
})

test("a signature for a text that denies nothing is valid after a report", async () => {
    const artifacts = await world.acting(world.author, (ctx) => listArtifacts(ctx, subject))
    const summary = artifacts.find((artifact) => artifact.class === "summary")
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary?.id ?? "", "A message runs code."))
    const before = await signPublication()
    await report(witness)
    await handleEvents()
    expect(await stateOfApproval(before)).toBe("signed")
    expect(await isReleased()).toBe(true)
})

describe("a text that denies exploitation, released without a report in sight", () => {
    const published = async () =>
        (await listEvents(world.database)).filter(({ kind }) => kind === "advisory.published").length
    const refused = () => world.acting(world.manager, listRefusedPublications)
    const titled = async (title: string) =>
        await world.acting(world.author, async (ctx) => {
            const { vulnerabilities, finder } = await loadCaseFile(ctx, subject)
            return (await amendCase(ctx, subject, { details: { title, vulnerabilities, finder } })).approval ?? ""
        })
    const say = (id: string) => world.acting(world.author, (ctx) => applySignedAmendment(ctx, subject, id))
    const effects = (id: string) => world.acting(world.manager, async (ctx) => (await loadApproval(ctx, id)).effects)

    /** It is reported before the worker publishes what was released. */
    async function reportedMeanwhile(): Promise<void> {
        await signPublication()
        expect(await isReleased()).toBe(true)
        await report(witness)
        await handleEvents()
    }

    test("is not published once exploitation is reported, and is a task for managers", async () => {
        await reportedMeanwhile()
        expect(await published()).toBe(0)
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => publishCase(ctx, subject)))).toBe(
            "publication.denies_exploitation",
        )
        const says = expect.stringContaining("denies exploitation")
        expect(await refused()).toMatchObject([{ case: subject, faults: [{ says }] }])
        const { state, faults } = await world.acting(world.manager, (ctx) => previewPublication(ctx, subject))
        expect({ state, faults }).toMatchObject({ state: "due", faults: [{ says }] })
    })

    test("is published with a case amendment that two people sign with the report in sight", async () => {
        await reportedMeanwhile()
        const request = await titled("Another title")
        expect((await effects(request)).detail).toMatchObject({ case: subject, deniesReports: expect.any(Number) })
        await signAsApprover(world, request)
        await say(request)
        await handleEvents()
        expect([await published(), await refused()]).toEqual([1, []])
    })

    test("is not published with an amendment signed before the report", async () => {
        await signPublication()
        await isReleased()
        const request = await titled("Another title")
        expect((await effects(request)).detail).not.toHaveProperty("deniesReports")
        await signAsApprover(world, request)
        await report(witness)
        expect(await awaitRefusalCode(say(request))).toBe("approval.effects_exceeded")
        await handleEvents()
        expect(await published()).toBe(0)
    })

    test("is published once the report is withdrawn", async () => {
        await signPublication()
        await isReleased()
        const withdraw = await report(witness)
        await handleEvents()
        await withdraw()
        await handleEvents()
        await world.acting(world.author, (ctx) => publishCase(ctx, subject))
        expect([await published(), await refused()]).toEqual([1, []])
    })

    test("needs a signature with the report in sight for a new title that denies", async () => {
        const artifacts = await world.acting(world.author, (ctx) => listArtifacts(ctx, subject))
        const summary = artifacts.find((artifact) => artifact.class === "summary")
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary?.id ?? "", "A message runs code."))
        await reportedMeanwhile()
        expect(await published()).toBe(1)
        const [quiet, denies] = [await titled("Another title"), await titled("A fault that is not exploited")]
        expect((await effects(quiet)).detail).not.toHaveProperty("deniesReports")
        expect((await effects(denies)).detail).toMatchObject({ deniesReports: expect.any(Number) })
    })

    test("needs a signature with the report in sight after an unfreeze", async () => {
        const request = await requested("validate")
        await signAsApprover(world, request)
        await releaseWavesJob.run(services())
        const [validate] = await world.acting(world.manager, (ctx) => listWaves(ctx, subject))
        expect(validate?.releasedAt).toBe(world.clock.now)
        await world.acting(world.manager, (ctx) => freezeWave(ctx, validate?.id ?? ""))
        world.clock.now = end
        await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
        await report(witness)
        const { approval } = await world.acting(world.manager, (ctx) =>
            unfreezeWave(ctx, validate?.id ?? "", undefined),
        )
        expect((await effects(approval)).detail).toMatchObject({ tier: "validate", deniesReports: expect.any(Number) })
        expect(await read(approval)).toMatchObject({ denials: [denial] })
        await signAsApprover(world, approval)
        await world.acting(world.manager, (ctx) => unfreezeWave(ctx, validate?.id ?? "", approval))
        await handleEvents()
        expect(await published()).toBe(1)
    })
})
