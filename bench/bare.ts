/** Cedar alone: the same questions with everything prepared in advance. */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import type { PolicyQuestion, AttributeValue } from "../server/src/models/policy.ts"
import type { DecisionRequest } from "../server/src/share/entitlement/facts.ts"
import { questionOf, schemaText } from "../server/src/share/entitlement/schema.ts"

const policySet = "bench"

/**
 * Asks whether each may be received in full, by one call of Cedar each. All share one policy until the next set is
 * prepared.
 */
export function bareDecisions(policyText: string, requests: readonly DecisionRequest[]): (() => void)[] {
    const schema = cedar.preparseSchema(policySet, schemaText)
    const policies = cedar.preparsePolicySet(policySet, { staticPolicies: policyText })
    if (schema.type !== "success" || policies.type !== "success") throw new Error("the shipped pack does not parse")
    return requests.map((request) => {
        const call = callOf(questionOf(request, "receive"))
        return () => {
            if (cedar.statefulIsAuthorized(call).type !== "success") throw new Error("Cedar gave no decision")
        }
    })
}

function callOf({ action, principal, resource }: PolicyQuestion): cedar.StatefulAuthorizationCall {
    return {
        principal: { type: principal.type, id: principal.id },
        action: { type: "Action", id: action },
        resource: { type: resource.type, id: resource.id },
        context: {},
        preparsedPolicySetId: policySet,
        preparsedSchemaName: policySet,
        validateRequest: true,
        entities: [principal, resource].map(({ type, id, attributes }) => ({
            uid: { type, id },
            attrs: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, valueOf(value)])),
            parents: [],
        })),
    }
}

function valueOf(value: AttributeValue): cedar.CedarValueJson {
    if (typeof value !== "object") return value
    return "type" in value ? { __entity: { type: value.type, id: value.id } } : value.map(valueOf)
}
