/**
 * The policy engine: Cedar, behind a small door.
 *
 * A text is validated strictly against its schema before it can be asked anything, and parsed once. Cedar answers a
 * default deny without a reason; so each permit is also kept split into its conjuncts, and all of them are evaluated
 * in one call, to say which was not met.
 */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Answer, Clause, Evaluator, Question, Reference, Rule, Thing, Value } from "../lib/policy.ts"
import { refuse } from "../lib/refusal.ts"
import { type Conjunct, conjunctsOf, referencesOf } from "./cedar.ts"

export interface PolicyEngine extends Evaluator {
    /**
     * Makes `name` answer by this text from now on. Loading the same again is cheap.
     * Refuses `policy.invalid` with one line: what does not parse, does not fit the schema, can never apply,
     * or has no `@id` and `@title`.
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
    /** In the order of the text. */
    readonly rules: readonly Rule[]
    readonly conjuncts: readonly Conjunct[]
    readonly references: readonly Reference[]
}

interface Parsed {
    readonly rule: Rule
    readonly json: cedar.PolicyJson
    /** What is evaluated: numbers beyond 2^53 would not survive the JSON. */
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
            validate(parsed, schemaText)
            const conjuncts = parsed.flatMap(({ rule, json }) => conjunctsOf(rule, json))
            const clauses = setOf(conjuncts.map((conjunct, n) => [`${n}`, conjunct.json]))
            must(cedar.checkParsePolicySet(clauses))
            must(cedar.preparseSchema(prefix + name, schemaText))
            must(cedar.preparsePolicySet(prefix + name, setOf(parsed.map((p) => [p.rule.id, p.source]))))
            must(cedar.preparsePolicySet(clausesOf(prefix + name), clauses))
            const rules = parsed.map((p) => p.rule)
            const references = referencesOf(parsed.map((p) => p.json))
            loaded.set(name, { policyText, schemaText, rules, conjuncts, references })
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
            return set.conjuncts.map(({ rule, text, asksPrincipal }, n): Clause => {
                return { rule, text, asksPrincipal, met: met.has(`${n}`) }
            })
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

function setOf(policies: [string, cedar.Policy][]): cedar.PolicySet {
    return { staticPolicies: Object.fromEntries(policies) }
}

function parse(text: string): Parsed[] {
    if (text.length > textMax) invalid(`a policy has \`${textMax}\` characters at most`)
    const parts = cedar.policySetTextToParts(text)
    if (parts.type === "failure") invalid(lineOf(parts.errors))
    if (parts.policy_templates.length > 0) invalid("a policy has no templates: write each rule out")
    if (parts.policies.length === 0) invalid("a policy needs a rule")
    if (parts.policies.length > rulesMax) invalid(`a policy has \`${rulesMax}\` rules at most`)
    const parsed = parts.policies.map(parseRule).sort((a, b) => text.indexOf(a.source) - text.indexOf(b.source))
    const twice = parsed.find((p, n) => parsed.findIndex((other) => other.rule.id === p.rule.id) < n)
    if (twice) invalid(`two rules have the id \`${twice.rule.id}\``)
    return parsed
}

function parseRule(source: string): Parsed {
    const answer = cedar.policyToJson(source)
    if (answer.type === "failure") invalid(lineOf(answer.errors))
    const { annotations = {}, effect } = answer.json
    const { id = "", title = "" } = annotations
    if (!idForm.test(id)) invalid(`a rule needs an \`@id\` like \`poc-in-wave\`, and \`${short(id)}\` is none`)
    if (title.trim() === "") invalid(`the rule \`${id}\` needs a \`@title\` in words`)
    return { rule: { id, title, effect }, json: answer.json, source }
}

/** A warning too refuses: a rule that can never apply is a mistake, and a dangerous one where it forbids. */
function validate(parsed: readonly Parsed[], schemaText: string): void {
    const policies = setOf(parsed.map((p) => [p.rule.id, p.source]))
    const answer = cedar.validate({ schema: schemaText, policies, validationSettings: { mode: "strict" } })
    if (answer.type === "failure") invalid(lineOf(answer.errors))
    const found = [...answer.validationErrors, ...answer.validationWarnings]
    if (found.length > 0) invalid(lineOf(found.map((one) => one.error)))
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

function lineOf(errors: readonly cedar.DetailedError[]): string {
    const [first] = errors
    if (!first) return "the policy is not valid"
    const label = first.sourceLocations?.find((at) => at.label !== null)?.label
    return oneLine([first.message, label, first.help].filter((part) => part !== null && part !== undefined).join("; "))
}

function oneLine(text: string): string {
    return short(text.replaceAll(/\s+/g, " ").trim(), 300)
}

function short(text: string, max = 60): string {
    return text.length > max ? `${text.slice(0, max)}…` : text
}
