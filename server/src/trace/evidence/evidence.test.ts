import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    listEvents,
    system,
    testServices,
} from "../../../../test/support/actors.ts"
import { zipOf } from "../../../../test/support/archives.ts"
import { runs } from "../../../../test/support/properties.ts"
import { type TestDatabase, createDatabase, newId } from "../../../../test/support/database.ts"
import { extractArchiveInSubprocess } from "../../platform/sandbox/archive.ts"
import type { Input } from "../../kernel/route.ts"
import { closeCase } from "../../share/cases/actions/close-case.ts"
import { openCase } from "../../share/cases/actions/open-case.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute, attributeLeak } from "../attribution/actions/attribute-leak.ts"
import { listEvidence, loadEvidence } from "./actions/load-evidence.ts"
import { resolveCase, addLeak, addListings, addObservation } from "./actions/add-evidence.ts"
import { findSimilarEvidence } from "./actions/find-similar.ts"
import { extractArchive, readOriginal, readEvidence, findText } from "./actions/read-evidence.ts"
import { contentBytesMax } from "./evidence.ts"
import { routes } from "./routes/evidence.ts"

const clock = { now: Date.parse("2025-07-10T00:00:00Z") }
let database: TestDatabase
let acting: Acting
let ines: Actor & { person: string }
let author: Actor & { person: string }
let caseId: string

const score = { cwe: "CWE-94", products: [], score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
const opened = (...cves: string[]) => {
    const vulnerabilities = cves.map((cve) => ({ cve, ...score }))
    const details = { title: "a case", vulnerabilities, finder: "somebody" }
    return acting(author, (ctx) => openCase(ctx, details))
}

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    ines = await createStaffMember(acting, ["investigator"])
    author = await createStaffMember(acting, ["author"])
    caseId = await opened("CVE-2025-49704")
})
afterAll(() => database.close())

const leak = {
    case: null,
    name: "paste.txt",
    source: "a public paste site",
    note: "seen by a customer",
    content: Buffer.from("The server trusts a header."),
    observedAt: clock.now - 1000,
    clock: "synchronised" as const,
}
const exploitation = {
    ...({ kind: "exploitation", cve: null, clock: "estimated" } as const),
    at: clock.now - 1000,
    source: "a log",
    note: "",
}

test("hashes a leak, encrypts it with its own key, and records its hash alone", async () => {
    const before = (await listEvents(database)).length
    const id = await acting(ines, (ctx) => addLeak(ctx, { ...leak, case: caseId }))
    const sha256 = createHash("sha256").update(leak.content).digest("hex")
    expect((await listEvents(database)).slice(before)).toEqual([
        {
            kind: "evidence.added",
            body: {
                evidence: id,
                evidenceKind: "leak",
                case: caseId,
                sha256,
                observedAt: leak.observedAt,
                clock: "synchronised",
                by: ines.person,
            },
        },
    ])
    const rows = await database.db.transaction((tx) =>
        tx.query<{ details_ciphertext: Buffer; content_ciphertext: Buffer }>(
            "select details_ciphertext, content_ciphertext from evidence",
        ),
    )
    for (const { details_ciphertext, content_ciphertext } of rows) {
        expect(Buffer.concat([details_ciphertext, content_ciphertext]).includes("paste")).toBe(false)
        expect(content_ciphertext.includes("header")).toBe(false)
    }
    const read = await acting(ines, (ctx) => readEvidence(ctx, id))
    expect(read).toMatchObject({ kind: "leak", name: "paste.txt", content: "The server trusts a header.", sha256 })
    expect((await listEvents(database)).at(-1)).toMatchObject({ kind: "evidence.read", body: { evidence: id } })
    const open = await database.db.transaction((tx) =>
        tx.query("select kind from events where kind like 'evidence.%' and not confidential"),
    )
    expect(open).toEqual([])
})

test("stores a first exploitation as an instant with the quality of its clock", async () => {
    const id = await acting(ines, (ctx) => addObservation(ctx, { ...exploitation, case: caseId }))
    expect(await acting(ines, (ctx) => loadEvidence(ctx, id))).toMatchObject({
        kind: "exploitation",
        clock: "estimated",
        observedAt: exploitation.at,
        sha256: null,
    })
    expect(await acting(ines, (ctx) => findText(ctx, id))).toBeNull()
    expect(await acting(ines, listEvidence)).toHaveLength(2)
})

describe("stores content that is not text unchanged, and detects its form", () => {
    const filed = async (content: Buffer) => {
        const id = await acting(ines, (ctx) => addLeak(ctx, { ...leak, content }))
        return await acting(ines, (ctx) => readEvidence(ctx, id))
    }
    const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex")

    test.each([
        ["an image", Buffer.from("89504e470d0a1a0a00", "hex"), { kind: "image", format: "png" }],
        ["a document", Buffer.from("%PDF-1.4"), { kind: "document", format: "pdf" }],
        ["a program", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), { kind: "binary", format: null }],
    ])("%s", async (_, content, is) => {
        const read = await filed(content)
        expect(read).toMatchObject({
            contentType: is,
            content: null,
            archive: null,
            size: content.length,
            sha256: sha256(content),
        })
        expect(await acting(ines, (ctx) => readOriginal(ctx, read.id))).toEqual(content)
    })

    test("reads a text in another encoding", async () => {
        expect(await filed(Buffer.from("grüezi mitenand", "latin1"))).toMatchObject({ content: "grüezi mitenand" })
    })

    test("extracts an archive once, lists its files with hash or reason, and records numbers only", async () => {
        const archive = zipOf([
            { name: "../secret name.txt", content: "The server trusts a header." },
            { name: "link", content: "/etc/passwd", unixMode: 0o120777 },
            { name: "locked.txt", content: "nobody reads this", flags: 1 },
        ])
        const read = await filed(archive)
        expect(read.contentType).toEqual({ kind: "archive", format: "zip" })
        expect(read.content).toBe("The server trusts a header.")
        expect(read.archive).toMatchObject({ hasMore: false, isWhole: true, ended: null })
        const hash = sha256(Buffer.from("The server trusts a header."))
        expect(read.archive?.parts).toMatchObject([
            { name: "../secret name.txt", sha256: hash, reason: null, isWeighed: true },
            { name: "link", sha256: null, reason: "link", isWeighed: false },
            { name: "locked.txt", sha256: null, reason: "encrypted", isWeighed: false },
        ])
        await acting(ines, (ctx) => extractArchive(ctx, read.id))
        const opened = (await listEvents(database)).filter(({ kind }) => kind === "evidence.archive_extracted")
        const counts = { opened: 1, notOpened: 2, ended: null }
        expect(opened.map(({ body }) => body)).toEqual([{ evidence: read.id, ...counts, by: ines.person }])
        const rows = await database.db.transaction((tx) =>
            tx.query<{ all: string }>(
                `select encode(list_ciphertext || texts_ciphertext, 'escape') as all from archive_extractions`,
            ),
        )
        expect(rows.filter(({ all: text }) => /secret|trusts/.test(text))).toEqual([])
    })

    test("stores only the weighed texts of an archive, and lists all of it", async () => {
        const words = (from: number) => Array.from({ length: 60_000 }, (_, n) => `word${from + n}`).join(" ")
        const files = [0, 1, 2, 3].map((n) => ({ name: `${n}.txt`, content: words(100_000 * (n + 1)) }))
        const read = await filed(zipOf(files))
        expect(read.content).toBe(files[0]?.content)
        expect(read.archive?.parts.map(({ isWeighed }) => isWeighed)).toEqual([true, false, false, false])
        expect(read.archive?.parts.map(({ size }) => size)).toEqual(files.map(({ content }) => content.length))
        const rows = await database.db.transaction((tx) =>
            tx.query<{ size: number }>(
                "select octet_length(texts_ciphertext) as size from archive_extractions where evidence_id = $1",
                [read.id],
            ),
        )
        expect(rows[0]?.size).toBeLessThan(700_000)
    })

    describe("a failed extraction", () => {
        const archive = zipOf([{ name: "a.txt", content: "The server trusts a header." }])
        const vain = { parts: [], hasMore: true, isWhole: false, ended: "time" } as const
        const openedOf = async (id: string) =>
            (await listEvents(database)).filter(
                ({ kind, body }) => kind === "evidence.archive_extracted" && body["evidence"] === id,
            )
        const unread = () => acting(ines, (ctx) => addLeak(ctx, { ...leak, content: archive }))

        test("is tried again, twice at most", async () => {
            for (const [inVain, ended] of [
                [2, null],
                [3, "time"],
            ] as const) {
                const id = await unread()
                let times = 0
                const open = async (bytes: Uint8Array) =>
                    ++times <= inVain ? vain : await extractArchiveInSubprocess(bytes)
                await acting(ines, (ctx) => extractArchive(ctx, id, open))
                expect(times).toBe(3)
                expect((await openedOf(id)).map(({ body }) => body["ended"])).toEqual([ended])
            }
        })

        test("is repeated when a person requests the attribution, and then so is the similarity", async () => {
            const id = await unread()
            await acting(ines, (ctx) => extractArchive(ctx, id, async () => vain))
            await acting(ines, (ctx) => findSimilarEvidence(ctx, id))
            await acting(system, (ctx) => attributeLeak(ctx, id))
            expect(await acting(ines, (ctx) => findText(ctx, id))).toBeNull()
            await acting(ines, (ctx) => attribute(ctx, id))
            expect(await acting(ines, (ctx) => findText(ctx, id))).toBe("The server trusts a header.")
            await acting(ines, (ctx) => attribute(ctx, id))
            expect((await openedOf(id)).map(({ body }) => body["ended"])).toEqual(["time", null])
            const prints = "select fingerprint_level from evidence where id = $1 and fingerprint_level is null"
            expect(await database.db.transaction((tx) => tx.query(prints, [id]))).toHaveLength(1)
        })

        test("is not repeated where another transaction has succeeded meanwhile", async () => {
            const id = await unread()
            const open = async () => {
                await acting(ines, (ctx) => extractArchive(ctx, id))
                return vain
            }
            await acting(ines, (ctx) => extractArchive(ctx, id, open))
            expect(await acting(ines, (ctx) => findText(ctx, id))).toBe("The server trusts a header.")
        })
    })

    test("stores any bytes with their hash, or refuses them with a stable code", async () => {
        const head = fc.constantFrom("", "504b0304", "1f8b08", "fffe", "ffd8ff").map((hex) => Buffer.from(hex, "hex"))
        const bytes = fc.tuple(head, fc.uint8Array({ maxLength: 200 })).map((parts) => Buffer.concat(parts))
        await fc.assert(
            fc.asyncProperty(bytes, async (content) => {
                const filing = acting(ines, (ctx) => addLeak(ctx, { ...leak, content }))
                const code = await awaitRefusalCode(filing)
                expect(["done", "evidence.empty"]).toContain(code)
                const kept = (await acting(ines, listEvidence)).map((evidence) => evidence.sha256)
                expect(kept.includes(sha256(content))).toBe(code === "done")
            }),
            { numRuns: runs(20, 150) },
        )
    })
})

describe("a catalogue of what is exploited", () => {
    const listedAt = clock.now - 1000
    const file = (...cves: string[]) =>
        acting(ines, (ctx) =>
            addListings(
                ctx,
                "a catalogue",
                cves.map((cve) => ({ cve, listedAt })),
            ),
        )

    test("is added once for open cases with one of its CVE ids, and not for others", async () => {
        const [twice, closed] = [await opened("CVE-2025-49704", "CVE-2025-0002"), await opened("CVE-2025-49704")]
        await acting(author, (ctx) => closeCase(ctx, closed, "cancelled", "nothing to it"))
        const filed = await file("CVE-1999-0001", "CVE-2025-49704")
        expect(filed.map((filed) => filed.case).toSorted()).toEqual([caseId, twice].toSorted())
        for (const item of filed) {
            expect(await acting(ines, (ctx) => loadEvidence(ctx, item.evidence))).toMatchObject({
                kind: "listed_as_exploited",
                case: item.case,
                cve: "CVE-2025-49704",
                source: "a catalogue",
                observedAt: listedAt,
                clock: "unknown",
                sha256: null,
            })
        }
        expect(await file("CVE-1999-0001", "CVE-2025-49704", "CVE-2025-49704")).toEqual([])
        expect(await file("CVE-2025-49704", "CVE-2025-0002")).toMatchObject([{ case: twice, cve: "CVE-2025-0002" }])
    })

    test("needs the case for a CVE id that two cases have", async () => {
        const about = (id: string | null, cve: string | null) => acting(ines, (ctx) => resolveCase(ctx, id, cve))
        expect(await awaitRefusalCode(about(null, "CVE-2025-49704"))).toBe("evidence.ambiguous_cve")
        expect(await about(caseId, "CVE-2025-49704")).toBe(caseId)
        expect(await awaitRefusalCode(about(caseId, "CVE-2025-0002"))).toBe("evidence.no_case_for_cve")
        expect(await awaitRefusalCode(about(null, null))).toBe("evidence.needs_case")
    })
})

describe("stores nothing of refused evidence", () => {
    test.each([
        ["an empty file", { content: Buffer.alloc(0) }, "evidence.empty"],
        ["only spaces", { content: Buffer.from(" \n\t") }, "evidence.empty"],
        ["too much", { content: Buffer.alloc(contentBytesMax + 1, 97) }, "evidence.too_large"],
        ["an unknown case", { case: newId() }, "case.not_found"],
        ["no name", { name: " " }, "evidence.bad_name"],
        ["a name of several lines", { name: "a\nb" }, "evidence.bad_name"],
        ["no source", { source: "" }, "evidence.bad_text"],
        ["a note without end", { note: "a".repeat(4001) }, "evidence.bad_text"],
        ["what is still to come", { observedAt: clock.now + 1 }, "evidence.in_the_future"],
    ])("%s", async (_, wrong, code) => {
        const before = (await listEvents(database)).length
        expect(await awaitRefusalCode(acting(ines, (ctx) => addLeak(ctx, { ...leak, ...wrong })))).toBe(code)
        expect(await listEvents(database)).toHaveLength(before)
    })

    test("refuses an exploitation of an unknown case, or one in the future", async () => {
        const filed = (input: object) =>
            awaitRefusalCode(acting(ines, (ctx) => addObservation(ctx, { ...exploitation, case: caseId, ...input })))
        expect(await filed({ case: newId() })).toBe("case.not_found")
        expect(await filed({ at: clock.now + 1 })).toBe("evidence.in_the_future")
    })

    test("refuses other actors than staff, and empty content", async () => {
        expect(await awaitRefusalCode(acting(system, (ctx) => addLeak(ctx, leak)))).toBe("evidence.staff_only")
        expect(await awaitRefusalCode(acting(ines, (ctx) => readEvidence(ctx, newId())))).toBe("evidence.not_found")
    })

    test("stores content of the largest size", async () => {
        const content = Buffer.alloc(contentBytesMax, "ab ")
        const id = await acting(ines, (ctx) => addLeak(ctx, { ...leak, content }))
        expect(await acting(ines, (ctx) => loadEvidence(ctx, id))).toMatchObject({ size: contentBytesMax })
    })
})

describe("over HTTP", () => {
    const filing = {
        kind: "leak",
        name: "a.txt",
        source: "a site",
        observedAt: "2025-07-09T00:00:00Z",
        clock: "unknown",
    }

    async function post(body: Record<string, unknown>): Promise<unknown> {
        const found = routes.find((route) => route.method === "POST")
        if (!found?.body) throw new Error("no such route")
        if (!Check(found.body, body)) return "request.invalid"
        const input = { body, params: {}, query: {}, credential: null }
        return await awaitRefusalCode(
            acting(ines, (ctx) => found.handler({ ...ctx, ...input } as ActionContext & Input<never, never, never>)),
        )
    }

    test.each([
        ["a text", { content: "grüezi" }, "done"],
        ["a file", { content: "Z3LDvGV6aQ==", encoding: "base64" }, "done"],
        ["no content", {}, "evidence.empty"],
        ["half a character", { content: "a\ud800b" }, "evidence.not_text"],
        ["a file of bytes", { content: "/w==", encoding: "base64" }, "done"],
        ["no Base64", { content: "Z3L%", encoding: "base64" }, "evidence.bad_base64"],
        ["a time without an offset", { content: "a", observedAt: "2025-07-09T00:00:00" }, "instant.invalid"],
        ["an unknown field", { content: "a", verdict: "guilty" }, "request.invalid"],
        ["an exploitation of nothing", { kind: "exploitation" }, "evidence.needs_case"],
        ["a clock of no quality", { content: "a", clock: "fine" }, "request.invalid"],
    ])("%s", async (_, body, code) => {
        expect(await post({ ...filing, ...body })).toBe(code)
    })

    test("refuses content of an exploitation", async () => {
        const body = { ...filing, kind: "exploitation", case: caseId, content: "a" }
        expect(await post(body)).toBe("evidence.content_not_allowed")
    })
})
