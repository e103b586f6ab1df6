/** Cedar's policies as trees: what a permit asks, conjunct by conjunct, and which entities a text names. */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Condition, Reference, Rule, Side } from "../../models/policy.ts"

/** One conjunct, as a permit of its own that every action and everybody meets who meets it. */
export interface Conjunct {
    readonly rule: Rule
    readonly text: string
    readonly condition: Condition | null
    readonly asksPrincipal: boolean
    readonly json: cedar.PolicyJson
}

const anybody = { effect: "permit", principal: { op: "All" }, action: { op: "All" }, resource: { op: "All" } } as const

/** A forbid has none: where one decides, it is named itself. A permit without conditions has one, `true`. */
export function conjunctsOf(rule: Rule, json: cedar.PolicyJson): Conjunct[] {
    if (json.effect === "forbid") return []
    const conjuncts = askedIn(json).map((body): Conjunct => {
        const alone: cedar.PolicyJson = { ...anybody, conditions: [{ kind: "when", body }] }
        const input = { text: conditionText(alone), condition: conditionOf(body) }
        return { rule, json: alone, ...input, asksPrincipal: names(body, "principal") }
    })
    return [...scopeOf(rule, json), ...conjuncts]
}

/** Returns the conjuncts of the conditions. All of them must be true. */
function askedIn({ conditions }: cedar.PolicyJson): cedar.Expr[] {
    return conditions.flatMap(({ kind, body }) => (kind === "when" ? split(body) : splitNot(body)))
}

/** The scope, where it narrows anything: `principal is Partner`, `resource == …`. */
function scopeOf(rule: Rule, json: cedar.PolicyJson): Conjunct[] {
    const { principal, resource } = json
    const narrows = principal.op !== "All" || resource.op !== "All" || json.conditions.length === 0
    if (!narrows) return []
    const scope: cedar.PolicyJson = { ...anybody, principal, resource, conditions: [] }
    return [{ rule, json: scope, text: textOf(scope), condition: null, asksPrincipal: principal.op !== "All" }]
}

/** a && b && c → [a, b, c] */
function split(body: cedar.Expr): cedar.Expr[] {
    const sides = sidesOf(body, "&&")
    return sides ? sides.flatMap(split) : [body]
}

/** not (a || b) → [not a, not b] */
function splitNot(body: cedar.Expr): cedar.Expr[] {
    const sides = sidesOf(body, "||")
    return sides ? sides.flatMap(splitNot) : [{ "!": { arg: body } }]
}

function sidesOf(body: cedar.Expr, operator: "&&" | "||"): [cedar.Expr, cedar.Expr] | null {
    const pair: unknown = Object.entries(body).find(([key]) => key === operator)?.[1]
    if (typeof pair !== "object" || pair === null || !("left" in pair) || !("right" in pair)) return null
    return [pair.left as cedar.Expr, pair.right as cedar.Expr]
}

function conditionText(alone: cedar.PolicyJson): string {
    const inside = /when \{ ?(.*?) ?\};?$/.exec(textOf(alone))
    return inside?.[1] ?? textOf(alone)
}

function textOf(json: cedar.PolicyJson): string {
    const answer = cedar.policyToText(json)
    if (answer.type === "failure") throw new Error("a policy taken apart cannot be written")
    return answer.text.replaceAll(/\s+/g, " ").trim()
}

/** Whether the tree names this variable. */
function names(tree: unknown, variable: string): boolean {
    if (typeof tree !== "object" || tree === null) return false
    if ("Var" in tree) return tree.Var === variable
    return Object.values(tree).some((part) => names(part, variable))
}

/** The entities named anywhere in these policies, each once. */
export function referencesOf(policies: readonly cedar.PolicyJson[]): Reference[] {
    const found = new Map<string, Reference>()
    for (const tree of treesIn(policies)) {
        if (isReference(tree)) found.set(`${tree.type}::${tree.id}`, { type: tree.type, id: tree.id })
    }
    return [...found.values()]
}

/** The names of the attributes that these policies ask for anywhere, or ask whether they are there. */
export function attributesOf(policies: readonly cedar.PolicyJson[]): ReadonlySet<string> {
    const requests = [...treesIn(policies)].map((tree) => ("attr" in tree ? tree.attr : []))
    return new Set(requests.flat().filter((item) => typeof item === "string"))
}

/** The conditions about each side alone, each as a permit. */
export type Parts = Readonly<Record<Side, readonly cedar.PolicyJson[]>>

/**
 * Splits all conditions of policies into the largest conjuncts that are about one side. Entities that satisfy the
 * same parts satisfy the same conjuncts. Returns null where a part is about both sides, or where a number would lose
 * precision.
 */
export function partsOf(policies: readonly cedar.PolicyJson[]): Parts | null {
    const isOdd = (part: unknown): boolean => typeof part === "number" && !Number.isSafeInteger(part)
    for (const tree of treesIn(policies)) if (Object.values(tree).some(isOdd)) return null
    const parts = { principal: [] as cedar.PolicyJson[], resource: [] as cedar.PolicyJson[] }
    for (const json of policies) {
        const { principal, resource } = json
        if (principal.op !== "All") parts.principal.push({ ...anybody, principal, conditions: [] })
        if (resource.op !== "All") parts.resource.push({ ...anybody, resource, conditions: [] })
        if (!askedIn(json).every((body) => takeApart(body, parts))) return null
    }
    return parts
}

/** False where it cannot be taken apart. */
function takeApart(body: cedar.Expr, parts: Record<Side, cedar.PolicyJson[]>): boolean {
    const [ofPrincipal, ofResource] = [names(body, "principal"), names(body, "resource")]
    // The action is the question's, and there is no context.
    if (!ofPrincipal && !ofResource) return true
    if (!(ofPrincipal && ofResource) && !names(body, "action")) {
        parts[ofPrincipal ? "principal" : "resource"].push({ ...anybody, conditions: [{ kind: "when", body }] })
        return looksNoFurther(body)
    }
    const inside = connectedIn(body)
    return inside !== null && inside.every((expr) => takeApart(expr, parts))
}

/** Through one side, another thing could be looked at, which may be the other side. */
function looksNoFurther(body: cedar.Expr): boolean {
    const requests = [...treesIn([{ ...anybody, conditions: [{ kind: "when", body }] }])].filter(
        (tree) => "attr" in tree,
    )
    return requests.every((tree) => {
        const subject = "left" in tree && typeof tree.attr === "string" ? tree.left : null
        return typeof subject === "object" && subject !== null && "Var" in subject
    })
}

/** What `&&`, `||`, `!` and `if` connect: whether it holds follows from whether each of these does. */
function connectedIn(body: cedar.Expr): cedar.Expr[] | null {
    if ("!" in body) return [(body["!"] as { arg: cedar.Expr }).arg]
    if ("if-then-else" in body) return Object.values(body["if-then-else"] as Record<string, cedar.Expr>)
    return sidesOf(body, "&&") ?? sidesOf(body, "||")
}

/** Yields every node of these policies except annotations. A record may have a field of that name. */
function* treesIn(policies: readonly cedar.PolicyJson[]): Generator<object, void> {
    const ahead: unknown[] = policies.map(({ annotations: _, ...rest }) => rest)
    for (let tree = ahead.pop(); tree !== undefined; tree = ahead.pop()) {
        if (typeof tree !== "object" || tree === null) continue
        yield tree
        for (const part of Object.values(tree)) if (part !== undefined) ahead.push(part)
    }
}

function isReference(tree: object): tree is Reference {
    return "type" in tree && "id" in tree && typeof tree.type === "string" && typeof tree.id === "string"
}

/** The condition that a tree says; null where it is of no form that has words. */
function conditionOf(body: cedar.Expr): Condition | null {
    if ("." in body) return pathOf(body) === null ? null : { is: "true", of: pathOf(body) ?? "" }
    if ("!" in body) return exclude(conditionOf((body["!"] as { arg: cedar.Expr }).arg))
    for (const [operator, is] of [["&&", "and"] as const, ["||", "or"] as const]) {
        const [left = null, right = null] = sidesOf(body, operator)?.map(conditionOf) ?? []
        if (left && right) return { is, conditions: [left, right] }
    }
    return comparisonOf(body)
}

const exclude = (condition: Condition | null): Condition | null => condition && { is: "not", condition }

function comparisonOf(body: cedar.Expr): Condition | null {
    const [operator = "", sides] = Object.entries(body)[0] ?? []
    if (typeof sides !== "object" || sides === null || !("left" in sides) || !("right" in sides)) return null
    const [left, right] = [sides.left as cedar.Expr, sides.right as cedar.Expr]
    const [path, values] = [pathOf(left) ?? pathOf(right), valuesOf(pathOf(left) === null ? left : right)]
    if (path === null || values === null) return null
    const isSet = pathOf(left) !== null
    const isOne = !("Set" in left) && !("Set" in right)
    if (operator === "==" && isOne) return { is: "one_of", of: path, values }
    if (operator === "!=" && isOne) return exclude({ is: "one_of", of: path, values })
    if (operator === "contains") return { is: isSet ? "all_of" : "one_of", of: path, values }
    if (operator === "containsAll" && isSet) return { is: "all_of", of: path, values }
    return operator === "containsAny" && isSet ? { is: "any_of", of: path, values } : null
}

/** `principal.tier` */
function pathOf(body: cedar.Expr): string | null {
    if (!("." in body)) return null
    const { left, attr } = body["."] as { left: cedar.Expr; attr: string }
    return "Var" in left && typeof left.Var === "string" ? `${left.Var}.${attr}` : null
}

/** The entities that it names: one, or those of a set that is written out. */
function valuesOf(body: cedar.Expr): Reference[] | null {
    if ("Set" in body) {
        const references = (body.Set as cedar.Expr[]).map(valuesOf)
        return references.every((references) => references !== null) ? references.flat() : null
    }
    const value = "Value" in body ? body.Value : null
    const named = typeof value === "object" && value !== null && "__entity" in value ? value.__entity : null
    return typeof named === "object" && named !== null && isReference(named) ? [named] : null
}
