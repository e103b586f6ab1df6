/**
 * Questions to a policy engine, and its answers with reasons and errors. The caller must treat any error as a denial.
 *
 * Pure code asks by `Evaluator`; the engine is an argument.
 */

/** Names an entity of the policy language: `Tier::"entry"`. */
export interface EntityReference {
    readonly type: string
    readonly id: string
}

/** A value of an attribute. */
export type AttributeValue = string | number | boolean | EntityReference | readonly AttributeValue[]

/** An entity with its attributes. */
export interface Entity extends EntityReference {
    readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** May `principal` do `action` to `resource`? */
export interface PolicyQuestion {
    readonly principal: Entity
    readonly action: string
    readonly resource: Entity
}

/** What a clause is about: the partner or the artifact. */
export type QuestionSide = "principal" | "resource"

/** A rule of a policy. */
export interface PolicyRule {
    /** Its `@id`. */
    readonly id: string
    /** Its `@title`: words for people. */
    readonly title: string
    readonly effect: "permit" | "forbid"
}

/** What the engine decides. */
export interface PolicyDecision {
    readonly decision: "allow" | "deny"
    /** The rules that decided. Empty where a no comes from no rule having said yes. */
    readonly determining: readonly PolicyRule[]
    /**
     * One line each. An engine skips a rule that fails, so that a failing forbid forbids nothing: never act on a yes
     * with errors.
     */
    readonly errors: readonly string[]
}

/** The parts of a condition, from which other code builds a sentence. `of` is a path such as `principal.tier`. */
export type Condition =
    /** It is true. */
    | { readonly operator: "true"; readonly path: string }
    /** It is one of these. */
    | { readonly operator: "one_of"; readonly path: string; readonly values: readonly EntityReference[] }
    /** It, a set, holds all of these, or any of them. */
    | { readonly operator: "all_of" | "any_of"; readonly path: string; readonly values: readonly EntityReference[] }
    | { readonly operator: "not"; readonly condition: Condition }
    | { readonly operator: "and" | "or"; readonly conditions: readonly Condition[] }

/** One conjunct of a permit: all of them must hold for it to say yes. */
export interface Clause {
    readonly rule: PolicyRule
    /** Null where it is of no such form. */
    readonly condition: Condition | null
    /** The text in the policy language, on one line. */
    readonly text: string
    /** Whether it asks anything of the principal; where not, it only says which resources the rule is about. */
    readonly concernsPrincipal: boolean
    readonly met: boolean
}

/** Evaluates policies that were loaded by name. */
export interface Evaluator {
    /** Never throws: what goes wrong, an unknown name too, is among the errors. */
    decide(name: string, question: PolicyQuestion): PolicyDecision
    /** Every clause of every permit, of whatever action, in the order of the text, met or not. */
    clauses(name: string, question: PolicyQuestion): readonly Clause[]
    /** Returns the rules in the order of the text; none where no policy has this name. */
    rules(name: string): readonly PolicyRule[]
    /** Returns whether the text names this entity. All unnamed entities of one type are equal to the policy. */
    namesEntity(name: string, entity: EntityReference): boolean
    /**
     * Whether the text asks for an attribute of this name, of whatever thing. One that it does not ask for it cannot
     * see.
     */
    readsAttribute(name: string, attribute: string): boolean
    /**
     * Returns what the policy reads of an entity. Entities with equal results, on the same side of a question, have
     * equal answers and clauses. Null where the policy has a condition about both sides.
     */
    entityFingerprint(name: string, side: QuestionSide, entity: Entity): string | null
}
