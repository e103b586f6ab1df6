/**
 * The policy engine: Cedar, behind a small door.
 *
 * A text is validated strictly against its schema before it can be asked anything, and parsed once. Cedar answers a
 * default deny without a reason; so each permit is also kept split into its conjuncts, and all of them are evaluated
 * in one call, to say which was not met.
 */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Answer, Clause, Evaluator, Question, Reference, Rule, Side, Thing, Value } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Conjunct, type Parts, attributesOf, conjunctsOf, partsOf, referencesOf } from "./cedar.ts"

export interface PolicyEngine extends Evaluator {
    /**
     * Makes `name` answer by this text from now on. Loading the same again is cheap.
     * Refuses `policy.invalid` with one line, which begins with `line N: ` where it is about a place in the text: what
     * does not parse, does not fit the schema, can never apply, or has no `@id` and `@title`.
     */
    load(name: string, policyText: string, schemaText: string): void
    /** The entities that the loaded text names in scopes and conditions, each once. Throws where it is not loaded. */
    references(name: string): readonly Reference[]
}

/** Characters. */
const textMax = 65_536
const rulesMax = 200
const idForm = /^[a-z][a-z0-9-]{0,63}$/

interface Loaded {
    readonly policyText: string
    readonly schemaText: string
    /** Rules in the order of the text. */
    readonly rules: readonly Rule[]
    readonly conjuncts: readonly Conjunct[]
    readonly references: readonly Reference[]
    readonly attributes: ReadonlySet<string>
    readonly parts: Parts | null
}

interface Parsed {
    readonly rule: Rule
    readonly json: cedar.PolicyJson
    /** The text that is evaluated. Numbers beyond 2^53 would lose precision in JSON. */
    readonly source: string
}

export function openPolicyEngine(): PolicyEngine {
    const loaded = new Map<string, Loaded>()
    const prefix = `${engines++}/`

    return {
        load(name, policyText, schemaText) {
            const before = loaded.get(name)
            if (before?.policyText === policyText && before.schemaText === schemaText) return
            const parsed = parse(policyText)
            validate(parsed, policyText, schemaText)
            const conjuncts = parsed.flatMap(({ rule, json }) => conjunctsOf(rule, json))
            const clauses = setOf(conjuncts.map((conjunct, n) => [`${n}`, conjunct.json]))
            must(cedar.checkParsePolicySet(clauses))
            must(cedar.preparseSchema(prefix + name, schemaText))
            must(cedar.preparsePolicySet(prefix + name, setOf(parsed.map((p) => [p.rule.id, p.source]))))
            must(cedar.preparsePolicySet(clausesOf(prefix + name), clauses))
            const rules = parsed.map((p) => p.rule)
            const trees = parsed.map((p) => p.json)
            const parts = partsOf(trees)
            for (const side of sides) {
                const entries = (parts?.[side] ?? []).map((json, n): [string, cedar.Policy] => [`${n}`, json])
                must(cedar.preparsePolicySet(partsOfSide(prefix + name, side), setOf(entries)))
            }
            const request = { references: referencesOf(trees), attributes: attributesOf(trees), parts }
            loaded.set(name, { policyText, schemaText, rules, conjuncts, ...request })
        },

        ask(name, question) {
            const set = loaded.get(name)
            if (!set) return { decision: "deny", determining: [], errors: [`no policy \`${name}\` is loaded`] }
            const answer = evaluate(prefix + name, prefix + name, question)
            // Cedar names them in no order; the same question must have the same answer.
            const determining = set.rules.filter((rule) => answer.reason.includes(rule.id))
            return { decision: answer.decision, determining, errors: answer.errors } satisfies Answer
        },

        clauses(name, question) {
            const set = loaded.get(name)
            if (!set) return []
            const met = new Set(evaluate(clausesOf(prefix + name), null, question).reason)
            return set.conjuncts.map(({ json: _, ...conjunct }, n): Clause => {
                return { ...conjunct, met: met.has(`${n}`) }
            })
        },

        rules: (name) => loaded.get(name)?.rules ?? [],

        names: (name, { type, id }) =>
            loaded.get(name)?.references.some((reference) => reference.type === type && reference.id === id) ?? false,

        asksFor: (name, attribute) => loaded.get(name)?.attributes.has(attribute) ?? false,

        sees(name, side, thing) {
            const parts = loaded.get(name)?.parts?.[side]
            if (!parts) return null
            if (parts.length === 0) return ""
            const sided = { principal: nobody, resource: nobody, [side]: thing }
            const { reason, errors } = evaluate(partsOfSide(prefix + name, side), null, { ...sided, action: "see" })
            return errors.length > 0 ? null : reason.toSorted().join(" ")
        },

        references(name) {
            const set = loaded.get(name)
            if (!set) throw new Error(`no policy \`${name}\` is loaded`)
            return set.references
        },
    }
}

/** Cedar keeps what is parsed by name, for the whole process: each engine has names of its own. */
let engines = 0

const clausesOf = (name: string): string => `${name}/clauses`
const partsOfSide = (name: string, side: Side): string => `${name}/${side}`
const sides: readonly Side[] = ["principal", "resource"]

/** The entity for the side that the question does not concern. */
const nobody: Thing = { type: "Nobody", id: "nobody", attributes: {} }

function setOf(policies: [string, cedar.Policy][]): cedar.PolicySet {
    return { staticPolicies: Object.fromEntries(policies) }
}

function parse(text: string): Parsed[] {
    if (text.length > textMax) invalid(`a policy has \`${textMax}\` characters at most`)
    const parts = cedar.policySetTextToParts(text)
    if (parts.type === "failure") invalid(lineOf(parts.errors, text))
    if (parts.policy_templates.length > 0) invalid("a policy has no templates: write each rule out")
    if (parts.policies.length === 0) invalid("a policy needs a rule")
    if (parts.policies.length > rulesMax) invalid(`a policy has \`${rulesMax}\` rules at most`)
    const parsed = parts.policies
        .map((source) => parseRule(source, text))
        .sort((a, b) => text.indexOf(a.source) - text.indexOf(b.source))
    const twice = parsed.find((p, n) => parsed.findIndex((other) => other.rule.id === p.rule.id) < n)
    if (twice) invalid(`${placeOf(text, text.lastIndexOf(twice.source))}two rules have the id \`${twice.rule.id}\``)
    return parsed
}

function parseRule(source: string, text: string): Parsed {
    const at = placeOf(text, text.indexOf(source))
    const answer = cedar.policyToJson(source)
    if (answer.type === "failure") invalid(lineOf(answer.errors))
    const { annotations = {}, effect } = answer.json
    const { id = "", title = "" } = annotations
    if (!idForm.test(id)) invalid(`${at}a rule needs an \`@id\` like \`poc-in-wave\`, and \`${short(id)}\` is none`)
    if (title.trim() === "") invalid(`${at}the rule \`${id}\` needs a \`@title\` in words`)
    return { rule: { id, title, effect }, json: answer.json, source }
}

/** A warning too refuses: a rule that can never apply is a mistake, and a dangerous one where it forbids. */
function validate(parsed: readonly Parsed[], text: string, schemaText: string): void {
    const policies = setOf(parsed.map((p) => [p.rule.id, p.source]))
    const answer = cedar.validate({ schema: schemaText, policies, validationSettings: { mode: "strict" } })
    if (answer.type === "failure") invalid(lineOf(answer.errors))
    const [found] = [...answer.validationErrors, ...answer.validationWarnings]
    const source = parsed.find((p) => p.rule.id === found?.policyId)?.source ?? ""
    if (found) invalid(lineOf([found.error], text, text.indexOf(source)))
    if (answer.otherWarnings.length > 0) invalid(lineOf(answer.otherWarnings))
}

/** Checks the question against the schema, where one is given. */
function evaluate(set: string, schema: string | null, question: Question) {
    try {
        const answer = cedar.statefulIsAuthorized({
            principal: referenceOf(question.principal),
            action: { type: "Action", id: question.action },
            resource: referenceOf(question.resource),
            context: {},
            preparsedPolicySetId: set,
            ...(schema !== null && { preparsedSchemaName: schema }),
            validateRequest: schema !== null,
            entities: [entityOf(question.principal), entityOf(question.resource)],
        })
        if (answer.type === "failure") return failed(answer.errors.map((error) => error.message))
        const { decision, diagnostics } = answer.response
        const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`)
        return { decision, reason: diagnostics.reason, errors: errors.map(oneLine).sort() }
    } catch (error) {
        return failed([String(error)])
    }
}

function failed(messages: readonly string[]) {
    const reason: string[] = []
    return { decision: "deny" as const, reason, errors: messages.map(oneLine) }
}

function referenceOf({ type, id }: Reference): cedar.TypeAndId {
    return { type, id }
}

function entityOf(thing: Thing): cedar.EntityJson {
    const attrs = Object.fromEntries(Object.entries(thing.attributes).map(([name, value]) => [name, valueOf(value)]))
    return { uid: referenceOf(thing), attrs, parents: [] }
}

function valueOf(value: Value): cedar.CedarValueJson {
    if (typeof value !== "object") return value
    return "type" in value ? { __entity: referenceOf(value) } : value.map(valueOf)
}

function must(answer: cedar.CheckParseAnswer): void {
    if (answer.type === "failure") invalid(lineOf(answer.errors))
}

function invalid(line: string): never {
    refuse("invalid", "policy.invalid", line)
}

/**
 * The first error in one line. `text` is the whole policy, and `from` where in it the piece begins that Cedar was
 * given.
 */
function lineOf(errors: readonly cedar.DetailedError[], text = "", from = 0): string {
    const [first] = errors
    if (!first) return "the policy is not valid"
    const [at] = first.sourceLocations ?? []
    const label = first.sourceLocations?.find((sourceLocation) => sourceLocation.label !== null)?.label
    const value = [first.message, label, first.help].filter((part) => part !== null && part !== undefined).join("; ")
    return oneLine(`${at && text !== "" ? placeOf(text, from, at.start) : ""}${value}`)
}

/** Returns `line 7: ` for a byte offset after the character `from`. */
function placeOf(text: string, from: number, bytes = 0): string {
    const before = text.slice(0, from) + Buffer.from(text.slice(from)).subarray(0, bytes).toString()
    return `line ${before.split("\n").length}: `
}

function oneLine(text: string): string {
    return short(text.replaceAll(/\s+/g, " ").trim(), 300)
}

function short(text: string, max = 60): string {
    return text.length > max ? `${text.slice(0, max)}…` : text
}
