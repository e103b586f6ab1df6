/** A rehearsal shows what the wave then does, and changes nothing. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { stateOf } from "../../../../test/faults/dying-database.ts"
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
import { parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { sendNoticesJob } from "./notices/actions/create-notices.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import { listKeys, revokeKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { closeCaseWithWaves } from "../release/actions/emergency-release.ts"
import { releaseWavesJob, requestRelease } from "../release/actions/release-wave.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { listWarnings } from "./actions/project-warnings.ts"
import { type Rehearsal, rehearseWave } from "./actions/rehearse-wave.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let caseId: string
let summary: string
let poc: string
let first: TestPartner
let second: TestPartner

beforeEach(async () => {
    world = await createProgram()
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    await newPartner(world, "entry")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
}, 120_000)
afterEach(() => world.database.close())

const waveOf = async (tier: string) => {
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    return waves.find((wave) => wave.tier === tier)?.id ?? ""
}
const rehearsed = async (tier = "validate"): Promise<Rehearsal> => {
    const id = await waveOf(tier)
    return await world.acting(world.manager, (ctx) => rehearseWave(ctx, id))
}
const ask = async (tier = "validate") => {
    const id = await waveOf(tier)
    return await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
}
const versions = () => [summary, poc].toSorted().map((artifact) => ({ artifact, version: 1 }))
const sorted = (list: readonly { artifact: string; version: number }[]) =>
    list.toSorted((a, b) => (a.artifact < b.artifact ? -1 : 1))

test("the database is unchanged, except for one event of the rehearsal", async () => {
    await signAsApprover(world, await ask())
    // The rows of a recorded event: the event, its pending leaf, and its pending handlers.
    const besides = ["events", "unsequenced_events", "pending_events"]
    const before = await stateOf(world.database.db, besides)
    const events = await listEvents(world.database)
    for (const tier of ["validate", "advance", "entry", "publication"]) await rehearsed(tier)
    expect(await stateOf(world.database.db, besides)).toEqual(before)
    const since = (await listEvents(world.database)).slice(events.length)
    expect(since.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => "wave.rehearsed"))
    expect(since[0]?.body).toEqual({
        case: caseId,
        wave: await waveOf("validate"),
        for: instant,
        by: world.manager.person,
        artifacts: 2,
        recipients: 2,
        obstacles: 0,
    })
    expect(await world.acting(first.analyst, (ctx) => listWarnings(ctx, first.id))).toEqual([])
    expect(await awaitRefusalCode(fetchCopyText(world, first, summary))).toBe("request.not_found")
    for (const { body } of since) expect(JSON.stringify(body)).not.toContain(first.id)
    const sent: string[] = []
    Object.assign(world.services, { mail: { send: async ({ to }: { to: string }) => void sent.push(to) } })
    while (await handleNextEvent(world.services, eventHandlers));
    while (await sendNoticesJob.sendNext(world.services));
    expect(sent).toEqual([])
    await releaseWavesJob.run(world.services)
    expect((await listEvents(world.database)).some(({ kind }) => kind === "wave.released")).toBe(false)
})

test("it shows what the wave then does", async () => {
    await signAsApprover(world, await ask())
    const { at, artifacts, recipients, obstacles, ms } = await rehearsed()
    expect(at).toBe(instant)
    expect(sorted(artifacts)).toEqual(versions())
    expect(obstacles).toEqual([])
    expect(ms).toBeGreaterThanOrEqual(0)
    expect(recipients.map(({ partner, notices }) => [partner, notices])).toEqual(
        [first.id, second.id].toSorted().map((id) => [id, 2]),
    )
    for (const reader of recipients) expect(sorted(reader.artifacts)).toEqual(versions())
    world.clock.now = instant
    await releaseWavesJob.run(world.services)
    const fell = (await listEvents(world.database)).find(({ kind }) => kind === "wave.released")?.body
    expect(fell?.["recipients"]).toEqual(recipients.map((reader) => reader.partner))
    expect(fell?.["artifacts"]).toEqual(
        artifacts.map((artifactVersion) => `${artifactVersion.artifact}:${artifactVersion.version}`),
    )
    expect(await fetchCopyText(world, second, poc)).toContain("import")
    expect(await awaitRefusalCode(rehearsed())).toBe("delivery.already_released")
})

test("publication is rehearsed with the end of the embargo", async () => {
    await signAsApprover(world, await ask("publication"))
    const { at, recipients, obstacles } = await rehearsed("publication")
    expect([at, recipients.length, obstacles]).toEqual([publication, 3, []])
})

const blockers: [string, () => Promise<unknown>, string[]][] = [
    ["it was not requested", async () => undefined, ["approval.not_signed"]],
    ["it was not signed", () => ask(), ["approval.not_signed"]],
    [
        "it is frozen",
        async () => {
            await signAsApprover(world, await ask())
            const id = await waveOf("validate")
            await world.acting(world.manager, (ctx) => freezeWave(ctx, id))
        },
        ["wave.frozen", "approval.not_signed"],
    ],
    [
        "something changed since the signature",
        async () => {
            await signAsApprover(world, await ask())
            await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Other\n\nText."))
        },
        ["approval.effects_exceeded"],
    ],
]
test.each(blockers)("a wave is rehearsed, and shown as such, when %s", async (_, change, codes) => {
    await change()
    const { obstacles, recipients } = await rehearsed()
    expect(obstacles).toEqual(codes.map((code) => ({ partner: null, code })))
    expect(recipients).toHaveLength(2)
})

test("a closed case is shown as closed, with no recipients", async () => {
    await signAsApprover(world, await ask())
    await world.acting(world.author, (ctx) => closeCaseWithWaves(ctx, caseId, "no flaw after all"))
    const { obstacles, recipients } = await rehearsed()
    expect(obstacles.map(({ code }) => code)).toEqual(["case.closed", "release.no_recipients", "approval.not_signed"])
    expect(recipients).toEqual([])
})

test("partners without address or key are named, except those without case access", async () => {
    await signAsApprover(world, await ask())
    const [key] = await world.acting(first.lead, (ctx) => listKeys(ctx, first.id))
    await world.acting(first.lead, (ctx) => revokeKey(ctx, key?.id ?? ""))
    for (const { person } of [first.lead, first.analyst])
        await world.acting(world.manager, (ctx) => removePerson(ctx, person))
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, second.id, "suspended", { measure: caseId }))
    const { obstacles, recipients } = await rehearsed()
    expect(obstacles).toContainEqual({ partner: first.id, code: "delivery.no_address" })
    expect(obstacles).toContainEqual({ partner: first.id, code: "delivery.no_key" })
    expect(recipients.map((reader) => reader.partner)).toEqual([first.id])
})
