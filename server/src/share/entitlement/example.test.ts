import { describe, expect, test } from "vitest"
import { openPolicyEngine } from "../../platform/policy/engine.ts"
import { parseExamples } from "./example.ts"
import { packs } from "./packs/shipped.ts"
import { threeTier, threeTierWithDuty } from "./packs/three-tier.ts"
import { assertNamesNoPartner, schemaText } from "./schema.ts"
import { type PolicyTest, passes, assertTestPasses, policyTestOf } from "./policy-test.ts"

const engine = openPolicyEngine()
const runPolicyTest = (text: string, examples: string): PolicyTest => {
    engine.load("example", text, schemaText)
    return policyTestOf(engine, "example", parseExamples(examples))
}
const failures = (text: string, examples: string) =>
    runPolicyTest(text, examples).results.filter((tried) => !passes(tried))

describe.each(packs.map((pack) => [pack.name, pack] as const))("the pack %s", (_, pack) => {
    test.each(pack.policies.map((policy) => [policy.name, policy] as const))(
        "passes its examples: %s",
        (_of, policyText) => {
            expect(failures(policyText.text, policyText.examples)).toEqual([])
            expect(runPolicyTest(policyText.text, policyText.examples).untestedRules).toEqual([])
            for (const fact of ["consent", "agreement", "status", "recalled", "frozen", "embargo", "restricted"]) {
                expect(policyText.examples).toMatch(new RegExp(`; ${fact}\\b`))
            }
            assertNamesNoPartner(engine.references("example"))
        },
    )

    test("schedules its waves before publication, in the order of the tiers", () => {
        const planned = [pack.schedule.validate, pack.schedule.advance, pack.schedule.entry].filter(
            (item) => item !== undefined,
        )
        expect(planned.length).toBeGreaterThan(0)
        expect(planned).toEqual(planned.toSorted((a, b) => a - b))
        expect(Math.max(...planned)).toBeLessThan(0)
    })
})

test.each([
    ["its tier", 'principal.tier != Tier::"none"', 'principal.tier == Tier::"entry"'],
    ["its class", 'Class::"rules", Class::"poc"]', 'Class::"rules"]'],
    ["its duty", "forbid (principal", "permit (principal"],
])("an example fails when a rule is changed in %s", (_, from, to) => {
    const changed = threeTierWithDuty.text.replace(from, to)
    expect(changed).not.toBe(threeTierWithDuty.text)
    expect(failures(changed, threeTierWithDuty.examples)).not.toEqual([])
})

test("a failure names the line, the expected and actual result, and the rule", () => {
    const found = runPolicyTest(
        threeTier.text,
        "# the patch\n\nentry | patch | entry | full, open\nnone | poc | entry | full, open",
    )
    expect(found.results.map(({ example, outcome: is }) => [example.line, is])).toEqual([
        [3, "at publication, waits"],
        [4, "withheld"],
    ])
    expect(() => assertTestPasses(found)).toThrow(
        expect.objectContaining({
            code: "policy.example_fails",
            message:
                "example on line 3: expected `full, open`, and it is `at publication, waits` by " +
                "`patch-at-publication` (and 1 more)",
        }),
    )
})

describe("each rule needs an example", () => {
    const refused = (examples: string) => () => assertTestPasses(runPolicyTest(threeTierWithDuty.text, examples))
    const fault = (ids: string) =>
        expect.objectContaining({
            code: "policy.rule_without_example",
            message: `no example is decided by ${ids}: write one for each rule`,
        })

    test("or the policy is refused with the ids of uncovered rules", () => {
        expect(refused("")).toThrow(
            fault(
                "`wave-of-tier`, `repro-for-advance`, `patch-for-validate`, `patch-at-publication`, " +
                    "`duty-no-wave` and 2 more",
            ),
        )
        const without = (part: string) =>
            threeTierWithDuty.examples
                .split("\n")
                .filter((line) => !line.includes(part))
                .join("\n")
        expect(refused(without("reduced,"))).toThrow(fault("`duty-summary`"))
        expect(refused(threeTierWithDuty.examples)).not.toThrow()
    })

    test("and an example that preconditions withhold covers no rule", () => {
        const { results: tried } = runPolicyTest(
            threeTierWithDuty.text,
            "entry; consent declined | poc | entry | withheld\nentry | poc; recalled | entry | withheld\n" +
                "advance with RMSV | technical | entry | reduced, waits",
        )
        expect(tried.map(({ rules }) => rules)).toEqual([[], [], ["duty-no-wave", "duty-summary"]])
        expect(tried.every(passes)).toBe(true)
    })
})

test.each([
    ["entry; status suspended | poc | publication | withheld"],
    ["entry; status restricted | poc | publication | withheld"],
    ["entry; agreement expired | poc | publication | withheld"],
    ["entry; agreement none | poc | publication | withheld"],
    ["entry; overdue key; overdue regular reports | poc | publication | withheld"],
    ["entry; consent invited | poc | publication | withheld"],
    ["entry; consent signatory | poc | entry | full, open"],
    ["entry; restricted from poc, repro | poc | publication | withheld"],
    ["entry; restricted from repro | poc | entry | full, open"],
    ["entry; restricted to publication | poc | entry | at publication, waits"],
    ["entry | poc; recalled | entry | withheld"],
    ["entry | poc; recalled and revised | entry | full, waits"],
    ["entry | poc; recalled and revised | advance | full, waits"],
    ["entry | poc | entry; frozen | full, waits"],
    ["validate | poc | entry; frozen | full, open"],
    ["entry | poc | entry; embargo none | full, waits"],
    ["entry | poc | entry; embargo proposed | full, waits"],
    ["entry | poc | entry; embargo moved later | full, waits"],
    ["entry | poc | advance; embargo terminated | full, waits"],
    ["entry | poc | advance; embargo terminated and released | full, open"],
    ["entry | poc; bypass of 7f | entry | at publication, waits"],
    ["entry | poc; case 12; variant of 7f | entry | at publication, waits"],
    ["entry | poc; case 7f | publication | at publication, open"],
    ["entry | poc; bypass of 12 | entry | full, open"],
])("a fact is parsed and written: %s", (line) => {
    const text = `@id("wave") @title("In its wave") permit (principal, action == Action::"receive", resource)
        when { principal.tier != Tier::"none" } unless { resource.cases.contains(Case::"7f") };
        @id("held") @title("Held") permit (principal, action == Action::"receiveAtPublication", resource)
        when { resource.cases.contains(Case::"7f") };`
    expect(failures(text, line).map(({ outcome: found }) => found)).toEqual([])
})

test.each([
    ["an unknown tier", "gold | poc | entry | withheld", "not a tier"],
    ["an unknown class", "entry | exploit | entry | withheld", "not a class"],
    ["an unknown wave", "entry | poc | yesterday | withheld", "not a wave"],
    ["an unknown outcome", "entry | poc | entry | full", "not an outcome"],
    ["three parts", "entry | poc | entry", "separated by `|`"],
    ["five parts", "entry | poc | entry | withheld | why", "separated by `|`"],
    ["an unknown fact of a partner", "entry; standing asleep | poc | entry | withheld", "not a fact here"],
    ["an unknown fact of an artifact", "entry | poc; stolen | entry | withheld", "not a fact here"],
    ["an unknown fact of an instant", "entry | poc | entry; late | withheld", "not a fact here"],
    ["an unknown class that is lost", "entry; restricted from exploits | poc | entry | withheld", "not a class"],
    ["with twice", "entry with CRA with RMSV | poc | entry | withheld", "not a tier"],
])("an example is refused, with its line: %s", (_, line, reason) => {
    expect(() => parseExamples(`\n${line}`)).toThrow(
        expect.objectContaining({ code: "policy.bad_example", message: expect.stringContaining(reason) as string }),
    )
    expect(() => parseExamples(`\n${line}`)).toThrow("line 2")
})

test("too many lines or characters are refused", () => {
    for (const text of ["\n".repeat(501), "#".repeat(40_000)]) {
        expect(() => parseExamples(text)).toThrow(expect.objectContaining({ code: "policy.too_many_examples" }))
    }
})
