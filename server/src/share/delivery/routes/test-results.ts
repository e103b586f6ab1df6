/** HTTP routes of the operator for test results of an artifact. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { type ReportedResult, listResultsWithReporters } from "../actions/report-test-result.ts"

import { byId } from "../../../kernel/schemas.ts"
import { testResultsAnswer } from "../schemas.ts"

const presentResult = ({ version, person, verdict, hits, falsePositives, environment, at }: ReportedResult) => ({
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
            params: byId,
            answer: testResultsAnswer,
        },
        async (ask) => ({
            results: (await listResultsWithReporters(ask, ask.params.id)).map((result) => ({
                partner: result.partner,
                name: result.name,
                ...presentResult(result),
                earlier: result.earlier.map(presentResult),
            })),
        }),
    ),
]
