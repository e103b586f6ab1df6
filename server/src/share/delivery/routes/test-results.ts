/** HTTP routes of the operator for test results of an artifact. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { type Reported, resultsOf } from "../actions/report-test-result.ts"
import { verdicts } from "@tocsin/client/limits"

const id = Type.String({ format: "uuid" })
const count = Type.Union([Type.Integer(), Type.Null()])
const result = {
    version: Type.Integer(),
    person: id,
    at: Type.String(),
    verdict: Type.Enum([...verdicts]),
    hits: count,
    falsePositives: count,
    environment: Type.String(),
}

const presented = ({ version, person, verdict, hits, falsePositives, environment, at }: Reported) => ({
    version,
    person,
    at: formatInstant(at),
    verdict,
    hits,
    falsePositives,
    environment,
})

export const resultRoutes = [
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/artifacts/{id}/test-results",
            permission: "test_result:read",
            summary:
                "Lists the test results of an artifact by version, with reporter and time, and the results " +
                "they replace",
            params: Type.Object({ id }, { additionalProperties: false }),
            answer: Type.Object({
                results: Type.Array(
                    Type.Object({
                        partner: id,
                        name: Type.String(),
                        ...result,
                        earlier: Type.Array(Type.Object(result)),
                    }),
                ),
            }),
        },
        async (ask) => ({
            results: (await resultsOf(ask, ask.params.id)).map((signedResult) => ({
                partner: signedResult.partner,
                name: signedResult.name,
                ...presented(signedResult),
                earlier: signedResult.earlier.map(presented),
            })),
        }),
    ),
]
