/** What is public of a case, when, and what it costs, over a real database. */
import { createHash } from "node:crypto"
import { createMessage, readKey, readSignature, verify } from "openpgp"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { type Program, fall, newCase, program } from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { csafVersions, publicCollection } from "../../lib/csaf.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import type { Db, Tx } from "../../platform/db.ts"
import { runNext } from "../../platform/worker.ts"
import { addArtifact } from "../artifacts/actions.ts"
import type { ArtifactClass, Tlp } from "../artifacts/artifact.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { caseFile, closeCase, openCase, reviseCase } from "../cases/actions.ts"
import { agreeEmbargo, breakEmbargo, endEmbargo } from "../cases/actions/embargo.ts"
import { planWaves } from "../waves/actions.ts"
import {
    atom,
    directory,
    lines,
    metadata,
    pageOfAll,
    publicDocument,
    publicKeyText,
    rolie,
    yearDirectory,
} from "./actions/public.ts"
import { correctAdvisory, publishCase } from "./actions/publishing.ts"
import { makePublisherKey } from "./actions/signing.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")
const path = (n: number) => `/csaf/white/2025/nl-2025-${String(n).padStart(4, "0")}.json`

let its: Program
beforeAll(async () => {
    its = await program()
}, 120_000)
afterAll(() => its.database.close())
beforeEach(() => {
    its.clock.now = parseInstant("2025-06-23T00:00:00Z")
})

async function work(): Promise<void> {
    while (await runNext(its.doors, flow));
}

async function end(caseId: string, at = publication): Promise<void> {
    its.clock.now = at
    await its.acting(its.author, (act) => endEmbargo(act, caseId))
}

async function text(of: string, kind: ArtifactClass, tlp: Tlp, name: string, content: string): Promise<string> {
    const input = {
        case: of,
        class: kind,
        tlp,
        pap: tlp === "RED" ? ("RED" as const) : ("AMBER" as const),
        name,
        content,
    }
    return await its.acting(its.author, (act) => addArtifact(act, input))
}

const got = async (at: string) => await its.acting(its.author, (act) => publicDocument(act, at))
const csaf = async (at: string) => JSON.parse((await got(at))?.text ?? "null")
/** Everything that a stranger may read of lists. */
const all = async () =>
    await its.acting(its.author, async (act) => [
        await atom(act),
        await pageOfAll(act),
        await rolie(act, "2.0"),
        await rolie(act, "2.1"),
        await lines(act, "index"),
        await lines(act, "changes 2.0"),
        await metadata(act, "2.0"),
    ])

describe("a case", () => {
    test("is public once its embargo has ended, and no part of it before", async () => {
        const before = await all()
        const of = await newCase(its, "toolshell")
        await work()
        expect(await all()).toEqual(before)
        await its.acting(its.author, (act) => publishCase(act, of))
        expect(await all()).toEqual(before)
        await end(of)
        expect(await all()).toEqual(before)
        await work()
        const { document } = await csaf(path(1))
        expect(document.tracking.initial_release_date).toBe("2025-07-08T17:00:00Z")
        expect(document.notes).toHaveLength(1)
        await its.acting(its.author, (act) => publishCase(act, of))
        expect((await recorded(its.database)).filter(({ kind }) => kind === "advisory.published")).toHaveLength(1)
    })

    test("that was closed before is never published", async () => {
        const before = await all()
        const of = await newCase(its, "bypass")
        await its.acting(its.author, (act) => closeCase(act, of, "cancelled", "nothing was wrong"))
        its.clock.now = publication + dayMs
        expect(await codeOf(its.acting(its.author, (act) => endEmbargo(act, of)))).toBe("case.closed")
        await its.acting(its.author, (act) => publishCase(act, of))
        await work()
        expect(await all()).toEqual(before)
    })

    test("whose embargo was broken is published then", async () => {
        const of = await newCase(its, "bypass")
        its.clock.now = publication - dayMs
        await its.acting(its.author, (act) => breakEmbargo(act, of, "it leaked"))
        await end(of, its.clock.now)
        await work()
        expect((await csaf(path(2))).document.tracking.initial_release_date).toBe("2025-07-07T17:00:00Z")
    })

    test("is told in summaries and guidance that waves opened, and that are for more than single persons", async () => {
        const of = await newCase(its, "bypass")
        const opened = [
            await text(of, "summary", "AMBER", "summary.md", "# Said to all"),
            await text(of, "guidance", "AMBER", "guidance.md", "Update."),
            await text(of, "guidance", "RED", "red.md", "For few."),
            await text(of, "technical", "AMBER", "technical.md", "How it works."),
        ]
        await text(of, "summary", "AMBER", "later.md", "Never opened.")
        const recalled = await text(of, "guidance", "AMBER", "wrong.md", "Wrong advice.")
        await fall(its, of, "publication", [...opened, recalled])
        await its.acting(its.author, (act) => recallArtifact(act, recalled, { version: null, reason: "it was wrong" }))
        await end(of)
        await work()
        const { document } = await csaf(path(3))
        expect(document.notes.map((one: { text: string }) => one.text)).toEqual(["# Said to all", "Update."])
    })
})

describe("a document", () => {
    test("has the hashes and the signature of the very bytes that are served", async () => {
        const bytes = (await got(path(1)))?.text ?? ""
        const hash = (name: string) => createHash(name).update(bytes, "utf8").digest("hex")
        expect((await got(`${path(1)}.sha256`))?.text).toBe(`${hash("sha256")}  nl-2025-0001.json\n`)
        expect((await got(`${path(1)}.sha512`))?.text).toBe(`${hash("sha512")}  nl-2025-0001.json\n`)
        const key = await readKey({ armoredKey: (await its.acting(its.author, publicKeyText))?.text ?? "" })
        const checked = await verify({
            message: await createMessage({ binary: Buffer.from(bytes) }),
            signature: await readSignature({ armoredSignature: (await got(`${path(1)}.asc`))?.text ?? "" }),
            verificationKeys: key,
            date: new Date(publication),
        })
        await expect(checked.signatures[0]?.verified).resolves.toBe(true)
        const { text: told } = await its.acting(its.author, (act) => metadata(act, "2.0"))
        expect(told).toContain(key.getFingerprint().toUpperCase())
    })

    test("is corrected by a revision, and its older bytes are kept", async () => {
        const of = await newCase(its, "toolshell")
        await end(of)
        await work()
        const old = (await got(path(4)))?.text
        its.clock.now += dayMs
        const { title: _, ...facts } = await its.acting(its.author, (act) => caseFile(act, of))
        const { vulnerabilities, finder } = facts
        const details = { title: "Said better", vulnerabilities, finder }
        await its.acting(its.author, (act) => reviseCase(act, of, details))
        await work()
        const { document } = await csaf(path(4))
        expect(document.title).toBe("Said better")
        expect(document.tracking.version).toBe("2")
        expect(document.tracking.initial_release_date).toBe("2025-07-08T17:00:00Z")
        expect(document.tracking.revision_history.map((one: { summary: string }) => one.summary)).toEqual([
            "Published.",
            "Corrected: title.",
        ])
        const kept = await its.database.db.transaction((tx) =>
            tx.query<{ body: string }>("select body from advisory_documents where path = $1 order by revision", [
                path(4),
            ]),
        )
        expect(kept.map(({ body }) => body)[0]).toBe(old)
        expect(kept).toHaveLength(2)
        const [changes = ""] = String((await its.acting(its.author, (act) => lines(act, "changes 2.0"))).bytes).split(
            "\r\n",
        )
        expect(changes).toBe(`"2025/nl-2025-0004.json","2025-07-09T17:00:00Z"`)
    })

    test("that would tell the same gets no revision", async () => {
        const of = await newCase(its, "toolshell")
        await end(of)
        await work()
        const before = await csaf(path(5))
        its.clock.now += dayMs
        const { title, vulnerabilities } = await its.acting(its.author, (act) => caseFile(act, of))
        const details = { title, vulnerabilities, finder: "somebody else" }
        await its.acting(its.author, (act) => reviseCase(act, of, details))
        await work()
        await its.acting(its.author, (act) => correctAdvisory(act, of))
        expect(await csaf(path(5))).toEqual(before)
    })

    test("names its finder as the case says they may be, from then on", async () => {
        const of = await newCase(its, "toolshell")
        await end(of)
        await work()
        expect((await csaf(path(6))).document.acknowledgments).toBeUndefined()
        its.clock.now += dayMs
        const { title, vulnerabilities, finder } = await its.acting(its.author, (act) => caseFile(act, of))
        const details = { title, vulnerabilities, finder, credit: "A Kind Finder" }
        await its.acting(its.author, (act) => reviseCase(act, of, details))
        await work()
        const { document } = await csaf(path(6))
        expect(document.acknowledgments).toEqual([{ names: ["A Kind Finder"] }])
        expect(document.tracking.revision_history.at(-1).summary).toBe("Corrected: acknowledgement.")
        expect(JSON.stringify(document)).not.toContain(finder)
    })
})

/** A database that fails at a statement, and one that counts them. */
function watching(db: Db, onQuery: (sql: string) => void): Db {
    const watched = (tx: Tx): Tx => ({
        ...tx,
        query: async (sql, values) => {
            onQuery(sql)
            return await tx.query(sql, values)
        },
        finish: (sql, values) => {
            onQuery(sql)
            tx.finish(sql, values)
        },
    })
    return { ...db, transaction: (work_) => db.transaction((tx) => work_(watched(tx))) }
}

describe("a list", () => {
    test("is made once after each publication, and is then there for one look at a number", async () => {
        const asked: string[] = []
        const db = watching(its.doors.db, (sql) => asked.push(sql))
        const doors = { ...its.doors, db }
        const read = async () =>
            await db.transaction(async (tx) =>
                String((await rolie({ tx, now: its.clock.now, doors, actor: its.author }, "2.0")).bytes),
            )
        const first = await read()
        asked.length = 0
        expect(await read()).toBe(first)
        expect(asked).toEqual([expect.stringContaining("select generation from advisories")])
        const of = await newCase(its, "toolshell")
        await end(of)
        await work()
        const next = await read()
        expect(JSON.parse(next).feed.entry).toHaveLength(JSON.parse(first).feed.entry.length + 1)
        its.clock.now += dayMs
        const { vulnerabilities, finder } = await its.acting(its.author, (act) => caseFile(act, of))
        const details = { title: "Said anew", vulnerabilities, finder }
        await its.acting(its.author, (act) => reviseCase(act, of, details))
        await work()
        expect(await read()).toContain("Said anew")
    })
})

test.each(csafVersions)(
    "names each document of %s once: changes.csv the last changed first, by its own date",
    async (version) => {
        const [index, changes, folder, year] = await its.acting(its.author, async (act) => [
            String((await lines(act, "index")).bytes),
            String((await lines(act, `changes ${version}`)).bytes),
            String((await directory(act, version, `${publicCollection(version).folder}/`)).bytes),
            String((await yearDirectory(act, version, "2025"))?.bytes),
        ])
        const under = publicCollection(version).folder
        const rows = await its.database.db.transaction((tx) =>
            tx.query<{ path: string }>("select distinct path from advisory_documents where path like $1", [
                `${under}/%`,
            ]),
        )
        const files = rows.map(({ path: at }) => at.slice(under.length + 1)).toSorted()
        expect(files.length).toBeGreaterThan(3)
        expect(index?.split("\n").slice(0, -1).toSorted()).toEqual(files)
        const told = (changes ?? "")
            .split("\r\n")
            .slice(0, -1)
            .map((line) => line.replaceAll('"', "").split(","))
        expect(told.map(([file]) => file).toSorted()).toEqual(files)
        const dates: string[] = []
        for (const [file = "", date = ""] of told) {
            expect((await csaf(`${under}/${file}`)).document.tracking.current_release_date).toBe(date)
            dates.push(date)
        }
        expect(new Set(dates).size).toBeGreaterThan(2)
        expect(dates.every((date) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(date))).toBe(true)
        expect(dates.map((date) => Date.parse(date))).toEqual(
            dates.map((date) => Date.parse(date)).toSorted((a, b) => b - a),
        )
        expect(folder).toContain('href="2025/"')
        for (const file of files) expect(year).toContain(`href="${file.slice("2025/".length)}"`)
    },
)

test("what is no valid document is not published, whichever form is at fault, until it is corrected", async () => {
    const of = await newCase(its, "toolshell")
    await end(of)
    const before = await all()
    const { publishing } = its.doors
    const doors = { ...its.doors, publishing: { ...publishing, name: " " } }
    const publishAs = (its_: typeof doors) =>
        its.doors.db.transaction((tx) => publishCase({ tx, now: its.clock.now, doors: its_, actor: its.author }, of))
    const refused = publishAs(doors).then(
        () => null,
        (error: Error & { code: string }) => error,
    )
    expect(await refused).toMatchObject({
        code: "publication.not_valid",
        message: expect.stringContaining("schema: /document/publisher/name"),
    })
    expect(await all()).toEqual(before)
    await work()
    expect(await all()).not.toEqual(before)
})

test("of a year without documents nothing is read and nothing kept, however many are asked for", async () => {
    const asked: string[] = []
    const doors = { ...its.doors, db: watching(its.doors.db, (sql) => asked.push(sql)) }
    const years = Array.from({ length: 50 }, (_, n) => String(2026 + n * 100).padStart(4, "0"))
    for (const year of [...years, ...years]) {
        const folder = await doors.db.transaction((tx) =>
            yearDirectory({ tx, now: its.clock.now, doors, actor: its.author }, "2.0", year),
        )
        expect(folder).toBeNull()
    }
    expect(asked.filter((sql) => sql.includes("advisory_entries"))).toEqual([])
})

describe("the key", () => {
    test("is made by nobody who reads", async () => {
        const fresh = await program()
        const [told, text] = await fresh.acting(fresh.author, async (act) => [
            await metadata(act, "2.0"),
            await publicKeyText(act),
        ])
        expect(JSON.parse(told?.text ?? "")).toMatchObject({ role: "csaf_provider" })
        expect(told?.text).not.toContain("openpgp")
        expect(text).toBeNull()
        await fresh.acting(fresh.author, makePublisherKey)
        await fresh.acting(fresh.author, makePublisherKey)
        const made = (await recorded(fresh.database)).filter(({ kind }) => kind === "publisher.key_created")
        expect(made).toHaveLength(1)
        const { text: signed } = await fresh.acting(fresh.author, (act) => metadata(act, "2.0"))
        expect(JSON.parse(signed)).toMatchObject({ role: "csaf_trusted_provider" })
        await fresh.database.close()
    })
})

describe("publishing", () => {
    test.each(["advisory_documents", "advisory_entries", "delete from pending_events"])(
        "that dies at `%s` leaves nothing behind, and is done again",
        async (at) => {
            const of = await newCase(its, "toolshell")
            await end(of)
            const before = await all()
            const errors: string[] = []
            const dying = watching(its.doors.db, (sql) => {
                if (sql.includes(at)) throw new Error("the database is gone")
            })
            const log = { ...console, error: (what: string) => void errors.push(what) }
            const doors = { ...its.doors, db: dying, log }
            for (let n = 0; n < 4; n++) await runNext(doors, flow)
            expect(errors).not.toEqual([])
            expect(await all()).toEqual(before)
            await its.doors.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))
            await work()
            expect(await all()).not.toEqual(before)
        },
    )

    test("takes as many statements with sixty documents published as with none", async () => {
        const fresh = await program()
        const counts: number[] = []
        let counted = 0
        const db = watching(fresh.doors.db, () => counted++)
        for (let n = 0; n < 60; n++) {
            const vulnerabilities = [
                {
                    cve: `CVE-2025-${10_000 + n}`,
                    cwe: "CWE-79",
                    products: [],
                    score: 8.8,
                    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
                },
            ]
            const of = await fresh.acting(fresh.author, async (act) => {
                const id = await openCase(act, { title: "One of many", vulnerabilities, finder: "" })
                await agreeEmbargo(act, id, act.now + dayMs)
                await planWaves(act, id)
                return id
            })
            fresh.clock.now += dayMs
            await fresh.acting(fresh.author, (act) => endEmbargo(act, of))
            counted = 0
            await db.transaction((tx) =>
                publishCase({ tx, now: fresh.clock.now, doors: fresh.doors, actor: fresh.author }, of),
            )
            counts.push(counted)
        }
        expect(counts[59]).toBe(counts[1])
        expect(counts[1]).toBeLessThanOrEqual(40)
        const { bytes } = await fresh.acting(fresh.author, (act) => rolie(act, "2.0"))
        expect(JSON.parse(String(bytes)).feed.entry).toHaveLength(60)
        await fresh.database.close()
    }, 120_000)
})
