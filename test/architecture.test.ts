/**
 * The house law, checked like any other behaviour. ARCHITECTURE.md says why each rule stands.
 *
 * Each law is a function from the sources to its faults: it finds none in this house, and exactly the planted one below.
 */
import path from "node:path"
import { describe, expect, test } from "vitest"
import { projectionLaw } from "./house/channels.ts"
import { flowTableLaw, withFlow } from "./house/flow.ts"
import { circleLaw, importLaw } from "./house/imports.ts"
import { renderErrors } from "../scripts/reference/errors.ts"
import { indexLaw, linkLaw } from "./house/links.ts"
import { refusalLaw, refusalTableLaw, refusalsOf } from "./house/refusals.ts"
import { type Law, houseOf, product, readHouse } from "./house/source.ts"
import { textLaw } from "./house/texts.ts"
import { banLaw, testSizeLaw } from "./house/tidy.ts"
import { voiceLaw } from "./house/voice.ts"
import { permissionLaw, dependencyLaw, eventLaw, tableLaw } from "./house/words.ts"

const laws: Readonly<Record<string, Law>> = {
    "a file imports what it may": importLaw,
    "no file reaches itself": circleLaw,
    "refusal codes are unique, and carry their slice's name": refusalLaw,
    "every refusal stands in docs/reference/errors.md": refusalTableLaw,
    "every link in the documents leads somewhere": linkLaw,
    "every page is listed in the index of its folder": indexLaw,
    "documents speak plainly": voiceLaw,
    "every event starts a step or is an end": eventLaw,
    "ARCHITECTURE.md shows the flow": flowTableLaw,
    "every route stands in the access table": permissionLaw,
    "each table is named in one store": tableLaw,
    "each channel renders the one projection": projectionLaw,
    "no raw text of a master leaves": textLaw,
    "each dependency has its reason": dependencyLaw,
    "functions of tests are short": testSizeLaw,
    "nothing banned stands anywhere": banLaw,
}

const house = readHouse()

test("the house is read", () => {
    expect(product(house).map(({ file }) => file)).toContain("src/lib/refusal.ts")
})

test.each(Object.entries(laws))("%s", (_, law) => {
    expect(law(house)).toEqual([])
})

const files = {
    "src/lib/code.ts": `import { Type } from "typebox"\nexport const bits = (n: number) => Type.Integer({ minimum: n })`,
    "src/share/cases/embargo.ts": `import { bits } from "../../lib/code.ts"
        import { refuse } from "../../lib/refusal.ts"
        export const agree = () => (bits(1) ? refuse("conflict", "embargo.already_agreed", "agreed already") : null)`,
    "src/share/cases/store.ts":
        "export const read = (tx: Tx) => tx.query(`select id from cases join partners_view using (id)`)",
    "src/share/cases/actions.ts": `import { agree } from "./embargo.ts"
        import { read } from "./store.ts"
        export const open = (act) => record(act, { kind: "case.opened", case: agree(read(act.tx)) })`,
    "src/share/cases/routes.ts": `import { open } from "./actions.ts"
        export const routes = [route({ method: "POST", path: "/api/cases", permission: "case:write" }, open)]`,
    "src/trust/identity/access.ts": `export const permissions = { "case:write": ["author"], "warning:read": by("cases") }`,
    "src/channels/portal.ts": `import { warningsFor } from "../share/delivery/actions/projection.ts"
        export const routes = [route({ side: "portal", path: "/api/warnings", permission: "warning:read" }, warningsFor)]`,
    "src/flow.ts": `export const eventHandlers: EventHandlers = {}`,
    "src/ends.ts": `export const recordOnlyEvents = ["case.opened"] as const`,
    "src/server.ts": `import { routes } from "./share/cases/routes.ts"\nexport const all = routes`,
    "src/main.ts": `import { all } from "./server.ts"\nconsole.log(all)`,
    "src/web/case.tsx": `import type { routes } from "../share/cases/routes.ts"
        import { agree } from "../share/cases/embargo.ts"
        export const Case = () => <p>{agree()}</p>`,
    "src/share/cases/embargo.test.ts": `test("agrees", () => expect(Date.now()).toBeGreaterThan(0))`,
    "migrations/0001-cases.sql": "create table cases (id uuid);\ncreate view partners_view as select 1;",
}
const sound = {
    ...files,
    "docs/reference/index.md": "[Errors](errors.md)",
    "docs/reference/errors.md": renderErrors(refusalsOf(houseOf(files))),
}

/** Changed or added to the sound house, and exactly what its law must then say. */
type Planted = [law: Law, file: string, text: string, fault: string]

const imports = (from: string, to: string, fault: string): Planted => {
    const inside = /\.tsx?$/.test(to)
    const text = inside ? `./${path.posix.relative(path.posix.dirname(from), to)}` : to
    const named = inside ? `src/${to}` : to
    return [importLaw, `src/${from}`, `import ${JSON.stringify(text)}`, `src/${from} -> ${named}: ${fault}`]
}
const outside = "is pure, and reaches for the outside world"
const flowMarks = "<!-- flow -->\n<!-- end of flow -->"
const row = (code: string) => `export const no = () => refuse("invalid", "${code}", "no")`

const rendersOnly = "a channel renders the projection, and reads no cases by itself"
const decided = "what partners may see is decided for the projection"

const planted: Planted[] = [
    imports(
        "share/cases/actions.ts",
        "trace/evidence/actions.ts",
        "flows backwards: share/cases comes before trace/evidence",
    ),
    imports(
        "trust/audit/tree.ts",
        "trust/identity/person.ts",
        "flows backwards: trust/audit comes before trust/identity",
    ),
    imports("lib/merkle.ts", "platform/db.ts", "flows backwards: lib comes before platform"),
    imports("flow.ts", "server.ts", "flows backwards: flow.ts comes before server.ts"),
    imports("share/cases/embargo.ts", "platform/db.ts", outside),
    imports("share/cases/embargo.ts", "node:fs", outside),
    imports("share/cases/embargo.ts", "fastify", outside),
    imports("lib/code.ts", "typeboxes", outside),
    imports("share/cases/embargo.ts", "trust/audit/actions.ts", outside),
    imports("share/cases/store.ts", "share/cases/actions.ts", "store may not use actions"),
    imports("share/cases/embargo.ts", "share/cases/store.ts", "noun may not use store"),
    imports("share/cases/actions/open.ts", "share/cases/routes/all.ts", "actions may not use routes"),
    imports("share/delivery/actions.ts", "share/cases/store.ts", "src/share/cases/store.ts is private"),
    imports("share/delivery/routes.ts", "share/cases/routes.ts", "src/share/cases/routes.ts is private"),
    imports("server.ts", "share/cases/store.ts", "src/share/cases/store.ts is private"),
    imports("web/case.tsx", "share/cases/actions.ts", "is a client: no actions"),
    imports("web/case.tsx", "server.ts", "is a client: no roof"),
    imports("web/case.tsx", "node:fs", "runs in a browser too: no node:*"),
    imports("cli/open.ts", "platform/db.ts", "is a client: no platform"),
    imports("cli/open.ts", "web/case.tsx", "is a client: no client"),
    imports("utils/all.ts", "lib/code.ts", "stands in no place of the house: add it to `order`"),
    imports("share/cases/actions.ts", "utils/all.ts", "reaches for no place of the house"),
    imports("server.ts", "share/cases/embargo.test.ts", "reaches for a test"),
    [importLaw, "src/main.ts", `import(name)`, "src/main.ts -> null: is computed, so that nobody can check it"],
    [importLaw, "src/main.ts", `import "../test/x.ts"`, "src/main.ts -> ./test/x.ts: leaves src"],
    [importLaw, "src/lib/a.ts", `await import("node:fs")`, `src/lib/a.ts -> node:fs: ${outside}`],
    [importLaw, "src/lib/a.ts", `export * from "pg"`, `src/lib/a.ts -> pg: ${outside}`],
    [importLaw, "src/lib/a.ts", `export { Pool } from "pg"`, `src/lib/a.ts -> pg: ${outside}`],
    [importLaw, "src/lib/a.ts", `type Pool = import("pg").Pool`, `src/lib/a.ts -> pg: ${outside}`],
    [circleLaw, "src/lib/a.ts", `import type { A } from "./a.ts"`, "src/lib/a.ts reaches itself"],
    [circleLaw, "src/lib/a.ts", `export const a = () => import("./a.ts")`, "src/lib/a.ts reaches itself"],

    [
        refusalLaw,
        "src/share/cases/case.ts",
        row("wave.x"),
        "src/share/cases/case.ts:1: `wave.x` does not carry its slice's name",
    ],
    [
        refusalLaw,
        "src/share/cases/case.ts",
        row("case.Bad"),
        "src/share/cases/case.ts:1: `case.Bad` is no code: write `slice.what_is_wrong`",
    ],
    [
        refusalLaw,
        "src/share/cases/case.ts",
        `refuse("invalid", code, "no")`,
        "src/share/cases/case.ts:1: a refusal's kind and code are written out",
    ],
    [
        refusalLaw,
        "src/share/cases/embargo/more.ts",
        row("embargo.already_agreed"),
        "embargo.already_agreed is conflict and invalid",
    ],
    [
        refusalLaw,
        "src/share/waves/embargo.ts",
        `new Refusal("conflict", "embargo.already_agreed", "no")`,
        "embargo.already_agreed is said in share/cases and in share/waves",
    ],
    [
        refusalTableLaw,
        "src/share/cases/case.ts",
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
        "src/share/waves/actions.ts",
        `record(act, { kind: "wave.due" })`,
        "wave.due starts no step and is no end",
    ],
    [
        eventLaw,
        "src/share/waves/actions.ts",
        `record(act, event)`,
        "src/share/waves/actions.ts:1: an event's kind is written out where it is recorded",
    ],
    [
        eventLaw,
        "src/share/waves/actions.ts",
        `recordLast(act, { kind: "wave.due" })`,
        "wave.due starts no step and is no end",
    ],
    [eventLaw, "src/flow.ts", `export const eventHandlers = { "wave.due": step }`, "wave.due is never recorded"],
    [
        eventLaw,
        "src/flow.ts",
        `export const eventHandlers = { "case.opened": step }`,
        "case.opened starts a step, and is an end",
    ],
    [
        eventLaw,
        "src/share/waves/actions.ts",
        `const told = { due: "wave.due" }\nrecord(act, { kind: told[turn.kind] })`,
        "wave.due starts no step and is no end",
    ],
    [
        eventLaw,
        "src/flow.ts",
        `export const eventHandlers = { "wave.due": step }\nrecordIfSame(act, { kind: "wave.due" })`,
        "wave.due is owed a step by recordIfSame or recordEnd",
    ],
    [
        eventLaw,
        "src/ends.ts",
        `export const none = []`,
        "src/flow.ts exports no `eventHandlers`, or src/ends.ts no `recordOnlyEvents`",
    ],

    [
        permissionLaw,
        "src/share/waves/routes.ts",
        `route({ permission: "wave:write" }, plan)`,
        "wave:write stands in no row of the access table",
    ],
    [
        permissionLaw,
        "src/share/waves/routes.ts",
        `route({ path: "/api/waves" }, plan)`,
        "src/share/waves/routes.ts:1: a route names its permission in a literal",
    ],
    [
        permissionLaw,
        "src/trust/identity/access.ts",
        `export const permissions = { "case:write": [], "key:write": [] }`,
        "key:write is granted, and nothing needs it",
    ],
    [permissionLaw, "src/trust/identity/access.ts", ``, "src/trust/identity/access.ts exports no `permissions`"],

    [
        tableLaw,
        "src/share/waves/store.ts",
        "const sql = `select 1 from waves w, cases c`",
        "the table cases is named in share/cases and share/waves",
    ],
    [
        tableLaw,
        "src/share/waves/store.ts",
        `const sql = "update cases set title = $1"`,
        "the table cases is named in share/cases and share/waves",
    ],
    [
        tableLaw,
        "src/share/cases/actions.ts",
        `const sql = "delete from cases"`,
        "src/share/cases/actions.ts names the table cases, and is no store",
    ],
    [tableLaw, "migrations/0002-waves.sql", "create table waves (id uuid)", "the table waves is named in no store"],

    [
        projectionLaw,
        "src/channels/rss.ts",
        `import { artifactsOf } from "../share/artifacts/actions.ts"`,
        `src/channels/rss.ts takes artifactsOf of src/share/artifacts/actions.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "src/channels/rss.ts",
        `import * as all from "../share/waves/actions.ts"`,
        `src/channels/rss.ts takes * of src/share/waves/actions.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "src/channels/rss.ts",
        `export { masterOf } from "../share/artifacts/actions.ts"`,
        `src/channels/rss.ts takes masterOf of src/share/artifacts/actions.ts: ${rendersOnly}`,
    ],
    [
        projectionLaw,
        "src/channels/rss.ts",
        "const all = act.tx.query(`select * from partners_view`)",
        "src/channels/rss.ts:1: a channel asks the database for nothing by itself",
    ],
    [
        projectionLaw,
        "src/share/delivery/actions/rss.ts",
        `import { decidedFor } from "../../entitlement/actions/entitlements.ts"`,
        `src/share/delivery/actions/rss.ts takes decidedFor of src/share/entitlement/actions/entitlements.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "src/trace/measures/decisions.ts",
        `import { decide } from "../../share/entitlement/decide.ts"`,
        `src/trace/measures/decisions.ts takes decide of src/share/entitlement/decide.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "src/share/publication/actions/rss.ts",
        `import { toldOf } from "../../cases/actions.ts"`,
        `src/share/publication/actions/rss.ts takes toldOf of src/share/cases/actions.ts: ${decided}`,
    ],
    [
        projectionLaw,
        "src/share/webhooks/actions.ts",
        `import { caseFile } from "../cases/actions.ts"`,
        "src/share/webhooks/actions.ts takes caseFile of src/share/cases/actions.ts: who tells that there is something knows not what",
    ],
    [
        projectionLaw,
        "src/share/waves/routes.ts",
        `route({ side: "portal", path: "/api/waves", permission: "public" }, list)`,
        "src/share/waves/routes.ts:1: what partners are shown of cases is answered in channels/",
    ],
    [
        projectionLaw,
        "src/share/waves/routes.ts",
        `route({ path: "/api/waves", permission: "warning:read" }, list)`,
        "src/share/waves/routes.ts:1: what partners are shown of cases is answered in channels/",
    ],

    [
        textLaw,
        "src/channels/rss.ts",
        `import { rawText } from "../lib/carriers/resolved.ts"`,
        "src/channels/rss.ts takes rawText: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "src/trace/reports/actions.ts",
        `import * as all from "../../lib/carriers/resolved.ts"`,
        "src/trace/reports/actions.ts takes *: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "src/channels/rss.ts",
        `import { copyText } from "../lib/carriers/resolved.ts"`,
        "src/channels/rss.ts takes copyText: the raw text of a master is for marking alone",
    ],
    [
        textLaw,
        "src/channels/rss.ts",
        `import type { ResolvedText } from "../lib/resolved-text.ts"\nconst text = its as ResolvedText`,
        "src/channels/rss.ts:2: only src/lib/carriers/resolved.ts says that a text is resolved",
    ],

    [linkLaw, "docs/run/index.md", "[Publish](publish.md)", "docs/run/index.md:1: `publish.md` leads to no file"],
    [linkLaw, "docs/run/index.md", "[Top](#top)", "docs/run/index.md:1: `#top` leads to no heading"],
    [indexLaw, "docs/reference/settings.md", "", "docs/reference/settings.md is not listed in docs/reference/index.md"],
    [voiceLaw, "SECURITY.md", "Whoever asks, waits.", "SECURITY.md:1: not `Whoever`, but name the role"],
    [
        voiceLaw,
        "docs/reference/glossary.md",
        "It is told\n`by itself`",
        "docs/reference/glossary.md:1: not `is told`, but is notified, is shown, was reported",
    ],
    [indexLaw, "docs/run/publish.md", "", "docs/run has no index.md"],

    [flowTableLaw, "ARCHITECTURE.md", "no table", "ARCHITECTURE.md does not show src/flow.ts: run `npm run fix`"],
    [flowTableLaw, "ARCHITECTURE.md", flowMarks, "ARCHITECTURE.md does not show src/flow.ts: run `npm run fix`"],

    [dependencyLaw, "package.json", `{ "dependencies": { "pg": "1.0.0" } }`, "pg has no sentence in docs/design/0001"],
    [
        dependencyLaw,
        "docs/design/0001-each-dependency-has-its-sentence.md",
        "| `pg` | SQL |",
        "pg is explained, and not needed",
    ],
    [dependencyLaw, "package.json", `{ "dependencies": { "pg": "^1.0.0" } }`, "pg is not pinned to one version"],

    [
        testSizeLaw,
        "src/lib/a.test.ts",
        `test("a", () => {${"\n".repeat(70)}})`,
        "src/lib/a.test.ts:1: a function of 71 lines, more than 70",
    ],

    [
        banLaw,
        "src/share/cases/actions.ts",
        "const now = Date.now()",
        "src/share/cases/actions.ts:1: time and chance are arguments: no Date.now",
    ],
    [banLaw, "src/web/a.tsx", "const now = new Date()", "src/web/a.tsx:1: time is an argument: no new Date()"],
    [
        banLaw,
        "src/demo/a.ts",
        "const roll = Math.random",
        "src/demo/a.ts:1: time and chance are arguments: no Math.random",
    ],
    [
        banLaw,
        "src/lib/a.ts",
        "const now = performance.now()",
        "src/lib/a.ts:1: time and chance are arguments: no performance.now",
    ],
    [
        banLaw,
        "src/share/cases/embargo.ts",
        "setTimeout(end, 1)",
        "src/share/cases/embargo.ts:1: time and chance are arguments: no setTimeout",
    ],
    [
        banLaw,
        "src/lib/a.ts",
        "crypto.randomUUID()",
        "src/lib/a.ts:1: time and chance are arguments: no crypto.randomUUID",
    ],
    [banLaw, "src/web/a.tsx", "const a = { dangerouslySetInnerHTML: b }", "src/web/a.tsx:1: no HTML from strings"],
    [banLaw, "src/lib/a.test.ts", `test.todo("a")`, "src/lib/a.test.ts:1: no skipped test"],
    [banLaw, "test/flow.test.ts", `test.skipIf(a)("a", b)`, "test/flow.test.ts:1: no skipped test"],
    [banLaw, "test/flow.test.ts", `test("a", () => { if (b) return })`, "test/flow.test.ts:1: no skipped test"],
    [
        banLaw,
        "test/flow.test.ts",
        `test.each(c)("a", (b) => { if (b) return })`,
        "test/flow.test.ts:1: no skipped test",
    ],
]

describe("a sound house", () => {
    test.each(Object.entries(laws))("%s", (_, law) => {
        expect(law(houseOf(sound))).toEqual([])
    })

    test("may use real time in platform/, and a view of an earlier place", () => {
        const clock = { "src/platform/clock.ts": "const now = () => Date.now()" }
        expect(banLaw(houseOf({ ...sound, ...clock }))).toEqual([])
    })

    test("has its tables once it has an entry", () => {
        const { "src/flow.ts": _, "src/trust/identity/access.ts": __, ...bare } = sound
        expect(eventLaw(houseOf(bare))).toEqual(["src/flow.ts is missing"])
        expect(permissionLaw(houseOf(bare))).toEqual(["src/trust/identity/access.ts is missing"])
    })

    test("shows its flow: the step by its name, or what it calls", () => {
        const flow = `export const eventHandlers = { "wave.due": [release], "case.opened": [(ctx) => tell(ctx)] }`
        const ends = `export const recordOnlyEvents = ["told"]`
        expect(withFlow(houseOf({ "src/flow.ts": flow, "src/ends.ts": ends }), flowMarks)).toContain(
            "| `wave.due` | `release` |\n| `case.opened` | `tell` |\n\nNo handler follows `told`.",
        )
    })

    test("has no circle of several files", () => {
        const circle = { "src/lib/a.ts": `export * from "./b.ts"`, "src/lib/b.ts": `import type { A } from "./a.ts"` }
        expect(circleLaw(houseOf(circle))).toEqual(["src/lib/a.ts reaches itself", "src/lib/b.ts reaches itself"])
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
