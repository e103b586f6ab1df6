import { createHash } from "node:crypto"
import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Acting, actingOn, codeOf, operator, recorded, system, testDoors } from "../../../test/acting.ts"
import { type TestDatabase, freshDatabase, newId } from "../../../test/database.ts"
import type { Input } from "../../platform/http.ts"
import { closeCase, openCase } from "../../share/cases/actions.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import {
    allEvidence,
    caseAbout,
    evidenceOf,
    fileLeak,
    fileListings,
    fileSeen,
    readEvidence,
    textOf,
} from "./actions.ts"
import { contentBytesMax } from "./evidence.ts"
import { routes } from "./routes.ts"

const clock = { now: Date.parse("2025-07-10T00:00:00Z") }
let database: TestDatabase
let acting: Acting
let ines: Actor & { person: string }
let author: Actor & { person: string }
let caseId: string

const score = { cwe: "CWE-94", score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }
const opened = (...cves: string[]) => {
    const vulnerabilities = cves.map((cve) => ({ cve, ...score }))
    const details = { title: "a case", vulnerabilities, products: [], finder: "somebody" }
    return acting(author, (act) => openCase(act, details))
}

beforeAll(async () => {
    database = await freshDatabase()
    acting = actingOn(testDoors(database, clock), clock)
    ines = await operator(acting, ["investigator"])
    author = await operator(acting, ["author"])
    caseId = await opened("CVE-2025-49704")
})
afterAll(() => database.close())

const leak = {
    case: null,
    name: "paste.txt",
    source: "a public paste site",
    note: "seen by a customer",
    content: Buffer.from("The server trusts a header."),
    seenAt: clock.now - 1000,
    clock: "synchronised" as const,
}
const exploitation = {
    ...({ kind: "exploitation", cve: null, clock: "estimated" } as const),
    ...{ at: clock.now - 1000, source: "a log", note: "" },
}

test("a leak is hashed, sealed under a key of its own, and on record by its hash alone", async () => {
    const before = (await recorded(database)).length
    const id = await acting(ines, (act) => fileLeak(act, { ...leak, case: caseId }))
    const sha256 = createHash("sha256").update(leak.content).digest("hex")
    expect((await recorded(database)).slice(before)).toEqual([
        {
            kind: "evidence.filed",
            body: {
                evidence: id,
                what: "leak",
                case: caseId,
                sha256,
                seenAt: leak.seenAt,
                clock: "synchronised",
                by: ines.person,
            },
        },
    ])
    const rows = await database.db.transaction((tx) =>
        tx.query<{ details_box: Buffer; content_box: Buffer }>("select details_box, content_box from evidence"),
    )
    for (const { details_box, content_box } of rows) {
        expect(Buffer.concat([details_box, content_box]).includes("paste")).toBe(false)
        expect(content_box.includes("header")).toBe(false)
    }
    const read = await acting(ines, (act) => readEvidence(act, id))
    expect(read).toMatchObject({ kind: "leak", name: "paste.txt", content: "The server trusts a header.", sha256 })
    expect((await recorded(database)).at(-1)).toMatchObject({ kind: "evidence.read", body: { evidence: id } })
    const open = await database.db.transaction((tx) =>
        tx.query("select kind from events where kind like 'evidence.%' and not sealed"),
    )
    expect(open).toEqual([])
})

test("a first exploitation is an instant with the quality of its clock", async () => {
    const id = await acting(ines, (act) => fileSeen(act, { ...exploitation, case: caseId }))
    expect(await acting(ines, (act) => evidenceOf(act, id))).toMatchObject({
        kind: "exploitation",
        clock: "estimated",
        seenAt: exploitation.at,
        sha256: null,
    })
    expect(await acting(ines, (act) => textOf(act, id))).toBeNull()
    expect(await acting(ines, allEvidence)).toHaveLength(2)
})

describe("a catalogue of what is exploited", () => {
    const listedAt = clock.now - 1000
    const file = (...cves: string[]) =>
        acting(ines, (act) =>
            fileListings(
                act,
                "a catalogue",
                cves.map((cve) => ({ cve, listedAt })),
            ),
        )

    test("is filed for the open cases that have one of its CVE ids, once, and nothing of the rest is kept", async () => {
        const [twice, closed] = [await opened("CVE-2025-49704", "CVE-2025-0002"), await opened("CVE-2025-49704")]
        await acting(author, (act) => closeCase(act, closed, "cancelled", "nothing to it"))
        const filed = await file("CVE-1999-0001", "CVE-2025-49704")
        expect(filed.map((one) => one.case).toSorted()).toEqual([caseId, twice].toSorted())
        for (const one of filed) {
            expect(await acting(ines, (act) => evidenceOf(act, one.evidence))).toMatchObject({
                ...{ kind: "listed as exploited", case: one.case, cve: "CVE-2025-49704", source: "a catalogue" },
                ...{ seenAt: listedAt, clock: "unknown", sha256: null },
            })
        }
        expect(await file("CVE-1999-0001", "CVE-2025-49704", "CVE-2025-49704")).toEqual([])
        expect(await file("CVE-2025-49704", "CVE-2025-0002")).toMatchObject([{ case: twice, cve: "CVE-2025-0002" }])
    })

    test("and of a CVE id that two have, it must be said which is meant", async () => {
        const about = (id: string | null, cve: string | null) => acting(ines, (act) => caseAbout(act, id, cve))
        expect(await codeOf(about(null, "CVE-2025-49704"))).toBe("evidence.several_cases")
        expect(await about(caseId, "CVE-2025-49704")).toBe(caseId)
        expect(await codeOf(about(caseId, "CVE-2025-0002"))).toBe("evidence.no_case_of_cve")
        expect(await codeOf(about(null, null))).toBe("evidence.needs_case")
    })
})

describe("what is refused leaves nothing behind", () => {
    test.each([
        ["an empty file", { content: Buffer.alloc(0) }, "evidence.empty"],
        ["only spaces", { content: Buffer.from(" \n\t") }, "evidence.empty"],
        ["bytes that are not UTF-8", { content: Buffer.from([0x61, 0xc3, 0x28]) }, "evidence.not_text"],
        ["a program", { content: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]) }, "evidence.not_text"],
        ["too much", { content: Buffer.alloc(contentBytesMax + 1, 97) }, "evidence.too_large"],
        ["an unknown case", { case: newId() }, "case.unknown"],
        ["no name", { name: " " }, "evidence.bad_name"],
        ["a name of several lines", { name: "a\nb" }, "evidence.bad_name"],
        ["no source", { source: "" }, "evidence.bad_words"],
        ["a note without end", { note: "a".repeat(4001) }, "evidence.bad_words"],
        ["what is still to come", { seenAt: clock.now + 1 }, "evidence.in_the_future"],
    ])("%s", async (_, wrong, code) => {
        const before = (await recorded(database)).length
        expect(await codeOf(acting(ines, (act) => fileLeak(act, { ...leak, ...wrong })))).toBe(code)
        expect(await recorded(database)).toHaveLength(before)
    })

    test("an exploitation of an unknown case, or one that is still to come", async () => {
        const filed = (its: object) =>
            codeOf(acting(ines, (act) => fileSeen(act, { ...exploitation, case: caseId, ...its })))
        expect(await filed({ case: newId() })).toBe("case.unknown")
        expect(await filed({ at: clock.now + 1 })).toBe("evidence.in_the_future")
    })

    test("nobody but the operator's persons, and nothing that is not there", async () => {
        expect(await codeOf(acting(system, (act) => fileLeak(act, leak)))).toBe("evidence.operators_only")
        expect(await codeOf(acting(ines, (act) => readEvidence(act, newId())))).toBe("evidence.unknown")
    })

    test("as much as can be kept is kept", async () => {
        const content = Buffer.alloc(contentBytesMax, "ab ")
        const id = await acting(ines, (act) => fileLeak(act, { ...leak, content }))
        expect(await acting(ines, (act) => evidenceOf(act, id))).toMatchObject({ size: contentBytesMax })
    })
})

describe("over HTTP", () => {
    const filing = { kind: "leak", name: "a.txt", source: "a site", seenAt: "2025-07-09T00:00:00Z", clock: "unknown" }

    async function post(body: Record<string, unknown>): Promise<unknown> {
        const found = routes.find((one) => one.method === "POST")
        if (!found?.body) throw new Error("no such route")
        if (!Check(found.body, body)) return "request.invalid"
        const input = { body, params: {}, query: {}, credential: null }
        return await codeOf(
            acting(ines, (act) => found.handler({ ...act, ...input } as Act & Input<never, never, never>)),
        )
    }

    test.each([
        ["a text", { content: "grüezi" }, "done"],
        ["a file", { content: "Z3LDvGV6aQ==", encoding: "base64" }, "done"],
        ["no content", {}, "evidence.empty"],
        ["half a character", { content: "a\ud800b" }, "evidence.not_text"],
        ["a file of bytes", { content: "/w==", encoding: "base64" }, "evidence.not_text"],
        ["no Base64", { content: "Z3L%", encoding: "base64" }, "evidence.bad_base64"],
        ["a time without an offset", { content: "a", seenAt: "2025-07-09T00:00:00" }, "instant.invalid"],
        ["an unknown field", { content: "a", verdict: "guilty" }, "request.invalid"],
        ["an exploitation of nothing", { kind: "exploitation" }, "evidence.needs_case"],
        ["a clock of no quality", { content: "a", clock: "fine" }, "request.invalid"],
    ])("%s", async (_, body, code) => {
        expect(await post({ ...filing, ...body })).toBe(code)
    })

    test("an exploitation has no content", async () => {
        const body = { ...filing, kind: "exploitation", case: caseId, content: "a" }
        expect(await post(body)).toBe("evidence.no_content")
    })
})
