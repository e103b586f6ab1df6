/** A case that was closed promises nothing: not in the matrix, and not in what a change is said to bring. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { setDuties } from "../../trust/partners/actions/changes.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/consents.ts"
import { warningsFor } from "../delivery/actions/projection.ts"
import { closeForGood } from "../release/actions/breaking.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { previewChange } from "./actions/changes.ts"
import { matrixOf } from "./actions/entitlements.ts"
import { previewPolicy } from "./actions/policies.ts"

let its: Program
let caseId: string
let summary: string
let technical: string
let high: TestPartner
let low: TestPartner
const fallsAt = parseInstant("2025-06-24T17:00:00Z")

beforeEach(async () => {
    its = await program()
    high = await newPartner(its, "validate")
    low = await newPartner(its, "entry")
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
}, 120_000)
afterEach(() => its.database.close())

const asManager = <T>(work: Parameters<typeof its.acting<T>>[1]) => its.acting(its.manager, work)
const close = () => its.acting(its.author, (act) => closeForGood(act, caseId, "It was none."))
const toHigher = () => asManager((act) => previewChange(act, [low.id], { fact: "tier", value: "validate" }))

/** One line for each cell. */
async function cells(at = its.clock.now): Promise<string[]> {
    const names = new Map([
        ...[[high.id, "high"] as const, [low.id, "low"] as const],
        ...[[summary, "summary"] as const, [technical, "technical"] as const],
    ])
    const { entitlements } = await asManager((act) => matrixOf(act, caseId, { at }))
    return entitlements
        .map(({ partner, artifact, decision: { outcome, from, available } }) => {
            const what = `${names.get(partner)} ${names.get(artifact)}: ${outcome}`
            return `${what}${from === null ? "" : ", from then"}${available ? ", open" : ""}`
        })
        .toSorted()
}

const full = ["high summary", "high technical", "low summary", "low technical"].map(
    (cell) => `${cell}: full, from then`,
)
const nothing = ["high summary", "high technical", "low summary", "low technical"].map((cell) => `${cell}: withheld`)

test("a case that was cancelled is nobody's from then on, with that as the reason; before, it was as it was", async () => {
    expect(await cells()).toEqual(full)
    its.clock.now += 1
    await close()
    expect(await cells()).toEqual(nothing)
    expect(await cells(its.clock.now - 1)).toEqual(full)
    const { entitlements } = await asManager((act) => matrixOf(act, caseId))
    for (const { decision } of entitlements) {
        const why = { policy: "closing", title: "The case was cancelled: nothing of it opens", effect: "forbids" }
        expect(decision.why[0]).toEqual(why)
    }
})

test("no change of a partner and no policy gives or takes anything of it", async () => {
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await asManager((act) => setDuties(act, high.id, rmsv))
    expect((await toHigher()).differences).not.toEqual([])
    expect((await asManager((act) => previewPolicy(act, 2))).differences).not.toEqual([])
    await close()
    expect((await toHigher()).differences).toEqual([])
    expect((await asManager((act) => previewPolicy(act, 2))).differences).toEqual([])
})

test("of a case that was withdrawn, what had fallen stays with those who have it, and nobody gets more", async () => {
    its.clock.now = fallsAt
    await fall(its, caseId, "validate", [summary])
    its.clock.now += 1
    await close()
    its.clock.now += 1
    const kept = ["high summary: full, from then, open", "high technical: withheld"]
    expect(await cells()).toEqual([...kept, ...nothing.slice(2)])
    const [warning] = await its.acting(high.analyst, (act) => warningsFor(act, high.id))
    expect(warning?.artifacts.map((one) => [one.class, one.version])).toEqual([["summary", 1]])
    const { entitlements } = await asManager((act) => matrixOf(act, caseId))
    const more = entitlements.find((one) => one.partner === low.id && one.artifact === technical)
    expect(more?.decision.why[0]?.title).toBe("The case was withdrawn: nothing more of it opens")
    const { differences } = await toHigher()
    expect(differences.map(({ artifacts, change }) => [artifacts, change])).toEqual([[[summary], "wider"]])
    // Long after publication would have been, too.
    its.clock.now = parseInstant("2025-08-01T00:00:00Z")
    expect(await cells()).toEqual([...kept, ...nothing.slice(2)])
})

test("whoever was warned by a wave that is frozen since is told that the case was withdrawn", async () => {
    its.clock.now = fallsAt
    await fall(its, caseId, "validate", [summary])
    its.clock.now += 1
    const wave = (await asManager((act) => wavesOf(act, caseId))).find((one) => one.tier === "validate")
    await asManager((act) => freezeWave(act, wave?.id ?? ""))
    await close()
    const told = (await recorded(its.database)).filter((one) => one.kind === "case.withdrawal_announced")
    expect(told.map((one) => one.body["recipients"])).toEqual([[high.id]])
    expect((await cells()).filter((cell) => cell.includes("open"))).toEqual([])
})

test("whoever did not answer before the case was withdrawn has nothing by an answer that is not heard any more", async () => {
    its.clock.now = fallsAt
    await fall(its, caseId, "validate", [summary])
    await its.acting(its.author, (act) => inviteToEmbargo(act, caseId, low.id))
    expect((await toHigher()).differences.some((one) => one.onceGiven)).toBe(true)
    await close()
    expect(await codeOf(its.acting(low.lead, (act) => answerInvitation(act, caseId, true)))).toBe("case.closed")
    expect((await toHigher()).differences).toEqual([])
})
