/**
 * The house law, checked like any other behaviour. ARCHITECTURE.md says why each rule stands.
 *
 * Each law is a function from the sources to its faults: it finds none in this house, and exactly the planted one
 * below.
 */
import path from "node:path"
import { describe, expect, test } from "vitest"
import { addressLaw } from "./architecture/addresses.ts"
import { projectionLaw } from "./architecture/channels.ts"
import { flowTableLaw, withFlow } from "./architecture/flow.ts"
import { circleLaw, importLaw } from "./architecture/imports.ts"
import { routes as demoRoutes } from "../server/src/demo/routes.ts"
import { allRoutes } from "../server/src/routes.ts"
import { renderErrors } from "../scripts/reference/errors.ts"
import { indexLaw, linkLaw, pathLaw } from "./architecture/links.ts"
import { refusalLaw, refusalTableLaw, refusalsOf } from "./architecture/refusals.ts"
import { type Law, houseOf, product, readHouse } from "./architecture/source.ts"
import { textLaw } from "./architecture/texts.ts"
import { banLaw, eitherLaw, folderLaw, lineLaw, nameLaw, testSizeLaw } from "./architecture/tidy.ts"
import { voiceLaw } from "./architecture/voice.ts"
import { permissionLaw, dependencyLaw, eventLaw, tableLaw } from "./architecture/words.ts"

const laws: Readonly<Record<string, Law>> = {
    "a file imports what it may": importLaw,
    "no file reaches itself": circleLaw,
    "error codes are unique, and begin with a known object": refusalLaw,
    "every refusal stands in docs/reference/errors.md": refusalTableLaw,
    "every link in the documents leads somewhere": linkLaw,
    "every page is listed in the index of its folder": indexLaw,
    "a path that a document names is there": pathLaw,
    "documents speak plainly": voiceLaw,
    "every event starts a step or is an end": eventLaw,
    "ARCHITECTURE.md shows the flow": flowTableLaw,
    "every route stands in the access table": permissionLaw,
    "each table is named in one store": tableLaw,
    "each address in the browser is a route": addressLaw([...allRoutes, ...demoRoutes]),
    "each channel renders the one projection": projectionLaw,
    "no raw text of a master leaves": textLaw,
    "each dependency has its reason": dependencyLaw,
    "functions of tests are short": testSizeLaw,
    "no folder has more than 25 source files": folderLaw,
    "actions, routes and store are a file or a folder": eitherLaw,
    "no line has more than 120 characters": lineLaw,
    "no variable has a banned name": nameLaw,
    "nothing banned stands anywhere": banLaw,
}

const house = readHouse()

test("the house is read", () => {
    expect(product(house).map(({ file }) => file)).toContain("packages/base/src/refusal.ts")
})

test.each(Object.entries(laws))("%s", (_, law) => {
    expect(law(house)).toEqual([])
})

const files = {
    "packages/marks/src/code.ts":
        `import { Type } from "typebox"\nexport const bits = (n: number) => Type.Integer({ minimum: n ` + "})",
    "server/src/share/cases/embargo.ts": `import { bits } from "@tocsin/marks/code"
        import { refuse } from "@tocsin/base/refusal"
        export const agree = () => (bits(1) ? refuse("conflict", "embargo.already_agreed", "agreed already") : null)`,
    "server/src/share/cases/store.ts":
        "export const read = (tx: Tx) => tx.query(`select id from cases join partners_view using (id)`)",
    "server/src/share/cases/actions.ts": `import { agree } from "./embargo.ts"
        import { read } from "./support/store.ts"
        export const open = (ctx) => record(ctx, { kind: "case.opened", case: agree(read(ctx.tx)) })`,
    "server/src/share/cases/routes.ts": `import { open } from "./actions.ts"
        export const routes = [route({ method: "POST", path: "/api/cases", permission: "case:write" }, open)]`,
    "server/src/kernel/permissions.ts":
        `export const permissions = { "case:write": ["author"], "warning:read": by("cases") ` + "}",
    "server/src/channels/portal.ts": `import { listWarnings } from "../share/delivery/actions/project-warnings.ts"
        export const routes = [route({ side: "portal", path: "/api/warnings", permission: "warning:read" },
            listWarnings)]`,
    "server/src/event-handlers.ts": `export const eventHandlers: EventHandlers = {}`,
    "server/src/record-only-events.ts": `export const recordOnlyEvents = ["case.opened"] as const`,
    "server/src/server.ts": `import { routes } from "./share/cases/routes.ts"\nexport const all = routes`,
    "server/src/main.ts": `import { all } from "./server.ts"\nconsole.log(all)`,
    "web/src/case.tsx": `import type { routes } from "../share/cases/routes.ts"
        import { agree } from "../share/cases/embargo.ts"
        export const Case = () => <p>{agree()}</p>`,
    "server/src/share/cases/embargo.test.ts": `test("agrees", () => expect(Date.now()).toBeGreaterThan(0))`,
    "server/migrations/0001-cases.sql": "create table cases (id uuid);\ncreate view partners_view as select 1;",
}
const sound = {
    ...files,
    "docs/reference/index.md": "[Errors](errors.md)",
    "docs/reference/errors.md": renderErrors(refusalsOf(houseOf(files))),
}

/** Changed or added to the sound house, and exactly what its law must then say. */
type Planted = [law: Law, file: string, text: string, fault: string]

/** A planted path is short: `lib` is a package, `web` the browser, everything else is the server's. */
const placed = (name: string): string => {
    if (name.startsWith("lib/")) return name.replace("lib/", "packages/marks/src/")
    return name.startsWith("web/") ? name.replace("web/", "web/src/") : `server/src/${name}`
}

const imports = (from: string, to: string, fault: string): Planted => {
    const inside = /\.tsx?$/.test(to)
    const named = inside ? placed(to) : to
    const file = placed(from)
    const [, own, module] = /^packages\/([a-z-]+)\/src\/(.*)\.ts$/.exec(named) ?? []
    const relative = `./${path.posix.relative(path.posix.dirname(file), named)}`
    const name = !inside ? to : own === undefined ? relative : `@tocsin/${own}/${module}`
    return [importLaw, file, `import ${JSON.stringify(name)}`, `${file} -> ${named}: ${fault}`]
}
const outside = "is pure, and imports from outside"
const flowMarks = "<!-- flow -->\n<!-- end of flow -->"
const row = (code: string) => `export const no = () => refuse("invalid", "${code}", "no")`

const rendersOnly = "a channel renders the projection, and reads no cases by itself"
const decided = "what partners may see is decided for the projection"

const casesLaw = addressLaw([
    { method: "POST", path: "/api/cases/{id}/close" },
    { method: "GET", path: "/api/cases/{id}" },
])

const planted: Planted[] = [
    [
        casesLaw,
        "web/src/close.tsx",
        'const path = `/api/cases/${id}`\nexport const end = { method: "POST", path: `${path}/end` }',
        "web/src/close.tsx: no route is at POST /api/cases/${id}/end",
    ],
    [
        casesLaw,
        "web/src/close.tsx",
        'export const end = { method: "POST", path: "/api/cases/close" }',
        "web/src/close.tsx: no route is at POST /api/cases/close",
    ],
    imports(
        "share/cases/actions.ts",
        "trace/evidence/actions.ts",
        "imports upward: server/src/share/cases comes before server/src/trace/evidence",
    ),
    imports(
        "trust/audit-log/tree.ts",
        "trust/identity/person.ts",
        "imports upward: server/src/trust/audit-log comes before server/src/trust/identity",
    ),
    imports("lib/merkle.ts", "platform/db.ts", "imports upward: packages/marks comes before server/src/platform"),
    imports(
        "event-handlers.ts",
        "server.ts",
        "imports upward: server/src/event-handlers.ts comes before server/src/server.ts",
    ),
    imports("share/cases/embargo.ts", "platform/db.ts", outside),
    imports("share/cases/embargo.ts", "node:fs", outside),
    imports("share/cases/embargo.ts", "fastify", outside),
    imports("lib/code.ts", "typeboxes", outside),
    imports("share/cases/embargo.ts", "trust/audit-log/actions.ts", outside),
    imports("share/cases/store.ts", "share/cases/actions.ts", "store may not use actions"),
    imports("share/cases/embargo.ts", "share/cases/store.ts", "model may not use store"),
    imports("share/cases/actions/open.ts", "share/cases/routes/all.ts", "actions may not use routes"),
    imports("share/delivery/actions.ts", "share/cases/store.ts", "server/src/share/cases/store.ts is private"),
    imports("share/delivery/routes.ts", "share/cases/routes.ts", "server/src/share/cases/routes.ts is private"),
    imports("server.ts", "share/cases/store.ts", "server/src/share/cases/store.ts is private"),
    imports("web/case.tsx", "share/cases/actions.ts", "runs in the browser: no actions"),
    imports("web/case.tsx", "server.ts", "runs in the browser: no entry"),
    imports("web/case.tsx", "share/cases/schemas.ts", "runs in the browser: no schemas"),
    imports("share/cases/schemas.ts", "share/cases/store.ts", "schemas may not use store"),
    imports("share/cases/schemas.ts", "platform/db.ts", outside),
    imports("share/cases/embargo.ts", "share/cases/schemas.ts", "model may not use schemas"),
    imports("web/case.tsx", "node:fs", "runs in the browser: no node:*"),
    imports("lib/open.ts", "web/case.tsx", "imports upward: packages/marks comes before web"),
    imports("utils/all.ts", "lib/code.ts", "is in no layer: add it to `layers`"),
    imports("share/cases/actions.ts", "utils/all.ts", "imports from no layer"),
    imports("server.ts", "share/cases/embargo.test.ts", "imports a test"),
    [
        importLaw,
        "server/src/main.ts",
        `import(name)`,
        "server/src/main.ts -> null: is computed, so that it cannot be checked",
    ],
    [
        importLaw,
        "server/src/main.ts",
        `import "../test/x.ts"`,
        "server/src/main.ts -> server/test/x.ts: imports from no layer",
    ],
    [importLaw, "packages/marks/src/a.ts", `await import("node:fs")`, `packages/marks/src/a.ts -> node:fs: ${outside}`],
    [importLaw, "packages/marks/src/a.ts", `export * from "pg"`, `packages/marks/src/a.ts -> pg: ${outside}`],
    [importLaw, "packages/marks/src/a.ts", `export { Pool } from "pg"`, `packages/marks/src/a.ts -> pg: ${outside}`],
    [
        importLaw,
        "packages/marks/src/a.ts",
        `type Pool = import("pg").Pool`,
        `packages/marks/src/a.ts -> pg: ${outside}`,
    ],
    [circleLaw, "packages/marks/src/a.ts", `import type { A } from "./a.ts"`, "packages/marks/src/a.ts reaches itself"],
    [
        circleLaw,
        "packages/marks/src/a.ts",
        `export const a = () => import("./a.ts")`,
        "packages/marks/src/a.ts reaches itself",
    ],

    [
        refusalLaw,
        "server/src/share/cases/case.ts",
        row("wavelet.x"),
        "server/src/share/cases/case.ts:1: `wavelet` is not an object of error codes",
    ],
    [
        refusalLaw,
        "server/src/share/cases/case.ts",
        row("case.Bad"),
        "server/src/share/cases/case.ts:1: `case.Bad` is no code: write `object.reason`",
    ],
    [
        refusalLaw,
        "server/src/share/cases/case.ts",
        `refuse("invalid", code, "no")`,
        "server/src/share/cases/case.ts:1: a refusal's kind and code are written out",
    ],
    [
        refusalLaw,
        "server/src/share/cases/embargo/more.ts",
        row("embargo.already_agreed"),
        "embargo.already_agreed is conflict and invalid",
    ],
    [
        refusalLaw,
        "server/src/share/waves/embargo.ts",
        `new Refusal("conflict", "embargo.already_agreed", "no")`,
        "embargo.already_agreed is said in server/src/share/cases and in server/src/share/waves",
    ],
    [
        refusalTableLaw,
        "server/src/share/cases/case.ts",
        row("case.x"),
        "docs/reference/errors.md is not what the code says (case.x): run `npm run fix`",
    ],
    [
        refusalTableLaw,
        "docs/reference/errors.md",
        "",
        "docs/reference/errors.md is not what the code says (embargo.already_agreed): run `npm run fix`",
    ],

    [
        eventLaw,
        "server/src/share/waves/actions.ts",
        `record(ctx, { kind: "wave.due" })`,
        "wave.due starts no step and is no end",
    ],
    [
        eventLaw,
        "server/src/share/waves/actions.ts",
        `record(ctx, event)`,
        "server/src/share/waves/actions.ts:1: an event's kind is written out where it is recorded",
    ],
    [
        eventLaw,
        "server/src/share/waves/actions.ts",
        `recordAtCommit(ctx, { kind: "wave.due" })`,
        "wave.due starts no step and is no end",
    ],
    [
        eventLaw,
        "server/src/event-handlers.ts",
        `export const eventHandlers = { "wave.due": step }`,
        "wave.due is never recorded",
    ],
    [
        eventLaw,
        "server/src/event-handlers.ts",
        `export const eventHandlers = { "case.opened": step }`,
        "case.opened starts a step, and is an end",
    ],
    [
        eventLaw,
        "server/src/share/waves/actions.ts",
        `const kinds = { due: "wave.due" }\nrecord(ctx, { kind: kinds[turn.kind] })`,
        "wave.due starts no step and is no end",
    ],
    [
        eventLaw,
        "server/src/event-handlers.ts",
        `export const eventHandlers = { "wave.due": step }\nrecordIfStillValid(ctx, { kind: "wave.due" })`,
        "wave.due is owed a step by recordIfStillValid or recordWithoutHandler",
    ],
    [
        eventLaw,
        "server/src/record-only-events.ts",
        `export const none = []`,
        "server/src/event-handlers.ts exports no `eventHandlers`, or server/src/record-only-events.ts no " +
            "`recordOnlyEvents`",
    ],

    [
        permissionLaw,
        "server/src/share/waves/routes.ts",
        `route({ permission: "wave:write" }, plan)`,
        "wave:write stands in no row of the access table",
    ],
    [
        permissionLaw,
        "server/src/share/waves/routes.ts",
        `route({ path: "/api/waves" }, plan)`,
        "server/src/share/waves/routes.ts:1: a route names its permission in a literal",
    ],
    [
        permissionLaw,
        "server/src/kernel/permissions.ts",
        `export const permissions = { "case:write": [], "key:write": [] }`,
        "key:write is granted, and nothing needs it",
    ],
    [
        permissionLaw,
        "server/src/kernel/permissions.ts",
        ``,
        "server/src/kernel/permissions.ts exports no `permissions`",
    ],

    [
        tableLaw,
        "server/src/share/waves/store.ts",
        "const sql = `select 1 from waves w, cases c`",
        "the table cases is named in server/src/share/cases and server/src/share/waves",
    ],
    [
        tableLaw,
        "server/src/share/waves/store.ts",
        `const sql = "update cases set title = $1"`,
        "the table cases is named in server/src/share/cases and server/src/share/waves",
    ],
    [
        tableLaw,
        "server/src/share/cases/actions.ts",
        `const sql = "delete from cases"`,
        "server/src/share/cases/actions.ts names the table cases, and is no store",
    ],
    [
        tableLaw,
        "server/migrations/0002-waves.sql",
        "create table waves (id uuid)",
        "the table waves is named in no store",
    ],

    [
        projectionLaw,
        "server/src/channels/rss.ts",
        `import { listArtifacts } from "../share/artifacts/actions/load-artifacts.ts"`,
        "server/src/channels/rss.ts takes listArtifacts of " +
            `server/src/share/artifacts/actions/load-artifacts.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "server/src/channels/rss.ts",
        `import * as all from "../share/waves/actions.ts"`,
        `server/src/channels/rss.ts takes * of server/src/share/waves/actions.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "server/src/channels/rss.ts",
        `export { loadMaster } from "../share/artifacts/actions/load-artifacts.ts"`,
        "server/src/channels/rss.ts takes loadMaster of " +
            `server/src/share/artifacts/actions/load-artifacts.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "server/src/channels/rss.ts",
        "const all = ctx.tx.query(`select * from partners_view`)",
        "server/src/channels/rss.ts:1: a channel asks the database for nothing by itself",
    ],
    [
        projectionLaw,
        "server/src/share/delivery/actions/rss.ts",
        `import { loadEntitlements } from "../../entitlement/actions/decide-access.ts"`,
        "server/src/share/delivery/actions/rss.ts takes loadEntitlements of " +
            `server/src/share/entitlement/actions/decide-access.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "server/src/trace/measures/decisions.ts",
        `import { decide } from "../../share/entitlement/decide.ts"`,
        `server/src/trace/measures/decisions.ts takes decide of server/src/share/entitlement/decide.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "server/src/share/publication/actions/rss.ts",
        `import { listDisclosedFacts } from "../../cases/actions/load-case.ts"`,
        "server/src/share/publication/actions/rss.ts takes listDisclosedFacts of " +
            `server/src/share/cases/actions/load-case.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "server/src/share/webhooks/actions.ts",
        `import { loadCaseFile } from "../cases/actions/load-case.ts"`,
        "server/src/share/webhooks/actions.ts takes loadCaseFile of " +
            "server/src/share/cases/actions/load-case.ts: who tells that there is something knows not what",
    ],
    [
        projectionLaw,
        "server/src/share/waves/routes.ts",
        `route({ side: "portal", path: "/api/waves", permission: "public" }, list)`,
        "server/src/share/waves/routes.ts:1: what partners are shown of cases is answered in channels/",
    ],
    [
        projectionLaw,
        "server/src/share/waves/routes.ts",
        `route({ path: "/api/waves", permission: "warning:read" }, list)`,
        "server/src/share/waves/routes.ts:1: what partners are shown of cases is answered in channels/",
    ],

    [
        textLaw,
        "server/src/channels/rss.ts",
        `import { rawText } from "@tocsin/marks/carriers/resolved-text"`,
        "server/src/channels/rss.ts takes rawText: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "server/src/trace/statistics/actions.ts",
        `import * as all from "@tocsin/marks/carriers/resolved-text"`,
        "server/src/trace/statistics/actions.ts takes *: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "server/src/channels/rss.ts",
        `import { copyText } from "@tocsin/marks/carriers/resolved-text"`,
        "server/src/channels/rss.ts takes copyText: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "server/src/channels/rss.ts",
        `import type { ResolvedText } from "@tocsin/base/resolved-text"\nconst text = its as ResolvedText`,
        "server/src/channels/rss.ts:2: only packages/marks/src/carriers/resolved-text.ts says that a text is resolved",
    ],

    [linkLaw, "docs/run/index.md", "[Publish](publish.md)", "docs/run/index.md:1: `publish.md` leads to no file"],
    [linkLaw, "docs/run/index.md", "[Top](#top)", "docs/run/index.md:1: `#top` leads to no heading"],
    [indexLaw, "docs/reference/settings.md", "", "docs/reference/settings.md is not listed in docs/reference/index.md"],
    [pathLaw, "SECURITY.md", "See `server/src/gone.ts`.", "SECURITY.md names `server/src/gone.ts`, which is not there"],
    [voiceLaw, "SECURITY.md", "Whoever asks, waits.", "SECURITY.md:1: not `Whoever`, but name the role"],
    [
        voiceLaw,
        "docs/reference/glossary.md",
        "It is told\n`by itself`",
        "docs/reference/glossary.md:1: not `is told`, but is notified, is shown, was reported",
    ],
    [indexLaw, "docs/run/publish.md", "", "docs/run has no index.md"],

    [
        flowTableLaw,
        "ARCHITECTURE.md",
        "no table",
        "ARCHITECTURE.md does not show server/src/event-handlers.ts: run `npm run fix`",
    ],
    [
        flowTableLaw,
        "ARCHITECTURE.md",
        flowMarks,
        "ARCHITECTURE.md does not show server/src/event-handlers.ts: run `npm run fix`",
    ],

    [
        dependencyLaw,
        "server/package.json",
        `{ "dependencies": { "pg": "1.0.0" } }`,
        "pg has no sentence in docs/design/0001",
    ],
    [
        dependencyLaw,
        "docs/design/0001-each-dependency-has-its-sentence.md",
        "| `pg` | SQL |",
        "pg is explained, and not needed",
    ],
    [dependencyLaw, "server/package.json", `{ "dependencies": { "pg": "^1.0.0" } }`, "pg is not pinned to one version"],

    [
        testSizeLaw,
        "packages/marks/src/a.test.ts",
        `test("a", () => {${"\n".repeat(70)}})`,
        "packages/marks/src/a.test.ts:1: a function of 71 lines, more than 70",
    ],

    [
        banLaw,
        "server/src/share/cases/actions.ts",
        "const now = Date.now()",
        "server/src/share/cases/actions.ts:1: time and chance are arguments: no Date.now",
    ],
    [
        lineLaw,
        "server/src/share/cases/case.ts",
        `const a = 1 // ${"a".repeat(120)}`,
        "server/src/share/cases/case.ts:1: a line of more than 120 characters",
    ],
    [banLaw, "web/src/a.tsx", "const now = new Date()", "web/src/a.tsx:1: time is an argument: no new Date()"],
    [
        banLaw,
        "server/src/demo/a.ts",
        "const roll = Math.random",
        "server/src/demo/a.ts:1: time and chance are arguments: no Math.random",
    ],
    [
        banLaw,
        "packages/marks/src/a.ts",
        "const now = performance.now()",
        "packages/marks/src/a.ts:1: time and chance are arguments: no performance.now",
    ],
    [
        banLaw,
        "server/src/share/cases/embargo.ts",
        "setTimeout(end, 1)",
        "server/src/share/cases/embargo.ts:1: time and chance are arguments: no setTimeout",
    ],
    [
        banLaw,
        "packages/marks/src/a.ts",
        "crypto.randomUUID()",
        "packages/marks/src/a.ts:1: time and chance are arguments: no crypto.randomUUID",
    ],
    [banLaw, "web/src/a.tsx", "const a = { dangerouslySetInnerHTML: b }", "web/src/a.tsx:1: no HTML from strings"],
    [banLaw, "packages/marks/src/a.test.ts", `test.todo("a")`, "packages/marks/src/a.test.ts:1: no skipped test"],
    [banLaw, "test/whole-cycle.test.ts", `test.skipIf(a)("a", b)`, "test/whole-cycle.test.ts:1: no skipped test"],
    [
        banLaw,
        "test/whole-cycle.test.ts",
        `test("a", () => { if (b) return })`,
        "test/whole-cycle.test.ts:1: no skipped test",
    ],
    [
        banLaw,
        "test/whole-cycle.test.ts",
        `test.each(c)("a", (b) => { if (b) return })`,
        "test/whole-cycle.test.ts:1: no skipped test",
    ],
]

describe("a sound house", () => {
    test.each(Object.entries(laws))("%s", (_, law) => {
        expect(law(houseOf(sound))).toEqual([])
    })

    test("may use real time in platform/, and a view of an earlier place", () => {
        const clock = { "server/src/platform/time/clock.ts": "const now = () => Date.now()" }
        expect(banLaw(houseOf({ ...sound, ...clock }))).toEqual([])
    })

    test("has its tables once it has an entry", () => {
        const { "server/src/event-handlers.ts": _, "server/src/kernel/permissions.ts": __, ...bare } = sound
        expect(eventLaw(houseOf(bare))).toEqual(["server/src/event-handlers.ts is missing"])
        expect(permissionLaw(houseOf(bare))).toEqual(["server/src/kernel/permissions.ts is missing"])
    })

    test("shows its flow: the step by its name, or what it calls", () => {
        const flow = `export const eventHandlers = { "wave.due": [release], "case.opened": [(ctx) => tell(ctx)] }`
        const ends = `export const recordOnlyEvents = ["told"]`
        expect(
            withFlow(
                houseOf({ "server/src/event-handlers.ts": flow, "server/src/record-only-events.ts": ends }),
                flowMarks,
            ),
        ).toContain("| `wave.due` | `release` |\n| `case.opened` | `tell` |\n\nNo handler follows `told`.")
    })

    test("has no circle of several files", () => {
        const circle = {
            "packages/marks/src/a.ts": `export * from "./b.ts"`,
            "packages/marks/src/b.ts": `import type { A } from "./a.ts"`,
        }
        expect(circleLaw(houseOf(circle))).toEqual([
            "packages/marks/src/a.ts reaches itself",
            "packages/marks/src/b.ts reaches itself",
        ])
    })
})

describe("a planted fault is found", () => {
    test.each(planted.map(([law, file, text, fault]) => ({ law, file, text, fault })))("$fault", (plant) => {
        const { [plant.file]: _, ...others } = sound as Record<string, string>
        const found = plant.law(houseOf({ ...others, [plant.file]: plant.text }))
        expect(found).toContain(plant.fault)
        expect(found.filter((fault) => fault.includes(plant.file))).toEqual(
            plant.fault.includes(plant.file) ? [plant.fault] : [],
        )
    })
})

test("a folder of 26 source files is found", () => {
    const filled = (count: number) =>
        houseOf(Object.fromEntries(Array.from({ length: count }, (_, n) => [`web/src/kit/a${n}.ts`, "export {}"])))
    expect(folderLaw(filled(26))).toEqual(["web/src/kit: 26 source files, more than 25"])
    expect(folderLaw(filled(25))).toEqual([])
})
