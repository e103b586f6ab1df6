/**
 * Paired runs: two programs with one past; in one of them unrelated things happen: other cases, another partner, an
 * inquiry. A partner must see the same in both on every channel, byte by byte, also if the polled texts are
 * individually marked.
 */
import { createHash } from "node:crypto"
import { Decrypter } from "age-encryption"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { stixId } from "../../server/src/channels/taxii/objects.ts"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import type { Message } from "../../server/src/platform/mail/mail.ts"
import type { Post } from "../../server/src/platform/outgoing/outgoing.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { recallArtifact } from "../../server/src/share/artifacts/actions/recall-artifact.ts"
import { linkCases } from "../../server/src/share/cases/actions/link-cases.ts"
import { acknowledge } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { sendNoticesJob, createNotices } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { answerQuestion as answerWarningQuestion } from "../../server/src/share/questions/actions/answer-question.ts"
import { askOperator } from "../../server/src/share/questions/actions/ask-operator.ts"
import { callWebhooksJob } from "../../server/src/share/webhooks/actions/call-webhooks.ts"
import { addWebhook } from "../../server/src/share/webhooks/actions/webhooks-for-partner.ts"
import { attribute } from "../../server/src/trace/attribution/actions/attribute-leak.ts"
import { addLeak } from "../../server/src/trace/evidence/actions/add-evidence.ts"
import { proposeFinding, confirmFinding } from "../../server/src/trace/inquiries/actions/propose-finding.ts"
import { openInquiry } from "../../server/src/trace/inquiries/actions/open-inquiry.ts"
import { answerQuestion, askQuestion } from "../../server/src/trace/inquiries/actions/ask-question.ts"
import { makeReport } from "../../server/src/trace/inquiries/actions/export-report.ts"
import { restrictPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { reportSighting } from "../../server/src/trace/sightings/actions/report-sighting.ts"
import { findPerson } from "../../server/src/trust/identity/actions/load-people.ts"
import { createStaffMember, listEvents, system } from "../support/actors.ts"
import { createDatabase, newId } from "../support/database.ts"
import { openPortal, programOverCopy, createToken } from "../support/polled-pages.ts"
import { type Program, type TestPartner, fetchCopyText, newPartner, signAsApprover } from "../support/program.ts"
import { type Look, looksOf, recordsIn } from "./read-portal.ts"
import { streamOf } from "./read-stream.ts"
import { type Three, publish, publicly, three, wordsIn, write } from "./three-partners.ts"

const texts = { summary: "GREEN", guidance: "GREEN", rules: "GREEN" } as const

let base: Three
/** The third partner's mail addresses. */
const roster: string[] = []
const faults: string[] = []

beforeAll(async () => {
    base = await three()
    const { its: world, one: partner, third, shared } = base
    for (const { person } of [third.lead, third.analyst]) {
        roster.push((await world.acting(system, (ctx) => findPerson(ctx, person)))?.mail ?? "")
    }
    await publish(world, await write(world, { name: "p", ...publicly(world), tlp: texts }))
    await world.acting(third.lead, (ctx) => addWebhook(ctx, "https://hooks.partner.example/in"))
    // From here, all marks derive from one secret, which is created once for the program.
    await fetchCopyText(world, partner, shared.artifacts.summary ?? "")
    while (await handleNextEvent({ ...world.services, log: silentLog }, eventHandlers));
    await world.database.db.close()
}, 120_000)
afterAll(() => base.its.database.drop())

/** Gives both programs the same ids and random numbers. */
function seeded(name: string): Pick<Services, "random" | "newId"> {
    let drawn = 0
    const random = (bytes: number) =>
        createHash("shake256", { outputLength: bytes }).update(`${name} ${drawn++}`).digest()
    const id = () =>
        random(16)
            .toString("hex")
            .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    return { random, newId: id }
}

/** Runs everything that can happen to others: to a partner in this program only, and to the two partners with X. */
async function elsewhere(world: Program, marksPolled: boolean): Promise<void> {
    const { one: partner, two, shared, tokens } = base
    const foreign = await newPartner(world, "validate")
    const classes = ["summary", "technical", "guidance", "rules", "poc"] as const
    const beside = await write(world, { name: "beside", tiers: ["validate"], classes, unopened: [] })
    await world.acting(world.author, (ctx) => linkCases(ctx, beside.id, shared.id, "bypass_of"))
    const { app } = await openPortal(world, { marksTaxiiTexts: marksPolled })
    for (const token of [await createToken(world, foreign), tokens.one, tokens.two]) await polledBy(token, app)
    await app.close()
    const text = await fetchCopyText(world, foreign, beside.artifacts.technical ?? "")
    for (const kind of classes) await fetchCopyText(world, two, beside.artifacts[kind] ?? "")
    await world.acting(foreign.lead, (ctx) => addWebhook(ctx, "https://hooks.foreign.example/in"))
    await world.acting(foreign.analyst, (ctx) =>
        acknowledge(ctx, aliasFor(ctx.services.keys, foreign.id, "warning", beside.id)),
    )
    await world.acting(partner.analyst, (ctx) =>
        reportSighting(ctx, beside.id, newId(), {
            observedAt: world.clock.now,
            clock: "unknown",
            product: "",
            zeroReportSince: null,
            indicators: [],
            confidence: null,
            note: "zqsighted",
        }),
    )
    await inquire(world, beside.id, foreign, text)
    await world.acting(world.manager, (ctx) =>
        restrictPartner(ctx, {
            partner: two.id,
            withhold: ["poc"],
            notBeforePublication: false,
            cases: [beside.id],
            reason: "A risk.",
        }),
    )
    await world.acting(world.manager, (ctx) =>
        recallArtifact(ctx, beside.artifacts.rules ?? "", { version: null, reason: "It is wrong." }),
    )
    for (const [asker, subject] of [
        [partner, shared.id],
        [foreign, beside.id],
    ] as const) {
        const question = await world.acting(asker.analyst, (ctx) => askOperator(ctx, subject, "zqasked"))
        await world.acting(world.author, (ctx) =>
            answerWarningQuestion(
                ctx,
                { case: subject, id: question },
                { text: "zqanswered", question: null },
                "partner",
            ),
        )
    }
    await world.acting(system, (ctx) => createNotices(ctx, { case: beside.id }, [partner.id, two.id, foreign.id]))
}

/** Leaks the foreign partner's copy, and runs an inquiry from opening to report. */
async function inquire(world: Program, subject: string, foreign: TestPartner, text: string): Promise<void> {
    const by = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.investigator, work)
    const colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" } as const
    const leak = { ...words, case: subject, content: Buffer.from(text), observedAt: world.clock.now }
    const evidence = await by((ctx) => addLeak(ctx, leak))
    await by((ctx) => attribute(ctx, evidence))
    const opening = { case: subject, title: "The paste", evidence: [evidence], members: [colleague.person] }
    const inquiry = await by((ctx) => openInquiry(ctx, opening))
    const input = { partner: foreign.id, conclusion: "Its copy.", confidence: "high", obligation: null } as const
    const { finding, approval } = await by((ctx) => proposeFinding(ctx, inquiry, input))
    const about = { kind: "finding", partner: foreign.id, finding, text: "It fits." } as const
    const question = await by((ctx) => askQuestion(ctx, inquiry, { ...about, answerBy: world.clock.now + 2 * dayMs }))
    await world.acting(foreign.lead, (ctx) => answerQuestion(ctx, question, { text: "We lost it.", deleted: null }))
    await signAsApprover(world, approval, colleague)
    await by((ctx) => confirmFinding(ctx, inquiry, finding))
    await by((ctx) => makeReport(ctx, inquiry))
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Polls everything as a tool. */
async function polledBy(token: string, app: FastifyInstance): Promise<void> {
    for (const url of ["/taxii2/api/collections/warnings/objects/?limit=1000", "/csaf/partner/red/feed-red.json"]) {
        expect((await app.inject({ method: "GET", url, headers: bearer(token) })).statusCode).toBe(200)
    }
}

const sightings = "/taxii2/api/collections/sightings/objects/"
const sightingId = (n: number) => `sighting--0d1b9c1e-5a55-4c8e-9a11-00000000000${n}`

/**
 * Returns the third partner's answers when it posts about its own, a foreign and a missing case, reads back, and
 * deletes.
 */
async function writtenBy(token: string, app: FastifyInstance): Promise<unknown[]> {
    const { shared, x, its: world } = base
    const vulnerability = ({ id, text: words }: typeof x) =>
        stixId(world.services.keys, "vulnerability", id, words["cve"] ?? "")
    const none = "vulnerability--0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0000"
    const objects = [vulnerability(shared), vulnerability(x), none].map((subject, n) => ({
        type: "sighting",
        spec_version: "2.1",
        id: sightingId(n),
        sighting_of_ref: subject,
        created: "2025-07-01T00:00:00.000Z",
        modified: "2025-07-01T00:00:00.000Z",
        first_seen: "2025-07-01T00:00:00Z",
        description: "Three requests.",
    }))
    const headers = { ...bearer(token), "content-type": "application/taxii+json;version=2.1" }
    const ask = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object) => {
        const answer = await app.inject({ method, url, headers, ...(payload && { payload }) })
        const { date: _, ...others } = answer.headers
        return [answer.statusCode, others, answer.body]
    }
    return [
        await ask("POST", sightings, { objects }),
        await ask("GET", sightings),
        await ask("DELETE", `${sightings}${sightingId(0)}/`),
        await ask("DELETE", `${sightings}${sightingId(1)}/`),
        await ask("GET", sightings),
    ]
}

/** Opens each of a partner's copies: content by name, with padding. */
async function copiesOf(looks: readonly Look[], app: FastifyInstance, token: string): Promise<string[]> {
    const age = new Decrypter()
    age.addIdentity(base.third.identity)
    const copies: string[] = []
    for (const { path: url, status } of looks.filter(({ path }) => path.endsWith("/copy"))) {
        if (status !== 200) continue
        const { rawPayload, headers } = await app.inject({ method: "GET", url, headers: bearer(token) })
        const { date: _, ...others } = headers
        copies.push(`${url} ${JSON.stringify(others)} ${await age.decrypt(rawPayload, "text")}`)
    }
    return copies
}

/** Returns everything that the third partner, and the public, can see and receive. */
async function seenIn(isBeside: boolean, marksPolled: boolean) {
    const database = await createDatabase(base.its.database.name)
    const world = programOverCopy(base.its, database)
    const start = world.clock.now
    const [mails, posts]: [Message[], Post[]] = [[], []]
    const services = {
        ...world.services,
        log: silentLog,
        marksTaxiiTexts: marksPolled,
        mail: { send: async (message: Message) => void mails.push(message) },
        outgoing: { post: async (post: Post) => (posts.push(post), "2xx" as const) },
    }
    const settle = async () => {
        while (await handleNextEvent(services, eventHandlers));
        while (await sendNoticesJob.run(services));
        while (await callWebhooksJob.run(services));
        await callWebhooksJob.finish?.(services)
    }
    const portal = await openPortal(world, { ...seeded("portal"), marksTaxiiTexts: marksPolled })
    const { app } = portal
    await app.listen({ host: "127.0.0.1", port: 0 })
    // The stream depends on the hour; its token is older than either program.
    const stream = await streamOf(app, bearer(base.tokens.third))
    const changes = () => stream.frames.filter((frame) => frame !== heartbeat)
    const looked = async () => {
        await stream.past(stream.frames.length + 2)
        return changes()
    }
    // Earlier reads keep their dates, whatever happens elsewhere.
    await polledBy(base.tokens.third, app)
    const before = await looked()
    if (isBeside) await elsewhere(world, marksPolled)
    const meanwhile = (await looked()).slice(before.length)
    world.clock.now = start + hourMs
    await settle()
    await looked()
    const other = await openPortal(world, { marksTaxiiTexts: marksPolled })
    await polledBy(base.tokens.one, other.app)
    await other.app.close()
    const late = programOverCopy({ ...world, services: { ...world.services, ...seeded("late") } }, database)
    const later = await write(late, { name: "late", tiers: ["validate", "advance", "entry"] })
    await world.acting(system, (ctx) => createNotices(ctx, { case: later.id }, [base.third.id]))
    world.clock.now += hourMs
    await settle()
    await looked()
    const { thirdLead, third } = base.tokens
    const looks = [...(await looksOf(app, thirdLead)), ...(await looksOf(app, null))]
    const copies = await copiesOf(looks, app, third)
    // A second read by another tool, a day later, shows nothing more.
    world.clock.now += dayMs
    looks.push(...(await looksOf(app, third, /^\/(?:taxii2|csaf)|warnings/)))
    const written = await writtenBy(third, app)
    const streamed = { status: stream.status, headers: stream.headers, frames: new Set(changes()) }
    expect(changes().length).toBeGreaterThan(before.length)
    stream.close()
    await app.close()
    faults.push(...portal.faults, ...other.faults)
    world.clock.now = start
    return { its: world, database, later, looks, copies, written, meanwhile, streamed, mails, posts }
}

const heartbeat = ": "

interface Stix {
    readonly type: string
    readonly description?: string
}

const tell = ({ to, subject, text }: Message) => ({ to, subject, text })

/** A call, with only the lengths of id, nonce and signatures. */
const shapeOf = ({ address, headers, body }: Post) =>
    [address, JSON.stringify(headers), Buffer.from(body).toString()].map((text) =>
        text.replaceAll(/[\w+/=-]{22,}/g, (item) => `${item.length}`),
    )

/** Keeps the facts of a case that its partners see. */
const isTold = (subject: string) => !["finder", "poc"].includes(subject)

describe.each([
    ["as they stand in the master", false],
    ["with each partner's own marks", true],
])("if tools get texts %s", (_, marksPolled) => {
    let without: Awaited<ReturnType<typeof seenIn>>
    let beside: typeof without
    beforeAll(async () => {
        without = await seenIn(false, marksPolled)
        beside = await seenIn(true, marksPolled)
    }, 240_000)
    afterAll(async () => {
        for (const item of [without, beside]) await item?.database.close()
    })

    test("F-04 all pages are the same byte by byte, with and without foreign activity", () => {
        expect(beside.looks.map(({ path }) => path)).toEqual(without.looks.map(({ path }) => path))
        for (const [n, look] of beside.looks.entries()) expect(look).toEqual(without.looks[n])
        expect(without.looks.filter(({ status }) => status === 200).length).toBeGreaterThan(100)
        expect(recordsIn(without.looks)).toEqual(["CVE", "OSV", "CVE", "OSV"])
        for (const { text: words } of [base.shared, without.later]) {
            expect(wordsIn(without.looks, words)).toEqual(Object.keys(words).filter(isTold))
        }
        expect(wordsIn(without.looks, base.x.text)).toEqual([])
    })

    test("F-04 the partner's copies are the same, with names, marks and padding", () => {
        expect(beside.copies).toEqual(without.copies)
        expect(without.copies).toHaveLength(9)
        const { body = "" } = without.looks.find(({ path }) => path.endsWith("/objects/?limit=1000")) ?? {}
        const { objects } = JSON.parse(Buffer.from(body, "latin1").toString()) as { objects: readonly Stix[] }
        const guidance = objects.flatMap(({ type, description = "" }) =>
            type === "course-of-action" ? [description] : [],
        )
        expect(guidance).toHaveLength(3)
        const own = guidance.filter((text) => without.copies.some((copy) => copy.includes(text.trim())))
        expect(own).toHaveLength(marksPolled ? 3 : 0)
    })

    test("F-04 posts, reads and deletions have the same answers for an own, a foreign and a missing case", () => {
        expect(beside.written).toEqual(without.written)
        expect(without.written).toMatchObject([
            [202, {}, expect.stringContaining('"success_count":1,')],
            [200, {}, expect.stringContaining(sightingId(0))],
            [200, {}, "{}"],
            [404, {}, expect.stringContaining("request.not_found")],
            [200, {}, "{}"],
        ])
    })

    test("F-04 everything sent is the same: mails, calls, and the stream's frames", () => {
        const describe = ({ mails }: typeof without) => mails.filter(({ to }) => roster.includes(to)).map(tell)
        expect(describe(beside)).toEqual(describe(without))
        expect(describe(without)).toHaveLength(roster.length)
        expect(beside.mails.length).toBeGreaterThan(without.mails.length)
        const calls = ({ posts }: typeof without) => posts.filter(({ address }) => address.includes(".partner."))
        expect(calls(beside).map(shapeOf)).toEqual(calls(without).map(shapeOf))
        expect(calls(without)).toHaveLength(1)
        expect([without.meanwhile, beside.meanwhile]).toEqual([[], []])
        const { date: __, ...headers } = without.streamed.headers
        expect(beside.streamed).toEqual({ ...without.streamed, headers: { ...headers, date: expect.any(String) } })
    })

    test("the activity happened in one of them, and not in the other", async () => {
        const counted = async ({ database }: typeof without, subject: string) =>
            (await listEvents(database)).filter(({ kind }) => kind === subject).length
        // The partner reported one sighting itself.
        const own = { "attribution.created": 0, "inquiry.reported": 0, "artifact.recalled": 0, "sighting.reported": 1 }
        for (const [kind, count] of Object.entries(own)) {
            expect(await counted(without, kind)).toBe(count)
            expect(await counted(beside, kind)).toBeGreaterThan(count)
        }
    })
})

test("no request caused a server error", () => {
    expect(faults).toEqual([])
})
