/** Routes of test results: a tester reports on versions that it holds, and sees only its own results. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import {
    isTester,
    loadEntitlementByAlias,
    listResultsForPartner,
    reportTestResult,
} from "../../share/delivery/actions/report-test-result.ts"

import { byId } from "../../kernel/schemas.ts"
import { testResultsAnswer, testResultsArtifactAnswer, testResultsArtifactBody } from "./schemas.ts"

const portal = { side: "portal" as const }

export const resultRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/test-results",
            permission: "test_result:own",
            summary: "Tells whether this partner's tier tests guidance first, and lists its test results, newest first",
            answer: testResultsAnswer,
        },
        async (ctx) => {
            const { partner } = partnerOf(ctx)
            const results = (await listResultsForPartner(ctx, partner)).map(({ partner: _, ...rest }) => {
                return { ...rest, at: formatInstant(rest.at) }
            })
            return { tester: await isTester(ctx, partner), results }
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
            params: byId,
            body: testResultsArtifactBody,
            answer: testResultsArtifactAnswer,
            assertVisible: (ctx) => loadEntitlementByAlias(ctx, ctx.params.id),
        },
        async (ctx) => ({ id: await reportTestResult(ctx, ctx.params.id, ctx.body) }),
    ),
]
