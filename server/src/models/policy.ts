/**
 * Questions to a policy engine, and its answers with reasons and errors. The caller must treat any error as a denial.
 *
 * Pure code queries it through an `Evaluator`, which is an argument.
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
    /** The annotation `@id`. */
    readonly id: string
    /** The annotation `@title`: a text for people. */
    readonly title: string
    readonly effect: "permit" | "forbid"
}

/** What the engine decides. */
export interface PolicyDecision {
    readonly decision: "allow" | "deny"
    /** The rules that decided. Empty where no rule permitted. */
    readonly determining: readonly PolicyRule[]
    /**
     * One line each. An engine skips a rule that fails, so a failing forbid forbids nothing. Never act on a permit with
     * errors.
     */
    readonly errors: readonly string[]
}

/** The parts of a condition, from which other code builds a sentence. `path` looks like `principal.tier`. */
export type Condition =
    /** The attribute is true. */
    | { readonly operator: "true"; readonly path: string }
    /** The attribute is one of these. */
    | { readonly operator: "one_of"; readonly path: string; readonly values: readonly EntityReference[] }
    /** The attribute is a set that contains all or any of these. */
    | { readonly operator: "all_of" | "any_of"; readonly path: string; readonly values: readonly EntityReference[] }
    | { readonly operator: "not"; readonly condition: Condition }
    | { readonly operator: "and" | "or"; readonly conditions: readonly Condition[] }

/** One conjunct of a permit. All conjuncts must be true for the rule to permit. */
export interface Clause {
    readonly rule: PolicyRule
    /** Null where the clause has another form. */
    readonly condition: Condition | null
    /** The text in the policy language, on one line. */
    readonly text: string
    /** Whether the clause concerns the principal. Otherwise it only selects the resources of the rule. */
    readonly concernsPrincipal: boolean
    readonly met: boolean
}

/** Evaluates policies that were loaded by name. */
export interface Evaluator {
    /** Never throws. Errors, also for an unknown name, are in the answer. */
    decide(name: string, question: PolicyQuestion): PolicyDecision
    /** Returns every clause of every permit, for all actions, met or not, in the order of the text. */
    clauses(name: string, question: PolicyQuestion): readonly Clause[]
    /** Returns the rules in the order of the text; none where no policy has this name. */
    rules(name: string): readonly PolicyRule[]
    /** Returns whether the text names this entity. All unnamed entities of one type are equal to the policy. */
    namesEntity(name: string, entity: EntityReference): boolean
    /** Whether the text reads an attribute of this name, of any entity. The policy cannot see other attributes. */
    readsAttribute(name: string, attribute: string): boolean
    /**
     * Returns what the policy reads of an entity. Entities with equal results, on the same side of a question, have
     * equal answers and clauses. Null where the policy has a condition about both sides.
     */
    entityFingerprint(name: string, side: QuestionSide, entity: Entity): string | null
}
