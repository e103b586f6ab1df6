/**
 * The policy's part of a decision: which of the four outcomes its rules give, and which rules decided.
 *
 * It is asked three questions, the widest first, and the first yes stands. A no that no rule pronounced is explained
 * by the clauses that were not met, of those rules that are about such an artifact at all.
 */
import type { Clause, Evaluator, Question, Rule } from "../../lib/policy.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import type { Asked } from "./facts.ts"
import { actionOf, questionOf } from "./schema.ts"

export type Outcome = "full" | "reduced" | "atPublication" | "withheld"

export interface Reason {
    /** The rule's id, or `standing`, `agreement`, `consent`, `restriction`, `error`. */
    readonly policy: string
    /** In words a manager reads. */
    readonly title: string
    readonly effect: "permits" | "forbids" | "unmet" | "error"
    /** Of an unmet rule: the clause that was not met, in the policy language. */
    readonly clause?: string
}

export interface Ruling {
    readonly outcome: Outcome
    readonly gives: ArtifactClass | null
    readonly why: readonly Reason[]
}

export type Ruler = (asked: Asked) => Ruling

export function withhold(why: readonly Reason[]): Ruling {
    return { outcome: "withheld", gives: null, why }
}

export function rulerOf(engine: Evaluator, policy: string): Ruler {
    return (asked) => rule(engine, policy, asked)
}

/** Rules once for all who are equal in what the policy can see. Its memory is the caller's to drop. */
export function rememberingRulerOf(engine: Evaluator, policy: string): Ruler {
    const known = new Map<string, Ruling>()
    return (asked) => {
        const { principal, resource } = questionOf(asked, "receive")
        const key = JSON.stringify([principal.attributes, resource.attributes])
        const ruling = known.get(key) ?? rule(engine, policy, asked)
        known.set(key, ruling)
        return ruling
    }
}

const outcomes = ["full", "atPublication", "reduced"] as const

function rule(engine: Evaluator, policy: string, asked: Asked): Ruling {
    const against: Reason[] = []
    for (const outcome of outcomes) {
        const { decision, determining, errors } = engine.ask(policy, questionOf(asked, actionOf[outcome]))
        if (errors.length > 0) return withhold(errors.map(failed))
        if (decision === "allow" && determining.length > 0) {
            const gives = outcome === "reduced" ? "summary" : asked.artifact.class
            return { outcome, gives, why: [...against, ...determining.map(reasonOf)] }
        }
        against.push(...determining.map(reasonOf).filter((reason) => !against.some((a) => a.policy === reason.policy)))
    }
    const why = [...against, ...unmetOf(engine, policy, questionOf(asked, actionOf.full))]
    return withhold(why.length > 0 ? why : [nothing])
}

const nothing: Reason = { policy: "default", title: "No rule gives this class to anybody", effect: "unmet" }

function failed(line: string): Reason {
    return { policy: "error", title: `The policy could not be evaluated: ${line}`, effect: "error" }
}

function reasonOf({ id, title, effect }: Rule): Reason {
    return { policy: id, title, effect: effect === "permit" ? "permits" : "forbids" }
}

/** Of the rules about such an artifact: what the partner did not meet. */
function unmetOf(engine: Evaluator, policy: string, question: Question): Reason[] {
    const clauses = engine.clauses(policy, question)
    const elsewhere = new Set(clauses.filter((c) => !c.asksPrincipal && !c.met).map((c) => c.rule.id))
    const missed = (c: Clause): boolean => c.asksPrincipal && !c.met && !elsewhere.has(c.rule.id)
    return clauses.filter(missed).map(({ rule: { id, title }, text }) => {
        return { policy: id, title, effect: "unmet", clause: text }
    })
}
