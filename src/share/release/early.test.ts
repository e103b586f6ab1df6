/** A version of the agreement that is accepted before it applies: it takes nothing away, and what it gives is signed for. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce, recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "../../lib/instant.ts"
import { requestApproval } from "../../trust/approvals/actions.ts"
import { minding } from "../../trace/waiting/actions/telling.ts"
import { acceptAgreement, addAgreement, agreementEffectsToSign } from "../../trust/partners/actions/agreements.ts"
import { answerInvitation, consentsOf, exitEmbargo, inviteToEmbargo } from "../cases/actions/consents.ts"
import { moveEmbargo } from "../cases/actions/embargo.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { previewAgreement } from "../entitlement/actions/lapses.ts"
import { wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"

let its: Program
let one: TestPartner
let other: TestPartner
let caseId: string
let summary: string

const falls = parseInstant("2025-06-24T17:00:00Z")

beforeEach(async () => {
    its = await program()
    one = await newPartner(its, "validate")
    other = await newPartner(its, "validate")
}, 120_000)
afterEach(() => its.database.close())

const decided = (id: string) => its.acting(its.manager, (act) => entitlementTo(act, id, summary))
const has = async ({ id }: TestPartner) => (await decided(id))?.version ?? null
const lacks = async ({ id }: TestPartner) => (await decided(id))?.decision.why.map(({ title }) => title)
const accept = (who: TestPartner, version: number) => its.acting(who.lead, (act) => acceptAgreement(act, version))

async function openCase(): Promise<void> {
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
}

async function validateWave() {
    const wave = (await its.acting(its.manager, (act) => wavesOf(act, caseId))).find(({ tier }) => tier === "validate")
    if (!wave) throw new Error("no such wave")
    return wave
}

async function arm(): Promise<void> {
    const { id } = await validateWave()
    await sign(its, await its.acting(its.manager, (act) => requestRelease(act, id)))
}

/** A version to come, signed by two where it consents to more, which both leads accept at once. */
async function acceptedEarly(longestEmbargoDays: number, applies: Instant): Promise<void> {
    const { seen, version } = await its.acting(its.manager, (act) => previewAgreement(act, applies, longestEmbargoDays))
    const text = "Another text. ".repeat(10)
    const approval = await its.acting(its.manager, async (act) => {
        const effects = await agreementEffectsToSign(act, text, null, [], longestEmbargoDays)
        return effects ? await requestApproval(act, effects) : undefined
    })
    if (approval !== undefined) await sign(its, approval)
    const besides = { longestEmbargoDays, applies, seen, approval }
    await its.acting(its.manager, (act) => addAgreement(act, text, null, [], besides))
    its.clock.now += 1
    for (const who of [one, other]) await accept(who, version)
}

test("one that consents to less takes nothing of an embargo that was agreed before; of a later end it is asked", async () => {
    await openCase()
    await arm()
    its.clock.now = falls
    await releasing.run(its.doors)
    await acceptedEarly(10, falls + dayMs)
    expect(await has(other)).toBe(1)

    its.clock.now = falls + 2 * dayMs
    expect(await has(other)).toBe(1)
    await its.acting(other.lead, (act) => exitEmbargo(act, caseId))
    expect(await has(other)).toBeNull()

    await its.acting(its.author, (act) =>
        moveEmbargo(act, caseId, parseInstant("2025-07-09T17:00:00Z"), "The fix takes a day more."),
    )
    expect(await has(one)).toBeNull()
    const consents = await its.acting(its.author, (act) => consentsOf(act, caseId))
    expect(consents.map(({ partner, state }) => [partner, state])).toEqual([
        [other.id, "declined"],
        [one.id, "invited"],
    ])
    await its.acting(one.lead, (act) => answerInvitation(act, caseId, true))
    expect(await has(one)).toBe(1)
})

test("one that consents to less covers no embargo that is agreed once it applies", async () => {
    await acceptedEarly(10, its.clock.now + hourMs)
    its.clock.now += 2 * hourMs
    await openCase()
    expect(await lacks(one)).toContain("The partner has not been asked to keep this embargo")
})

test("whoever lapses by it is not said to be without consent, and has all again by accepting it", async () => {
    await openCase()
    await arm()
    its.clock.now = falls
    await releasing.run(its.doors)
    await its.acting(its.manager, (act) => addAgreementAtOnce(act, "Another text. ".repeat(10), null, [], 10))
    expect(await has(one)).toBeNull()
    expect(await lacks(one)).toContain("The partner's consent to this embargo has lapsed")
    its.clock.now += dayMs
    await accept(one, 2)
    expect(await has(one)).toBe(1)
})

test("one that consents to more, and comes to apply: a wave that was signed without it falls from its signature before its instant", async () => {
    await its.acting(its.manager, (act) => addAgreementAtOnce(act, "Short. ".repeat(20), null, [], 10))
    for (const who of [one, other]) await accept(who, 2)
    its.clock.now += 1
    await openCase()
    await its.acting(its.author, (act) => inviteToEmbargo(act, caseId, one.id))
    await its.acting(one.lead, (act) => answerInvitation(act, caseId, true))
    const applies = its.clock.now + 12 * hourMs
    await acceptedEarly(365, applies)
    await minding.run(its.doors)
    await arm()
    const fallen = async () => (await recorded(its.database)).filter(({ kind }) => kind === "wave.approval_voided")

    its.clock.now = applies - 1
    await minding.run(its.doors)
    expect(await fallen()).toEqual([])
    its.clock.now = applies + hourMs
    await minding.run(its.doors)
    expect((await fallen()).map(({ body }) => [body["case"], body["code"]])).toEqual([
        [caseId, "release.effects_changed"],
    ])
    await arm()
    its.clock.now = falls
    await releasing.run(its.doors)
    expect([await has(one), await has(other)]).toEqual([1, 1])
})
