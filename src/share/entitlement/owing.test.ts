/** Whoever owes something is in what is previewed and signed: by its own act alone it has that, as soon as it gives it. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { requestApproval } from "../../trust/approvals/actions.ts"
import { acceptAgreement } from "../../trust/partners/actions/agreements.ts"
import { changeStanding, changeTier, effectsToSign, setDuties } from "../../trust/partners/actions/changes.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import type { Change } from "../../trust/partners/facts.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/consents.ts"
import { warningsFor } from "../delivery/actions/projection.ts"
import { previewChange } from "./actions/changes.ts"
import { activatePolicy, previewPolicy, requestActivation } from "./actions/policies.ts"
import type { Difference } from "./compare.ts"

let its: Program
let caseId: string
let summary: string
let high: TestPartner
let low: TestPartner

beforeEach(async () => {
    its = await program()
    high = await newPartner(its, "validate")
    low = await newPartner(its, "entry")
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary])
}, 120_000)
afterEach(() => its.database.close())

const asManager = <T>(work: Parameters<typeof its.acting<T>>[1]) => its.acting(its.manager, work)
const preview = (of: TestPartner, change: Change) => asManager((act) => previewChange(act, [of.id], change))
const toHigher = { fact: "tier", value: "validate" } as const
const shown = (differences: readonly Difference[]) =>
    differences.map(({ partners, artifacts, change, onceGiven }) => ({ partners, artifacts, change, onceGiven }))
const warned = (one: TestPartner) => its.acting(one.analyst, (act) => warningsFor(act, one.id))

/** A new version of the agreement, which nobody has accepted yet. */
async function lapse(): Promise<void> {
    await asManager((act) => addAgreementAtOnce(act, "Keep it to yourselves, really. ".repeat(10), null))
    its.clock.now += 1000
}

async function accept(one: TestPartner): Promise<void> {
    its.clock.now += 1000
    await its.acting(one.lead, (act) => acceptAgreement(act, 2))
    its.clock.now += 1000
}

test("the preview of a tier shows what a partner has by it as soon as it gives what it owes", async () => {
    const { differences: before } = await preview(low, toHigher)
    expect(before.map(({ onceGiven }) => onceGiven)).toEqual([false])
    await lapse()
    const { differences } = await preview(low, toHigher)
    expect(shown(differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(differences.map((one) => one.after)).toEqual(before.map((one) => one.after))

    const effects = await asManager((act) => effectsToSign(act, low.id, toHigher))
    const approval = await asManager((act) => requestApproval(act, effects ?? expect.fail()))
    await sign(its, approval)
    await asManager((act) => changeTier(act, low.id, "validate", { approval }))
    expect(await warned(low)).toEqual([])
    await accept(low)
    expect(await warned(low)).toHaveLength(1)
})

test("whoever gains by a policy, once it has given what it owes, is named in what two sign", async () => {
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await asManager((act) => setDuties(act, high.id, rmsv))
    await asManager((act) => activatePolicy(act, 2))
    await lapse()
    const { differences, effects } = await asManager((act) => previewPolicy(act, 1))
    expect(shown(differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(effects).toMatchObject({ recipients: [high.id], artifacts: [{ artifact: summary, version: 1 }] })

    const approval = await asManager((act) => requestActivation(act, 1))
    await sign(its, approval)
    // That it gives it meanwhile is no reason to sign anew.
    await accept(high)
    await asManager((act) => activatePolicy(act, 1, approval))
    expect(await warned(high)).toHaveLength(1)
})

test("an answer to an embargo is owed for its case alone, and shown as that", async () => {
    const other = await newCase(its, "bypass")
    const rules = await newArtifact(its, other, "rules", "toolshell/guidance.md")
    await its.acting(its.author, (act) => inviteToEmbargo(act, caseId, low.id))
    const { differences } = await preview(low, toHigher)
    const sooner = { partners: [low.id], change: "earlier" }
    expect(shown(differences)).toEqual([
        { ...sooner, artifacts: [rules], onceGiven: false },
        { ...sooner, artifacts: [summary], onceGiven: true },
    ])
    await its.acting(low.lead, (act) => answerInvitation(act, caseId, true))
    expect((await preview(low, toHigher)).differences.map((one) => one.onceGiven)).toEqual([false, false])
})

test("what a suspension takes is shown of whoever owes something, too; who owes nothing is shown once", async () => {
    await lapse()
    await accept(low)
    const lost = await preview(high, { fact: "standing", value: "suspended" })
    expect(shown(lost.differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    const both = await asManager((act) =>
        previewChange(act, [low.id, high.id], { fact: "standing", value: "suspended" }),
    )
    expect(shown(both.differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "narrower", onceGiven: false },
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    await asManager((act) => changeStanding(act, high.id, "suspended"))
    expect((await preview(high, { fact: "standing", value: "suspended" })).differences).toEqual([])
})

test("whoever owes nothing is decided about no more often because somebody else does", async () => {
    const questions = async () => {
        let asked = 0
        await asManager((act) => {
            const engine = act.doors.policy
            const ask: typeof engine.ask = (...question) => {
                asked++
                return engine.ask(...question)
            }
            return previewPolicy({ ...act, doors: { ...act.doors, policy: { ...engine, ask } } }, 2)
        })
        return asked
    }
    const before = await questions()
    await lapse()
    await accept(low)
    expect(await questions()).toBe(before)
})
