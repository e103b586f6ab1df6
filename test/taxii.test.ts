/**
 * TAXII as clients use it: polled and walked during writes, it loses nothing and repeats nothing. It reveals nothing
 * about other partners' cases, and recalls and inquiries know each delivery.
 */
import { once } from "node:events"
import { Agent, type IncomingMessage, get } from "node:http"
import type { AddressInfo } from "node:net"
import { text as textOf } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readContent } from "../server/src/demo/content.ts"
import { parseInstant } from "@tocsin/base/instant"
import { readStix } from "@tocsin/formats/stix/validate"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../server/src/share/artifacts/actions/recall-artifact.ts"
import {
    listContactsBefore,
    listCopyCommitments,
    listDeliveredVersions,
} from "../server/src/share/delivery/actions/list-exposure.ts"
import { listWarnings } from "../server/src/share/delivery/actions/project-warnings.ts"
import { listSightingsForPartner } from "../server/src/trace/sightings/actions/report-sighting.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { listEvents, system } from "./support/actors.ts"
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

/** Both waves of the case are released by then, by its schedule. */
const opened = parseInstant("2025-07-04T17:00:00Z")
const objects = "/taxii2/api/collections/warnings/objects/"

interface Envelope {
    readonly more?: boolean
    readonly next?: string
    readonly objects?: readonly { readonly id: string; readonly modified?: string; readonly created: string }[]
}

/** Opens a portal that listens on a socket. */
async function listeningPortalOf(...items: Parameters<typeof openPortal>): Promise<Portal> {
    const portal = await openPortal(...items)
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    return portal
}

/**
 * A usual client over real connections: it polls from the last date that it received, and follows `next` while there is
 * more.
 */
class Client {
    readonly seen: string[] = []
    readonly dates: string[] = []
    private readonly app: FastifyInstance
    private readonly token: string
    private readonly path: string
    private last: string | null = null

    constructor(app: FastifyInstance, token: string, path = objects) {
        this.app = app
        this.token = token
        this.path = path
    }

    async get(path: string) {
        const basic = Buffer.from(`siem:${this.token}`).toString("base64")
        const headers = { authorization: `Basic ${basic}`, accept: "application/taxii+json;version=2.1" }
        const { port } = this.app.server.address() as AddressInfo
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
        const body = await answer.text()
        const json = <Of>(): Of => JSON.parse(body) as Of
        return { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body, json }
    }

    async poll(limit: number): Promise<void> {
        let next: string | undefined
        do {
            const request = new URLSearchParams({ limit: String(limit) })
            if (this.last !== null) request.set("added_after", this.last)
            if (next !== undefined) request.set("next", next)
            const answer = await this.get(`${this.path}?${request}`)
            if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`)
            const page = answer.json<Envelope>()
            this.seen.push(...(page.objects ?? []).map(({ id, modified, created }) => `${id} ${modified ?? created}`))
            const date = answer.headers["x-taxii-date-added-last"]
            if (typeof date === "string") this.dates.push((this.last = date))
            next = page.more === true ? page.next : undefined
        } while (next !== undefined)
    }
}

/** Walks everything by `next`, over one kept connection. */
class Walker {
    connections = 0
    private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 })
    private readonly headers: Readonly<Record<string, string>>
    private readonly port: number
    private readonly limit: number

    constructor(port: number, token: string, limit: number) {
        this.port = port
        this.limit = limit
        this.headers = { authorization: `Bearer ${token}`, accept: "application/taxii+json;version=2.1" }
    }

    async walk(): Promise<string[]> {
        const seen: string[] = []
        let next: string | undefined
        do {
            const request = new URLSearchParams({ limit: String(this.limit), ...(next !== undefined && { next }) })
            const page = await this.get(`${objects}?${request}`)
            seen.push(...(page.objects ?? []).map(({ id, modified, created }) => `${id} ${modified ?? created}`))
            next = page.more === true ? page.next : undefined
        } while (next !== undefined)
        return seen
    }

    private async get(path: string): Promise<Envelope> {
        const { agent, headers, port } = this
        const request = get({ host: "127.0.0.1", port, path, agent, headers })
        const [answer] = (await once(request, "response")) as [IncomingMessage]
        const text = await textOf(answer)
        if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`)
        if (!request.reusedSocket) this.connections++
        return JSON.parse(text) as Envelope
    }
}

const leadToken = (ctx: ActionContext, { lead }: TestPartner) => issueCredential(ctx, lead.person, "token")

/** Writes a case that partners of a tier see: a report on a vulnerability, a note, and a rule related to it. */
async function write(world: Program): Promise<string> {
    const subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    const rule = await newArtifact(world, subject, "rules", "toolshell/request-web-log.yml")
    await releaseWaveNow(world, subject, "validate", [summary, rule])
    return subject
}
const objectsOfCase = 5
/** Two objects of the extension, the program's identity, one label. */
const objectsOfAll = 4

describe("a client that polls while four writers write", () => {
    let world: Program
    let partner: TestPartner
    let portal: Portal
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        partner = await newPartner(world, "validate")
        // The clock steps forward and back at each read. Nothing is written after its earliest instant.
        const base = world.clock.now
        let looks = 0
        portal = await listeningPortalOf(world, { clock: { now: async () => base + ((looks++ * 7919) % 5000) } })
    })
    afterAll(async () => {
        await portal.app.close()
        await world.database.close()
    })

    test("loses no object and sees none twice, and neither does a second client", async () => {
        const token = await createToken(world, partner)
        const clients = [new Client(portal.app, token), new Client(portal.app, token)]
        const writer = async () => {
            for (let n = 0; n < 3; n++) await write(world)
        }
        let isWriting = true
        const writing = Promise.all([writer(), writer(), writer(), writer()]).finally(() => (isWriting = false))
        const polling = clients.map(async (client, n) => {
            while (isWriting) await client.poll(3 + 4 * n)
            await client.poll(100)
        })
        await Promise.all([writing, ...polling])
        for (const { seen, dates } of clients) {
            expect(new Set(seen).size).toBe(seen.length)
            expect(seen).toHaveLength(objectsOfAll + 12 * objectsOfCase)
            expect(dates).toEqual([...new Set(dates)].toSorted())
        }
        expect(new Set(clients[0]?.dates).size).toBeGreaterThan(4)
        expect(clients[0]?.seen).toEqual(clients[1]?.seen)
        expect(portal.faults).toEqual([])
    }, 180_000)

    test("repeats full walks, each over one connection, and no walk loses or repeats an object", async () => {
        const { port } = portal.app.server.address() as AddressInfo
        const tokens = [
            await createToken(world, partner),
            await world.acting(partner.lead, (ctx) => leadToken(ctx, partner)),
        ]
        const walkers = tokens.map((token, n) => new Walker(port, token, 30 + 20 * n))
        const first = await walkers[0]?.walk()
        const walks = walkers.map((): string[][] => [])
        let written = 0
        // Without a pause, a walk would never end, because new objects come behind its position.
        const writer = async () => {
            for (let n = 0; n < 6; n++) {
                await write(world)
                written++
                await pause(400)
            }
        }
        let isWriting = true
        const writing = Promise.all([writer(), writer(), writer(), writer()]).finally(() => (isWriting = false))
        const walking = walkers.map(async (walker, n) => {
            while (isWriting) walks[n]?.push(await walker.walk())
            walks[n]?.push(await walker.walk())
        })
        await Promise.all([writing, ...walking])
        const inTheEnd = (first?.length || objectsOfAll) + written * objectsOfCase
        for (const its_ of walks) {
            expect(new Set(its_.map(({ length }) => length)).size).toBeGreaterThan(1)
            for (const [n, walk] of its_.entries()) {
                expect(new Set(walk).size).toBe(walk.length)
                const now = new Set(walk)
                expect((its_[n - 1] ?? []).filter((item) => !now.has(item))).toEqual([])
            }
            expect(its_.at(-1)).toHaveLength(inTheEnd)
        }
        expect(walkers.map(({ connections }) => connections)).toEqual([1, 1])
        expect(portal.faults).toEqual([])
    }, 180_000)

    test("gets STIX that the validator accepts, including references", async () => {
        const client = new Client(portal.app, await createToken(world, partner))
        const list = (await client.get(`${objects}?limit=1000`)).json<Envelope>().objects ?? []
        const bundle = { type: "bundle", id: "bundle--74e52dad-2e63-4e1f-be2a-743acb3439de", objects: list }
        expect(list.length).toBeGreaterThan(objectsOfAll)
        expect(readStix(JSON.stringify(bundle)).issues).toEqual([])
    })

    test("gets each rules file in the language of its name", async () => {
        const subject = await newCase(world, "toolshell")
        const rule = 'alert tcp any any -> any any (msg:"A rule"; content:"x"; sid:1005301; rev:1;)'
        const files = [
            ["a.yml", readContent("toolshell/request-web-log.yml")],
            ["a.yar", readContent("toolshell/layouts-page.yar")],
            ["a.rules", rule],
            ["a.snort.rules", rule],
            ["a.kql", "T | where x"],
        ] as const
        const added: string[] = []
        for (const [name, content] of files) {
            const input = { case: subject, class: "rules", tlp: "RED", pap: "RED", name, content } as const
            added.push(await world.acting(world.author, (ctx) => addArtifact(ctx, input)))
        }
        await releaseWaveNow(world, subject, "validate", added)
        const client = new Client(portal.app, await createToken(world, partner))
        const list = (await client.get(`${objects}?limit=1000&match[type]=indicator`)).json<{
            objects: { name: string; pattern_type: string }[]
        }>().objects
        const languages = list.filter(({ name }) => name.startsWith("a.")).map((item) => [item.name, item.pattern_type])
        expect(Object.fromEntries(languages)).toEqual({
            "a.yml": "sigma",
            "a.yar": "yara",
            "a.rules": "suricata",
            "a.snort.rules": "snort",
        })
    })

    test("gets manifest dates that match the objects and are unique", async () => {
        const client = new Client(portal.app, await createToken(world, partner))
        const path = objects.replace("objects", "manifest")
        const { objects: entries } = (await client.get(`${path}?limit=1000`)).json<{
            objects: { id: string; date_added: string; version: string }[]
        }>()
        const dates = entries.map(({ date_added }) => date_added)
        expect(dates).toEqual([...new Set(dates)].toSorted())
        const page = await client.get(`${objects}?limit=1&added_after=${dates[40]}`)
        const { id, version, date_added } = entries[41] ?? { id: "", version: "", date_added: "" }
        expect(page.json<Envelope>().objects?.[0]).toMatchObject({ id, modified: version })
        expect(page.headers["x-taxii-date-added-first"]).toBe(date_added)
    })
})

/** Tools of one partner post to a real portal, while others of that partner poll and walk the posts. */
describe("a client that reads back while four tools post", () => {
    const sightings = "/taxii2/api/collections/sightings/objects/"
    let world: Program
    let portal: Portal
    let partner: TestPartner
    let target: string
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        partner = await newPartner(world, "validate")
        await write(world)
        const base = world.clock.now
        let looks = 0
        portal = await listeningPortalOf(world, { clock: { now: async () => base + ((looks++ * 7919) % 5000) } })
        const page = await new Client(portal.app, await createToken(world, partner)).get(
            `${objects}?match[type]=vulnerability`,
        )
        target = page.json<Envelope>().objects?.[0]?.id ?? ""
    })
    afterAll(async () => {
        await portal.app.close()
        await world.database.close()
    })

    const sightingOf = (n: number, more: object = {}) => ({
        type: "sighting",
        spec_version: "2.1",
        id: `sighting--0d1b9c1e-5a55-4c8e-9a11-${idEnd(n)}`,
        created: "2025-07-01T00:00:00.000Z",
        modified: "2025-07-01T00:00:00.000Z",
        first_seen: "2025-07-01T00:00:00Z",
        sighting_of_ref: target,
        ...more,
    })
    const idEnd = (n: number) => String(n).padStart(12, "0")
    const post = async (token: string, list: readonly object[]) => {
        const basic = Buffer.from(`siem:${token}`).toString("base64")
        const { port } = portal.app.server.address() as AddressInfo
        const answer = await fetch(`http://127.0.0.1:${port}${sightings}`, {
            method: "POST",
            headers: { authorization: `Basic ${basic}`, "content-type": "application/taxii+json;version=2.1" },
            body: JSON.stringify({ objects: list }),
        })
        return { status: answer.status, body: (await answer.json()) as { success_count: number } }
    }

    test("loses no object and sees none twice; equal posts of all four are one object", async () => {
        const [lead, analyst] = [
            await createToken(world, partner),
            await world.acting(partner.lead, (ctx) => leadToken(ctx, partner)),
        ]
        const clients = [new Client(portal.app, lead, sightings), new Client(portal.app, analyst, sightings)]
        const rounds = [...Array(8).keys()]
        const writer = async (person: number) => {
            for (const n of rounds) {
                const own = [...Array(4).keys()].map((k) => sightingOf(1000 * person + 10 * n + k))
                const { status, body } = await post(person % 2 === 0 ? lead : analyst, [
                    ...own,
                    sightingOf(9_000_000 + n),
                ])
                expect([status, body.success_count]).toEqual([202, 5])
            }
        }
        let isWriting = true
        const writing = Promise.all([1, 2, 3, 4].map(writer)).finally(() => (isWriting = false))
        const polling = clients.map(async (client, n) => {
            while (isWriting) await client.poll(3 + 4 * n)
            await client.poll(100)
        })
        await Promise.all([writing, ...polling])
        for (const { seen, dates } of clients) {
            expect(new Set(seen).size).toBe(seen.length)
            expect(seen).toHaveLength(4 * 8 * 4 + 8)
            expect(dates).toEqual([...new Set(dates)].toSorted())
        }
        const own = await world.acting(partner.lead, listSightingsForPartner)
        expect(own).toHaveLength(4 * 8 * 4 + 8)
        expect(portal.faults).toEqual([])
    }, 180_000)

    test("a body that is too large is also refused without a stated length", async () => {
        const { port } = portal.app.server.address() as AddressInfo
        const token = await createToken(world, partner)
        const half = `{"objects":["${"x".repeat(200_000)}`
        const halves = [half, half].map((text) => new TextEncoder().encode(text))
        const body = new ReadableStream<Uint8Array>({
            start: (stream) => {
                for (const halve of halves) stream.enqueue(halve)
                stream.close()
            },
        })
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/taxii+json" }
        const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
        const answer = await fetch(`http://127.0.0.1:${port}${sightings}`, init)
        expect([answer.status, answer.headers.get("content-type")]).toEqual([413, "application/taxii+json;version=2.1"])
    })

    test("a full page of objects is accepted as one, and found again", async () => {
        const carried = sightingOf(1, { type: "identity", name: "SOC" })
        const many = [...Array(98).keys()].map((n) => ({
            ...carried,
            id: `identity--0d1b9c1e-5a55-4c8e-9a11-${idEnd(n)}`,
        }))
        const { status, body } = await post(await createToken(world, partner), [
            sightingOf(8_000_000),
            ...many,
            { id: "x" },
        ])
        expect([status, body.success_count]).toEqual([202, 99])
        const client = new Client(portal.app, await createToken(world, partner), sightings)
        await client.poll(1000)
        expect(client.seen.filter((item) => item.startsWith("identity--"))).toHaveLength(98)
    })
})

describe("the answers for one partner", () => {
    let world: Program
    let partner: TestPartner
    let token: string
    let others: string
    let copies: TestDatabase[]
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        partner = await newPartner(world, "advance")
        const other = await newPartner(world, "validate")
        const shared = await newCase(world, "toolshell")
        const summary = await newArtifact(world, shared, "summary", "toolshell/summary.md")
        const guidance = await newArtifact(world, shared, "guidance", "toolshell/guidance.md")
        await releaseWaveNow(world, shared, "validate", [summary, guidance])
        await releaseWaveNow(world, shared, "advance", [summary, guidance])
        token = await createToken(world, partner)
        others = await createToken(world, other)
        await world.database.db.close()
        copies = [await createDatabase(world.database.name), await createDatabase(world.database.name)]
    })
    afterAll(async () => {
        for (const copy of copies) await copy.close()
        await world.database.drop()
    })

    test("are byte for byte the same with and without a case for other partners", async () => {
        const [without, beside] = copies.map((database) => programOverCopy(world, database))
        if (!without || !beside) throw new Error("there are two copies")
        await write(beside)
        const answers = [await answersOf(without), await answersOf(beside)]
        expect(JSON.stringify(answers[0])).toContain("course-of-action")
        expect(answers[1]).toEqual(answers[0])
    })

    /** The other partner reads first, and reads more in the one copy than in the other. */
    async function answersOf(program: Program): Promise<unknown[]> {
        const { app, faults } = await listeningPortalOf(program)
        await new Client(app, others).poll(100)
        const client = new Client(app, token)
        const first = await client.get(`${objects}?limit=3`)
        const { next = "", objects: found = [] } = first.json<Envelope>()
        const manifest = objects.replace("objects", "manifest")
        const paths = [
            "/taxii2/",
            "/taxii2/api/",
            "/taxii2/api/collections/",
            "/taxii2/api/collections/warnings/",
            `${objects}?limit=3&next=${next}`,
            `${objects}?limit=1000`,
            `${manifest}?limit=1000`,
            `${objects}${found[2]?.id}/`,
            `${objects}${found[2]?.id}/versions/`,
            `${objects}?match[type]=report`,
            `${objects}?added_after=2030-01-01T00:00:00Z`,
            `${objects}x/`,
            "/taxii2/api/status/x/",
            "/taxii2/x/",
        ]
        const answers = [first]
        for (const path of paths) answers.push(await client.get(path))
        await app.close()
        expect(faults).toEqual([])
        return answers.map(({ statusCode, headers: { date: _, ...headers }, body }) => [statusCode, headers, body])
    }
})

describe("a delivery", () => {
    let world: Program
    let partner: TestPartner
    let subject: string
    let client: Client
    let app: FastifyInstance
    beforeAll(async () => {
        world = await createProgram()
        world.clock.now = opened
        partner = await newPartner(world, "validate")
        subject = await write(world)
        world.clock.now += 1000
        app = (await listeningPortalOf(world)).app
        client = new Client(app, await createToken(world, partner))
    })
    afterAll(async () => {
        await app.close()
        await world.database.close()
    })

    const asSystem = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(system, work)

    test("is recorded as one event per page, and known to inquiries", async () => {
        await client.poll(1000)
        await client.poll(1000)
        const served = (await listEvents(world.database)).filter(({ kind }) => kind === "objects.served")
        expect(served).toHaveLength(1)
        const { cases, versions, partner: to, collection } = served[0]?.body ?? {}
        expect([cases, to, collection]).toEqual([[subject], partner.id, "warnings"])
        const { fetched } = await asSystem((ctx) => listContactsBefore(ctx, subject, world.clock.now + 1))
        expect(fetched.map((item) => `${item.artifact}:${item.version}`).toSorted()).toEqual(
            [...(versions as string[])].toSorted(),
        )
        expect(fetched.map((item) => item.partner)).toEqual([partner.id, partner.id])
    })

    test("is not an individual copy: a leak of it does not identify the partner", async () => {
        expect(await asSystem((ctx) => listDeliveredVersions(ctx, subject))).toEqual([])
        const [item] = (await asSystem((ctx) => listContactsBefore(ctx, subject, world.clock.now + 1))).fetched
        const version = { artifact: item?.artifact ?? "", version: 1 }
        expect(await asSystem((ctx) => listCopyCommitments(ctx, version, world.clock.now))).toEqual([])
    })

    test("must be deleted after its recall, and is no longer served", async () => {
        world.clock.now += 1000
        const before = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
        const summary = before[0]?.artifacts.find((artifact) => artifact.class === "summary")
        expect(summary?.holds).toMatchObject([{ version: 1 }])
        const { fetched } = await asSystem((ctx) => listContactsBefore(ctx, subject, world.clock.now))
        const inner = fetched.find((item) => item.class === "summary")?.artifact ?? ""
        await world.acting(world.author, (ctx) => recallArtifact(ctx, inner, { version: null, reason: "wrong" }))
        world.clock.now += 1000
        const after = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
        expect(after[0]?.recalls).toHaveLength(1)
        const page = await client.get(`${objects}?match[type]=note`)
        expect(page.body).toBe("{}")
    })
})
