/** Routes of test results: a tester reports on versions that it holds, and sees only its own results. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { isTester, assertExists, ownResults, reportResult } from "../../share/delivery/actions/report-test-result.ts"
import { environmentMax, verdicts } from "@tocsin/client/limits"
import { countMax } from "../../share/delivery/test-result.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const count = Type.Union([Type.Integer({ minimum: 0, maximum: countMax }), Type.Null()])
const portal = { side: "portal" as const }
const result = {
    version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    verdict: Type.Enum([...verdicts]),
    hits: count,
    falsePositives: count,
    environment: Type.String({ maxLength: environmentMax }),
}

export const resultRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/test-results",
            permission: "test_result:own",
            summary: "Tells whether this partner's tier tests guidance first, and lists its test results, newest first",
            answer: Type.Object({
                tester: Type.Boolean(),
                results: Type.Array(Type.Object({ ...result, artifact: id, person: id, at: Type.String() })),
            }),
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const results = (await ownResults(ask, partner)).map(({ partner: _, ...rest }) => {
                return { ...rest, at: formatInstant(rest.at) }
            })
            return { tester: await isTester(ask, partner), results }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/artifacts/{id}/test-results",
            permission: "test_result:own",
            summary: "Reports a test result for a version that this partner holds; a later one replaces it",
            creates: true,
            params: Type.Object({ id }, closed),
            body: Type.Object(result, closed),
            answer: Type.Object({ id }),
            reaches: (ask) => assertExists(ask, ask.params.id),
        },
        async (ask) => ({ id: await reportResult(ask, ask.params.id, ask.body) }),
    ),
]
