/**
 * The policy's part of a decision: which of the four outcomes its rules give, and which rules decide.
 *
 * The policy answers three questions, the widest first; the first permit counts. A denial without a forbidding rule is
 * explained by unmet clauses, from rules that apply to this artifact.
 */
import type { Clause, Evaluator, PolicyRule, QuestionSide, Entity, AttributeValue } from "../../models/policy.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { type UnmetCondition, unmetConditionOf } from "./clause.ts"
import { type ReasonCode, ownReason } from "./reason-texts.ts"
import type { ArtifactFacts, DecisionRequest, PartnerFacts } from "./facts.ts"
import { actionOf, principalOf, questionOf, resourceOf } from "./schema.ts"

/** How much of an artifact a partner gets. */
export type Outcome = "full" | "reduced" | "at_publication" | "withheld"

/** A reason for a ruling. */
export interface Reason {
    /**
     * The rule's id, or `status`, `agreement`, `overdue`, `consent`, `restriction`, `recall`, `closure`, `default`,
     * `error`.
     */
    readonly policy: string
    /** The reason in words for a manager, as the policy names its rule. */
    readonly title: string
    /** Only for a reason that comes from the program. */
    readonly code?: ReasonCode
    /** The class that a measure withholds: the artifact's, or the one that the policy gives in its place. */
    readonly withheldClass?: ArtifactClass
    readonly effect: "permits" | "forbids" | "unmet" | "error"
    /** The requirements that were not met. Only for an unmet rule. */
    readonly unmetCondition?: UnmetCondition
    /** The unmet clause in the policy language. */
    readonly clause?: string
}

/** The outcome of the policies, before preconditions and waves. */
export interface Ruling {
    readonly outcome: Outcome
    readonly grantedClass: ArtifactClass | null
    readonly reasons: readonly Reason[]
}

/** Returns the policy's ruling about one request. */
export type Ruler = (request: DecisionRequest) => Ruling

/** Returns a ruling that gives nothing, for these reasons. */
export function withhold(reasons: readonly Reason[]): Ruling {
    return { outcome: "withheld", grantedClass: null, reasons }
}

/** Returns a ruler that queries the policy engine each time. */
export function rulerOf(engine: Evaluator, policy: string): Ruler {
    return (request) => ruleBy(engine, policy, request)
}

/**
 * A ruler that queries the engine once for all partners that the policy cannot tell apart. The caller owns its cache.
 */
export interface CachingRuler {
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
 * Of a set, a policy sees the members that it names, and whether there are others. With `mergesEquivalent`, values
 * that the rules treat alike also share a ruling. This costs one question for each distinct value, and pays only for
 * many partners × many artifacts.
 */
export function cachingRulerOf(
    engine: Evaluator,
    policy: string,
    mergesEquivalent: boolean,
    rulings: Rulings = new Map(),
): CachingRuler {
    const visibleValue = (value: AttributeValue): unknown => {
        if (typeof value !== "object" || "type" in value) return value
        const isNamed = (value: AttributeValue): boolean =>
            typeof value === "object" && "type" in value && engine.namesEntity(policy, value)
        const namedMembers = value.filter(isNamed)
        return [namedMembers, namedMembers.length < value.length]
    }
    const views = { principal: new Map<string, string>(), resource: new Map<string, string>() }
    /** `label`: what the reason's text names of the partner or artifact. */
    const keyOf = (side: QuestionSide, thing: Entity, label: string | null): string => {
        const key = JSON.stringify(Object.values(thing.attributes).map(visibleValue))
        if (!mergesEquivalent) return key
        return getOrCreate(views[side], key, () => {
            const view = engine.entityFingerprint(policy, side, thing)
            return view === null ? key : JSON.stringify(["sees", label, view])
        })
    }
    const partnerKeys = { quiet: new WeakMap<PartnerFacts, string>(), exploited: new WeakMap<PartnerFacts, string>() }
    const artifactKeys = new WeakMap<ArtifactFacts, string>()
    const kindOf: CachingRuler["kindOf"] = (partner, artifact) =>
        getOrCreate(partnerKeys[artifact.exploited ? "exploited" : "quiet"], partner, () =>
            keyOf("principal", principalOf(partner, artifact), partner.tier),
        )
    const rule = (request: DecisionRequest): Ruling => {
        const { partner, artifact } = request
        const kind = getOrCreate(artifactKeys, artifact, () => keyOf("resource", resourceOf(artifact), artifact.class))
        const entries = getOrCreate(rulings, kindOf(partner, artifact), () => new Map<string, Ruling>())
        const existing = entries.get(kind)
        if (existing) return existing
        const ruling = ruleBy(engine, policy, request)
        if (!ruling.reasons.some(({ effect }) => effect === "error")) entries.set(kind, ruling)
        return ruling
    }
    return { rule, kindOf }
}

interface Cache<Key, Value> {
    get(key: Key): Value | undefined
    set(key: Key, value: Value): unknown
}

/** Returns the cached value, or makes and caches it. */
export function getOrCreate<Key, Value>(cache: Cache<Key, Value>, key: Key, make: () => Value): Value {
    const existing = cache.get(key)
    if (existing !== undefined) return existing
    const created = make()
    cache.set(key, created)
    return created
}

const outcomes = ["full", "at_publication", "reduced"] as const

function ruleBy(engine: Evaluator, policy: string, request: DecisionRequest): Ruling {
    const forbidding: Reason[] = []
    for (const outcome of outcomes) {
        const { decision, determining, errors } = engine.decide(policy, questionOf(request, actionOf[outcome]))
        if (errors.length > 0) return withhold(errors.map(errorReason))
        if (decision === "allow" && determining.length > 0) {
            const grantedClass = outcome === "reduced" ? "summary" : request.artifact.class
            return { outcome, grantedClass, reasons: [...forbidding, ...determining.map(reasonOf)] }
        }
        forbidding.push(
            ...determining.map(reasonOf).filter((reason) => !forbidding.some((a) => a.policy === reason.policy)),
        )
    }
    const reasons = [...forbidding, ...unmetReasonsOf(engine, policy, request)]
    return withhold(reasons.length > 0 ? reasons : [noRuleReason])
}

const noRuleReason = ownReason("default", "no_rule", "unmet")

function errorReason(line: string): Reason {
    return { policy: "error", title: `The policy could not be evaluated: ${line}`, effect: "error" }
}

function reasonOf({ id, title, effect }: PolicyRule): Reason {
    return { policy: id, title, effect: effect === "permit" ? "permits" : "forbids" }
}

/** Lists what the partner did not meet, of the rules that apply to this artifact. */
function unmetReasonsOf(engine: Evaluator, policy: string, request: DecisionRequest): Reason[] {
    const clauses = engine.clauses(policy, questionOf(request, actionOf.full))
    const inapplicable = new Set(clauses.filter((c) => !c.concernsPrincipal && !c.met).map((c) => c.rule.id))
    const isUnmet = (c: Clause): boolean => c.concernsPrincipal && !c.met && !inapplicable.has(c.rule.id)
    return clauses.filter(isUnmet).map((clause) => {
        const { id, title } = clause.rule
        return {
            policy: id,
            title,
            effect: "unmet",
            unmetCondition: unmetConditionOf(clause, request.partner),
            clause: clause.text,
        }
    })
}
