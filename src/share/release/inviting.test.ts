/** By no yes does a partner have what nobody signed for it to have; and by no yes does a wave fall that was signed. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, member, recorded } from "../../../test/acting.ts"
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
import { flow } from "../../flow.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { runNext } from "../../platform/worker.ts"
import { requestApproval } from "../../trust/approvals/actions.ts"
import {
    acceptAgreement,
    addAgreement,
    agreementEffectsToSign,
    lapseBy,
} from "../../trust/partners/actions/agreements.ts"
import { addPartner, changeStanding } from "../../trust/partners/actions/changes.ts"
import { answerInvitation, consentsOf, exitEmbargo } from "../cases/actions/consents.ts"
import { moveEmbargo } from "../cases/actions/embargo.ts"
import { previewChange } from "../entitlement/actions/changes.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"
import { type Terms, type Whom, invite } from "./actions/inviting.ts"

let its: Program
let caseId: string
let summary: string
let first: TestPartner
let second: TestPartner

beforeEach(async () => {
    its = await program()
    first = await newPartner(its, "validate")
    second = await newPartner(its, "validate")
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
})
afterEach(async () => await its.database.close())

const wave = async () => {
    const waves = await its.acting(its.manager, (act) => wavesOf(act, caseId))
    return waves.find((one) => one.tier === "validate")?.id ?? ""
}

async function arm(): Promise<void> {
    const id = await wave()
    await sign(its, await its.acting(its.manager, (act) => requestRelease(act, id)))
}

/** To whom it fell; null: it did not. */
async function falls(): Promise<unknown> {
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releasing.run(its.doors)
    return (await recorded(its.database)).findLast(({ kind }) => kind === "wave.released")?.body["recipients"] ?? null
}

const has = async ({ id }: { id: string }) =>
    await its.acting(its.manager, async (act) => (await entitlementTo(act, id, summary))?.version ?? null)
/** What follows from what was recorded has been done. */
async function settle(): Promise<void> {
    while (await runNext(its.doors, flow));
}
async function ask(whom: Whom, terms: Terms = {}) {
    const done = await its.acting(its.author, (act) => invite(act, caseId, whom, terms))
    await settle()
    return done
}
async function says({ lead }: Pick<TestPartner, "lead">, yes: boolean): Promise<void> {
    await its.acting(lead, (act) => answerInvitation(act, caseId, yes))
    await settle()
}
const both = () => [first.id, second.id].toSorted()
const disarmed = async () => (await recorded(its.database)).filter(({ kind }) => kind === "wave.approval_voided").length

/** Let in by two, and has accepted nothing yet. */
async function newcomer() {
    const details = { name: "New", mail: "psirt@new.example", tier: "validate", standing: "active" } as const
    const id = await its.acting(its.manager, (act) => addPartner(act, details))
    return { id, lead: await member(its.acting, id, ["lead"]) }
}

test("whoever was asked and has not answered is signed for with the others, and its late yes opens what was signed", async () => {
    await ask({ tier: "validate" })
    await says(first, true)
    await arm()
    expect(await falls()).toEqual(both())
    expect([await has(first), await has(second)]).toEqual([1, null])
    its.clock.now += dayMs
    await says(second, true)
    expect((await fetched(its, second, summary)).length).toBeGreaterThan(0)
})

test("a signature without whoever is asked falls at the asking, and no yes or no takes one away", async () => {
    await its.acting(second.lead, (act) => exitEmbargo(act, caseId))
    await arm()
    await ask({ partner: first.id })
    expect(await disarmed()).toBe(0)
    await ask({ partner: second.id })
    expect(await disarmed()).toBe(1)
    await arm()
    its.clock.now += 1
    await says(first, true)
    await says(second, false)
    expect(await falls()).toEqual([first.id])
    expect([await disarmed(), await has(first), await has(second)]).toEqual([1, 1, null])
})

test("whoever left before is asked by two once the wave has fallen without it", async () => {
    await its.acting(second.lead, (act) => exitEmbargo(act, caseId))
    await arm()
    expect(await falls()).toEqual([first.id])
    const asked = await ask({ partner: second.id })
    expect(asked).toMatchObject({ done: false, invited: 0 })
    expect(await codeOf(says(second, true))).toBe("consent.not_open")
    const approval = asked.approval ?? ""
    expect(await codeOf(ask({ partner: second.id }, { approval }))).toBe("approval.not_signed")
    await sign(its, approval)
    expect(await codeOf(ask({ partner: first.id }, { approval }))).toBe("done")
    expect(await ask({ partner: second.id }, { approval })).toEqual({ done: true, invited: 1, approval })
    await says(second, true)
    expect(await has(second)).toBe(1)
    await its.acting(second.lead, (act) => exitEmbargo(act, caseId))
    expect(await codeOf(ask({ partner: second.id }, { approval }))).toBe("approval.already_applied")
})

test.each(["frozen", "put off"] as const)("nor is it asked by one while the wave is %s", async (state) => {
    await its.acting(second.lead, (act) => exitEmbargo(act, caseId))
    await arm()
    await falls()
    const fallen = await wave()
    const end = parseInstant("2025-07-15T17:00:00Z")
    await its.acting(its.author, async (act) => {
        if (state === "frozen") await freezeWave(act, fallen)
        else await moveEmbargo(act, caseId, end, "more time")
    })
    expect(await has(second)).toBeNull()
    expect(await ask({ partner: second.id })).toMatchObject({ done: false })
})

test("one person asks whoever was signed for, before the fall and after it", async () => {
    await arm()
    expect(await falls()).toEqual(both())
    expect(await ask({ tier: "validate" }, { withinMs: 3 * dayMs })).toEqual({ done: true, invited: 2, approval: null })
    expect(await codeOf(ask({ partner: first.id }))).toBe("consent.already_invited")
    expect(await ask({ tier: "validate" })).toEqual({ done: true, invited: 0, approval: null })
    its.clock.now += 3 * dayMs
    const states = (await its.acting(its.author, (act) => consentsOf(act, caseId))).map((one) => one.state)
    expect(states).toEqual(["declined", "declined"])
    expect(await ask({ partner: first.id })).toMatchObject({ done: false })
})

test("whoever has not accepted the agreement yet is signed for, and its yes opens what was signed", async () => {
    const late = await newcomer()
    await arm()
    expect(await falls()).toEqual([...both(), late.id].toSorted())
    expect(await has(late)).toBeNull()
    await its.acting(late.lead, (act) => acceptAgreement(act, 1))
    expect(await has(late)).toBe(1)
})

test("an agreement that consents to longer embargoes takes two, and a shorter one takes one", async () => {
    const add = (days: number, approval?: string) =>
        its.acting(its.manager, async (act) => {
            const { seen } = await lapseBy(act, "at once", days)
            const besides = { longestEmbargoDays: days, applies: "at once", seen, approval } as const
            return await addAgreement(act, longer, null, [], besides)
        })
    const longer = "Keep it longer. ".repeat(10)
    expect(await codeOf(add(10))).toBe("done")
    expect(await codeOf(add(11))).toBe("partner.needs_two_people")
    const id = await its.acting(its.manager, async (act) => {
        const effects = await agreementEffectsToSign(act, longer, null, [], 90)
        return effects ? await requestApproval(act, effects) : ""
    })
    expect(await codeOf(add(90, id))).toBe("approval.not_signed")
    await sign(its, id)
    expect(await codeOf(add(91, id))).toBe("approval.effects_exceeded")
    expect(await codeOf(add(90, id))).toBe("done")
})

test("who lets a partner in is shown what it then has by accepting the agreement alone", async () => {
    const late = await newcomer()
    await its.acting(its.manager, (act) => changeStanding(act, late.id, "suspended"))
    await arm()
    await falls()
    its.clock.now += 1
    const change = { fact: "standing", value: "active" } as const
    const { differences } = await its.acting(its.manager, (act) => previewChange(act, [late.id], change))
    expect(differences.map((one) => [one.change, one.after.available])).toEqual([["wider", true]])
})

test("whoever accepts the agreement before the instant stops nobody's wave", async () => {
    const late = await newcomer()
    await arm()
    its.clock.now += 1
    await its.acting(late.lead, (act) => acceptAgreement(act, 1))
    await settle()
    expect(await falls()).toEqual([...both(), late.id].toSorted())
    expect([await has(first), await has(late)]).toEqual([1, 1])
})
