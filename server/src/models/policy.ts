/**
 * Questions to a policy engine, and its answers with reasons and errors. The caller must treat any error as a denial.
 *
 * Pure code asks by `Evaluator`; the engine is an argument.
 */

/** Names an entity of the policy language: `Tier::"entry"`. */
export interface Reference {
    readonly type: string
    readonly id: string
}

/** A value of an attribute. */
export type Value = string | number | boolean | Reference | readonly Value[]

/** An entity with its attributes. */
export interface Thing extends Reference {
    readonly attributes: Readonly<Record<string, Value>>
}

/** May `principal` do `action` to `resource`? */
export interface Question {
    readonly principal: Thing
    readonly action: string
    readonly resource: Thing
}

/** What a clause is about: the partner or the artifact. */
export type Side = "principal" | "resource"

/** A rule of a policy. */
export interface Rule {
    /** Its `@id`. */
    readonly id: string
    /** Its `@title`: words for people. */
    readonly title: string
    readonly effect: "permit" | "forbid"
}

/** What the engine decides. */
export interface Answer {
    readonly decision: "allow" | "deny"
    /** The rules that decided. Empty where a no comes from no rule having said yes. */
    readonly determining: readonly Rule[]
    /**
     * One line each. An engine skips a rule that fails, so that a failing forbid forbids nothing: never act on a yes
     * with errors.
     */
    readonly errors: readonly string[]
}

/** The parts of a condition, from which other code builds a sentence. `of` is a path such as `principal.tier`. */
export type Condition =
    /** It is true. */
    | { readonly is: "true"; readonly of: string }
    /** It is one of these. */
    | { readonly is: "one_of"; readonly of: string; readonly values: readonly Reference[] }
    /** It, a set, holds all of these, or any of them. */
    | { readonly is: "all_of" | "any_of"; readonly of: string; readonly values: readonly Reference[] }
    | { readonly is: "not"; readonly condition: Condition }
    | { readonly is: "and" | "or"; readonly conditions: readonly Condition[] }

/** One conjunct of a permit: all of them must hold for it to say yes. */
export interface Clause {
    readonly rule: Rule
    /** Null where it is of no such form. */
    readonly condition: Condition | null
    /** The text in the policy language, on one line. */
    readonly text: string
    /** Whether it asks anything of the principal; where not, it only says which resources the rule is about. */
    readonly asksPrincipal: boolean
    readonly met: boolean
}

/** Evaluates policies that were loaded by name. */
export interface Evaluator {
    /** Never throws: what goes wrong, an unknown name too, is among the errors. */
    ask(name: string, question: Question): Answer
    /** Every clause of every permit, of whatever action, in the order of the text, met or not. */
    clauses(name: string, question: Question): readonly Clause[]
    /** Returns the rules in the order of the text; none where no policy has this name. */
    rules(name: string): readonly Rule[]
    /** Returns whether the text names this entity. All unnamed entities of one type are equal to the policy. */
    names(name: string, entity: Reference): boolean
    /**
     * Whether the text asks for an attribute of this name, of whatever thing. One that it does not ask for it cannot
     * see.
     */
    asksFor(name: string, attribute: string): boolean
    /**
     * Returns what the policy reads of an entity. Entities with equal results, on the same side of a question, have
     * equal answers and clauses. Null where the policy has a condition about both sides.
     */
    sees(name: string, side: Side, thing: Thing): string | null
}
