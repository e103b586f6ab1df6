/** The entitlement matrix of 1,000 partners and 8 artifacts: from facts in memory, and whole, through the database. */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { Question, Value } from "../src/lib/policy.ts"
import { knownAt } from "../src/share/entitlement/actions/circle.ts"
import { matrixOf } from "../src/share/entitlement/actions/entitlements.ts"
import { type Circle, matrix } from "../src/share/entitlement/matrix.ts"
import { threeTierWithDuty } from "../src/share/entitlement/pack.ts"
import { questionOf, schemaText } from "../src/share/entitlement/schema.ts"
import { type Figure, besideLimits, readingOf, secondsOf, shown } from "./measure.ts"
import { type BenchProgram, system } from "./program.ts"

const rounds = 5
const secondsMax = 1
const policy = "with the duty rule"

export async function matrices(its: BenchProgram): Promise<Figure> {
    const { doors, case: caseId } = its
    doors.policy.load(policy, threeTierWithDuty.text, schemaText)
    const circle = await its.acting(system, (act) => knownAt(act, caseId, null, act.now))
    const questions = questionsOf(circle).map(callOf)
    preparse()
    const whole = () => its.acting(system, (act) => matrixOf(act, caseId, { policy: 2 }))
    const cells = (await whole()).entitlements.length
    const at = Date.now()
    const { measured, limits, ratios } = await besideLimits(
        rounds,
        () => secondsOf(() => matrix(doors.policy, policy, circle, at)),
        [() => secondsOf(() => questions.forEach(decideBare)), () => secondsOf(whole)],
    )
    const [limit, database] = limits
    if (!limit || !database || !ratios[0]) throw new Error("nothing was measured")
    const faster = readingOf([ratios[0].min, ratios[0].median, ratios[0].max].map((ratio) => 1 / ratio))
    return {
        title: `The matrix of ${circle.partners.length} partners and ${circle.artifacts.length} artifacts: ${cells} cells`,
        lines: [
            ["decided, with reasons, from facts in memory", shown(measured, "s", 3)],
            ["decided, with reasons, from the database, in one transaction", shown(database, "s", 3)],
            [`limit: ${questions.length} bare Cedar decisions, one a cell`, shown(limit, "s", 3)],
            ["times as fast as the limit, since equal facts are asked about once", shown(faster, "", 1)],
        ],
        floor: { text: "1 s", kept: measured.median <= secondsMax && database.median <= secondsMax },
    }
}

function questionsOf(circle: Circle): Question[] {
    return circle.partners.flatMap((partner) =>
        circle.artifacts.map((artifact) =>
            questionOf({ partner, artifact, consent: circle.consentOf(partner.partner, artifact.case) }, "receive"),
        ),
    )
}

const set = "bench"

function preparse(): void {
    const schema = cedar.preparseSchema(set, schemaText)
    const policies = cedar.preparsePolicySet(set, { staticPolicies: threeTierWithDuty.text })
    if (schema.type !== "success" || policies.type !== "success") throw new Error("the shipped pack does not parse")
}

function callOf({ action, principal, resource }: Question): cedar.StatefulAuthorizationCall {
    return {
        principal: { type: principal.type, id: principal.id },
        action: { type: "Action", id: action },
        resource: { type: resource.type, id: resource.id },
        context: {},
        preparsedPolicySetId: set,
        preparsedSchemaName: set,
        validateRequest: true,
        entities: [principal, resource].map(({ type, id, attributes }) => ({
            uid: { type, id },
            attrs: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, valueOf(value)])),
            parents: [],
        })),
    }
}

function valueOf(value: Value): cedar.CedarValueJson {
    if (typeof value !== "object") return value
    return "type" in value ? { __entity: { type: value.type, id: value.id } } : value.map(valueOf)
}

function decideBare(call: cedar.StatefulAuthorizationCall): void {
    if (cedar.statefulIsAuthorized(call).type !== "success") throw new Error("Cedar gave no decision")
}
