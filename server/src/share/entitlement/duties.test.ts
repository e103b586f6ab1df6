import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { assertGivesNothingForDuties } from "./duties.ts"
import { packs } from "./packs/shipped.ts"
import { threeTier } from "./packs/three-tier.ts"
import { schemaText } from "./schema.ts"

const engine = openPolicyEngine()

function refusalOf(text: string): string | null {
    engine.load("draft", text, schemaText)
    try {
        assertGivesNothingForDuties(engine, "draft", engine.references("draft"))
        return null
    } catch (error) {
        if (error instanceof Refusal) return `${error.code}: ${error.message}`
        throw error
    }
}

const withRule = (rule: string) => `${threeTier.text}\n@id("more") @title("More") ${rule};`

describe("no duty widens access", () => {
    test.each(
        packs.flatMap((pack) =>
            pack.policies.map((policyText) => [pack.name, policyText.name, policyText.text] as const),
        ),
    )("by the pack %s, %s", (_, __, text) => {
        expect(refusalOf(text)).toBeNull()
    })

    test.each([
        [
            "a permit under a regime",
            "permit (principal, action " +
                "== " +
                'Action::"receive", ' +
                "resource) " +
                "when " +
                "{ " +
                'principal.dutyRegimes.contains(Regime::"CRA") ' +
                "}",
        ],
        [
            "a permit for a partner that reports",
            'permit (principal, action == Action::"receive", resource) when { principal.reportsBeforePublication }',
        ],
        [
            "a permit under two regimes only",
            "permit (principal, action " +
                "== " +
                'Action::"receiveAtPublication", ' +
                "resource) " +
                "when " +
                "{ " +
                'principal.dutyRegimes.containsAll([Regime::"CRA", ' +
                'Regime::"RMSV"]) ' +
                "}",
        ],
        [
            "a permit of one case among many",
            `permit (principal, action == Action::"receive", resource) when { ` +
                `(${[..."abcde"].map((name) => `resource.cases.contains(Case::"${name}")`).join(" || ")}) ` +
                `&& principal.dutyRegimes.contains(Regime::"CRA") }`,
        ],
        [
            "a permit for descendants of two of several cases",
            `permit (principal, action == Action::"receive", resource) when { ` +
                `resource.cases.containsAll([Case::"x", Case::"y"]) && !resource.cases.contains(Case::"z") && ` +
                `principal.dutyRegimes.contains(Regime::"CRA") && ` +
                `!principal.dutyRegimes.containsAll([Regime::"CRA", Regime::"RMSV"]) }`,
        ],
        [
            "a permit for exactly two of four cases, for a partner that reports",
            `permit (principal, action == Action::"receive", resource) when { resource.cases == [Case::"w", ` +
                `Case::"y"] && principal.reportsBeforePublication } unless { ` +
                `resource.cases.containsAny([Case::"x", Case::"z"]) }`,
        ],
        [
            "a permit on a field of a record",
            'permit (principal, action == Action::"receive", ' +
                "resource) " +
                "when " +
                "{ " +
                "{annotations: " +
                'principal.dutyRegimes}.annotations.contains(Regime::"CRA") ' +
                "}",
        ],
        [
            "a forbid that a duty lifts",
            'forbid (principal, action == Action::"receive", resource) ' +
                'unless { principal.dutyRegimes.contains(Regime::"CRA") }',
        ],
    ])("%s is refused", (_, rule) => {
        expect(refusalOf(withRule(rule))).toMatch(
            /^policy\.duty_gives_more: `.+` gives `\w+` to partners under `.+` only/,
        )
    })

    test("a permit that a duty removes is accepted", () => {
        const rule =
            'permit (principal, action == Action::"receive", resource) when { principal.tier != Tier::"none" } ' +
            'unless { principal.dutyRegimes.contains(Regime::"CRA") }'
        expect(refusalOf(withRule(rule))).toBeNull()
    })

    const namedCases = (count: number) => Array.from({ length: count }, (_, n) => `Case::"${n}"`).join(", ")

    test("without a rule about duties nothing is checked, however many cases are named", () => {
        const rule = `forbid (principal, action, resource) when { resource.cases.containsAny([${namedCases(40)}]) }`
        expect(refusalOf(withRule(rule))).toBeNull()
        const word = `@id("words") @title("dutyRegimes, reportsBeforePublication") forbid (principal, action, resource)
            when { resource.class == Class::"repro" }; // principal.dutyRegimes`
        expect(refusalOf(`${withRule(rule)}\n${word}`)).toBeNull()
    })

    test.each([
        [
            "regimes",
            `principal.dutyRegimes.containsAny([${Array.from({ length: 9 }, (_, n) => `Regime::"R${n}"`).join(", ")}])`,
            "`9` regimes and `0` cases",
        ],
        [
            "cases",
            `principal.reportsBeforePublication && resource.cases.containsAny([${namedCases(7)}])`,
            "`0` regimes and `7` cases",
        ],
        [
            "cases next to a duty of another rule",
            `(principal has reportsBeforePublication) && resource.cases.containsAll([${namedCases(1200)}])`,
            "`0` regimes and `1200` cases",
        ],
    ])("more %s than the check can cover are refused with their number", (_, when, named) => {
        const rule = `forbid (principal, action == Action::"receive", resource) when { ${when} }`
        const refusal = refusalOf(withRule(rule))
        expect(refusal).toMatch(/^policy\.too_many_duties: /)
        expect(refusal).toContain(named)
    })
})
