import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { zipOf } from "../../../../test/support/archives.ts"
import {
    type Program,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { resolveSlots } from "@tocsin/marks/carriers/resolved-text"
import { parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { endEmbargo } from "../../share/cases/actions/negotiate-embargo.ts"
import { findPublicDocument } from "../../share/publication/actions/read-public.ts"
import { attribute } from "../attribution/actions/attribute-leak.ts"
import { readAttributions } from "../attribution/actions/load-attributions.ts"
import { addLeak } from "./actions/add-evidence.ts"
import { findSimilarEvidence } from "./actions/find-similar.ts"
import { type FingerprintOverlap, selectSimilar, bestMatchOf } from "./similarity.ts"

const published = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let caseId: string
let copy: string

async function work(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}

beforeAll(async () => {
    world = await createProgram()
    const partner = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    const summary = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: caseId,
            class: "summary",
            tlp: "AMBER",
            pap: "AMBER",
            name: "summary.md",
            content: readContent("toolshell/summary.md"),
        }),
    )
    const technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary, technical])
    copy = await fetchCopyText(world, partner, technical)
    world.clock.now = published
    await world.acting(world.author, (ctx) => endEmbargo(ctx, caseId))
    await work()
    world.clock.now = published + 60_000
}, 120_000)
afterAll(() => world.database.close())

async function filed(
    content: string | Buffer,
    observedAt = world.clock.now,
    subject: string | null = null,
): Promise<string> {
    const words = { name: "paste.txt", source: "a paste site", note: "" }
    const leak = { ...words, case: subject, content: Buffer.from(content), observedAt, clock: "unknown" as const }
    const id = await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
    await work()
    return id
}

const likeness = (id: string) => world.acting(world.investigator, (ctx) => findSimilarEvidence(ctx, id))
const sentences = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `Sentence ${from + n} says thing ${from + n} of matter ${from + n}.`).join(
        " ",
    )

describe("other evidence", () => {
    test("is listed with the same bytes, or as similar with the percentage of either", async () => {
        const first = await filed(sentences(0, 100))
        const again = await filed(sentences(0, 100))
        const part = await filed(`## Copied! ##\n\n${sentences(0, 50).toUpperCase()}`)
        const other = await filed(sentences(5000, 100))
        const found = await likeness(first)
        expect(found.identical).toEqual([again])
        expect(found.similar.map(({ evidence }) => evidence)).toEqual([again, part])
        expect(found.similar[0]).toMatchObject({ percentOfThis: 100, percentOfOther: 100 })
        const { percentOfThis = 0, percentOfOther = 0 } = found.similar[1] ?? {}
        expect([percentOfThis >= 48, percentOfThis <= 51, percentOfOther >= 97]).toEqual([true, true, true])
        expect(await likeness(other)).toEqual({ identical: [], similar: [], inPublic: null, withoutFingerprints: 0 })
    })

    test("is found for old evidence without fingerprints, and the rest is counted", async () => {
        const old = await filed(sentences(700, 60))
        const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const, case: null }
        await world.acting(world.investigator, async (ctx) => {
            for (let n = 0; n < 21; n++) {
                await addLeak(ctx, { ...words, content: Buffer.from(`It says ${n}.`), observedAt: world.clock.now })
            }
        })
        const again = await filed(sentences(700, 60))
        const transaction = await world.database.db.transaction(async (tx) => {
            await tx.query("delete from text_fingerprints")
            return (await tx.query("update evidence set fingerprint_level = null returning id")).length
        })
        expect(await likeness(old)).toMatchObject({
            similar: [{ evidence: again }],
            withoutFingerprints: transaction - 20,
        })
        expect(await likeness(old)).toMatchObject({
            similar: [{ evidence: again }],
            withoutFingerprints: Math.max(0, transaction - 40),
        })
    })

    test("of an archive compares its texts", async () => {
        const text = await filed(sentences(200, 60))
        const archive = await filed(zipOf([{ name: "a.txt", content: sentences(200, 60) }]))
        expect((await likeness(archive)).similar).toEqual([{ evidence: text, percentOfThis: 100, percentOfOther: 100 }])
        const bytes = Buffer.concat([Buffer.from([0xff]), randomBytes(100)])
        expect(await likeness(await filed(bytes))).toMatchObject({ similar: [], inPublic: null })
    })

    test("is found by keyed numbers that reveal nothing, and recorded as numbers", async () => {
        const id = await filed(sentences(300, 60))
        await filed(sentences(300, 60))
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ length: number }>("select distinct length(fingerprint) from text_fingerprints"),
        )
        expect(rows).toEqual([{ length: 12 }])
        await likeness(id)
        const { body } = (await listEvents(world.database)).at(-1) ?? {}
        expect(body).toMatchObject({ evidence: id, equal: 1, similar: 1, inPublic: false })
    })
})

describe("public texts", () => {
    /** The unmarked text. */
    const summary: string = resolveSlots("summary.md", readContent("toolshell/summary.md"))
    const page = async () => {
        const found = await world.acting(world.author, (ctx) => findPublicDocument(ctx, "/advisories/nl-2025-0001"))
        return found?.text ?? ""
    }
    const csaf = async () => {
        const found = await world.acting(world.author, (ctx) =>
            findPublicDocument(ctx, "/csaf/white/2025/nl-2025-0001.json"),
        )
        return found?.text ?? ""
    }
    const code = async (id: string) =>
        await awaitRefusalCode(world.acting(world.investigator, (ctx) => attribute(ctx, id)))

    test.each([
        ["the text that it says", async () => summary],
        ["a part of that, drawn otherwise", async () => summary.slice(0, 400).toUpperCase()],
        ["its page", page],
        ["its CSAF document", csaf],
    ])("are graded: %s", async (_, text) => {
        const input = await text()
        expect(input.length).toBeGreaterThan(100)
        const id = await filed(input.replace(/\S+$/, ""))
        expect((await likeness(id)).inPublic).toEqual({
            advisory: "NL-2025-0001",
            publicSince: published,
            percent: 100,
            isPublic: true,
        })
        expect(await code(id)).toBe("attribution.already_public")
        expect(await world.acting(world.investigator, (ctx) => readAttributions(ctx, id))).toEqual([])
        const last = (await listEvents(world.database)).filter(({ kind }) => kind === "attribution.failed").at(-1)
        expect(last?.body).toMatchObject({ evidence: id, code: "attribution.already_public" })
    })

    test("do not count as public where the leak was observed earlier", async () => {
        const id = await filed(summary, published - 1000, caseId)
        expect((await likeness(id)).inPublic).toMatchObject({ percent: 100, isPublic: false })
        expect(await code(id)).toBe("done")
    })

    test("cover a part where the leak says more, which is attributed", async () => {
        const words = copy.split(/(?<=\s)(?=\S)/).slice(200, 600)
        const id = await filed(`${readContent("toolshell/summary.md")}\n\n${words.join("")}`)
        const { inPublic } = await likeness(id)
        expect(inPublic?.isPublic).toBe(false)
        expect(inPublic?.percent).toBeGreaterThan(10)
        expect(await code(id)).toBe("done")
    })

    test("do not count for a few common words", async () => {
        expect((await likeness(await filed("The server trusts a header."))).inPublic).toBeNull()
    })
})

describe("shares", () => {
    const each = (evidence: string, shared: number, ofThis: number, ofOther: number): FingerprintOverlap => ({
        evidence,
        shared,
        thisTotal: ofThis,
        otherTotal: ofOther,
    })

    test("sorts the most similar first, and ignores a common phrase", () => {
        const compared = [
            each("half", 50, 100, 100),
            each("phrase", 2, 100, 10),
            each("part", 90, 900, 100),
            each("hint", 9, 100, 100),
        ]
        expect(selectSimilar(compared).map(({ evidence }) => evidence)).toEqual(["part", "half"])
        expect(selectSimilar([each("short", 1, 1, 1)])).toEqual([
            { evidence: "short", percentOfThis: 100, percentOfOther: 100 },
        ])
        expect(selectSimilar(Array.from({ length: 30 }, (_, n) => each(`${n}`, 50, 100, 100)))).toHaveLength(20)
    })

    test("is 100 only for all of it, and prefers the earlier of two complete texts", () => {
        const found = [
            { advisory: "late", publicSince: 20, percent: 100 },
            { advisory: "first", publicSince: 10, percent: 100 },
            { advisory: "nearly", publicSince: 0, percent: 99 },
        ]
        expect(bestMatchOf(found, 15)).toMatchObject({ advisory: "first", isPublic: true })
        expect(bestMatchOf(found, 9)).toMatchObject({ advisory: "first", isPublic: false })
        expect(bestMatchOf(found.slice(2), 15)).toMatchObject({ advisory: "nearly", isPublic: false })
        expect(bestMatchOf([{ advisory: "hardly", publicSince: 0, percent: 9 }], 15)).toBeNull()
    })
})
