/** All channels show a partner the same, and none shows a trace of what it may not see. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs } from "@tocsin/base/instant"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { reviseArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../../server/src/share/artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../../server/src/share/cases/actions/load-case.ts"
import { reviseCase } from "../../server/src/share/cases/actions/open-case.ts"
import { inviteToEmbargo } from "../../server/src/share/cases/actions/answer-invitation.ts"
import { moveEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { addObservation } from "../../server/src/trace/evidence/actions/add-evidence.ts"
import { restrictPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { addPerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { setDueDiligence } from "../../server/src/trust/partners/onboarding/actions/set-due-diligence.ts"
import { readAdvisory } from "@tocsin/formats/advisory/import"
import { faultsOf } from "../advisories/validated.ts"
import { listEvents, system } from "../support/actors.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import type { Program } from "../support/program.ts"
import { looksOf, recordsIn } from "./read-portal.ts"
import { type Three, now, publicly, publish, three, wordsIn, write } from "./three-partners.ts"

const open: Portal[] = []
const portalFor = async (...given: Parameters<typeof openPortal>) => {
    const portal = await openPortal(...given)
    open.push(portal)
    return portal
}
afterAll(async () => {
    for (const { app } of open) await app.close()
})

describe("of one case", () => {
    let setup: Program
    let world: Three
    let portal: Portal
    beforeAll(async () => {
        world = await three()
        setup = world.its
        portal = await portalFor(setup)
    }, 120_000)
    afterAll(() => setup.database.close())

    const token = () => world.tokens.one
    const looks = async (only = /^/, as: string | null = token()) => await looksOf(portal.app, as, only)
    /** The partner's view of the case on each channel: the API, and each export format. */
    const forms: readonly (readonly [string, RegExp, readonly string[]])[] = [
        ["JSON", /^\/api\/warnings\/[^/]+$/, []],
        ["CSAF 2.0", /^\/csaf\/partner\/red\/\d{4}\/[^/]+\.json$/, ["summary", "guidance"]],
        ["CSAF 2.1", /^\/csaf\/partner\/v2\.1\/red\/\d{4}\/[^/]+\.json$/, ["summary", "guidance"]],
        ["STIX", /^\/taxii2\/api\/collections\/warnings\/objects\/$/, ["summary", "guidance", "rules"]],
        ["MISP", /^\/api\/warnings\/[^/]+\/misp$/, ["summary", "guidance", "rules"]],
    ]
    const facts = ["title", "vendor", "product", "version", "cve"]

    test("F-01 each format contains what the API shows and nothing more, also after less is shown", async () => {
        const describe = async () => {
            const list = await looks(/warnings|objects\/$|^\/csaf\/partner\//)
            return forms.map(([, path]) =>
                wordsIn(
                    list.filter((look) => path.test(look.path)),
                    world.x.text,
                ),
            )
        }
        const entries = forms.map(([, , texts]) => [...facts, ...texts].toSorted())
        expect((await describe()).map((entry) => entry.toSorted())).toEqual(entries)
        const cases = [world.x.id]
        const restriction = { withhold: ["guidance"], notBeforePublication: false, cases, reason: "A risk." } as const
        setup.clock.now += 1
        await setup.acting(setup.manager, (ctx) => restrictPartner(ctx, { ...restriction, partner: world.one.id }))
        const less = entries.map((entry) => entry.filter((item) => item !== "guidance"))
        expect((await describe()).map((entry) => entry.toSorted())).toEqual(less)
    })

    test("F-03 RED and AMBER+STRICT content is in no feed of a wider label, and in nothing public", async () => {
        const tlp = { summary: "GREEN", guidance: "AMBER+STRICT", rules: "RED" } as const
        const mixed = await write(setup, { name: "mixed", tiers: ["validate"], tlp })
        const ended = await write(setup, { name: "ended", ...publicly(setup), tlp: { ...tlp, guidance: "RED" } })
        await publish(setup, ended)
        const [own, public_] = [await looks(/^\/csaf\/partner\//), await looks(/^/, null)]
        const under = (folder: string) => own.filter(({ path }) => path.startsWith(`/csaf/partner/${folder}/`))
        for (const folder of ["amber", "v2.1/amber-strict"]) {
            expect(wordsIn(under(folder), mixed.text)).toEqual([...facts.slice(0, 4), "summary", "guidance", "cve"])
            expect(wordsIn(under(folder), world.x.text)).toEqual([])
        }
        for (const folder of ["red", "v2.1/red"]) expect(wordsIn(under(folder), mixed.text)).toEqual([])
        for (const { text: words } of [mixed, world.x, world.shared]) expect(wordsIn(public_, words)).toEqual([])
        expect(recordsIn(public_)).toEqual(["CVE", "OSV"])
        expect(wordsIn(public_, ended.text)).toEqual(expect.arrayContaining(["title", "summary", "cve"]))
        for (const secret of ["guidance", "rules", "poc"]) expect(wordsIn(public_, ended.text)).not.toContain(secret)
    })

    test("F-10 an unreleased case or version is in no format", async () => {
        const draft = await write(setup, { name: "draft", tiers: [] })
        const summary = world.shared.artifacts.summary ?? ""
        await setup.acting(setup.author, (ctx) => reviseArtifact(ctx, summary, "# Said anew\n\nzqnewer\n"))
        const list = await looks()
        expect(wordsIn(list, draft.text)).toEqual([])
        expect(wordsIn(list, { newer: "zqnewer" })).toEqual([])
        expect(wordsIn(list, world.shared.text)).toContain("summary")
    })

    test("F-09 no two documents share an id, no version changes its content, and all are valid", async () => {
        const { text: _, ...again } = await write(setup, { name: "again", tiers: ["validate"], classes: ["summary"] })
        const read = async () => {
            const documents = (await looks(/^\/csaf\/partner\//)).filter(({ path }) => path.endsWith(".json"))
            return documents
                .filter(({ body }) => body.includes('"tracking"'))
                .map(({ path, body }) => {
                    const version = path.includes("/v2.1/") ? ("2.1" as const) : ("2.0" as const)
                    const { document } = JSON.parse(body) as { document: { tracking: { id: string; version: string } } }
                    return { version, body, id: document.tracking.id, number: document.tracking.version }
                })
        }
        const before = await read()
        setup.clock.now += 1000
        await setup.acting(setup.author, async (ctx) => {
            const { vulnerabilities, finder } = await loadCaseFile(ctx, again.id)
            await reviseCase(ctx, again.id, { title: "Said anew", vulnerabilities, finder })
        })
        const after = await read()
        const named = (item: (typeof before)[number]) => `${item.version} ${item.id} ${item.number}`
        expect(new Set(before.map(({ version, id }) => `${version} ${id}`)).size).toBe(before.length)
        const list = new Map(before.map((item) => [named(item), item.body]))
        for (const item of after) expect(list.get(named(item)) ?? item.body).toBe(item.body)
        expect(after.filter((item) => !list.has(named(item)))).toHaveLength(2)
        for (const { version, body } of after) expect(await faultsOf(JSON.parse(body), version)).toEqual([])
    })

    test("F-09 a document imported for a new case becomes a separate draft, also if its id was imported before", () => {
        const document = (title: string) =>
            JSON.stringify({
                document: {
                    category: "csaf_base",
                    csaf_version: "2.0",
                    title,
                    tracking: { id: "EXAMPLE-1", version: "1" },
                    publisher: { category: "vendor", name: "Example", namespace: "https://vendor.example" },
                },
                vulnerabilities: [{ cve: "CVE-2025-49704" }],
            })
        const titles = ["One", "Other"].map((title) => readAdvisory(document(title)).title)
        expect(titles).toEqual(["One", "Other"])
        const twice = document("One").replace('"id":"EXAMPLE-1"', '"id":"EXAMPLE-1","id":"EXAMPLE-2"')
        expect(() => readAdvisory(twice)).toThrow(/twice/)
    })
})

describe("internal notes of staff", () => {
    const input = "zqinternal"

    test("F-06 and their authors are in no history that the partner sees", async () => {
        const { its: world, one: partner, shared, x, tokens } = await three()
        const details = { partner: null, name: "Zqoperator", mail: "zqoperator@operator.example", roles: [] }
        const roles = ["author", "manager", "investigator"] as const
        const person = await world.acting(system, (ctx) => addPerson(ctx, { ...details, roles: [...roles] }))
        const somebody = { kind: "operator", person, roles: [...roles] } as const
        const acts: Parameters<typeof world.acting>[1][] = [
            (ctx) => moveEmbargo(ctx, x.id, now + 2 * dayMs, input),
            (ctx) => inviteToEmbargo(ctx, shared.id, partner.id),
            (ctx) => recallArtifact(ctx, x.artifacts.rules ?? "", { version: null, reason: input }),
            (ctx) =>
                setDueDiligence(ctx, partner.id, {
                    ownership: [],
                    jurisdictions: [{ place: "NL", kind: "registered", source: input, date: "2025-01-01" }],
                }),
            (ctx) =>
                addObservation(ctx, {
                    kind: "exploitation",
                    case: x.id,
                    cve: null,
                    at: now,
                    clock: "unknown",
                    source: input,
                    note: input,
                }),
            (ctx) =>
                restrictPartner(ctx, {
                    partner: partner.id,
                    withhold: ["guidance"],
                    notBeforePublication: false,
                    cases: null,
                    reason: input,
                }),
        ]
        const portal = await portalFor(world)
        await looksOf(portal.app, tokens.lead, /copy$|objects\/$/)
        const before = (await listEvents(world.database)).length
        for (const action of acts) {
            world.clock.now += 1000
            await world.acting(somebody, action)
        }
        expect((await listEvents(world.database)).length).toBeGreaterThanOrEqual(before + acts.length)
        while (await handleNextEvent({ ...world.services, log: silentLog }, eventHandlers));
        const looks = await looksOf(portal.app, tokens.lead)
        expect(wordsIn(looks, { said: input, name: "Zqoperator", mail: "zqoperator", person })).toEqual([])
        const { letter, recall } = { letter: "/api/letters/", recall: "zqfilex-rules" }
        expect(looks.filter(({ path, status }) => path.startsWith(letter) && status === 200)).toHaveLength(1)
        expect(looks.find(({ path }) => path === "/api/recalls")?.body).toContain(recall)
        await world.database.close()
    }, 120_000)
})

describe("tables", () => {
    const formulas = ["=cmd|'/c calc'!A1", "+1", "-1", "@x", "\t=1", "\n=1", '"=1', ",=1"]

    test("F-08 no spreadsheet takes a field of a CSV for a formula, whatever a case contains", async () => {
        const { its: world, tokens } = await three()
        const portal = await portalFor(world)
        for (const [n, title] of formulas.entries()) {
            const item = { title, classes: ["summary"], unopened: [], tlp: { summary: "GREEN" } } as const
            await write(world, { ...item, name: `f${n}`, tiers: ["validate"] })
            await publish(world, await write(world, { ...item, name: `p${n}`, ...publicly(world) }))
        }
        const tables = []
        for (const token of [tokens.one, null]) tables.push(...(await looksOf(portal.app, token, /\.csv$/)))
        const lines = tables.flatMap(({ body }) => body.split(/\r?\n/).filter((line) => line !== ""))
        expect(tables.filter(({ headers }) => headers.includes("text/csv")).length).toBeGreaterThanOrEqual(8)
        expect(lines.length).toBeGreaterThan(4 * formulas.length)
        for (const line of lines)
            expect(line).toMatch(
                /^(?:"?\d{4}\/[a-z0-9-]+\.json"?,"?20[0-9T:.-]+Z"?|\{.*"request\.not_(?:signed_in|found)".*\})$/,
            )
        await world.database.close()
    }, 120_000)
})

test("no request caused a server error", () => {
    expect(open.flatMap(({ faults }) => faults)).toEqual([])
})
