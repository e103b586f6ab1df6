import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { gzipSync } from "node:zlib"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { tarOf, zipOf } from "../../../../test/support/archives.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    deleteTracingBudgets,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parse, stringify } from "yaml"
import { readContent } from "../../demo/content.ts"
import { leakCharsMax } from "@tocsin/marks/align"
import { parseInstant } from "@tocsin/base/instant"
import type { Actor } from "../../kernel/actor.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { addObservation, addLeak } from "../evidence/actions/add-evidence.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { combineLeaks } from "../inquiries/actions/combine-leaks.ts"
import type { CombinedEvidence } from "@tocsin/marks/evidence/cross-case"
import { loadMaster, recordRead } from "../../share/artifacts/actions/load-artifacts.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import { makeCopyFor } from "../../share/marking/actions/mark-copy.ts"
import { attribute, attributeLeak } from "./actions/attribute-leak.ts"
import { readAttributions } from "./actions/load-attributions.ts"
import { findOtherHolders } from "./actions/list-holders.ts"
import { supportInWords, missingSlotsOf } from "@tocsin/marks/evidence/hypotheses"
import { formatLog10e, summaryOf } from "./attribution.ts"

let world: Program
let caseId: string
let technical: string
let poc: string
let rules: string
const partners: TestPartner[] = []
const copies = new Map<string, { technical: string; poc: string; guidance: string; rules: string }>()
const step: Actor = { kind: "system", component: "attribute" }

beforeAll(async () => {
    world = await createProgram()
    for (let n = 0; n < 12; n++) partners.push(await newPartner(world, "validate"))
    caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
    rules = await newArtifact(world, caseId, "rules", "toolshell/request-web-log.yml")
    const guidance = await newArtifact(world, caseId, "guidance", "toolshell/guidance.md")
    const log = await newArtifact(world, caseId, "technical", "toolshell/samples/pane-request.jsonl")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical, poc, rules, guidance, log])
    for (const partner of partners) {
        copies.set(partner.id, {
            technical: await fetchCopyText(world, partner, technical),
            poc: await fetchCopyText(world, partner, poc),
            guidance: await fetchCopyText(world, partner, guidance),
            rules: await fetchCopyText(world, partner, rules),
        })
        await fetchCopyText(world, partner, log)
    }
}, 120_000)
beforeEach(() => deleteTracingBudgets(world))
afterAll(() => world.database.close())

const culprit = (): TestPartner => partners[3] ?? missing()
function missing(): never {
    throw new Error("there are no partners")
}
const copyOf = (partner: TestPartner) => copies.get(partner.id) ?? { technical: "", poc: "", guidance: "", rules: "" }
/** Takes `count` words from the word `from` on. */
const excerpt = (text: string, from: number, count: number): string =>
    text
        .split(/(?<=\s)(?=\S)/)
        .slice(from, from + count)
        .join("")

async function filed(text: string, subject: string | null = null): Promise<string> {
    return await filedBytes(Buffer.from(text), subject)
}

async function filedBytes(content: Buffer, subject: string | null = null): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "" }
    const leak = { ...words, case: subject, content, observedAt: world.clock.now, clock: "unknown" as const }
    return await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
}

async function attributed(evidence: string, alpha?: number) {
    await world.acting(world.investigator, (ctx) => attribute(ctx, evidence, alpha))
    const [newest] = await world.acting(world.investigator, (ctx) => readAttributions(ctx, evidence))
    if (!newest) throw new Error("nothing was kept")
    return newest
}

describe("among twelve who fetched", () => {
    test("identifies the copy by 350 words of the advisory, and no other copy", async () => {
        const { verdict, result } = await attributed(await filed(excerpt(copyOf(culprit()).technical, 200, 350)))
        expect(verdict).toBe("traced")
        expect(result.best).toMatchObject({ artifact: technical, version: 1, findings: { identified: [culprit().id] } })
        expect(result.best?.findings.ranking.map((ranked) => ranked.recipient).toSorted()).toEqual(
            partners.map((partner) => partner.id).toSorted(),
        )
        expect(result).toMatchObject({ alpha: 1e-6, tests: 4, untested: 1 })
        expect(result.best?.findings.alpha).toBeCloseTo((0.8 * 1e-6) / 2, 12)
    })

    test("gives the same result in threads for a long leak as without threads", async () => {
        const { technical: copy } = copyOf(culprit())
        const around = "Nothing of this is from us.\n\n".repeat(2000)
        const alone = await attributed(await filed(copy))
        await deleteTracingBudgets(world)
        const within = await attributed(await filed(around + copy))
        expect(within.result.best).toEqual(alone.result.best)
        expect(within).toMatchObject({ verdict: "traced", result: { tests: 4, untested: 1 } })
    })

    test("records identified recipients of other versions, by version", async () => {
        const { technical: advisory, poc: code } = copyOf(culprit())
        const { result } = await attributed(await filed(`${advisory}\n${code}`))
        const named = [result.best, ...result.others].map((tested) => tested?.findings.identified)
        expect(named).toEqual([[culprit().id], [culprit().id]])
        const [other] = result.others
        expect(
            (await listEvents(world.database)).findLast(({ kind }) => kind === "attribution.created")?.body,
        ).toMatchObject({
            identifiedElsewhere: [`${other?.artifact}:1 ${culprit().id}`],
        })
    })

    test("weighs the texts of an archive together as one leak, at the error of one text", async () => {
        const leak = copyOf(culprit()).technical
        const held = [
            { name: "b.md", content: excerpt(leak, 380, 170) },
            { name: "../a.md", content: excerpt(leak, 200, 180) },
            { name: "again.md", content: excerpt(leak, 380, 170) },
            { name: "a.png", content: Buffer.from("89504e470d0a1a0a00", "hex") },
        ]
        const { verdict, result } = await attributed(await filedBytes(zipOf(held)))
        expect(verdict).toBe("traced")
        expect(result.best?.findings).toMatchObject({ identified: [culprit().id] })
        await deleteTracingBudgets(world)
        const inTar = await attributed(await filedBytes(gzipSync(tarOf(held))))
        expect(inTar.result.best?.findings.ranking).toEqual(result.best?.findings.ranking)
        const image = await filedBytes(Buffer.from("89504e470d0a1a0a00", "hex"))
        expect(await awaitRefusalCode(attributed(image))).toBe("attribution.no_text")
    })

    test("identifies no recipient by too few words and counts missing slots, until more error is allowed", async () => {
        const evidence = await filed(excerpt(copyOf(culprit()).technical, 200, 90))
        const { result } = await attributed(evidence)
        expect(result.best?.findings).toMatchObject({ verdict: "undecided", identified: [] })
        const { threshold = 0, ranking = [], slots } = result.best?.findings ?? {}
        const missingSlots = result.best ? missingSlotsOf(result.best.findings) : 0
        expect(missingSlots).toBeGreaterThan(0)
        expect(missingSlots).toBe(Math.ceil((threshold - (ranking[0]?.log10e ?? 0)) / Math.log10(2)))
        expect(summaryOf(result)).toContain(`About ${missingSlots} more`)
        const { result: sooner } = await attributed(evidence, 1e-3)
        expect(sooner.best?.findings.slots).toEqual(slots)
        expect(sooner.best && missingSlotsOf(sooner.best.findings)).toBeLessThan(missingSlots)
    })

    test("identifies any copy by 150 words from anywhere, at an error of one in a thousand", async () => {
        for (const [n, partner] of partners.slice(0, 4).entries()) {
            await deleteTracingBudgets(world)
            const { result } = await attributed(await filed(excerpt(copyOf(partner).technical, n * 150, 150)), 1e-3)
            expect(result.best?.findings.identified).toEqual([partner.id])
        }
    })

    test("identifies a copy by a rule that a tool stored again with sorted keys", async () => {
        // Where every order is the sorted one, no order is read: a sorting tool leaves no other.
        const isSorted = (list: readonly string[]) => list.join("\n") === list.toSorted().join("\n")
        const tagsOf = (rule: string) => (parse(rule) as { tags: string[] }).tags
        const those = partners.filter((partner) => !isSorted(tagsOf(copyOf(partner).rules)))
        expect(those.length).toBeGreaterThan(1)
        for (const partner of those.slice(0, 4)) {
            await deleteTracingBudgets(world)
            const stored = stringify(parse(copyOf(partner).rules), { sortMapEntries: true })
            const { result } = await attributed(await filed(stored))
            expect(result.best).toMatchObject({ artifact: rules, findings: { identified: [partner.id] } })
        }
    })

    test("identifies a copy by each function of the code at error 1e-3, also for its case", async () => {
        const functions = copyOf(culprit())
            .poc.split(/^(?=def )/m)
            .slice(1)
        expect(functions.length).toBeGreaterThan(5)
        for (const text of functions) {
            await deleteTracingBudgets(world)
            const { result } = await attributed(await filed(text, caseId), 1e-3)
            expect(result.best).toMatchObject({ artifact: poc, findings: { identified: [culprit().id] } })
        }
    })

    test("identifies a copy by half the code at an error of one in a million", async () => {
        const code = copyOf(culprit()).poc
        const { verdict, result } = await attributed(await filed(code.slice(0, code.length / 2)), 1e-6)
        expect(verdict).toBe("traced")
        expect(result).toMatchObject({ alpha: 1e-6, best: { artifact: poc, findings: { identified: [culprit().id] } } })
    })

    test.each([
        ["a text that was never handed out", () => readContent("bypass/indicators.json"), "unrelated"],
        ["a line that everybody has", () => "The server trusts a header.\n", "unrelated"],
    ])("%s identifies no recipient", async (_, text, expected) => {
        const { verdict, result } = await attributed(await filed(text()))
        expect(verdict).toBe(expected)
        expect(result.documents.flatMap((document) => document.identified)).toEqual([])
    })

    test("identifies no recipient by the master, which no partner had", async () => {
        const { result } = await attributed(await filed(readContent("toolshell/technical.md")))
        expect(result.documents.flatMap((document) => document.identified)).toEqual([])
        expect(result.best?.findings.unmarked).toMatchObject({
            fits: result.best?.findings.slots.read,
            explains: true,
        })
        expect(summaryOf(result)).toContain("without marks")
    })
})

describe("several leaks in one inquiry", () => {
    const together = async (leaks: readonly string[]) => {
        const evidence: string[] = []
        for (const leak of leaks) {
            await deleteTracingBudgets(world)
            evidence.push(await filed(leak))
            await attributed(evidence.at(-1) ?? "")
        }
        const about = { title: "The pastes", case: caseId, evidence, members: [] }
        const inquiry = await world.acting(world.investigator, (ctx) => openInquiry(ctx, about))
        return await world.acting(world.investigator, (ctx) => combineLeaks(ctx, inquiry))
    }
    const culpritIn = ({ ranking }: CombinedEvidence) => ranking.find(({ recipient }) => recipient === culprit().id)

    test("multiplies leaks of two versions, each reduced by the choice of its version", async () => {
        const { technical: advisory, guidance } = copyOf(culprit())
        const leaks = [excerpt(advisory, 260, 70), excerpt(guidance, 100, 70)]
        let sum = 0
        for (const leak of leaks) {
            const { result } = await attributed(await filed(leak))
            const own = result.best?.findings.ranking.find(({ recipient }) => recipient === culprit().id)
            sum += (own?.log10e ?? 0) - Math.log10(result.tests)
        }
        const both = await together(leaks)
        expect(both).toMatchObject({ leaks: 2, alpha: 1e-6 })
        expect(culpritIn(both)).toMatchObject({ documents: 2, identified: false })
        expect(culpritIn(both)?.log10e).toBeCloseTo(sum, 9)
    })

    test("counts the same leak once, and gives the master's text no weight", async () => {
        // Some of these words differ from the master in every copy. What the master explains has no weight.
        const text = excerpt(copyOf(culprit()).technical, 260, 120)
        const [once, twice] = [await together([text]), await together([text, text])]
        expect(culpritIn(twice)?.log10e).toBeCloseTo(culpritIn(once)?.log10e ?? 0, 9)
        expect(await together([readContent("toolshell/technical.md")])).toMatchObject({ leaks: 0, ranking: [] })
    })
})

/** Lists the kinds of attribution events that are not confidential. */
const openKinds = () =>
    world.database.db.transaction((tx) =>
        tx.query("select distinct kind from events where kind ~ '^(attribution|evidence|marks)' and not confidential"),
    )

describe("automatic attribution", () => {
    test("runs once for a leak, and names no recipient in an open event", async () => {
        const before = (await listEvents(world.database)).length
        const evidence = await filed(excerpt(copyOf(culprit()).technical, 0, 350))
        for (let n = 0; n < 2; n++) await world.acting(step, (ctx) => attributeLeak(ctx, evidence))
        const attributions = await world.acting(world.investigator, (ctx) => readAttributions(ctx, evidence))
        expect(attributions).toMatchObject([{ verdict: "traced", createdBy: null }])
        const kinds = (await listEvents(world.database)).slice(before).map((item) => item.kind)
        expect(kinds).toEqual(["evidence.added", "marks.codewords_read", "attribution.created", "attribution.read"])
        expect(await openKinds()).toEqual([])
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ result_ciphertext: Buffer }>("select result_ciphertext from attributions"),
        )
        expect(rows.some(({ result_ciphertext }) => result_ciphertext.includes(culprit().id))).toBe(false)
    })

    test("is not tried again for a text beyond the limits, and records the reason", async () => {
        const evidence = await filed("a ".repeat(leakCharsMax / 2 + 1))
        await world.acting(step, (ctx) => attributeLeak(ctx, evidence))
        expect((await listEvents(world.database)).at(-1)).toMatchObject({
            kind: "attribution.failed",
            body: { evidence, code: "trace.too_long", step: "attribute" },
        })
        expect(await openKinds()).toEqual([])
    })
})

test("refuses evidence that cannot be attributed", async () => {
    const seen = { kind: "exploitation", cve: null, clock: "estimated", source: "a log", note: "" } as const
    const on = { ...seen, case: caseId, at: world.clock.now }
    const instant = await world.acting(world.investigator, (ctx) => addObservation(ctx, on))
    const code = (evidence: string, alpha?: number) =>
        awaitRefusalCode(world.acting(world.investigator, (ctx) => attribute(ctx, evidence, alpha)))
    expect(await code(instant)).toBe("attribution.no_text")
    expect(await code(newId())).toBe("evidence.not_found")
    expect(await awaitRefusalCode(world.acting(world.investigator, (ctx) => readAttributions(ctx, newId())))).toBe(
        "evidence.not_found",
    )
    const leak = await filed("The server trusts a header.")
    for (const alpha of [0, 1, 0.011, 1e-10, Number.NaN]) expect(await code(leak, alpha)).toBe("attribution.bad_alpha")
    const other = await newCase(world, "bypass")
    expect(await attributed(await filed(copyOf(culprit()).technical, other))).toMatchObject({
        verdict: "unrelated",
        result: { tests: 0, best: null },
    })
})

test("keeps a recipient that has left as a candidate for the copies it received", async () => {
    const gone = partners[7] ?? missing()
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, gone.id, "terminated"))
    const { result } = await attributed(await filed(excerpt(copyOf(gone).technical, 200, 350)))
    expect(result.best?.findings).toMatchObject({ verdict: "traced", identified: [gone.id] })
    await deleteTracingBudgets(world)
    const { result: others } = await attributed(await filed(copyOf(culprit()).technical))
    expect(others.best?.findings.ranking.map(({ recipient }) => recipient)).toContain(gone.id)
})

test("names staff who reproduced the copy and readers of the master", async () => {
    const made = () =>
        world.acting(world.author, async (ctx) => makeCopyFor(ctx, await loadMaster(ctx, technical, 1), culprit().id))
    const inside = async () => {
        const found = await attributed(await filed(copyOf(culprit()).technical))
        return await world.acting(world.investigator, (ctx) => findOtherHolders(ctx, found))
    }
    expect(await inside()).toMatchObject({ polled: [], reproducedBy: [], keyHolders: [] })
    await made()
    expect((await inside())?.reproducedBy).toEqual([world.author.person])
    const before = await inside()
    await world.acting(world.approver, async (ctx) => {
        await recordRead(ctx, await loadMaster(ctx, technical, 1), "asked for", null)
    })
    expect((await inside())?.masterReaders).toEqual(
        [...(before?.masterReaders ?? []), world.approver.person].toSorted(),
    )
    const machine = partners[3] ?? missing()
    await world.acting(machine.analyst, async (ctx) => {
        const master = await loadMaster(ctx, technical, 1)
        const page = {
            channel: "taxii",
            collection: "warnings",
            hashInput: "{}",
            cases: [caseId],
            freshAt: [],
        } as const
        await recordPage(ctx, { ...page, masters: [master], fresh: [{ master }] })
    })
    expect(await inside()).toMatchObject({ polled: [machine.id] })
    const none = await attributed(await filed("Nothing of it."))
    expect(
        await world.acting(world.investigator, (ctx) =>
            findOtherHolders(ctx, { ...none, result: { ...none.result, best: null } }),
        ),
    ).toBe(null)
})

test("shows a value near chance as neutral and without a sign", () => {
    expect([-0.04, 0, 0.3].map(supportInWords)).toEqual(["no support", "no support", "no support"])
    expect([-0.31, 0.31].map(supportInWords)).toEqual(["speaks against", "weak support"])
    expect([formatLog10e(-0.04, 1), formatLog10e(-0.001, 2), formatLog10e(-0.06, 1), formatLog10e(12, 1)]).toEqual([
        "0.0",
        "0.00",
        "-0.1",
        "12.0",
    ])
})

test("never gives a stronger e-value a weaker word", () => {
    const order = [...new Set([-1, 0, 0.5, 1.5, 2.5, 3.5, 5, 7].map(supportInWords))]
    expect(order).toHaveLength(8)
    const value = fc.double({ min: -20, max: 20, noNaN: true })
    fc.assert(
        fc.property(value, value, (a, b) => {
            const [less, more] = a < b ? [a, b] : [b, a]
            expect(order.indexOf(supportInWords(less))).toBeLessThanOrEqual(order.indexOf(supportInWords(more)))
        }),
    )
})
