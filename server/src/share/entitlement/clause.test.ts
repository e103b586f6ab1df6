import { expect, test } from "vitest"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { unmetClauseText } from "./clause.ts"
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

function clauseTexts(text: string, request: DecisionRequest): string[] {
    engine.load("it", text, schemaText)
    return engine
        .clauses("it", questionOf(request, actionOf.full))
        .map((clause) => unmetClauseText(clause, request.partner))
}

test.each([
    ['principal.tier != Tier::"none"', "the partner has a tier; its tier is entry"],
    ['principal.tier == Tier::"validate"', "the partner's tier is validate; its tier is entry"],
    ['!(principal.tier == Tier::"entry")', "the partner's tier is not entry; its tier is entry"],
    [
        '[Tier::"advance", Tier::"validate"].contains(principal.tier)',
        "the partner's tier is advance or validate; its tier is entry",
    ],
    ["principal.reportsBeforePublication", "the partner may have to report before publication"],
    ["!principal.reportsBeforePublication", "the partner need not report before publication"],
    ['principal.dutyRegimes.contains(Regime::"CRA")', "the partner is under the duty CRA"],
    ['!principal.dutyRegimes.contains(Regime::"CRA")', "the partner is not under the duty CRA"],
    [
        'principal.dutyRegimes.containsAny([Regime::"CRA", Regime::"RMSV"])',
        "the partner is under the duties CRA or RMSV",
    ],
    [
        'principal.dutyRegimes.containsAll([Regime::"CRA", Regime::"RMSV"])',
        "the partner is under the duties CRA and RMSV",
    ],
    ['[Class::"poc", Class::"repro"].contains(resource.class)', "the class is poc or repro"],
    ['resource.cases.contains(Case::"1")', "it is of the case 1, or of one that bypasses or varies it"],
    [
        'principal.tier == Tier::"advance" || !principal.reportsBeforePublication',
        "the partner's tier is advance, or the partner need not report before publication; its tier is entry",
    ],
    [
        '!(principal.tier == Tier::"advance" || principal.reportsBeforePublication)',
        "the partner's tier is not advance, and the partner need not report before publication; its tier is entry",
    ],
])("%s", (clause, value) => {
    const text = `@id("a") @title("A") permit (principal, action, resource) when { ${clause} };`
    expect(clauseTexts(text, requestOf("entry"))).toEqual([`It requires that ${value}`])
})

test("a partner without a tier has the reason `no tier`; an unknown reason refers to the policy", () => {
    const text = '@id("a") @title("A") permit (principal, action, resource) when { principal.tier == Tier::"entry" };'
    expect(clauseTexts(text, requestOf(null))).toEqual(["It requires that the partner's tier is entry; it has no tier"])
    const odd = '@id("a") @title("A") permit (principal, action, resource) when { principal.dutyRegimes == [] };'
    expect(clauseTexts(odd.replace("== []", '== [Regime::"CRA"]'), requestOf(null))).toEqual([
        "This clause has no description: see its text",
    ])
})

test.each(
    packs.flatMap((pack) =>
        pack.policies.map((policyText) => [`${pack.name}: ${policyText.name}`, policyText] as const),
    ),
)("every clause of the shipped policy has a text: %s", (_, policyText) => {
    const inputs = clauseTexts(policyText.text, requestOf(null))
    expect(inputs.length).toBeGreaterThan(0)
    for (const input of inputs) expect(input).toMatch(/^It requires that [^:"\]]+$/)
})
