/**
 * What a partner is shown by one way is what it is shown by every other, and of what it is not to see it finds no trace by
 * any.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { flow } from "../../src/flow.ts"
import { dayMs } from "../../src/lib/instant.ts"
import { silentLog } from "../../src/platform/log.ts"
import { runNext } from "../../src/platform/worker.ts"
import { reviseArtifact } from "../../src/share/artifacts/actions.ts"
import { recallArtifact } from "../../src/share/artifacts/actions/recalls.ts"
import { caseFile, reviseCase } from "../../src/share/cases/actions.ts"
import { inviteToEmbargo } from "../../src/share/cases/actions/consents.ts"
import { moveEmbargo } from "../../src/share/cases/actions/embargo.ts"
import { fileSeen } from "../../src/trace/evidence/actions.ts"
import { restrictPartner } from "../../src/trace/measures/actions/taking.ts"
import { addPerson } from "../../src/trust/identity/actions.ts"
import { setBackground } from "../../src/trust/partners/actions/background.ts"
import { readAdvisory } from "../../src/lib/advisory-reading.ts"
import { faultsOf } from "../advisories/validated.ts"
import { recorded, system } from "../acting.ts"
import { type Portal, portalOf } from "../polled.ts"
import type { Program } from "../program.ts"
import { looksOf, recordsIn } from "./looking.ts"
import { type Three, now, publicly, publish, three, wordsIn, write } from "./three.ts"

const open: Portal[] = []
const portalFor = async (...given: Parameters<typeof portalOf>) => {
    const portal = await portalOf(...given)
    open.push(portal)
    return portal
}
afterAll(async () => {
    for (const { app } of open) await app.close()
})

describe("of one case", () => {
    let its: Program
    let world: Three
    let portal: Portal
    beforeAll(async () => {
        world = await three()
        its = world.its
        portal = await portalFor(its)
    }, 120_000)
    afterAll(() => its.database.close())

    const token = () => world.tokens.one
    const looks = async (only = /^/, as: string | null = token()) => await looksOf(portal.app, as, only)
    /** What a partner reads of the case by each way: by the API, and in each form that it can take away. */
    const forms: readonly (readonly [string, RegExp, readonly string[]])[] = [
        ["JSON", /^\/api\/warnings\/[^/]+$/, []],
        ["CSAF 2.0", /^\/csaf\/partner\/red\/\d{4}\/[^/]+\.json$/, ["summary", "guidance"]],
        ["CSAF 2.1", /^\/csaf\/partner\/v2\.1\/red\/\d{4}\/[^/]+\.json$/, ["summary", "guidance"]],
        ["STIX", /^\/taxii2\/api\/collections\/warnings\/objects\/$/, ["summary", "guidance", "rules"]],
        ["MISP", /^\/api\/warnings\/[^/]+\/misp$/, ["summary", "guidance", "rules"]],
    ]
    const facts = ["title", "vendor", "product", "version", "cve"]

    test("F-01 each form tells what the API shows, and nothing more, also once less is shown", async () => {
        const told = async () => {
            const all = await looks(/warnings|objects\/$|^\/csaf\/partner\//)
            return forms.map(([, path]) =>
                wordsIn(
                    all.filter((one) => path.test(one.path)),
                    world.x.words,
                ),
            )
        }
        const all = forms.map(([, , texts]) => [...facts, ...texts].toSorted())
        expect((await told()).map((one) => one.toSorted())).toEqual(all)
        const cases = [world.x.id]
        const restriction = { withhold: ["guidance"], notBeforePublication: false, cases, reason: "A risk." } as const
        its.clock.now += 1
        await its.acting(its.manager, (act) => restrictPartner(act, { ...restriction, partner: world.one.id }))
        const less = all.map((of) => of.filter((one) => one !== "guidance"))
        expect((await told()).map((one) => one.toSorted())).toEqual(less)
    })

    test("F-03 what is RED or AMBER+STRICT stands in no feed of a wider label, and in nothing that is public", async () => {
        const tlp = { summary: "GREEN", guidance: "AMBER+STRICT", rules: "RED" } as const
        const mixed = await write(its, { name: "mixed", tiers: ["validate"], tlp })
        const ended = await write(its, { name: "ended", ...publicly(its), tlp: { ...tlp, guidance: "RED" } })
        await publish(its, ended)
        const [own, public_] = [await looks(/^\/csaf\/partner\//), await looks(/^/, null)]
        const under = (folder: string) => own.filter(({ path }) => path.startsWith(`/csaf/partner/${folder}/`))
        for (const folder of ["amber", "v2.1/amber-strict"]) {
            expect(wordsIn(under(folder), mixed.words)).toEqual([...facts.slice(0, 4), "summary", "guidance", "cve"])
            expect(wordsIn(under(folder), world.x.words)).toEqual([])
        }
        for (const folder of ["red", "v2.1/red"]) expect(wordsIn(under(folder), mixed.words)).toEqual([])
        for (const { words } of [mixed, world.x, world.shared]) expect(wordsIn(public_, words)).toEqual([])
        expect(recordsIn(public_)).toEqual(["CVE", "OSV"])
        expect(wordsIn(public_, ended.words)).toEqual(expect.arrayContaining(["title", "summary", "cve"]))
        for (const secret of ["guidance", "rules", "poc"]) expect(wordsIn(public_, ended.words)).not.toContain(secret)
    })

    test("F-10 what is not opened yet, a case or a newer version, is in no form at all", async () => {
        const draft = await write(its, { name: "draft", tiers: [] })
        const summary = world.shared.artifacts.summary ?? ""
        await its.acting(its.author, (act) => reviseArtifact(act, summary, "# Said anew\n\nzqnewer\n"))
        const all = await looks()
        expect(wordsIn(all, draft.words)).toEqual([])
        expect(wordsIn(all, { newer: "zqnewer" })).toEqual([])
        expect(wordsIn(all, world.shared.words)).toContain("summary")
    })

    test("F-09 no two documents have one id, none says anything else under its version, and all are valid", async () => {
        const { words: _, ...again } = await write(its, { name: "again", tiers: ["validate"], classes: ["summary"] })
        const read = async () => {
            const documents = (await looks(/^\/csaf\/partner\//)).filter(({ path }) => path.endsWith(".json"))
            return documents
                .filter(({ body }) => body.includes('"tracking"'))
                .map(({ path, body }) => {
                    const version = path.includes("/v2.1/") ? ("2.1" as const) : ("2.0" as const)
                    const { document } = JSON.parse(body) as { document: { tracking: { id: string; version: string } } }
                    return { version, body, ...{ id: document.tracking.id, number: document.tracking.version } }
                })
        }
        const before = await read()
        its.clock.now += 1000
        await its.acting(its.author, async (act) => {
            const { vulnerabilities, finder } = await caseFile(act, again.id)
            await reviseCase(act, again.id, { title: "Said anew", vulnerabilities, finder })
        })
        const after = await read()
        const named = (one: (typeof before)[number]) => `${one.version} ${one.id} ${one.number}`
        expect(new Set(before.map(({ version, id }) => `${version} ${id}`)).size).toBe(before.length)
        const all = new Map(before.map((one) => [named(one), one.body]))
        for (const one of after) expect(all.get(named(one)) ?? one.body).toBe(one.body)
        expect(after.filter((one) => !all.has(named(one)))).toHaveLength(2)
        for (const { version, body } of after) expect(await faultsOf(JSON.parse(body), version)).toEqual([])
    })

    test("F-09 a document that is read for a new case is a draft by itself, also where its id was read before", () => {
        const document = (title: string) =>
            JSON.stringify({
                document: {
                    ...{
                        category: "csaf_base",
                        csaf_version: "2.0",
                        title,
                        tracking: { id: "EXAMPLE-1", version: "1" },
                    },
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

describe("what operators write for themselves", () => {
    const said = "zqinternal"

    test("F-06 is in nothing that the partner sees of its history, nor is who wrote it", async () => {
        const { its, one, shared, x, tokens } = await three()
        const details = { partner: null, name: "Zqoperator", mail: "zqoperator@operator.example", roles: [] }
        const roles = ["author", "manager", "investigator"] as const
        const person = await its.acting(system, (act) => addPerson(act, { ...details, roles: [...roles] }))
        const somebody = { kind: "operator", person, roles: [...roles] } as const
        const acts: Parameters<typeof its.acting>[1][] = [
            (act) => moveEmbargo(act, x.id, now + 2 * dayMs, said),
            (act) => inviteToEmbargo(act, shared.id, one.id),
            (act) => recallArtifact(act, x.artifacts.rules ?? "", { version: null, reason: said }),
            (act) =>
                setBackground(act, one.id, {
                    ownership: [],
                    jurisdictions: [{ place: "NL", kind: "registered", source: said, date: "2025-01-01" }],
                }),
            (act) =>
                fileSeen(act, {
                    ...{ kind: "exploitation", case: x.id, cve: null, at: now, clock: "unknown" },
                    ...{ source: said, note: said },
                }),
            (act) =>
                restrictPartner(act, {
                    ...{ partner: one.id, withhold: ["guidance"], notBeforePublication: false, cases: null },
                    reason: said,
                }),
        ]
        const portal = await portalFor(its)
        await looksOf(portal.app, tokens.lead, /copy$|objects\/$/)
        const before = (await recorded(its.database)).length
        for (const act of acts) {
            its.clock.now += 1000
            await its.acting(somebody, act)
        }
        expect((await recorded(its.database)).length).toBeGreaterThanOrEqual(before + acts.length)
        while (await runNext({ ...its.doors, log: silentLog }, flow));
        const all = await looksOf(portal.app, tokens.lead)
        expect(wordsIn(all, { said, name: "Zqoperator", mail: "zqoperator", person })).toEqual([])
        const { letter, recall } = { letter: "/api/letters/", recall: "zqfilex-rules" }
        expect(all.filter(({ path, status }) => path.startsWith(letter) && status === 200)).toHaveLength(1)
        expect(all.find(({ path }) => path === "/api/recalls")?.body).toContain(recall)
        await its.database.close()
    }, 120_000)
})

describe("tables", () => {
    const formulas = ["=cmd|'/c calc'!A1", "+1", "-1", "@x", "\t=1", "\n=1", '"=1', ",=1"]

    test("F-08 every field of every CSV is one that no sheet takes for a formula, whatever a case says", async () => {
        const { its, tokens } = await three()
        const portal = await portalFor(its)
        for (const [n, title] of formulas.entries()) {
            const one = { title, classes: ["summary"], unopened: [], tlp: { summary: "GREEN" } } as const
            await write(its, { ...one, name: `f${n}`, tiers: ["validate"] })
            await publish(its, await write(its, { ...one, name: `p${n}`, ...publicly(its) }))
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
        await its.database.close()
    }, 120_000)
})

test("nothing of all this was an error of the server's", () => {
    expect(open.flatMap(({ faults }) => faults)).toEqual([])
})
