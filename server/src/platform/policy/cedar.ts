/** Analyses Cedar policies as trees: the conjuncts of a permit, and the entities that a text names. */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Condition, EntityReference, PolicyRule, QuestionSide } from "../../models/policy.ts"

/**
 * One conjunct, as a permit of its own. Requests that satisfy the conjunct satisfy this permit, for every action and
 * entity.
 */
export interface Conjunct {
    readonly rule: PolicyRule
    readonly text: string
    readonly condition: Condition | null
    readonly concernsPrincipal: boolean
    readonly json: cedar.PolicyJson
}

const anyScope = { effect: "permit", principal: { op: "All" }, action: { op: "All" }, resource: { op: "All" } } as const

/**
 * Returns the conjuncts of a permit; a permit without conditions has one, `true`. A forbid has none, because a deciding
 * forbid is named as a whole.
 */
export function conjunctsOf(rule: PolicyRule, json: cedar.PolicyJson): Conjunct[] {
    if (json.effect === "forbid") return []
    const conjuncts = conditionsIn(json).map((body): Conjunct => {
        const policy: cedar.PolicyJson = { ...anyScope, conditions: [{ kind: "when", body }] }
        const description = { text: conditionText(policy), condition: conditionOf(body) }
        return { rule, json: policy, ...description, concernsPrincipal: mentions(body, "principal") }
    })
    return [...scopeOf(rule, json), ...conjuncts]
}

/** Returns the conjuncts of the conditions. All of them must be true. */
function conditionsIn({ conditions }: cedar.PolicyJson): cedar.Expr[] {
    return conditions.flatMap(({ kind, body }) => (kind === "when" ? split(body) : splitNot(body)))
}

/** Returns the parts of the scope that restrict the rule: `principal is Partner`, `resource == …`. */
function scopeOf(rule: PolicyRule, json: cedar.PolicyJson): Conjunct[] {
    const { principal, resource } = json
    const narrows = principal.op !== "All" || resource.op !== "All" || json.conditions.length === 0
    if (!narrows) return []
    const scope: cedar.PolicyJson = { ...anyScope, principal, resource, conditions: [] }
    return [{ rule, json: scope, text: textOf(scope), condition: null, concernsPrincipal: principal.op !== "All" }]
}

/** Splits a && b && c into [a, b, c]. */
function split(body: cedar.Expr): cedar.Expr[] {
    const sides = sidesOf(body, "&&")
    return sides ? sides.flatMap(split) : [body]
}

/** Splits not (a || b) into [not a, not b]. */
function splitNot(body: cedar.Expr): cedar.Expr[] {
    const sides = sidesOf(body, "||")
    return sides ? sides.flatMap(splitNot) : [{ "!": { arg: body } }]
}

function sidesOf(body: cedar.Expr, operator: "&&" | "||"): [cedar.Expr, cedar.Expr] | null {
    const pair: unknown = Object.entries(body).find(([key]) => key === operator)?.[1]
    if (typeof pair !== "object" || pair === null || !("left" in pair) || !("right" in pair)) return null
    return [pair.left as cedar.Expr, pair.right as cedar.Expr]
}

function conditionText(policy: cedar.PolicyJson): string {
    const inside = /when \{ ?(.*?) ?\};?$/.exec(textOf(policy))
    return inside?.[1] ?? textOf(policy)
}

function textOf(json: cedar.PolicyJson): string {
    const answer = cedar.policyToText(json)
    if (answer.type === "failure") throw new Error("cannot format a split policy")
    return answer.text.replaceAll(/\s+/g, " ").trim()
}

/** Whether the tree names this variable. */
function mentions(tree: unknown, variable: string): boolean {
    if (typeof tree !== "object" || tree === null) return false
    if ("Var" in tree) return tree.Var === variable
    return Object.values(tree).some((part) => mentions(part, variable))
}

/** The entities named anywhere in these policies, each once. */
export function referencesOf(policies: readonly cedar.PolicyJson[]): EntityReference[] {
    const found = new Map<string, EntityReference>()
    for (const tree of treesIn(policies)) {
        if (isReference(tree)) found.set(`${tree.type}::${tree.id}`, { type: tree.type, id: tree.id })
    }
    return [...found.values()]
}

/** Returns the names of all attributes that these policies read or test for presence. */
export function attributesOf(policies: readonly cedar.PolicyJson[]): ReadonlySet<string> {
    const attributes = [...treesIn(policies)].map((tree) => ("attr" in tree ? tree.attr : []))
    return new Set(attributes.flat().filter((item) => typeof item === "string"))
}

/** The conditions about each side alone, each as a permit. */
export type SideParts = Readonly<Record<QuestionSide, readonly cedar.PolicyJson[]>>

/**
 * Splits all conditions of policies into the largest conjuncts that are about one side. Entities that satisfy the
 * same parts satisfy the same conjuncts. Returns null where a part is about both sides, or where a number would lose
 * precision.
 */
export function partsOf(policies: readonly cedar.PolicyJson[]): SideParts | null {
    const isOdd = (part: unknown): boolean => typeof part === "number" && !Number.isSafeInteger(part)
    for (const tree of treesIn(policies)) if (Object.values(tree).some(isOdd)) return null
    const parts = { principal: [] as cedar.PolicyJson[], resource: [] as cedar.PolicyJson[] }
    for (const json of policies) {
        const { principal, resource } = json
        if (principal.op !== "All") parts.principal.push({ ...anyScope, principal, conditions: [] })
        if (resource.op !== "All") parts.resource.push({ ...anyScope, resource, conditions: [] })
        if (!conditionsIn(json).every((body) => splitBySide(body, parts))) return null
    }
    return parts
}

/** Splits one condition into `parts`. Returns false where it cannot be split. */
function splitBySide(body: cedar.Expr, parts: Record<QuestionSide, cedar.PolicyJson[]>): boolean {
    const [ofPrincipal, ofResource] = [mentions(body, "principal"), mentions(body, "resource")]
    // A part about neither side depends on the action only, since there is no context.
    if (!ofPrincipal && !ofResource) return true
    if (!(ofPrincipal && ofResource) && !mentions(body, "action")) {
        parts[ofPrincipal ? "principal" : "resource"].push({ ...anyScope, conditions: [{ kind: "when", body }] })
        return readsOnlyDirectAttributes(body)
    }
    const inside = operandsOf(body)
    return inside !== null && inside.every((expr) => splitBySide(expr, parts))
}

/**
 * Whether the tree reads only attributes of the variable itself. Another entity, reached through it, may be the other
 * side.
 */
function readsOnlyDirectAttributes(body: cedar.Expr): boolean {
    const accesses = [...treesIn([{ ...anyScope, conditions: [{ kind: "when", body }] }])].filter(
        (tree) => "attr" in tree,
    )
    return accesses.every((tree) => {
        const target = "left" in tree && typeof tree.attr === "string" ? tree.left : null
        return typeof target === "object" && target !== null && "Var" in target
    })
}

/** Returns the operands of `&&`, `||`, `!` and `if`, which determine the value; null for other expressions. */
function operandsOf(body: cedar.Expr): cedar.Expr[] | null {
    if ("!" in body) return [(body["!"] as { arg: cedar.Expr }).arg]
    if ("if-then-else" in body) return Object.values(body["if-then-else"] as Record<string, cedar.Expr>)
    return sidesOf(body, "&&") ?? sidesOf(body, "||")
}

/** Yields every node of these policies except annotations. A record may have a field of that name. */
function* treesIn(policies: readonly cedar.PolicyJson[]): Generator<object, void> {
    const pending: unknown[] = policies.map(({ annotations: _, ...rest }) => rest)
    for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
        if (typeof tree !== "object" || tree === null) continue
        yield tree
        for (const part of Object.values(tree)) if (part !== undefined) pending.push(part)
    }
}

function isReference(tree: object): tree is EntityReference {
    return "type" in tree && "id" in tree && typeof tree.type === "string" && typeof tree.id === "string"
}

/** Returns the condition of a tree; null where its form has no description. */
function conditionOf(body: cedar.Expr): Condition | null {
    if ("." in body) return pathOf(body) === null ? null : { operator: "true", path: pathOf(body) ?? "" }
    if ("!" in body) return negate(conditionOf((body["!"] as { arg: cedar.Expr }).arg))
    for (const [operator, connective] of [["&&", "and"] as const, ["||", "or"] as const]) {
        const [left = null, right = null] = sidesOf(body, operator)?.map(conditionOf) ?? []
        if (left && right) return { operator: connective, conditions: [left, right] }
    }
    return comparisonOf(body)
}

const negate = (condition: Condition | null): Condition | null => condition && { operator: "not", condition }

function comparisonOf(body: cedar.Expr): Condition | null {
    const [operator = "", sides] = Object.entries(body)[0] ?? []
    if (typeof sides !== "object" || sides === null || !("left" in sides) || !("right" in sides)) return null
    const [left, right] = [sides.left as cedar.Expr, sides.right as cedar.Expr]
    const [path, values] = [pathOf(left) ?? pathOf(right), valuesOf(pathOf(left) === null ? left : right)]
    if (path === null || values === null) return null
    const isSet = pathOf(left) !== null
    const isSingle = !("Set" in left) && !("Set" in right)
    if (operator === "==" && isSingle) return { operator: "one_of", path, values }
    if (operator === "!=" && isSingle) return negate({ operator: "one_of", path, values })
    if (operator === "contains") return { operator: isSet ? "all_of" : "one_of", path, values }
    if (operator === "containsAll" && isSet) return { operator: "all_of", path, values }
    return operator === "containsAny" && isSet ? { operator: "any_of", path, values } : null
}

/** Returns the path of an attribute, such as `principal.tier`. */
function pathOf(body: cedar.Expr): string | null {
    if (!("." in body)) return null
    const { left, attr } = body["."] as { left: cedar.Expr; attr: string }
    return "Var" in left && typeof left.Var === "string" ? `${left.Var}.${attr}` : null
}

/** Returns the entities that the tree names: one, or those of a written set; null for others. */
function valuesOf(body: cedar.Expr): EntityReference[] | null {
    if ("Set" in body) {
        const references = (body.Set as cedar.Expr[]).map(valuesOf)
        return references.every((references) => references !== null) ? references.flat() : null
    }
    const value = "Value" in body ? body.Value : null
    const entity = typeof value === "object" && value !== null && "__entity" in value ? value.__entity : null
    return typeof entity === "object" && entity !== null && isReference(entity) ? [entity] : null
}
