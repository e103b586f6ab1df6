/** Cedar's policies as trees: what a permit asks, conjunct by conjunct, and which entities a text names. */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Reference, Rule } from "../lib/policy.ts"

/** One conjunct, as a permit of its own that every action and everybody meets who meets it. */
export interface Conjunct {
    readonly rule: Rule
    readonly text: string
    readonly asksPrincipal: boolean
    readonly json: cedar.PolicyJson
}

const anybody = { effect: "permit", principal: { op: "All" }, action: { op: "All" }, resource: { op: "All" } } as const

/** A forbid has none: where one decides, it is named itself. A permit without conditions has one, `true`. */
export function conjunctsOf(rule: Rule, json: cedar.PolicyJson): Conjunct[] {
    if (json.effect === "forbid") return []
    const expressions = json.conditions.flatMap(({ kind, body }) => (kind === "when" ? split(body) : splitNot(body)))
    const asked = expressions.map((body): Conjunct => {
        const alone: cedar.PolicyJson = { ...anybody, conditions: [{ kind: "when", body }] }
        return { rule, json: alone, text: conditionText(alone), asksPrincipal: names(body, "principal") }
    })
    return [...scopeOf(rule, json), ...asked]
}

/** The scope, where it narrows anything: `principal is Partner`, `resource == …`. */
function scopeOf(rule: Rule, json: cedar.PolicyJson): Conjunct[] {
    const { principal, resource } = json
    const narrows = principal.op !== "All" || resource.op !== "All" || json.conditions.length === 0
    if (!narrows) return []
    const scope: cedar.PolicyJson = { ...anybody, principal, resource, conditions: [] }
    return [{ rule, json: scope, text: textOf(scope), asksPrincipal: principal.op !== "All" }]
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
    const visit = (tree: unknown): void => {
        if (typeof tree !== "object" || tree === null) return
        if (isReference(tree)) found.set(`${tree.type}::${tree.id}`, { type: tree.type, id: tree.id })
        for (const [key, part] of Object.entries(tree)) if (key !== "annotations") visit(part)
    }
    for (const policy of policies) visit(policy)
    return [...found.values()]
}

function isReference(tree: object): tree is Reference {
    return "type" in tree && "id" in tree && typeof tree.type === "string" && typeof tree.id === "string"
}
