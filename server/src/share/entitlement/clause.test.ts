import { expect, test } from "vitest"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { type UnmetCondition, unmetConditionOf } from "./clause.ts"
import type { DecisionRequest, PartnerFacts } from "./facts.ts"
import { packs } from "./packs/shipped.ts"
import { actionOf, questionOf, schemaText } from "./schema.ts"

const engine = openPolicyEngine()

function requestOf(tier: PartnerFacts["tier"]): DecisionRequest {
    const facts = { partner: "p", dutyRegimes: [], overdue: [], restriction: null }
    const waves = { validate: null, advance: null, entry: null, publication: null }
    return {
        partner: { ...facts, tier, reporting: "never", status: "active", agreement: "accepted" },
        consent: "signatory",
        artifact: {
            artifact: "a",
            case: "c",
            origins: [],
            class: "poc",
            newest: 1,
            recalled: [],
            exploited: false,
            closure: null,
            waves,
        },
    }
}

function conditionsOf(text: string, request: DecisionRequest): UnmetCondition[] {
    engine.load("it", text, schemaText)
    return engine
        .clauses("it", questionOf(request, actionOf.full))
        .map((clause) => unmetConditionOf(clause, request.partner))
}

/** Writes a condition like `tier_is advance|validate`, with `&` and `|` between parts. */
const written = ({ parts, isAll, tier }: UnmetCondition): string =>
    parts
        .map(({ code, values, ...part }) => [code, values.join(part.isAll ? "+" : "|")].filter(Boolean).join(" "))
        .join(isAll ? " & " : " or ") + (tier === undefined ? "" : `; ${tier}`)

test.each([
    ['principal.tier != Tier::"none"', "tier_any; entry"],
    ['principal.tier == Tier::"validate"', "tier_is validate; entry"],
    ['!(principal.tier == Tier::"entry")', "tier_is_not entry; entry"],
    ['[Tier::"advance", Tier::"validate"].contains(principal.tier)', "tier_is advance|validate; entry"],
    ["principal.reportsBeforePublication", "may_report"],
    ["!principal.reportsBeforePublication", "need_not_report"],
    ['principal.dutyRegimes.contains(Regime::"CRA")', "duty CRA"],
    ['!principal.dutyRegimes.contains(Regime::"CRA")', "no_duty CRA"],
    ['principal.dutyRegimes.containsAny([Regime::"CRA", Regime::"RMSV"])', "duty CRA|RMSV"],
    ['principal.dutyRegimes.containsAll([Regime::"CRA", Regime::"RMSV"])', "duty CRA+RMSV"],
    ['[Class::"poc", Class::"repro"].contains(resource.class)', "class_is poc|repro"],
    ['resource.cases.contains(Case::"1")', "case_is 1"],
    [
        'principal.tier == Tier::"advance" || !principal.reportsBeforePublication',
        "tier_is advance or need_not_report; entry",
    ],
    [
        '!(principal.tier == Tier::"advance" || principal.reportsBeforePublication)',
        "tier_is_not advance & need_not_report; entry",
    ],
])("%s", (clause, value) => {
    const text = `@id("a") @title("A") permit (principal, action, resource) when { ${clause} };`
    expect(conditionsOf(text, requestOf("entry")).map(written)).toEqual([value])
})

test("a partner without a tier has null; an unknown clause has no parts", () => {
    const text = '@id("a") @title("A") permit (principal, action, resource) when { principal.tier == Tier::"entry" };'
    expect(conditionsOf(text, requestOf(null))[0]?.tier).toBeNull()
    const odd = text.replace('principal.tier == Tier::"entry"', 'principal.dutyRegimes == [Regime::"CRA"]')
    expect(conditionsOf(odd, requestOf(null))).toEqual([{ parts: [], isAll: true }])
})

test.each(
    packs.flatMap((pack) =>
        pack.policies.map((policyText) => [`${pack.name}: ${policyText.name}`, policyText] as const),
    ),
)("every clause of the shipped policy has a description: %s", (_, policyText) => {
    const conditions = conditionsOf(policyText.text, requestOf(null))
    expect(conditions.length).toBeGreaterThan(0)
    for (const { parts } of conditions) expect(parts).not.toEqual([])
})
