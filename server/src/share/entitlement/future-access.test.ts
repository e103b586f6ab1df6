/**
 * Compares previews with what then happens, or happens once requirements are met, for generated changes of tier,
 * status, duties, restriction and policy.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { addAgreementAtOnce, awaitRefusalCode } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import { requestApproval, signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { type Effects, hashOf } from "../../trust/approvals/approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { acceptAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import {
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
    setRestriction,
} from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../trust/partners/facts.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { linkCases } from "../cases/actions/link-cases.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { previewChange } from "./actions/preview-change.ts"
import { loadMatrix } from "./actions/decide-access.ts"
import { activatePolicy, addPolicy, previewPolicy } from "./actions/manage-policies.ts"
import { type Difference, isNarrowing } from "./compare.ts"
import type { Decision } from "./decide.ts"
import { threeTier } from "./packs/three-tier.ts"

let world: Program
const cases: string[] = []
const partners: TestPartner[] = []

/**
 * Three cases: one with two released waves, the later with more; its bypass; and one withdrawn after its wave was
 * released. Of nine partners, the last three have not accepted the newest agreement, and the sixth has not answered
 * the invitation to the embargo of the bypass.
 */
beforeAll(async () => {
    world = await createProgram()
    for (const tier of [...tiers, ...tiers, ...tiers]) partners.push(await newPartner(world, tier))
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Keep it, really. ".repeat(10), null))
    for (const { lead } of partners.slice(0, 6)) await world.acting(lead, (ctx) => acceptAgreement(ctx, 2))
    for (const which of ["toolshell", "bypass", "toolshell"] as const) cases.push(await newCase(world, which))
    const [first = "", bypass = "", withdrawn = ""] = cases
    await world.acting(world.author, (ctx) => linkCases(ctx, bypass, first, "bypass_of"))
    const opened = [await newArtifact(world, first, "summary", "toolshell/summary.md")]
    opened.push(await newArtifact(world, first, "poc", "toolshell/technical.md"))
    const rules = await newArtifact(world, first, "rules", "toolshell/guidance.md")
    await newArtifact(world, bypass, "repro", "toolshell/technical.md")
    const lost = await newArtifact(world, withdrawn, "technical", "toolshell/technical.md")
    world.clock.now += 2 * dayMs
    await releaseWaveNow(world, first, "validate", opened)
    await releaseWaveNow(world, first, "advance", [...opened, rules])
    await releaseWaveNow(world, withdrawn, "validate", [lost])
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, bypass, partners[5]?.id ?? ""))
    await world.acting(world.author, (ctx) => closeCase(ctx, withdrawn, "withdrawn", "It was none."))
    const forbid = `@id("no-rules") @title("No rules") forbid (principal, action, resource)
        when { resource.class == Class::"rules" && principal.tier == Tier::"entry" };`
    const examples = `${threeTier.examples}entry | rules | publication | withheld`
    await world.acting(world.manager, (ctx) =>
        addPolicy(ctx, { name: "Without rules", text: threeTier.text + forbid, examples }),
    )
}, 120_000)
afterAll(() => world.database.close())

const restriction = fc.record({
    withhold: fc.subarray([...artifactClasses]),
    notBeforePublication: fc.boolean(),
    cases: fc.option(fc.nat(2).map((n) => [n])),
})
const anyChange = fc.oneof(
    fc.constantFrom(...tiers).map((value) => ({ fact: "tier" as const, value })),
    fc.constantFrom("active", "restricted", "suspended").map((value) => ({ fact: "status" as const, value })),
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

test("the preview shows exactly what then happens, for every partner and case", async () => {
    const changed = { now: 0, onceGiven: 0 }
    await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
            const playing = world.acting(world.manager, async (ctx) => {
                for (const step of steps) {
                    const { now, onceGiven } = await countForeseen(ctx, step)
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

/** Previews a change, applies it, and compares; returns the number of changed cells. */
async function countForeseen(ctx: ActionContext, step: Step): Promise<{ now: number; onceGiven: number }> {
    const before = { now: await cellsAt(ctx), onceGiven: await cellsOnceGiven(ctx) }
    const differences = "policy" in step ? await activate(ctx, step.policy) : await decide(ctx, step)
    const after = { now: await cellsAt(ctx), onceGiven: await cellsOnceGiven(ctx) }
    const isOther = (when: "now" | "onceGiven", cell: string): boolean =>
        essenceOf(before[when].get(cell)) !== essenceOf(after[when].get(cell))
    const cells = [...after.now.keys()]
    const happened = {
        now: cells.filter((cell) => isOther("now", cell)),
        onceGiven: cells.filter((cell) => isOther("onceGiven", cell) && !isOther("now", cell)),
    }
    for (const when of ["now", "onceGiven"] as const) {
        const shown = cellsIn(
            differences.filter((difference) => difference.onceRequirementsMet === (when === "onceGiven")),
        )
        // A cell withheld for another reason may also have open requirements, which are not shown as met.
        const describe = (decision: Decision | undefined) =>
            when === "onceGiven" && decision?.grantedClass === null ? essenceOf(decision) : decision
        expect(new Map(shown.map(([cell, difference]) => [cell, describe(difference.after)]))).toEqual(
            new Map(happened[when].map((cell) => [cell, describe(after[when].get(cell))])),
        )
        for (const [cell, difference] of shown)
            expect(describe(difference.before)).toEqual(describe(before[when].get(cell)))
    }
    return { now: happened.now.length, onceGiven: happened.onceGiven.length }
}

function cellsIn(differences: readonly Difference[]) {
    return differences.flatMap((difference) =>
        difference.partners.flatMap((partner) =>
            difference.artifacts.map((artifact) => [`${partner} ${artifact}`, difference] as const),
        ),
    )
}

/** The cells as if every partner had met its requirements by now. None has. */
async function cellsOnceGiven(ctx: ActionContext): Promise<Map<string, Decision>> {
    await ctx.tx.query("savepoint before_giving")
    for (const { lead } of partners.slice(6)) await awaitRefusalCode(acceptAgreement({ ...ctx, actor: lead }, 2))
    for (const { lead } of partners.slice(5, 6)) {
        await awaitRefusalCode(answerInvitation({ ...ctx, actor: lead }, cases[1] ?? "", true))
    }
    const cells = await cellsAt(ctx)
    await ctx.tx.query("rollback to savepoint before_giving")
    return cells
}

async function activate(ctx: ActionContext, version: number): Promise<readonly Difference[]> {
    const { replaces, effects, differences } = await previewPolicy(ctx, version)
    if (replaces === version) return differences
    const gain = differences.filter((difference) => !isNarrowing([difference]))
    const recipients = effects?.recipients ?? []
    expect(gain.flatMap((difference) => difference.partners).filter((item) => !recipients.includes(item))).toEqual([])
    await activatePolicy(ctx, version, await signEffects(ctx, effects))
    return differences
}

async function decide(
    ctx: ActionContext,
    { who: entries, change }: Extract<Step, { who: number[] }>,
): Promise<readonly Difference[]> {
    const ids = entries.map((n) => partners[n]?.id ?? "")
    const input = resolveCases(change)
    const { differences, peopleNeeded } = await previewChange(ctx, ids, input)
    let people = 1
    for (const id of ids) {
        const approval = await signEffects(ctx, await computeChangeEffects(ctx, id, input))
        if (approval !== undefined) people = 2
        await applyChange(ctx, id, input, approval)
    }
    expect(peopleNeeded).toBe(people)
    // One person only ever takes away, or puts off.
    expect(peopleNeeded === 2 ? [] : differences.filter((difference) => !isNarrowing([difference]))).toEqual([])
    return differences
}

async function applyChange(
    ctx: ActionContext,
    id: string,
    { fact, value }: FactChange,
    approval: string | undefined,
): Promise<void> {
    if (fact === "tier") await changeTier(ctx, id, value, { approval })
    else if (fact === "status") await changePartnerStatus(ctx, id, value, { approval })
    else if (fact === "duties") await setDuties(ctx, id, value, { approval })
    else await setRestriction(ctx, id, value, { approval })
}

async function signEffects(ctx: ActionContext, effects: Effects | null): Promise<string | undefined> {
    if (effects === null) return undefined
    const approval = await requestApproval(ctx, effects)
    await signApproval({ ...ctx, actor: world.approver }, approval, hashOf(effects))
    return approval
}

/** Replaces case numbers by case ids. */
function resolveCases(change: Extract<Step, { who: number[] }>["change"]): FactChange {
    if (change.fact !== "restriction" || change.value === null) return change as FactChange
    const numbers = change.value.cases
    return { ...change, value: { ...change.value, cases: numbers && numbers.map((n) => cases[n] ?? "") } }
}

async function cellsAt(ctx: ActionContext): Promise<Map<string, Decision>> {
    const cells = new Map<string, Decision>()
    for (const caseId of cases) {
        const { entitlements } = await loadMatrix(ctx, caseId)
        for (const { partner, artifact, decision } of entitlements) cells.set(`${partner} ${artifact}`, decision)
        // A withdrawn case gives nothing more: content is there already, or never.
        const promised = caseId === cases[2] ? entitlements.filter((entitlement) => entitlement.version === null) : []
        expect(promised.filter(({ decision }) => decision.from !== null)).toEqual([])
    }
    return cells
}

/** What a partner gets, and when, without the reasons. */
function essenceOf(decision: Decision | undefined): string {
    if (!decision) throw new Error("a cell is new")
    const { outcome, grantedClass: gives, from, waves, available } = decision
    return JSON.stringify([outcome === "at_publication" ? "full" : outcome, gives, from, waves.length, available])
}
