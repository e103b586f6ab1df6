/** A closed case gives nothing, neither in the matrix nor in the preview of a change. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { setDuties } from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { listWarnings } from "../delivery/actions/project-warnings.ts"
import { closeCaseWithWaves } from "../release/actions/emergency-release.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { previewChange } from "./actions/preview-change.ts"
import { loadMatrix } from "./actions/decide-access.ts"
import { previewPolicy } from "./actions/manage-policies.ts"

let world: Program
let caseId: string
let summary: string
let technical: string
let high: TestPartner
let low: TestPartner
const fallsAt = parseInstant("2025-06-24T17:00:00Z")

beforeEach(async () => {
    world = await createProgram()
    high = await newPartner(world, "validate")
    low = await newPartner(world, "entry")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
}, 120_000)
afterEach(() => world.database.close())

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const close = () => world.acting(world.author, (ctx) => closeCaseWithWaves(ctx, caseId, "It was none."))
const previewHigherTier = () => asManager((ctx) => previewChange(ctx, [low.id], { fact: "tier", value: "validate" }))

/** One line for each cell. */
async function cells(at = world.clock.now): Promise<string[]> {
    const names = new Map([
        [high.id, "high"] as const,
        [low.id, "low"] as const,
        [summary, "summary"] as const,
        [technical, "technical"] as const,
    ])
    const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId, { at }))
    return entitlements
        .map(({ partner, artifact, decision: { outcome, from, available } }) => {
            const kind = `${names.get(partner)} ${names.get(artifact)}: ${outcome}`
            return `${kind}${from === null ? "" : ", from then"}${available ? ", open" : ""}`
        })
        .toSorted()
}

const fullCells = ["high summary", "high technical", "low summary", "low technical"].map(
    (cell) => `${cell}: full, from then`,
)
const withheldCells = ["high summary", "high technical", "low summary", "low technical"].map(
    (cell) => `${cell}: withheld`,
)

test("withholds a cancelled case from then on, with that reason, and replays earlier instants unchanged", async () => {
    expect(await cells()).toEqual(fullCells)
    world.clock.now += 1
    await close()
    expect(await cells()).toEqual(withheldCells)
    expect(await cells(world.clock.now - 1)).toEqual(fullCells)
    const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId))
    for (const { decision } of entitlements) {
        const reason = {
            policy: "closure",
            code: "case_cancelled",
            title: "The case was cancelled: none of its artifacts is released",
            effect: "forbids",
        }
        expect(decision.reasons[0]).toEqual(reason)
    }
})

test("no partner change and no policy gives or takes anything of a cancelled case", async () => {
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await asManager((ctx) => setDuties(ctx, high.id, rmsv))
    expect((await previewHigherTier()).differences).not.toEqual([])
    expect((await asManager((ctx) => previewPolicy(ctx, 2))).differences).not.toEqual([])
    await close()
    expect((await previewHigherTier()).differences).toEqual([])
    expect((await asManager((ctx) => previewPolicy(ctx, 2))).differences).toEqual([])
})

test("released content of a withdrawn case stays with its recipients, and no partner gets more", async () => {
    world.clock.now = fallsAt
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now += 1
    await close()
    world.clock.now += 1
    const kept = ["high summary: full, from then, open", "high technical: withheld"]
    expect(await cells()).toEqual([...kept, ...withheldCells.slice(2)])
    const [warning] = await world.acting(high.analyst, (ctx) => listWarnings(ctx, high.id))
    expect(warning?.artifacts.map((artifact) => [artifact.class, artifact.version])).toEqual([["summary", 1]])
    const { entitlements } = await asManager((ctx) => loadMatrix(ctx, caseId))
    const more = entitlements.find(
        (entitlement) => entitlement.partner === low.id && entitlement.artifact === technical,
    )
    expect(more?.decision.reasons[0]?.title).toBe("The case was withdrawn: no further artifact is released")
    const { differences } = await previewHigherTier()
    expect(differences.map(({ artifacts, change }) => [artifacts, change])).toEqual([[[summary], "wider"]])
    // Long after publication would have been, too.
    world.clock.now = parseInstant("2025-08-01T00:00:00Z")
    expect(await cells()).toEqual([...kept, ...withheldCells.slice(2)])
})

test("a partner warned by a wave frozen since sees that the case was withdrawn", async () => {
    world.clock.now = fallsAt
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now += 1
    const wave = (await asManager((ctx) => listWaves(ctx, caseId))).find((wave) => wave.tier === "validate")
    await asManager((ctx) => freezeWave(ctx, wave?.id ?? ""))
    await close()
    const notified = (await listEvents(world.database)).filter((item) => item.kind === "case.withdrawal_announced")
    expect(notified.map((item) => item.body["recipients"])).toEqual([[high.id]])
    expect((await cells()).filter((cell) => cell.includes("open"))).toEqual([])
})

test("gives nothing for an answer after the case was withdrawn", async () => {
    world.clock.now = fallsAt
    await releaseWaveNow(world, caseId, "validate", [summary])
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, caseId, low.id))
    expect((await previewHigherTier()).differences.some((difference) => difference.onceRequirementsMet)).toBe(true)
    await close()
    expect(await awaitRefusalCode(world.acting(low.lead, (ctx) => answerInvitation(ctx, caseId, true)))).toBe(
        "case.closed",
    )
    expect((await previewHigherTier()).differences).toEqual([])
})
