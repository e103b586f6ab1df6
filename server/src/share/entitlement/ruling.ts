/**
 * The policy's part of a decision: which of the four outcomes its rules give, and which rules decided.
 *
 * It is asked three questions, the widest first, and the first yes stands. A no that no rule pronounced is explained
 * by the clauses that were not met, of those rules that are about such an artifact at all.
 */
import type { Clause, Evaluator, Rule, Side, Thing, Value } from "../../models/policy.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { unmetInWords } from "./clause.ts"
import type { ArtifactFacts, Asked, PartnerFacts } from "./facts.ts"
import { actionOf, principalOf, questionOf, resourceOf } from "./schema.ts"

export type Outcome = "full" | "reduced" | "atPublication" | "withheld"

export interface Reason {
    /** The rule's id, or `standing`, `agreement`, `overdue`, `consent`, `restriction`, `recall`, `closing`, `error`. */
    readonly policy: string
    /** In words a manager reads. */
    readonly title: string
    readonly effect: "permits" | "forbids" | "unmet" | "error"
    /** Of an unmet rule: what was not met, in words that a manager reads. */
    readonly asks?: string
    /** The same, in the policy language. */
    readonly clause?: string
}

export interface Ruling {
    readonly outcome: Outcome
    readonly gives: ArtifactClass | null
    readonly why: readonly Reason[]
}

export type Ruler = (request: Asked) => Ruling

export function withhold(why: readonly Reason[]): Ruling {
    return { outcome: "withheld", gives: null, why }
}

export function rulerOf(engine: Evaluator, policy: string): Ruler {
    return (request) => ruleBy(engine, policy, request)
}

/** A ruler that asks once for all whom the policy cannot tell apart. Its memory is the caller's to drop. */
export interface Remembering {
    readonly rule: Ruler
    /** Partners of one kind have the same ruling about each artifact of cases that are exploited, or of those that are not. */
    readonly kindOf: (partner: PartnerFacts, artifact: Pick<ArtifactFacts, "exploited">) => string
}

/**
 * Rulings of one policy's text, by what it sees of the partner and of the artifact: nothing else goes into a ruling, but
 * for errors, which are met anew each time.
 */
export type Rulings = Map<string, Map<string, Ruling>>

/**
 * Of a set, a policy sees what it names, and whether there is anything else in it. `looksCloser`: whatever its rules make
 * of that to the same end is the same to it too. That takes a question for each whom it could tell apart, and is worth
 * it where many meet many.
 */
export function rememberingRulerOf(
    engine: Evaluator,
    policy: string,
    looksCloser: boolean,
    known: Rulings = new Map(),
): Remembering {
    const seen = (value: Value): unknown => {
        if (typeof value !== "object" || "type" in value) return value
        const isNamed = (value: Value): boolean =>
            typeof value === "object" && "type" in value && engine.names(policy, value)
        const named = value.filter(isNamed)
        return [named, named.length < value.length]
    }
    const sights = { principal: new Map<string, string>(), resource: new Map<string, string>() }
    /** `said`: what a reason's words say of it. */
    const keyOf = (side: Side, thing: Thing, input: string | null): string => {
        const key = JSON.stringify(Object.values(thing.attributes).map(seen))
        if (!looksCloser) return key
        return kept(sights[side], key, () => {
            const sight = engine.sees(policy, side, thing)
            return sight === null ? key : JSON.stringify(["sees", input, sight])
        })
    }
    const partnerKeys = { quiet: new WeakMap<PartnerFacts, string>(), exploited: new WeakMap<PartnerFacts, string>() }
    const artifactKeys = new WeakMap<ArtifactFacts, string>()
    const kindOf: Remembering["kindOf"] = (partner, artifact) =>
        kept(partnerKeys[artifact.exploited ? "exploited" : "quiet"], partner, () =>
            keyOf("principal", principalOf(partner, artifact), partner.tier),
        )
    const rule = (request: Asked): Ruling => {
        const { partner, artifact } = request
        const kind = kept(artifactKeys, artifact, () => keyOf("resource", resourceOf(artifact), artifact.class))
        const entries = kept(known, kindOf(partner, artifact), () => new Map<string, Ruling>())
        const before = entries.get(kind)
        if (before) return before
        const ruling = ruleBy(engine, policy, request)
        if (!ruling.why.some(({ effect }) => effect === "error")) entries.set(kind, ruling)
        return ruling
    }
    return { rule, kindOf }
}

interface Memory<Key, Value> {
    get(key: Key): Value | undefined
    set(key: Key, value: Value): unknown
}

/** What is remembered, or else made now. */
export function kept<Key, Value>(memory: Memory<Key, Value>, key: Key, make: () => Value): Value {
    const before = memory.get(key)
    if (before !== undefined) return before
    const made = make()
    memory.set(key, made)
    return made
}

const outcomes = ["full", "atPublication", "reduced"] as const

function ruleBy(engine: Evaluator, policy: string, request: Asked): Ruling {
    const against: Reason[] = []
    for (const outcome of outcomes) {
        const { decision, determining, errors } = engine.ask(policy, questionOf(request, actionOf[outcome]))
        if (errors.length > 0) return withhold(errors.map(failed))
        if (decision === "allow" && determining.length > 0) {
            const gives = outcome === "reduced" ? "summary" : request.artifact.class
            return { outcome, gives, why: [...against, ...determining.map(reasonOf)] }
        }
        against.push(...determining.map(reasonOf).filter((reason) => !against.some((a) => a.policy === reason.policy)))
    }
    const why = [...against, ...unmetOf(engine, policy, request)]
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
function unmetOf(engine: Evaluator, policy: string, request: Asked): Reason[] {
    const clauses = engine.clauses(policy, questionOf(request, actionOf.full))
    const elsewhere = new Set(clauses.filter((c) => !c.asksPrincipal && !c.met).map((c) => c.rule.id))
    const missed = (c: Clause): boolean => c.asksPrincipal && !c.met && !elsewhere.has(c.rule.id)
    return clauses.filter(missed).map((clause) => {
        const { id, title } = clause.rule
        return { policy: id, title, effect: "unmet", asks: unmetInWords(clause, request.partner), clause: clause.text }
    })
}
