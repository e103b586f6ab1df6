/**
 * A preview is what then happens, or as soon as what is owed is given: over generated changes of tier, standing, duties,
 * restriction and policy.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { addAgreementAtOnce, codeOf } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs } from "../../lib/instant.ts"
import { requestApproval, signApproval } from "../../trust/approvals/actions.ts"
import { type Effects, hashOf } from "../../trust/approvals/approval.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { acceptAgreement } from "../../trust/partners/actions/agreements.ts"
import {
    changeStanding,
    changeTier,
    effectsToSign,
    setDuties,
    setRestriction,
} from "../../trust/partners/actions/changes.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import type { Change } from "../../trust/partners/facts.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { closeCase, linkCases } from "../cases/actions.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/consents.ts"
import { previewChange } from "./actions/changes.ts"
import { matrixOf } from "./actions/entitlements.ts"
import { activatePolicy, addPolicy, previewPolicy } from "./actions/policies.ts"
import { type Difference, isNarrowing } from "./compare.ts"
import type { Decision } from "./decide.ts"
import { threeTier } from "./packs/three-tier.ts"

let its: Program
const cases: string[] = []
const partners: TestPartner[] = []

/**
 * Three cases: one of which two waves have fallen, the later one with more, its bypass, and one that was withdrawn after its
 * wave had fallen. Of nine partners, the last three have not accepted the newest agreement, and the sixth has not answered
 * whether it keeps the embargo of the bypass.
 */
beforeAll(async () => {
    its = await program()
    for (const tier of [...tiers, ...tiers, ...tiers]) partners.push(await newPartner(its, tier))
    await its.acting(its.manager, (act) => addAgreementAtOnce(act, "Keep it, really. ".repeat(10), null))
    for (const { lead } of partners.slice(0, 6)) await its.acting(lead, (act) => acceptAgreement(act, 2))
    for (const which of ["toolshell", "bypass", "toolshell"] as const) cases.push(await newCase(its, which))
    const [first = "", bypass = "", withdrawn = ""] = cases
    await its.acting(its.author, (act) => linkCases(act, bypass, first, "bypass of"))
    const opened = [await newArtifact(its, first, "summary", "toolshell/summary.md")]
    opened.push(await newArtifact(its, first, "poc", "toolshell/technical.md"))
    const rules = await newArtifact(its, first, "rules", "toolshell/guidance.md")
    await newArtifact(its, bypass, "repro", "toolshell/technical.md")
    const lost = await newArtifact(its, withdrawn, "technical", "toolshell/technical.md")
    its.clock.now += 2 * dayMs
    await fall(its, first, "validate", opened)
    await fall(its, first, "advance", [...opened, rules])
    await fall(its, withdrawn, "validate", [lost])
    await its.acting(its.author, (act) => inviteToEmbargo(act, bypass, partners[5]?.id ?? ""))
    await its.acting(its.author, (act) => closeCase(act, withdrawn, "withdrawn", "It was none."))
    const forbid = `@id("no-rules") @title("No rules") forbid (principal, action, resource)
        when { resource.class == Class::"rules" && principal.tier == Tier::"entry" };`
    const examples = `${threeTier.examples}entry | rules | publication | withheld`
    await its.acting(its.manager, (act) =>
        addPolicy(act, { name: "Without rules", text: threeTier.text + forbid, examples }),
    )
}, 120_000)
afterAll(() => its.database.close())

const restriction = fc.record({
    withhold: fc.subarray([...artifactClasses]),
    notBeforePublication: fc.boolean(),
    cases: fc.option(fc.nat(2).map((n) => [n])),
})
const anyChange = fc.oneof(
    fc.constantFrom(...tiers).map((value) => ({ fact: "tier" as const, value })),
    fc.constantFrom("active", "restricted", "suspended").map((value) => ({ fact: "standing" as const, value })),
    fc.subarray([...dutyTable]).map((value) => ({ fact: "duties" as const, value })),
    fc.option(restriction).map((value) => ({ fact: "restriction" as const, value })),
)
const anyStep = fc.oneof(
    {
        weight: 4,
        arbitrary: fc.record({ who: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1 }), change: anyChange }),
    },
    { weight: 1, arbitrary: fc.record({ policy: fc.constantFrom(1, 2, 3) }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

class Undone extends Error {}

test("what the preview shows is what then happens, to everybody over every case, and nothing else", async () => {
    const changed = { now: 0, onceGiven: 0 }
    await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
            const playing = its.acting(its.manager, async (act) => {
                for (const step of steps) {
                    const { now, onceGiven } = await foreseen(act, step)
                    changed.now += now
                    changed.onceGiven += onceGiven
                }
                throw new Undone()
            })
            await expect(playing).rejects.toThrow(Undone)
        }),
        { numRuns: 25 },
    )
    expect(changed.now).toBeGreaterThan(50)
    expect(changed.onceGiven).toBeGreaterThan(0)
})

/** Previews, does it, and compares; how many cells became others. */
async function foreseen(act: Act, step: Step): Promise<{ now: number; onceGiven: number }> {
    const before = { now: await cellsAt(act), onceGiven: await cellsOnceGiven(act) }
    const differences = "policy" in step ? await activate(act, step.policy) : await decide(act, step)
    const after = { now: await cellsAt(act), onceGiven: await cellsOnceGiven(act) }
    const isOther = (when: "now" | "onceGiven", cell: string): boolean =>
        essenceOf(before[when].get(cell)) !== essenceOf(after[when].get(cell))
    const cells = [...after.now.keys()]
    const happened = {
        now: cells.filter((cell) => isOther("now", cell)),
        onceGiven: cells.filter((cell) => isOther("onceGiven", cell) && !isOther("now", cell)),
    }
    for (const when of ["now", "onceGiven"] as const) {
        const shown = cellsIn(differences.filter((one) => one.onceGiven === (when === "onceGiven")))
        // What is withheld for another reason may owe something besides, and is not said to have given that.
        const told = (its: Decision | undefined) => (when === "onceGiven" && its?.gives === null ? essenceOf(its) : its)
        expect(new Map(shown.map(([cell, one]) => [cell, told(one.after)]))).toEqual(
            new Map(happened[when].map((cell) => [cell, told(after[when].get(cell))])),
        )
        for (const [cell, one] of shown) expect(told(one.before)).toEqual(told(before[when].get(cell)))
    }
    return { now: happened.now.length, onceGiven: happened.onceGiven.length }
}

function cellsIn(differences: readonly Difference[]) {
    return differences.flatMap((one) =>
        one.partners.flatMap((partner) => one.artifacts.map((artifact) => [`${partner} ${artifact}`, one] as const)),
    )
}

/** As everybody would have it who had given what it owes by now. It is not given. */
async function cellsOnceGiven(act: Act): Promise<Map<string, Decision>> {
    await act.tx.query("savepoint before_giving")
    for (const { lead } of partners.slice(6)) await codeOf(acceptAgreement({ ...act, actor: lead }, 2))
    for (const { lead } of partners.slice(5, 6)) {
        await codeOf(answerInvitation({ ...act, actor: lead }, cases[1] ?? "", true))
    }
    const cells = await cellsAt(act)
    await act.tx.query("rollback to savepoint before_giving")
    return cells
}

async function activate(act: Act, version: number): Promise<readonly Difference[]> {
    const { replaces, effects, differences } = await previewPolicy(act, version)
    if (replaces === version) return differences
    const gain = differences.filter((one) => !isNarrowing([one]))
    const recipients = effects?.recipients ?? []
    expect(gain.flatMap((one) => one.partners).filter((one) => !recipients.includes(one))).toEqual([])
    await activatePolicy(act, version, await signed(act, effects))
    return differences
}

async function decide(act: Act, { who, change }: Extract<Step, { who: number[] }>): Promise<readonly Difference[]> {
    const ids = who.map((n) => partners[n]?.id ?? "")
    const its = ofCases(change)
    const { differences, peopleNeeded } = await previewChange(act, ids, its)
    let people = 1
    for (const id of ids) {
        const approval = await signed(act, await effectsToSign(act, id, its))
        if (approval !== undefined) people = 2
        await take(act, id, its, approval)
    }
    expect(peopleNeeded).toBe(people)
    // One person only ever takes away, or puts off.
    expect(peopleNeeded === 2 ? [] : differences.filter((one) => !isNarrowing([one]))).toEqual([])
    return differences
}

async function take(act: Act, id: string, { fact, value }: Change, approval: string | undefined): Promise<void> {
    if (fact === "tier") await changeTier(act, id, value, { approval })
    else if (fact === "standing") await changeStanding(act, id, value, { approval })
    else if (fact === "duties") await setDuties(act, id, value, { approval })
    else await setRestriction(act, id, value, { approval })
}

async function signed(act: Act, effects: Effects | null): Promise<string | undefined> {
    if (effects === null) return undefined
    const approval = await requestApproval(act, effects)
    await signApproval({ ...act, actor: its.approver }, approval, hashOf(effects))
    return approval
}

/** Cases are drawn by their number. */
function ofCases(change: Extract<Step, { who: number[] }>["change"]): Change {
    if (change.fact !== "restriction" || change.value === null) return change as Change
    const numbers = change.value.cases
    return { ...change, value: { ...change.value, cases: numbers && numbers.map((n) => cases[n] ?? "") } }
}

async function cellsAt(act: Act): Promise<Map<string, Decision>> {
    const cells = new Map<string, Decision>()
    for (const one of cases) {
        const { entitlements } = await matrixOf(act, one)
        for (const { partner, artifact, decision } of entitlements) cells.set(`${partner} ${artifact}`, decision)
        // What is withdrawn promises nothing: it is had already, or never.
        const promised = one === cases[2] ? entitlements.filter((its) => its.version === null) : []
        expect(promised.filter(({ decision }) => decision.from !== null)).toEqual([])
    }
    return cells
}

/** What somebody gets, and when; not by which reasons. */
function essenceOf(decision: Decision | undefined): string {
    if (!decision) throw new Error("a cell is new")
    const { outcome, gives, from, waves, available } = decision
    return JSON.stringify([outcome === "atPublication" ? "full" : outcome, gives, from, waves.length, available])
}
