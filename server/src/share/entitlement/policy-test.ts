/**
 * Runs a policy's own examples: the outcome of each, and the rules that decide it. Every rule must decide at least one.
 */
import type { Evaluator, PolicyRule } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Decision, decide, unmetPreconditionsOf } from "./decide.ts"
import type { Example } from "./example.ts"
import { rulerOf } from "./ruling.ts"

/** An example with the outcome that the policy gives. */
export interface ExampleResult {
    readonly example: Example
    /** The outcome, in the wording of examples. */
    readonly outcome: string
    readonly decision: Decision
    /** The ids of the rules that decided. Empty where a precondition withholds, or where no rule applies. */
    readonly rules: readonly string[]
}

/** The result of a policy test. */
export interface PolicyTest {
    readonly results: readonly ExampleResult[]
    /** The rules that decide no example. */
    readonly untestedRules: readonly PolicyRule[]
}

/** Runs the examples against the policy loaded as `policy`. */
export function policyTestOf(engine: Evaluator, policy: string, examples: readonly Example[]): PolicyTest {
    const results = examples.map((example): ExampleResult => {
        const decision = decide(engine, policy, example.request, example.now)
        return {
            example,
            outcome: outcomeText(decision),
            decision,
            rules: decidingRulesOf(engine, policy, example, decision),
        }
    })
    const deciding = new Set(results.flatMap(({ rules }) => rules))
    return { results, untestedRules: engine.rules(policy).filter(({ id }) => !deciding.has(id)) }
}

function decidingRulesOf(engine: Evaluator, policy: string, { request }: Example, decision: Decision): string[] {
    if (unmetPreconditionsOf(request).length > 0) return []
    const { grantedClass, reasons } = rulerOf(engine, policy)(request)
    if (grantedClass !== null && decision.grantedClass === null) return []
    return reasons.filter(({ effect }) => effect === "permits" || effect === "forbids").map((reason) => reason.policy)
}

/** Whether the example has the outcome that it expects. */
export const passes = ({ example, outcome }: ExampleResult): boolean => example.expectedOutcome === outcome

/**
 * Refuses `policy.example_fails`, with the first failing line and the rules that decided it. Refuses
 * `policy.rule_without_example`, with the rules that no example tests.
 */
export function assertTestPasses({ results, untestedRules }: PolicyTest): void {
    const failures = results.filter((result) => !passes(result))
    const [first] = failures
    if (first) {
        const { example, outcome, decision } = first
        const rules = decision.reasons.map((reason) => reason.policy).join(", ")
        const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : ""
        const expectation = `example on line ${example.line}: expected \`${example.expectedOutcome}\``
        refuse("invalid", "policy.example_fails", `${expectation}, and it is \`${outcome}\` by \`${rules}\`${more}`, {
            line: example.line,
            expected: example.expectedOutcome,
            outcome,
            rules,
        })
    }
    if (untestedRules.length === 0) return
    const ids = untestedRules.slice(0, 5).map(({ id }) => `\`${id}\``)
    const more = untestedRules.length > ids.length ? ` and ${untestedRules.length - ids.length} more` : ""
    const line = `no example is decided by ${ids.join(", ")}${more}: write one for each rule`
    refuse("invalid", "policy.rule_without_example", line, {
        rules: ids.join(", "),
        more: untestedRules.length - ids.length,
    })
}

function outcomeText({ outcome, grantedClass, available }: Decision): string {
    if (grantedClass === null) return "withheld"
    const form = outcome === "at_publication" ? "at publication" : outcome
    return `${form}, ${available ? "open" : "waits"}`
}
