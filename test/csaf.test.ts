/**
 * CSAF as a partner's tool reads it: signed, identical for all its readers, without facts about other cases. Recalls
 * and inquiries know each delivery.
 */
import { writeRows } from "./support/change-notes.ts"
import { createHash } from "node:crypto"
import { createMessage, readKey, readSignature, verify } from "openpgp"
import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { reviseArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../server/src/share/cases/actions/load-case.ts"
import { closeCase } from "../server/src/share/cases/actions/close-case.ts"
import { reviseCase } from "../server/src/share/cases/actions/open-case.ts"
import { moveEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import {
    listContactsBefore,
    listCopyCommitments,
    listDeliveredVersions,
} from "../server/src/share/delivery/actions/list-exposure.ts"
import { listWarnings } from "../server/src/share/delivery/actions/project-warnings.ts"
import { createPublisherKey } from "../server/src/trust/publisher-keys/actions/publisher-key.ts"
import { listEvents, system } from "./support/actors.ts"
import { publicly, publish, three, write as writeCase } from "./attacks/three-partners.ts"
import { type TestDatabase, createDatabase } from "./support/database.ts"
import { type Portal, openPortal, programOverCopy, createToken } from "./support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "./support/program.ts"
import { feedSchema, serviceSchema } from "./support/rolie-schema.ts"

/** All waves of the case are released by then, by its schedule. */
const opened = parseInstant("2025-07-04T17:00:00Z")
/** All texts of these cases are TLP:RED. */
const folder = "/csaf/partner/red"
const lists = [`${folder}/feed-red.json`, `${folder}/index.txt`, `${folder}/changes.csv`, `${folder}/`]

type Loose = ReturnType<typeof JSON.parse>

async function get({ app }: Portal, token: string, url: string) {
    const authorization = `Basic ${Buffer.from(`machine:${token}`).toString("base64")}`
    return await app.inject({ method: "GET", url, headers: { authorization } })
}

/** Lists the files that the folder's index names. */
async function filesOf(portal: Portal, token: string): Promise<string[]> {
    const { body } = await get(portal, token, `${folder}/index.txt`)
    return body.trim().split("\n")
}

async function write(world: Program, texts: readonly ("summary" | "guidance")[] = ["summary", "guidance"]) {
    const subject = await newCase(world, "toolshell")
    const artifacts: string[] = []
    for (const text of texts) artifacts.push(await newArtifact(world, subject, text, `toolshell/${text}.md`))
    await releaseWaveNow(world, subject, "validate", artifacts)
    return { of: subject, artifacts }
}

describe("the answers for one partner", () => {
    let world: Program
    let token: string
    let others: string
    let copies: TestDatabase[]
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        await world.acting(system, createPublisherKey)
        const partner = await newPartner(world, "advance")
        const other = await newPartner(world, "validate")
        const { of: subject, artifacts } = await write(world)
        await releaseWaveNow(world, subject, "advance", artifacts)
        token = await createToken(world, partner)
        others = await createToken(world, other)
        await world.database.db.close()
        copies = [await createDatabase(world.database.name), await createDatabase(world.database.name)]
    })
    afterAll(async () => {
        for (const copy of copies) await copy.close()
        await world.database.drop()
    })

    test("F-04 are byte for byte the same with and without a case for other partners", async () => {
        const [without, beside] = copies.map((database) => programOverCopy(world, database))
        if (!without || !beside) throw new Error("there are two copies")
        await write(beside)
        const answers = [await answersOf(without), await answersOf(beside)]
        expect(JSON.stringify(answers[0])).toContain("BEGIN PGP SIGNATURE")
        expect(answers[1]).toEqual(answers[0])
    })

    /** The other partner reads first, and reads more in the one copy than in the other. */
    async function answersOf(program: Program): Promise<unknown[]> {
        const portal = await openPortal(program)
        for (const file of await filesOf(portal, others)) await get(portal, others, `${folder}/${file}`)
        const [file = ""] = await filesOf(portal, token)
        const paths = [
            "/csaf/partner/provider-metadata.json",
            "/csaf/partner/service.json",
            ...lists,
            ...["", ".sha256", ".sha512", ".asc", ".asc.asc"].map((ending) => `${folder}/${file}${ending}`),
            "/csaf/partner/v2.1/provider-metadata.json",
            `/csaf/partner/v2.1/red/${file}`,
            `${folder}/2025/nl-nothing.json`,
            "/csaf/partner/amber/index.txt",
            `/csaf/partner/amber/${file}`,
        ]
        const answers = []
        for (const path of paths) answers.push(await get(portal, token, path))
        await portal.app.close()
        expect(portal.faults).toEqual([])
        return answers.map(({ statusCode, headers: { date: _, ...headers }, body }) => [statusCode, headers, body])
    }
})

describe("a document", () => {
    let world: Program
    let partner: TestPartner
    let portal: Portal
    let token: string
    let subject: string
    let summary: string
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        partner = await newPartner(world, "validate")
        const written = await write(world, ["summary"])
        subject = written.of
        summary = written.artifacts[0] ?? ""
        portal = await openPortal(world)
        token = await createToken(world, partner)
    })
    afterAll(async () => {
        await portal.app.close()
        await world.database.close()
    })

    const read = async (version: "" | "v2.1/" = "") => {
        const [file = ""] = await filesOf(portal, token)
        return await get(portal, token, `/csaf/partner/${version}red/${file}`)
    }
    const version = async (): Promise<string> => (await read()).json<Loose>().document.tracking.version

    test("is unsigned until a key exists, and no read creates one", async () => {
        const [file = ""] = await filesOf(portal, token)
        expect((await get(portal, token, `${folder}/${file}.asc`)).statusCode).toBe(404)
        expect((await get(portal, token, lists[0] ?? "")).body).not.toContain(".asc")
        const kinds = (await listEvents(world.database)).map(({ kind }) => kind)
        expect(kinds).not.toContain("publisher.key_created")
    })

    test("has the hashes and the signature of its exact bytes, repeatedly", async () => {
        await world.acting(system, createPublisherKey)
        const [file = ""] = await filesOf(portal, token)
        const { body } = await get(portal, token, `${folder}/${file}`)
        const name = file.slice(5)
        for (const hash of ["sha256", "sha512"]) {
            const { body: line } = await get(portal, token, `${folder}/${file}.${hash}`)
            expect(line).toBe(`${createHash(hash).update(body).digest("hex")}  ${name}\n`)
        }
        const signature = (await get(portal, token, `${folder}/${file}.asc`)).body
        world.clock.now += 1000
        expect((await get(portal, token, `${folder}/${file}.asc`)).body).toBe(signature)
        const key = await portal.app.inject({ method: "GET", url: "/csaf/openpgp.asc" })
        const checked = await verify({
            message: await createMessage({ binary: Buffer.from(body) }),
            signature: await readSignature({ armoredSignature: signature }),
            verificationKeys: await readKey({ armoredKey: key.body }),
            date: new Date(world.clock.now),
        })
        await expect(checked.signatures[0]?.verified).resolves.toBe(true)
    })

    test("is recorded before it is sent, as one delivery for all its versions", async () => {
        const before = (await listEvents(world.database)).length
        const texts = [(await read()).body, (await read("v2.1/")).body]
        const events = (await listEvents(world.database))
            .slice(before)
            .filter(({ body }) => body["collection"] === "RED document")
        expect(events.map(({ kind }) => kind)).toEqual(["objects.served", "objects.served"])
        expect(events.map(({ body }) => body["page"])).toEqual(
            texts.map((text) => createHash("sha256").update(text).digest("hex")),
        )
        expect(events[0]?.body).toMatchObject({
            channel: "csaf",
            cases: [subject],
            versions: [`${summary}:1`],
            partner: partner.id,
        })
        const { fetched } = await world.acting(system, (ctx) => listContactsBefore(ctx, subject, world.clock.now + 1))
        expect(fetched.map((each) => `${each.artifact}:${each.version}`)).toEqual([`${summary}:1`])
    })

    test("is not an individual copy: a leak of it does not identify the partner", async () => {
        expect(await world.acting(system, (ctx) => listDeliveredVersions(ctx, subject))).toEqual([])
        const row = { artifact: summary, version: 1 }
        expect(await world.acting(system, (ctx) => listCopyCommitments(ctx, row, world.clock.now))).toEqual([])
    })

    test("has a new version for each change, and its feed a new date", async () => {
        const seen = [await version()]
        const feed = async () => (await get(portal, token, lists[0] ?? "")).json<Loose>().feed
        const dates = [(await feed()).updated]
        const note = async (change: () => Promise<unknown>) => {
            world.clock.now += 1000
            await change()
            seen.push(await version())
            dates.push((await feed()).updated)
        }
        const { vulnerabilities, finder } = await world.acting(world.author, (ctx) => loadCaseFile(ctx, subject))
        const details = { title: "Said anew", vulnerabilities, finder }
        await note(() => world.acting(world.author, (ctx) => reviseCase(ctx, subject, details)))
        const later = parseInstant("2025-07-09T17:00:00Z")
        await note(() => world.acting(world.author, (ctx) => moveEmbargo(ctx, subject, later, "not yet")))
        await note(async () => {
            await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Said again"))
            await world.database.db.transaction((tx) =>
                writeRows(tx, "update wave_artifacts set version = 2 where artifact_id = $1", [summary]),
            )
        })
        expect(new Set(seen).size).toBe(4)
        const numbers = seen.map((each) => each.split(".").map(Number))
        expect(numbers).toEqual(numbers.toSorted(([, a = 0, b = 0], [, c = 0, d = 0]) => a - c || b - d))
        expect(dates).toEqual([...new Set(dates)].toSorted())
        const { document, vulnerabilities: notified } = (await read("v2.1/")).json<Loose>()
        expect(document.title).toBe("Said anew: summary")
        expect(document.notes[0].text).toBe("# Said again")
        expect(notified[0].disclosure_date).toBe("2025-07-09T17:00:00Z")
        expect(document.tracking.revision_history).toHaveLength(2)
    })

    test("of a withdrawn case says so", async () => {
        world.clock.now += 1000
        await world.acting(world.author, (ctx) => closeCase(ctx, subject, "withdrawn", "it is none"))
        const { document, vulnerabilities } = (await read("v2.1/")).json<Loose>()
        expect(document.notes.at(-1).text).toContain("Withdrawn at")
        expect(vulnerabilities[0].disclosure_date).toBeUndefined()
    })

    test("disappears after its recall, and its holder is asked to delete it", async () => {
        const [file = ""] = await filesOf(portal, token)
        world.clock.now += dayMs
        await world.acting(world.author, (ctx) => recallArtifact(ctx, summary, { version: null, reason: "wrong" }))
        expect((await get(portal, token, `${folder}/${file}`)).statusCode).toBe(404)
        expect(await filesOf(portal, token)).toEqual([""])
        const [warning] = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
        expect(warning?.recalls).toHaveLength(1)
        expect(portal.faults).toEqual([])
    })
})

describe("feeds", () => {
    let setup: Program
    let portal: Portal
    let token: string
    beforeAll(async () => {
        const world = await three()
        setup = world.its
        token = world.tokens.one
        await writeCase(setup, { name: "mixed", tiers: ["validate"], tlp: { summary: "GREEN" } })
        await publish(setup, await writeCase(setup, { name: "ended", ...publicly(setup), tlp: { summary: "GREEN" } }))
        portal = await openPortal(setup)
    })
    afterAll(async () => {
        await portal.app.close()
        await setup.database.close()
    })

    test.each([
        ["/.well-known/csaf/v2.0/", "/csaf/", ["white/feed-white"]],
        ["/.well-known/csaf/v2.1/", "/csaf/v2.1/", ["clear/feed-clear"]],
        ["/csaf/partner/", "/csaf/partner/", ["../white/feed-white", "amber/feed-amber", "red/feed-red"]],
        [
            "/csaf/partner/v2.1/",
            "/csaf/partner/v2.1/",
            ["../../v2.1/clear/feed-clear", "amber-strict/feed-amber-strict", "red/feed-red"],
        ],
    ])("of %s are in its metadata and its service document, each as CSAF requires", async (under, folder, names) => {
        const service = (await get(portal, token, `${folder}service.json`)).json<Loose>()
        const metadata = (await get(portal, token, `${under}provider-metadata.json`)).json<Loose>()
        expect(new URL(metadata.canonical_url).pathname).toBe(`${under}provider-metadata.json`)
        expect(Check(serviceSchema, service), JSON.stringify(service)).toBe(true)
        const hrefs: string[] = service.service.workspace[0].collection.map(({ href }: Loose) => href)
        const feeds = metadata.distributions.flatMap(({ rolie }: Loose) => rolie?.feeds ?? [])
        expect(feeds.map(({ url }: Loose) => url)).toEqual(hrefs)
        const from = `https://portal.example${folder}`
        expect(hrefs).toEqual(names.map((name) => new URL(`${name}.json`, from).href))
        for (const href of hrefs) {
            const notified = (await get(portal, token, new URL(href).pathname)).json<Loose>()
            const schema = feedSchema(href.includes("/v2.1/") ? "2.1" : "2.0")
            expect(Check(schema, notified), JSON.stringify(notified)).toBe(true)
            const { entry, link } = notified.feed
            expect(link).toEqual(expect.arrayContaining([{ rel: "self", href }]))
            expect(entry).not.toEqual([])
            for (const { link: links, content } of entry) {
                expect(links).toContainEqual({ rel: "self", href: content.src })
            }
            for (const field of ["link", "content", "format", "updated"]) {
                const { [field]: __, ...less } = entry[0]
                expect(Check(schema, { feed: { ...notified.feed, entry: [less] } }), field).toBe(false)
            }
        }
    })
})
