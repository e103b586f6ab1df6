/**
 * Checks what screens show before the server has answered, or after an error: never an empty state, and never an id in
 * place of a name. Renders every screen with no answers, and then with the answers that lead to the next requests.
 */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { type AnyRoute, RouterProvider, createMemoryHistory, createRouter } from "@tanstack/react-router"
import { createElement } from "react"
import { renderToString } from "react-dom/server"
import { describe, expect, test } from "vitest"
import { operatorRoles } from "../../server/src/trust/identity/person.ts"
import { consoleTree } from "./console.tsx"
import type { Artifact, Case, Wave } from "./console/answers.ts"
import { portalTree } from "./portal.tsx"

const now = "2025-07-06T00:00:00Z"
const id = "0badcafe-0000-4000-8000-000000000001"

const staff = {
    "/api/me": { id, name: "Ingrid", mail: "", roles: operatorRoles, now, clockIsMoved: false, portal: "" },
}
const key = {
    id,
    recipient: "age1",
    addedBy: id,
    addedAt: now,
    usableFrom: now,
    expiresAt: now,
    revokedAt: null,
    testedAt: null,
}
const partner = {
    "/api/me": {
        now,
        person: { id, name: "Theo", mail: "", roles: ["lead", "analyst"], left: false },
        partner: {
            id,
            name: "Acme",
            mail: "",
            tier: "entry",
            status: "active",
            duties: [
                { regime: "CRA", trigger: "exploited", authority: "", deadlines: [], source: "", date: "2025-07-01" },
            ],
            reportsBeforePublication: "never",
            agreement: "accepted",
            overdue: [],
            roster: [],
            keys: [key],
            acceptances: [],
        },
    },
}

const agreed = { kind: "agreed" as const, at: now, endsAt: "2025-07-08T17:00:00Z", proposal: null }
const openCase: Case = {
    id,
    title: "A case",
    vulnerabilities: [],
    finder: "",
    credit: "",
    revision: 1,
    contentDeletedAt: null,
    createdAt: now,
    phase: "running",
    state: "active",
    publication: "2025-07-08T17:00:00Z",
    embargo: [agreed],
    proposals: [],
    links: [],
    permission: null,
    closure: null,
}
const wave: Wave = {
    id,
    tier: "entry",
    hoursBefore: 24,
    at: "2025-07-07T17:00:00Z",
    state: "approved",
    approval: id,
    releasedAt: null,
    done: false,
    recipients: 0,
    notified: 0,
    filtered: 0,
    unnotified: [],
}

const artifact: Artifact = {
    id,
    class: "summary",
    tlp: "AMBER",
    pap: "AMBER",
    name: "summary.md",
    version: 1,
    versionAt: now,
    colluders: 2,
    recalled: false,
}

type Answers = Readonly<Record<string, unknown>>

const pathsOf = (tree: AnyRoute): string[] =>
    Object.keys(createRouter({ routeTree: tree }).routesByPath).filter((path) => path !== "/sign-in")

/** Renders the page at an address with these answers only; `failed`: every other request is refused. */
async function shown(tree: AnyRoute, path: string, answers: Answers, failed = false): Promise<string> {
    const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
    for (const [address, answer] of Object.entries(answers)) client.setQueryData([address], answer)
    const history = createMemoryHistory({ initialEntries: [path.replaceAll(/\$\w+/g, id)] })
    const router = createRouter({ routeTree: tree, history })
    await router.load()
    const page = () => {
        const html = renderToString(
            createElement(QueryClientProvider, { client }, createElement(RouterProvider, { router })),
        )
        // A thrown error leaves its message in the page instead of content.
        if (html.includes("data-msg"))
            throw new Error(html.slice(html.indexOf("data-msg"), html.indexOf("data-msg") + 400))
        return html
    }
    const first = page()
    if (!failed) return first
    for (const query of client.getQueryCache().getAll()) {
        if (query.state.data !== undefined) continue
        query.setState({ status: "error", error: new Error("the server does not answer"), fetchStatus: "idle" })
    }
    return page()
}

/** Lists the statements of a page about data that it does not have. */
function claims(html: string): string[] {
    const empty = [...html.matchAll(/class="empty-title">([^<]*)</g)].map(([, title = ""]) => title)
    const calm = [
        "Nothing needs attention",
        "nobody else",
        "there is no other",
        "all partners are invited",
        "no regime",
        "no version but",
    ]
    return [...empty, ...calm.filter((text) => html.includes(text)), ...(/>[^<]*0badcafe/.exec(html) ?? [])]
}

/** A partner's row in a case: ids without names yet. */
const entitled = {
    case: id,
    at: now,
    policy: 1,
    artifacts: [{ artifact: id, class: "summary", version: null }],
    decisions: [
        {
            outcome: "full",
            gives: "summary",
            from: now,
            waves: ["entry"],
            released: false,
            available: false,
            recalled: false,
            reason: [],
        },
    ],
    partners: [{ partner: id, cells: [0] }],
}
const ofCase = { ...staff, [`/api/cases/${id}`]: openCase, [`/api/entitlements?case=${id}`]: entitled }

const worlds: readonly [string, AnyRoute, Answers][] = [
    ["the console, with nothing", consoleTree, staff],
    ["the console, with cases alone", consoleTree, { ...staff, "/api/cases": { now, cases: [openCase] } }],
    [
        "the console, with one case and its waves",
        consoleTree,
        { ...ofCase, [`/api/cases/${id}/waves`]: { waves: [wave] } },
    ],
    ["the portal, with nothing", portalTree, partner],
    ["the portal, with no invitation", portalTree, { ...partner, "/api/consents": { now, invitations: [] } }],
]

describe.each(worlds)("%s", (_, tree, answers) => {
    test.each(pathsOf(tree))("%s shows that it loads, or why it does not", async (path) => {
        expect(claims(await shown(tree, path, answers))).toEqual([])
        expect(claims(await shown(tree, path, answers, true))).toEqual([])
    })
})

test("no need is shown before its reads have finished; then the screen says that there is none", async () => {
    const path = `/cases/${id}`
    const read = { ...ofCase, [`/api/cases/${id}/waves`]: { waves: [wave] } }
    expect(await shown(consoleTree, path, read)).not.toContain("Nothing needs attention")
    const values = {
        ...read,
        [`/api/cases/${id}/publication`]: { state: "planned", advisory: null, faults: [] },
        [`/api/cases/${id}/artifacts`]: { artifacts: [artifact] },
        [`/api/cases/${id}/consents`]: { consents: [], parties: [] },
        [`/api/regulatory-clocks?case=${id}`]: { clocks: [] },
        "/api/approvals": { pending: [], recent: [] },
    }
    expect(await shown(consoleTree, path, values)).toContain("Nothing needs attention")
    const voided = { ...values, [`/api/cases/${id}/waves`]: { waves: [{ ...wave, state: "approval_voided" }] } }
    const page = await shown(consoleTree, path, voided)
    expect(page).not.toContain("Nothing needs attention")
    expect(page).toContain("needs a new request")
})
