/**
 * The policy's part of a decision: which of the four outcomes its rules give, and which rules decide.
 *
 * The policy answers three questions, the widest first; the first permit counts. A denial without a forbidding rule is
 * explained by unmet clauses, from rules that apply to this artifact.
 */
import type { Clause, Evaluator, Rule, Side, Thing, Value } from "../../models/policy.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { unmetInWords } from "./clause.ts"
import type { ArtifactFacts, Asked, PartnerFacts } from "./facts.ts"
import { actionOf, principalOf, questionOf, resourceOf } from "./schema.ts"

/** How much of an artifact a partner gets. */
export type Outcome = "full" | "reduced" | "at_publication" | "withheld"

/** A reason for a ruling. */
export interface Reason {
    /**
     * The rule's id, or `standing`, `agreement`, `overdue`, `consent`, `restriction`, `recall`, `closing`, `default`,
     * `error`.
     */
    readonly policy: string
    /** The reason in words for a manager. */
    readonly title: string
    readonly effect: "permits" | "forbids" | "unmet" | "error"
    /** What was not met, in words for a manager. Only for an unmet rule. */
    readonly asks?: string
    /** The unmet clause in the policy language. */
    readonly clause?: string
}

/** What the policies say, before preconditions and waves. */
export interface Ruling {
    readonly outcome: Outcome
    readonly gives: ArtifactClass | null
    readonly why: readonly Reason[]
}

/** Returns the policy's ruling about one request. */
export type Ruler = (request: Asked) => Ruling

/** Returns a ruling that gives nothing, for these reasons. */
export function withhold(why: readonly Reason[]): Ruling {
    return { outcome: "withheld", gives: null, why }
}

/** Returns a ruler that asks the engine each time. */
export function rulerOf(engine: Evaluator, policy: string): Ruler {
    return (request) => ruleBy(engine, policy, request)
}

/** A ruler that asks the engine once for all partners that the policy cannot tell apart. The caller owns its cache. */
export interface Remembering {
    readonly rule: Ruler
    /**
     * Names the partner's kind. Partners of one kind get the same ruling about each artifact whose case has the same
     * `exploited`.
     */
    readonly kindOf: (partner: PartnerFacts, artifact: Pick<ArtifactFacts, "exploited">) => string
}

/**
 * Cached rulings of one policy's text, by what the policy sees of the partner and of the artifact. Nothing else affects
 * a ruling. Rulings with an error are not cached.
 */
export type Rulings = Map<string, Map<string, Ruling>>

/**
 * Returns a caching ruler for a loaded policy.
 *
 * Of a set, a policy sees the members that it names, and whether there are others. With `looksCloser`, values that the
 * rules treat alike also share a ruling. This costs one question for each distinct value, and pays only for many
 * partners × many artifacts.
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
    /** `input`: what the reason's text names of the partner or artifact. */
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

/** Returns the cached value, or makes and caches it. */
export function kept<Key, Value>(memory: Memory<Key, Value>, key: Key, make: () => Value): Value {
    const before = memory.get(key)
    if (before !== undefined) return before
    const made = make()
    memory.set(key, made)
    return made
}

const outcomes = ["full", "at_publication", "reduced"] as const

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

const nothing: Reason = { policy: "default", title: "No rule gives this class to any partner", effect: "unmet" }

function failed(line: string): Reason {
    return { policy: "error", title: `The policy could not be evaluated: ${line}`, effect: "error" }
}

function reasonOf({ id, title, effect }: Rule): Reason {
    return { policy: id, title, effect: effect === "permit" ? "permits" : "forbids" }
}

/** Lists what the partner did not meet, of the rules that apply to this artifact. */
function unmetOf(engine: Evaluator, policy: string, request: Asked): Reason[] {
    const clauses = engine.clauses(policy, questionOf(request, actionOf.full))
    const elsewhere = new Set(clauses.filter((c) => !c.asksPrincipal && !c.met).map((c) => c.rule.id))
    const missed = (c: Clause): boolean => c.asksPrincipal && !c.met && !elsewhere.has(c.rule.id)
    return clauses.filter(missed).map((clause) => {
        const { id, title } = clause.rule
        return { policy: id, title, effect: "unmet", asks: unmetInWords(clause, request.partner), clause: clause.text }
    })
}
