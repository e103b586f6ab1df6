/**
 * Runs a policy's own examples: the outcome of each, and the rules that decide it. Every rule must decide at least one.
 */
import type { Evaluator, Rule } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Decision, decide, floorOf } from "./decide.ts"
import type { Example } from "./example.ts"
import { rulerOf } from "./ruling.ts"

/** An example with the outcome that the policy gives. */
export interface Tried {
    readonly example: Example
    /** The outcome, in the wording of examples. */
    readonly found: string
    readonly decision: Decision
    /** The ids of the rules that decided. Empty where a precondition withholds, or where no rule applies. */
    readonly rules: readonly string[]
}

/** The result of a policy test. */
export interface Trial {
    readonly tried: readonly Tried[]
    /** The rules that decide no example. */
    readonly untried: readonly Rule[]
}

/** Runs the examples against the policy loaded as `policy`. */
export function trialOf(engine: Evaluator, policy: string, examples: readonly Example[]): Trial {
    const tried = examples.map((example): Tried => {
        const decision = decide(engine, policy, example.asked, example.now)
        return { example, found: inWords(decision), decision, rules: rulesOf(engine, policy, example, decision) }
    })
    const decided = new Set(tried.flatMap(({ rules }) => rules))
    return { tried, untried: engine.rules(policy).filter(({ id }) => !decided.has(id)) }
}

function rulesOf(engine: Evaluator, policy: string, { asked: request }: Example, decision: Decision): string[] {
    if (floorOf(request).length > 0) return []
    const { gives, why } = rulerOf(engine, policy)(request)
    if (gives !== null && decision.gives === null) return []
    return why.filter(({ effect }) => effect === "permits" || effect === "forbids").map((reason) => reason.policy)
}

/** Whether the example has the outcome that it expects. */
export const holds = ({ example, found }: Tried): boolean => example.expects === found

/**
 * Refuses `policy.example_fails`, with the first failing line and the rules that decided it. Refuses
 * `policy.rule_without_example`, with the rules that no example tests.
 */
export function assertValid({ tried, untried }: Trial): void {
    const failures = tried.filter((tried) => !holds(tried))
    const [first] = failures
    if (first) {
        const { example, found, decision } = first
        const why = decision.why.map((reason) => reason.policy).join(", ")
        const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : ""
        const place = `example on line ${example.line}: expected \`${example.expects}\``
        refuse("invalid", "policy.example_fails", `${place}, and it is \`${found}\` by \`${why}\`${more}`)
    }
    if (untried.length === 0) return
    const ids = untried.slice(0, 5).map(({ id }) => `\`${id}\``)
    const more = untried.length > ids.length ? ` and ${untried.length - ids.length} more` : ""
    const line = `no example is decided by ${ids.join(", ")}${more}: write one for each rule`
    refuse("invalid", "policy.rule_without_example", line)
}

function inWords({ outcome, gives, available }: Decision): string {
    if (gives === null) return "withheld"
    const form = outcome === "at_publication" ? "at publication" : outcome
    return `${form}, ${available ? "open" : "waits"}`
}
