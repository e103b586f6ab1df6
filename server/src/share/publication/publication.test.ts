/** Tests on a real database what becomes public of a case, when, and with how many statements. */
import { createHash } from "node:crypto"
import { createMessage, readKey, readSignature, verify } from "openpgp"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { type Program, releaseWaveNow, newCase, createProgram } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { csafVersions, publicCollection } from "@tocsin/formats/csaf/document"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { Db, Tx } from "../../platform/postgres/db.ts"
import { handleNextEvent } from "../../kernel/worker.ts"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import type { ArtifactClass, Tlp } from "../artifacts/artifact.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { openCase, reviseCase } from "../cases/actions/open-case.ts"
import { agreeEmbargo, terminateEmbargo, endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { planWaves } from "../waves/actions.ts"
import {
    loadAtomFeed,
    loadDirectory,
    loadLines,
    loadProviderMetadata,
    loadListPage,
    findPublicDocument,
    findPublicKeyText,
    loadRolieFeed,
    findYearDirectory,
} from "./actions/read-public.ts"
import { correctAdvisory, publishCase } from "./actions/publish-case.ts"
import { createPublisherKey } from "../../trust/publisher-keys/actions/publisher-key.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")
const path = (n: number) => `/csaf/white/2025/nl-2025-${String(n).padStart(4, "0")}.json`

let world: Program
beforeAll(async () => {
    world = await createProgram()
}, 120_000)
afterAll(() => world.database.close())
beforeEach(() => {
    world.clock.now = parseInstant("2025-06-23T00:00:00Z")
})

async function handleEvents(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}

async function endAt(caseId: string, at = publication): Promise<void> {
    world.clock.now = at
    await world.acting(world.author, (ctx) => endEmbargo(ctx, caseId))
}

async function text(subject: string, kind: ArtifactClass, tlp: Tlp, name: string, content: string): Promise<string> {
    const input = {
        case: subject,
        class: kind,
        tlp,
        pap: tlp === "RED" ? ("RED" as const) : ("AMBER" as const),
        name,
        content,
    }
    return await world.acting(world.author, (ctx) => addArtifact(ctx, input))
}

const findDocument = async (at: string) => await world.acting(world.author, (ctx) => findPublicDocument(ctx, at))
const csaf = async (at: string) => JSON.parse((await findDocument(at))?.text ?? "null")
/** All public lists. */
const run = async () =>
    await world.acting(world.author, async (ctx) => [
        await loadAtomFeed(ctx),
        await loadListPage(ctx),
        await loadRolieFeed(ctx, "2.0"),
        await loadRolieFeed(ctx, "2.1"),
        await loadLines(ctx, "index"),
        await loadLines(ctx, "changes_2.0"),
        await loadProviderMetadata(ctx, "2.0"),
    ])

describe("a case", () => {
    test("is public once its embargo has ended, and not before", async () => {
        const before = await run()
        const subject = await newCase(world, "toolshell")
        await handleEvents()
        expect(await run()).toEqual(before)
        await world.acting(world.author, (ctx) => publishCase(ctx, subject))
        expect(await run()).toEqual(before)
        await endAt(subject)
        expect(await run()).toEqual(before)
        await handleEvents()
        const { document } = await csaf(path(1))
        expect(document.tracking.initial_release_date).toBe("2025-07-08T17:00:00Z")
        expect(document.notes).toHaveLength(1)
        await world.acting(world.author, (ctx) => publishCase(ctx, subject))
        expect((await listEvents(world.database)).filter(({ kind }) => kind === "advisory.published")).toHaveLength(1)
    })

    test("that was closed before is never published", async () => {
        const before = await run()
        const subject = await newCase(world, "bypass")
        await world.acting(world.author, (ctx) => closeCase(ctx, subject, "cancelled", "nothing was wrong"))
        world.clock.now = publication + dayMs
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => endEmbargo(ctx, subject)))).toBe(
            "case.closed",
        )
        await world.acting(world.author, (ctx) => publishCase(ctx, subject))
        await handleEvents()
        expect(await run()).toEqual(before)
    })

    test("is published when its embargo is terminated", async () => {
        const subject = await newCase(world, "bypass")
        world.clock.now = publication - dayMs
        await world.acting(world.author, (ctx) => terminateEmbargo(ctx, subject, "it leaked"))
        await endAt(subject, world.clock.now)
        await handleEvents()
        expect((await csaf(path(2))).document.tracking.initial_release_date).toBe("2025-07-07T17:00:00Z")
    })

    test("is published with the summaries and guidance that waves opened to more than single people", async () => {
        const subject = await newCase(world, "bypass")
        const opened = [
            await text(subject, "summary", "AMBER", "summary.md", "# Said to all"),
            await text(subject, "guidance", "AMBER", "guidance.md", "Update."),
            await text(subject, "guidance", "RED", "red.md", "For few."),
            await text(subject, "technical", "AMBER", "technical.md", "How it works."),
        ]
        await text(subject, "summary", "AMBER", "later.md", "Never opened.")
        const recalled = await text(subject, "guidance", "AMBER", "wrong.md", "Wrong advice.")
        await releaseWaveNow(world, subject, "publication", [...opened, recalled])
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, recalled, { version: null, reason: "it was wrong" }),
        )
        await endAt(subject)
        await handleEvents()
        const { document } = await csaf(path(3))
        expect(document.notes.map((note: { text: string }) => note.text)).toEqual(["# Said to all", "Update."])
    })
})

describe("a document", () => {
    test("has the hashes and the signature of the served bytes", async () => {
        const bytes = (await findDocument(path(1)))?.text ?? ""
        const hash = (name: string) => createHash(name).update(bytes, "utf8").digest("hex")
        expect((await findDocument(`${path(1)}.sha256`))?.text).toBe(`${hash("sha256")}  nl-2025-0001.json\n`)
        expect((await findDocument(`${path(1)}.sha512`))?.text).toBe(`${hash("sha512")}  nl-2025-0001.json\n`)
        const key = await readKey({
            armoredKey: (await world.acting(world.author, (ctx) => findPublicKeyText(ctx)))?.text ?? "",
        })
        const checked = await verify({
            message: await createMessage({ binary: Buffer.from(bytes) }),
            signature: await readSignature({ armoredSignature: (await findDocument(`${path(1)}.asc`))?.text ?? "" }),
            verificationKeys: key,
            date: new Date(publication),
        })
        await expect(checked.signatures[0]?.verified).resolves.toBe(true)
        const { text } = await world.acting(world.author, (ctx) => loadProviderMetadata(ctx, "2.0"))
        expect(text).toContain(key.getFingerprint().toUpperCase())
    })

    test("is corrected by a revision, and keeps its older bytes", async () => {
        const subject = await newCase(world, "toolshell")
        await endAt(subject)
        await handleEvents()
        const old = (await findDocument(path(4)))?.text
        world.clock.now += dayMs
        const { title: _, ...facts } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
        const { vulnerabilities, finder } = facts
        const details = { title: "Said better", vulnerabilities, finder }
        await world.acting(world.author, (ctx) => reviseCase(ctx, subject, details))
        await handleEvents()
        const { document } = await csaf(path(4))
        expect(document.title).toBe("Said better")
        expect(document.tracking.version).toBe("2")
        expect(document.tracking.initial_release_date).toBe("2025-07-08T17:00:00Z")
        expect(document.tracking.revision_history.map((item: { summary: string }) => item.summary)).toEqual([
            "Published.",
            "Corrected: title.",
        ])
        const kept = await world.database.db.transaction((tx) =>
            tx.query<{ body: string }>("select body from advisory_documents where path = $1 order by revision", [
                path(4),
            ]),
        )
        expect(kept.map(({ body }) => body)[0]).toBe(old)
        expect(kept).toHaveLength(2)
        const [changes = ""] = String(
            (await world.acting(world.author, (ctx) => loadLines(ctx, "changes_2.0"))).bytes,
        ).split("\r\n")
        expect(changes).toBe(`"2025/nl-2025-0004.json","2025-07-09T17:00:00Z"`)
    })

    test("that would not change gets no revision", async () => {
        const subject = await newCase(world, "toolshell")
        await endAt(subject)
        await handleEvents()
        const before = await csaf(path(5))
        world.clock.now += dayMs
        const { title, vulnerabilities } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
        const details = { title, vulnerabilities, finder: "somebody else" }
        await world.acting(world.author, (ctx) => reviseCase(ctx, subject, details))
        await handleEvents()
        await world.acting(world.author, (ctx) => correctAdvisory(ctx, subject))
        expect(await csaf(path(5))).toEqual(before)
    })

    test("credits its finder as the case says, from then on", async () => {
        const subject = await newCase(world, "toolshell")
        await endAt(subject)
        await handleEvents()
        expect((await csaf(path(6))).document.acknowledgments).toBeUndefined()
        world.clock.now += dayMs
        const { title, vulnerabilities, finder } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
        const details = { title, vulnerabilities, finder, credit: "A Kind Finder" }
        await world.acting(world.author, (ctx) => reviseCase(ctx, subject, details))
        await handleEvents()
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
        queryAtCommit: (sql, values) => {
            onQuery(sql)
            tx.queryAtCommit(sql, values)
        },
    })
    return { ...db, transaction: (work_) => db.transaction((tx) => work_(watched(tx))) }
}

describe("a list", () => {
    test("is built once after each publication, and then served after reading one number", async () => {
        const requests: string[] = []
        const db = watching(world.services.db, (sql) => requests.push(sql))
        const services = { ...world.services, db }
        const read = async () =>
            await db.transaction(async (tx) =>
                String((await loadRolieFeed({ tx, now: world.clock.now, services, actor: world.author }, "2.0")).bytes),
            )
        const first = await read()
        requests.length = 0
        expect(await read()).toBe(first)
        expect(requests).toEqual([expect.stringContaining("select generation from advisories")])
        const subject = await newCase(world, "toolshell")
        await endAt(subject)
        await handleEvents()
        const next = await read()
        expect(JSON.parse(next).feed.entry).toHaveLength(JSON.parse(first).feed.entry.length + 1)
        world.clock.now += dayMs
        const { vulnerabilities, finder } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
        const details = { title: "Said anew", vulnerabilities, finder }
        await world.acting(world.author, (ctx) => reviseCase(ctx, subject, details))
        await handleEvents()
        expect(await read()).toContain("Said anew")
    })
})

test.each(csafVersions)(
    "names each document of %s once: changes.csv newest change first, by the document's date",
    async (version) => {
        const [index, changes, folder, year] = await world.acting(world.author, async (ctx) => [
            String((await loadLines(ctx, "index")).bytes),
            String((await loadLines(ctx, `changes_${version}`)).bytes),
            String((await loadDirectory(ctx, version, `${publicCollection(version).folder}/`)).bytes),
            String((await findYearDirectory(ctx, version, "2025"))?.bytes),
        ])
        const under = publicCollection(version).folder
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ path: string }>("select distinct path from advisory_documents where path like $1", [
                `${under}/%`,
            ]),
        )
        const files = rows.map(({ path: at }) => at.slice(under.length + 1)).toSorted()
        expect(files.length).toBeGreaterThan(3)
        expect(index?.split("\n").slice(0, -1).toSorted()).toEqual(files)
        const notified = (changes ?? "")
            .split("\r\n")
            .slice(0, -1)
            .map((line) => line.replaceAll('"', "").split(","))
        expect(notified.map(([file]) => file).toSorted()).toEqual(files)
        const dates: string[] = []
        for (const [file = "", date = ""] of notified) {
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

test("an invalid document is not published, whichever format is invalid, until it is corrected", async () => {
    const subject = await newCase(world, "toolshell")
    await endAt(subject)
    const before = await run()
    const { publisherSettings } = world.services
    const services = { ...world.services, publisherSettings: { ...publisherSettings, name: " " } }
    const publishAs = (its_: typeof services) =>
        world.services.db.transaction((tx) =>
            publishCase({ tx, now: world.clock.now, services: its_, actor: world.author }, subject),
        )
    const refused = publishAs(services).then(
        () => null,
        (error: Error & { code: string }) => error,
    )
    expect(await refused).toMatchObject({
        code: "publication.not_valid",
        message: expect.stringContaining("schema: /document/publisher/name"),
    })
    expect(await run()).toEqual(before)
    await handleEvents()
    expect(await run()).not.toEqual(before)
})

test("a year without documents reads and caches nothing, however often it is requested", async () => {
    const requests: string[] = []
    const services = { ...world.services, db: watching(world.services.db, (sql) => requests.push(sql)) }
    const years = Array.from({ length: 50 }, (_, n) => String(2026 + n * 100).padStart(4, "0"))
    for (const year of [...years, ...years]) {
        const folder = await services.db.transaction((tx) =>
            findYearDirectory({ tx, now: world.clock.now, services, actor: world.author }, "2.0", year),
        )
        expect(folder).toBeNull()
    }
    expect(requests.filter((sql) => sql.includes("advisory_entries"))).toEqual([])
})

describe("the key", () => {
    test("is not created by a read", async () => {
        const fresh = await createProgram()
        const [publicText, text] = await fresh.acting(fresh.author, async (ctx) => [
            await loadProviderMetadata(ctx, "2.0"),
            await findPublicKeyText(ctx),
        ])
        expect(JSON.parse(publicText?.text ?? "")).toMatchObject({ role: "csaf_provider" })
        expect(publicText?.text).not.toContain("openpgp")
        expect(text).toBeNull()
        await fresh.acting(fresh.author, createPublisherKey)
        await fresh.acting(fresh.author, createPublisherKey)
        const made = (await listEvents(fresh.database)).filter(({ kind }) => kind === "publisher.key_created")
        expect(made).toHaveLength(1)
        const { text: signed } = await fresh.acting(fresh.author, (ctx) => loadProviderMetadata(ctx, "2.0"))
        expect(JSON.parse(signed)).toMatchObject({ role: "csaf_trusted_provider" })
        await fresh.database.close()
    })
})

describe("publishing", () => {
    test.each(["advisory_documents", "advisory_entries", "delete from pending_events"])(
        "that stops at `%s` leaves nothing, and is done again",
        async (at) => {
            const subject = await newCase(world, "toolshell")
            await endAt(subject)
            const before = await run()
            const errors: string[] = []
            const dying = watching(world.services.db, (sql) => {
                if (sql.includes(at)) throw new Error("the database is gone")
            })
            const log = { ...console, error: (kind: string) => void errors.push(kind) }
            const services = { ...world.services, db: dying, log }
            for (let n = 0; n < 4; n++) await handleNextEvent(services, eventHandlers)
            expect(errors).not.toEqual([])
            expect(await run()).toEqual(before)
            await world.services.db.transaction((tx) =>
                tx.query("update pending_events set due_at = clock_timestamp()"),
            )
            await handleEvents()
            expect(await run()).not.toEqual(before)
        },
    )

    test("takes as many statements with sixty published documents as with none", async () => {
        const fresh = await createProgram()
        const counts: number[] = []
        let counted = 0
        const db = watching(fresh.services.db, () => counted++)
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
            const acting = await fresh.acting(fresh.author, async (ctx) => {
                const id = await openCase(ctx, { title: "One of many", vulnerabilities, finder: "" })
                await agreeEmbargo(ctx, id, ctx.now + dayMs)
                await planWaves(ctx, id)
                return id
            })
            fresh.clock.now += dayMs
            await fresh.acting(fresh.author, (ctx) => endEmbargo(ctx, acting))
            counted = 0
            await db.transaction((tx) =>
                publishCase({ tx, now: fresh.clock.now, services: fresh.services, actor: fresh.author }, acting),
            )
            counts.push(counted)
        }
        expect(counts[59]).toBe(counts[1])
        expect(counts[1]).toBeLessThanOrEqual(40)
        const { bytes } = await fresh.acting(fresh.author, (ctx) => loadRolieFeed(ctx, "2.0"))
        expect(JSON.parse(String(bytes)).feed.entry).toHaveLength(60)
        await fresh.database.close()
    }, 120_000)
})
