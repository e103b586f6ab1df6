/** Lists the scope that a token needs at each route. A route that is missing here needs `manage`. */
import { describe, expect, test } from "vitest"
import { type Scope, scopeOf, scopes } from "../server/src/models/scopes.ts"
import { permissions } from "../server/src/kernel/permissions.ts"
import { allRoutes } from "../server/src/routes.ts"

const portal: Readonly<Record<Exclude<Scope, "manage">, readonly string[]>> = {
    poll: [
        "GET /api/agreements",
        "GET /api/consents",
        "GET /api/events",
        "GET /api/keys",
        "GET /api/me",
        "GET /api/recalls",
        "GET /api/receipt-log/checkpoint",
        "GET /api/receipt-log/consistency",
        "GET /api/receipt-log/handovers",
        "GET /api/receipt-log/tiles/checkpoint",
        "GET /api/receipt-log/tiles/tile/{level}/{a}",
        "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}",
        "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}/{c}",
        "GET /api/receipts",
        "GET /api/receipts/{id}",
        "GET /api/warnings",
        "GET /api/warnings/{id}",
        "GET /api/warnings/{id}/aggregates",
        "GET /csaf/partner/provider-metadata.json",
        "GET /csaf/partner/service.json",
        "GET /csaf/partner/v2.1/provider-metadata.json",
        "GET /csaf/partner/v2.1/service.json",
        "GET /csaf/partner/{label}",
        "GET /csaf/partner/{label}/",
        "GET /csaf/partner/{label}/changes.csv",
        "GET /csaf/partner/{label}/feed-{label}.json",
        "GET /csaf/partner/{label}/index.txt",
        "GET /csaf/partner/{label}/{year}/",
        "GET /taxii2/",
        "GET /taxii2/api/",
        "GET /taxii2/api/collections/",
        "GET /taxii2/api/collections/{collection}/",
        "GET /taxii2/api/collections/{collection}/manifest/",
        "GET /taxii2/api/collections/{collection}/objects/",
        "GET /taxii2/api/collections/{collection}/objects/{object}/",
        "GET /taxii2/api/collections/{collection}/objects/{object}/versions/",
    ],
    fetch: [
        "GET /api/artifacts/{id}/copy",
        "GET /api/keys/{id}/test",
        "GET /api/warnings/{id}/misp",
        "GET /csaf/partner/{label}/{year}/{name}",
    ],
    report: [
        "DELETE /taxii2/api/collections/{collection}/objects/{object}/",
        "GET /api/follow-ups",
        "GET /api/protection-statuses",
        "GET /api/sightings",
        "GET /api/test-results",
        "GET /taxii2/api/status/{id}/",
        "POST /api/artifacts/{id}/test-results",
        "POST /api/keys/{id}/test",
        "POST /api/protection-statuses",
        "POST /api/recalls/{id}/confirm-deletion",
        "POST /api/regular-reports",
        "POST /api/sightings",
        "POST /api/sightings/{id}/withdraw",
        "POST /api/warnings/{id}/acknowledge",
        "POST /taxii2/api/collections/{collection}/objects/",
    ],
}

/** Reads of the console that need `manage`: masters, copies, evidence, inquiries, drafts. All others need `poll`. */
const managedReads = [
    "/api/approvals/{id}/alternatives/{artifact}",
    "/api/approvals/{id}/publication",
    "/api/artifacts/{id}",
    "/api/artifacts/{id}/master",
    "/api/artifacts/{id}/samples",
    "/api/artifacts/{id}/strength",
    "/api/attributions",
    "/api/attributions/{id}/master",
    "/api/canaries",
    "/api/cases/{id}/package-strength",
    "/api/cross-case-evidence",
    "/api/evidence",
    "/api/evidence/{id}",
    "/api/evidence/{id}/chain-of-custody",
    "/api/evidence/{id}/original",
    "/api/evidence/{id}/similar",
    "/api/exposure",
    "/api/inquiries",
    "/api/inquiries/{id}",
    "/api/inquiries/{id}/leaks",
    "/api/inquiries/{id}/options",
    "/api/inquiries/{id}/timing",
    "/api/inquiries/{id}/tracing-instructions",
    "/api/partner-imports/{id}",
    "/api/regulatory-clocks/{id}/facts",
    "/api/regulatory-clocks/{id}/filings/{filing}/draft",
    "/api/server-keys",
]

const closedRoutes = allRoutes.filter(({ permission }) => permissions[permission]?.open !== true)

const nameOf = ({ method, path }: (typeof allRoutes)[number]): string => {
    const label = /^\/csaf\/partner\/((?:v2\.1\/)?(?:amber-strict|amber|red))(?=\/|$)/.exec(path)?.[1]
    if (label === undefined) return `${method} ${path}`
    return `${method} ${path.replace(label, "{label}").replace(/feed-[a-z-]+/, "feed-{label}")}`
}

describe("a token needs", () => {
    test("a scope at each route that is not open", () => {
        expect(closedRoutes.filter((route) => !scopes.some((scope) => scopeOf(route) === scope))).toEqual([])
        expect(allRoutes.filter((route) => scopeOf(route) === null && !closedRoutes.includes(route)).length).toBe(
            allRoutes.length - closedRoutes.length,
        )
    })

    test.each(["poll", "fetch", "report"] as const)("`%s` at these routes of the portal", (scope) => {
        const found = closedRoutes.filter((route) => route.side !== "console" && scopeOf(route) === scope).map(nameOf)
        expect([...new Set(found)].toSorted()).toEqual(portal[scope])
    })

    test("`poll` at the console's reads, and `manage` at these reads and at all that changes", () => {
        const console = closedRoutes.filter(({ side }) => side === "console")
        const reads = console.filter(({ method }) => method === "GET")
        const managed = reads.filter((route) => scopeOf(route) === "manage").map(({ path }) => path)
        expect(managed.toSorted()).toEqual(managedReads)
        expect(reads.filter((route) => !["poll", "manage"].includes(scopeOf(route) ?? ""))).toEqual([])
        expect(console.filter(({ method }) => method !== "GET").filter((route) => scopeOf(route) !== "manage")).toEqual(
            [],
        )
    })
})
