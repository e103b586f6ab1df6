/**
 * Questions to a policy engine, and its answers. An answer carries its reasons and the errors met on the way;
 * whoever asks must take any error for a no.
 *
 * Pure code asks through `Evaluator`; the engine behind it comes as an argument.
 */

/** Names an entity of the policy language: `Tier::"entry"`. */
export interface Reference {
    readonly type: string
    readonly id: string
}

export type Value = string | number | boolean | Reference | readonly Value[]

export interface Thing extends Reference {
    readonly attributes: Readonly<Record<string, Value>>
}

/** May `principal` do `action` to `resource`? */
export interface Question {
    readonly principal: Thing
    readonly action: string
    readonly resource: Thing
}

export interface Rule {
    /** Its `@id`. */
    readonly id: string
    /** Its `@title`: words for people. */
    readonly title: string
    readonly effect: "permit" | "forbid"
}

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

/** One conjunct of a permit: all of them must hold for it to say yes. */
export interface Clause {
    readonly rule: Rule
    /** As written in the policy language, on one line. */
    readonly text: string
    /** Whether it asks anything of the principal; where not, it only says which resources the rule is about. */
    readonly asksPrincipal: boolean
    readonly met: boolean
}

export interface Evaluator {
    /** Never throws: what goes wrong, an unknown name too, is among the errors. */
    ask(name: string, question: Question): Answer
    /** Every clause of every permit, of whatever action, in the order of the text, met or not. */
    clauses(name: string, question: Question): readonly Clause[]
}
