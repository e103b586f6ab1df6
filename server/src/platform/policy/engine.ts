/**
 * The policy engine: Cedar behind a small interface.
 *
 * A text is validated strictly against its schema before it is queried, and parsed once. Cedar gives no reason for a
 * default deny. So each permit is also stored as its conjuncts, which are evaluated in one call to find the unmet ones.
 */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type {
    PolicyDecision,
    Clause,
    Evaluator,
    PolicyQuestion,
    EntityReference,
    PolicyRule,
    QuestionSide,
    Entity,
    AttributeValue,
} from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Conjunct, type SideParts, attributesOf, conjunctsOf, partsOf, referencesOf } from "./cedar.ts"

export interface PolicyEngine extends Evaluator {
    /**
     * Loads a policy text under a name and replaces the earlier one. Loading the same text again is cheap. Refuses
     * `policy.invalid` with one line, which begins with `line N: ` where the error has a place. Invalid are texts that
     * do not parse, do not fit the schema, have a rule that can never apply, or lack `@id` and `@title`.
     */
    load(name: string, policyText: string, schemaText: string): void
    /**
     * Returns the entities that the loaded text names in scopes and conditions, each once. Throws where it is not
     * loaded.
     */
    references(name: string): readonly EntityReference[]
}

/** The maximum number of characters. */
const textMax = 65_536
const rulesMax = 200
const idForm = /^[a-z][a-z0-9-]{0,63}$/

interface LoadedPolicy {
    readonly policyText: string
    readonly schemaText: string
    /** Rules in the order of the text. */
    readonly rules: readonly PolicyRule[]
    readonly conjuncts: readonly Conjunct[]
    readonly references: readonly EntityReference[]
    readonly attributes: ReadonlySet<string>
    readonly parts: SideParts | null
}

interface ParsedRule {
    readonly rule: PolicyRule
    readonly json: cedar.PolicyJson
    /** The text that is evaluated. Numbers beyond 2^53 would lose precision in JSON. */
    readonly source: string
}

export function openPolicyEngine(): PolicyEngine {
    const loaded = new Map<string, LoadedPolicy>()
    const prefix = `${engineCount++}/`

    return {
        load(name, policyText, schemaText) {
            const before = loaded.get(name)
            if (before?.policyText === policyText && before.schemaText === schemaText) return
            const parsed = parse(policyText)
            validate(parsed, policyText, schemaText)
            const conjuncts = parsed.flatMap(({ rule, json }) => conjunctsOf(rule, json))
            const clauses = setOf(conjuncts.map((conjunct, n) => [`${n}`, conjunct.json]))
            assertParsed(cedar.checkParsePolicySet(clauses))
            assertParsed(cedar.preparseSchema(prefix + name, schemaText))
            assertParsed(cedar.preparsePolicySet(prefix + name, setOf(parsed.map((p) => [p.rule.id, p.source]))))
            assertParsed(cedar.preparsePolicySet(clausesOf(prefix + name), clauses))
            const rules = parsed.map((p) => p.rule)
            const trees = parsed.map((p) => p.json)
            const parts = partsOf(trees)
            for (const side of sides) {
                const entries = (parts?.[side] ?? []).map((json, n): [string, cedar.Policy] => [`${n}`, json])
                assertParsed(cedar.preparsePolicySet(partsOfSide(prefix + name, side), setOf(entries)))
            }
            const facts = { references: referencesOf(trees), attributes: attributesOf(trees), parts }
            loaded.set(name, { policyText, schemaText, rules, conjuncts, ...facts })
        },

        decide(name, question) {
            const set = loaded.get(name)
            if (!set) return { decision: "deny", determining: [], errors: [`no policy \`${name}\` is loaded`] }
            const answer = evaluate(prefix + name, prefix + name, question)
            // Cedar returns rules in no order. The same question must have the same answer.
            const determining = set.rules.filter((rule) => answer.reason.includes(rule.id))
            return { decision: answer.decision, determining, errors: answer.errors } satisfies PolicyDecision
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

        namesEntity: (name, { type, id }) =>
            loaded.get(name)?.references.some((reference) => reference.type === type && reference.id === id) ?? false,

        readsAttribute: (name, attribute) => loaded.get(name)?.attributes.has(attribute) ?? false,

        entityFingerprint(name, side, entity) {
            const parts = loaded.get(name)?.parts?.[side]
            if (!parts) return null
            if (parts.length === 0) return ""
            const entities = { principal: absentEntity, resource: absentEntity, [side]: entity }
            const { reason, errors } = evaluate(partsOfSide(prefix + name, side), null, { ...entities, action: "see" })
            return errors.length > 0 ? null : reason.toSorted().join(" ")
        },

        references(name) {
            const set = loaded.get(name)
            if (!set) throw new Error(`no policy \`${name}\` is loaded`)
            return set.references
        },
    }
}

/** Cedar caches parsed policies by name for the whole process, so each engine has names of its own. */
let engineCount = 0

const clausesOf = (name: string): string => `${name}/clauses`
const partsOfSide = (name: string, side: QuestionSide): string => `${name}/${side}`
const sides: readonly QuestionSide[] = ["principal", "resource"]

/** The entity for the side that the question does not concern. */
const absentEntity: Entity = { type: "Nobody", id: "nobody", attributes: {} }

function setOf(policies: [string, cedar.Policy][]): cedar.PolicySet {
    return { staticPolicies: Object.fromEntries(policies) }
}

function parse(text: string): ParsedRule[] {
    if (text.length > textMax) refuseInvalid(`a policy has \`${textMax}\` characters at most`)
    const parts = cedar.policySetTextToParts(text)
    if (parts.type === "failure") refuseInvalid(lineOf(parts.errors, text))
    if (parts.policy_templates.length > 0) refuseInvalid("a policy has no templates: write each rule out")
    if (parts.policies.length === 0) refuseInvalid("a policy needs a rule")
    if (parts.policies.length > rulesMax) refuseInvalid(`a policy has \`${rulesMax}\` rules at most`)
    const parsed = parts.policies
        .map((source) => parseRule(source, text))
        .sort((a, b) => text.indexOf(a.source) - text.indexOf(b.source))
    const duplicate = parsed.find((p, n) => parsed.findIndex((other) => other.rule.id === p.rule.id) < n)
    if (duplicate)
        refuseInvalid(
            `${placeOf(text, text.lastIndexOf(duplicate.source))}two rules have the id \`${duplicate.rule.id}\``,
        )
    return parsed
}

function parseRule(source: string, text: string): ParsedRule {
    const position = placeOf(text, text.indexOf(source))
    const answer = cedar.policyToJson(source)
    if (answer.type === "failure") refuseInvalid(lineOf(answer.errors))
    const { annotations = {}, effect } = answer.json
    const { id = "", title = "" } = annotations
    if (!idForm.test(id))
        refuseInvalid(`${position}a rule needs an \`@id\` like \`poc-in-wave\`: \`${truncate(id)}\` is not valid`)
    if (title.trim() === "") refuseInvalid(`${position}the rule \`${id}\` needs a text as its \`@title\``)
    return { rule: { id, title, effect }, json: answer.json, source }
}

/** Refuses warnings too: a rule that can never apply is a mistake, and a dangerous one where it forbids. */
function validate(parsed: readonly ParsedRule[], text: string, schemaText: string): void {
    const policies = setOf(parsed.map((p) => [p.rule.id, p.source]))
    const answer = cedar.validate({ schema: schemaText, policies, validationSettings: { mode: "strict" } })
    if (answer.type === "failure") refuseInvalid(lineOf(answer.errors))
    const [found] = [...answer.validationErrors, ...answer.validationWarnings]
    const source = parsed.find((p) => p.rule.id === found?.policyId)?.source ?? ""
    if (found) refuseInvalid(lineOf([found.error], text, text.indexOf(source)))
    if (answer.otherWarnings.length > 0) refuseInvalid(lineOf(answer.otherWarnings))
}

/** Checks the question against the schema, where one is given. */
function evaluate(set: string, schema: string | null, question: PolicyQuestion) {
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
        if (answer.type === "failure") return failedAnswer(answer.errors.map((error) => error.message))
        const { decision, diagnostics } = answer.response
        const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`)
        return { decision, reason: diagnostics.reason, errors: errors.map(oneLine).sort() }
    } catch (error) {
        return failedAnswer([String(error)])
    }
}

function failedAnswer(messages: readonly string[]) {
    const reason: string[] = []
    return { decision: "deny" as const, reason, errors: messages.map(oneLine) }
}

function referenceOf({ type, id }: EntityReference): cedar.TypeAndId {
    return { type, id }
}

function entityOf(entity: Entity): cedar.EntityJson {
    const attrs = Object.fromEntries(Object.entries(entity.attributes).map(([name, value]) => [name, valueOf(value)]))
    return { uid: referenceOf(entity), attrs, parents: [] }
}

function valueOf(value: AttributeValue): cedar.CedarValueJson {
    if (typeof value !== "object") return value
    return "type" in value ? { __entity: referenceOf(value) } : value.map(valueOf)
}

function assertParsed(answer: cedar.CheckParseAnswer): void {
    if (answer.type === "failure") refuseInvalid(lineOf(answer.errors))
}

function refuseInvalid(line: string): never {
    refuse("invalid", "policy.invalid", line)
}

/**
 * Returns the first error in one line. `text` is the whole policy, and `from` the offset of the part that Cedar was
 * given.
 */
function lineOf(errors: readonly cedar.DetailedError[], text = "", from = 0): string {
    const [first] = errors
    if (!first) return "the policy is not valid"
    const [at] = first.sourceLocations ?? []
    const label = first.sourceLocations?.find((sourceLocation) => sourceLocation.label !== null)?.label
    const message = [first.message, label, first.help].filter((part) => part !== null && part !== undefined).join("; ")
    return oneLine(`${at && text !== "" ? placeOf(text, from, at.start) : ""}${message}`)
}

/** Returns `line 7: ` for a byte offset after the character `from`. */
function placeOf(text: string, from: number, bytes = 0): string {
    const before = text.slice(0, from) + Buffer.from(text.slice(from)).subarray(0, bytes).toString()
    return `line ${before.split("\n").length}: `
}

function oneLine(text: string): string {
    return truncate(text.replaceAll(/\s+/g, " ").trim(), 300)
}

function truncate(text: string, max = 60): string {
    return text.length > max ? `${text.slice(0, max)}…` : text
}
