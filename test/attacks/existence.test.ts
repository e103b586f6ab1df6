/** What a partner can learn about the existence of others' objects: by requests, lists, names, writes and claims. */
import { randomBytes } from "node:crypto"
import net, { type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hourMs } from "@tocsin/base/instant"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { buildServices } from "../../server/src/commands/services.ts"
import { makeServer } from "../../server/src/server.ts"
import { addSample } from "../../server/src/share/artifacts/actions/manage-samples.ts"
import { linkCases } from "../../server/src/share/cases/actions/link-cases.ts"
import { addParty } from "../../server/src/share/cases/actions/manage-parties.ts"
import { acknowledge, fetchCopy } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { addWebhook } from "../../server/src/share/webhooks/actions/webhooks-for-partner.ts"
import { openInquiry } from "../../server/src/trace/inquiries/actions/open-inquiry.ts"
import { askQuestion as askPartner } from "../../server/src/trace/inquiries/actions/ask-question.ts"
import { restrictPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { reportSighting } from "../../server/src/trace/sightings/actions/report-sighting.ts"
import type { OperatorRole } from "../../server/src/kernel/actor.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { encryptText } from "../../server/src/platform/crypto/vault.ts"
import { insertClient } from "../../server/src/trust/identity/machines/store.ts"
import { insertPasskey } from "../../server/src/trust/identity/passkeys/store.ts"
import { addPerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { hashOf, issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { findPerson } from "../../server/src/trust/identity/actions/load-people.ts"
import { createPartnerMember, createStaffMember, listEvents, system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import type { TestPartner } from "../support/program.ts"
import { looksOf, portalRoutes, whole } from "./read-portal.ts"
import { type Three, three, write } from "./three-partners.ts"
import { bodies } from "./request-bodies.ts"

let world: Three
let portal: Portal
let console_: Awaited<ReturnType<typeof makeServer>>
let everything: string
const acting: Three["its"]["acting"] = (...given) => world.its.acting(...given)
const tokenOf = async ({ person }: { readonly person: string }) =>
    await acting(system, (ctx) => issueCredential(ctx, person, "token"))

beforeAll(async () => {
    world = await three()
    portal = await openPortal(world.its, { newId: buildServices(world.its.database.db, {} as never).newId })
    const services = { ...world.its.services, log: silentLog }
    console_ = await makeServer({
        services,
        side: "console",
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 100_000,
    })
    const roles: OperatorRole[] = ["author", "manager", "investigator", "approver", "admin"]
    everything = await tokenOf(await createStaffMember(world.its.acting, roles))
    await happened(world.one)
    await happened(world.two)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await console_.close()
    await world.its.database.close()
})

/** One of each object that a partner can have. */
interface Own {
    readonly warning: string
    readonly artifact: string
    readonly receipt: string
    readonly confirmation: string
    readonly webhook: string
    readonly sighting: string
    readonly key: string
    readonly letter: string
    readonly question: string
    readonly token: string
    readonly session: string
    readonly person: string
    readonly passkey: string
    readonly client: string
}
const own = new Map<TestPartner, Own>()
const ofOne = () => own.get(world.one) as Own
const ofTwo = () => own.get(world.two) as Own

/** Objects whose ids have another form than those of the rest. */
const hasOwnForm: ReadonlySet<string> = new Set(["token", "session", "passkey"])

async function happened(partner: TestPartner): Promise<void> {
    const { its: setup, x } = world
    const names = (kind: "warning" | "artifact", id: string) => aliasFor(setup.services.keys, partner.id, kind, id)
    const [warning, artifact] = [names("warning", x.id), names("artifact", x.artifacts.summary ?? "")]
    const { headers } = await acting(partner.analyst, (ctx) => fetchCopy(ctx, artifact))
    const { receipts } = await acting(partner.analyst, (ctx) => acknowledge(ctx, warning))
    const { id: webhook } = await acting(partner.lead, (ctx) =>
        addWebhook(ctx, `https://${partner === world.one ? "one" : "zqhook"}.partner.example/in`),
    )
    const note = partner === world.one ? "mine" : "zqseen"
    const seen = {
        observedAt: setup.clock.now,
        clock: "unknown",
        product: note,
        zeroReportSince: null,
        indicators: [],
        confidence: null,
    } as const
    const sighting = newId()
    await acting(partner.analyst, (ctx) => reportSighting(ctx, x.id, sighting, { ...seen, note }))
    const restriction = { withhold: ["repro"], notBeforePublication: false, cases: null, reason: "A risk." } as const
    await acting(setup.manager, (ctx) => restrictPartner(ctx, { ...restriction, partner: partner.id }))
    const list = async (path: string, subject: string) => {
        const headers_ = { authorization: `Bearer ${await tokenOf(partner.lead)}` }
        const answer = await portal.app.inject({ method: "GET", url: path, headers: headers_ })
        return answer.json<Record<string, { id: string }[]>>()[subject]?.[0]?.id ?? ""
    }
    const { person } = await createPartnerMember(setup.acting, partner.id, ["analyst"])
    own.set(partner, {
        warning,
        artifact,
        webhook,
        sighting,
        person,
        passkey: await addPasskeyOf(partner),
        client: await addClientOf(partner),
        receipt: headers["tocsin-receipt"] ?? "",
        confirmation: receipts[0] ?? "",
        key: await list("/api/keys", "keys"),
        letter: await list("/api/letters", "letters"),
        question: await asked(partner),
        token: await list("/api/tokens", "tokens"),
        session: await openSessionOf(partner),
    })
}

/** Opens a session of the partner's lead, and returns its id. */
async function openSessionOf(partner: TestPartner): Promise<string> {
    const { lead } = partner
    return hashOf(await acting(system, (ctx) => issueCredential(ctx, lead.person, "session"))).toString("hex", 0, 8)
}

/** Stores a passkey of the partner's lead, and returns its id. */
async function addPasskeyOf(partner: TestPartner): Promise<string> {
    const { its: setup } = world
    const id = randomBytes(32)
    const { person } = partner.lead
    const inserted = await acting(partner.lead, async (ctx) =>
        insertPasskey(ctx.tx, {
            id,
            person,
            publicKey: randomBytes(77),
            counter: 0,
            transports: [],
            isBackedUp: false,
            nameCiphertext: await nameOf(ctx, person, `passkeys.name:${id.toString("base64url")}`),
            createdAt: setup.clock.now,
        }),
    )
    expect(inserted).toBe(true)
    return id.toString("base64url")
}

const nameOf = (ctx: ActionContext, person: string, place: string) =>
    encryptText(ctx.tx, ctx.services.keys, `person:${person}`, place, "A name")

/** Stores a machine client of the partner's lead, and returns its id. */
async function addClientOf({ lead }: TestPartner): Promise<string> {
    const [id, createdAt] = [newId(), world.its.clock.now]
    await acting(lead, async (ctx) => {
        const nameCiphertext = await nameOf(ctx, lead.person, `machine_clients.name:${id}`)
        const row = { id, person: lead.person, nameCiphertext, keys: [], scopes: [], networks: [], createdAt }
        await insertClient(ctx.tx, row)
    })
    return id
}

/** Asks the partner a question in a separate inquiry. */
async function asked(partner: TestPartner): Promise<string> {
    const { its: setup, x } = world
    return await acting(setup.investigator, async (ctx) => {
        const inquiry = await openInquiry(ctx, { case: x.id, title: "Who knew?", evidence: [], members: [] })
        const put = { kind: "question", partner: partner.id, finding: null, text: "Who had it?" } as const
        return await askPartner(ctx, inquiry, { ...put, answerBy: ctx.now + 7 * 24 * hourMs })
    })
}

interface Asked {
    readonly method: string
    readonly path: string
    readonly id: string
    readonly as: string
}

/** Lists the ids that an address accepts. */
function namesFor(path: string, input: Own): readonly string[] {
    const [, kind = ""] = /^\/(?:api\/)?([a-z0-9-]+)\//.exec(path) ?? []
    const values: Readonly<Record<string, readonly string[]>> = {
        warnings: [input.warning],
        artifacts: [input.artifact],
        consents: [input.warning],
        recalls: [input.receipt],
        receipts: [input.receipt, input.confirmation],
        letters: [input.letter],
        webhooks: [input.webhook],
        inquiries: [input.question],
        keys: [input.key],
        "mail-keys": [input.key],
        tokens: [input.token],
        sessions: [input.session],
        passkeys: [input.passkey],
        "machine-clients": [input.client],
        roster: [input.person],
        taxii2: [input.warning],
        sightings: [input.sighting],
    }
    return values[kind] ?? []
}

/** Sends a real request, with a valid body. */
async function ask({ method, path, id, as }: Asked, more: object = {}) {
    const body = bodies[`${method} ${path}`]
    const type = path.startsWith("/taxii2/") ? "application/taxii+json" : "application/json"
    return await portal.app.inject({
        method: method as "GET",
        url: addressed(path, id),
        headers: { authorization: `Bearer ${as}`, ...(body && { "content-type": type }) },
        ...(body && { payload: { ...body, ...more } }),
    })
}

const addressed = (path: string, id: string) =>
    path.replace("{id}", id).replace("{collection}", "warnings").replace("{object}", id)

const kindsSince = async (before: number) =>
    (await listEvents(world.its.database)).slice(before).map(({ kind }) => kind)
const eventsNow = async () => (await listEvents(world.its.database)).length

const signedIn = portalRoutes.filter(({ permission: needs }) => needs !== "public")
const named = signedIn.filter(({ path }) => path.includes("{id}") || path.includes("{object}"))
const rows = named.map(({ method, path }) => [method, path] as const)

describe("requests by id", () => {
    test("A-01 a hidden case and one that never existed: the same bytes on the wire", async () => {
        await portal.app.listen({ host: "127.0.0.1", port: 0 })
        const { port } = portal.app.server.address() as AddressInfo
        const answered = async (id: string) => {
            const socket = net.connect(port, "127.0.0.1")
            const bearer = `Authorization: Bearer ${world.tokens.third}`
            socket.write(`GET /api/warnings/${id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${bearer}\r\n\r\n`)
            return (await text(socket)).replace(/^date: .*$/im, "").replace(/^x-request-id: .*$/im, "")
        }
        const nothing = await answered(newId())
        expect(nothing).toMatch(/^HTTP\/1\.1 404 /)
        const { keys } = world.its.services
        const byName = aliasFor(keys, world.third.id, "warning", world.x.id)
        for (const id of [byName, ofOne().warning, world.x.id]) expect(await answered(id)).toBe(nothing)
    })

    test.each(rows)("A-01 A-14 find nothing of another partner: %s %s", async (method, path) => {
        const { keys } = world.its.services
        const request = { method, path }
        const lead = world.tokens.lead
        const isTokens = path.startsWith("/api/tokens/") || path === "/api/sessions/{id}"
        const [hidden, nothing] = [world.tokens.thirdLead, isTokens ? "f".repeat(ofOne().token.length) : newId()]
        const itsOwn = aliasFor(keys, world.third.id, path.includes("artifacts") ? "artifact" : "warning", world.x.id)
        const before = await eventsNow()
        for (const [as, ids] of [
            [hidden, [...namesFor(path, ofOne()), ...(isTokens ? [] : [world.x.id, itsOwn])]],
            [lead, namesFor(path, ofTwo())],
        ] as const) {
            const none = whole(await ask({ ...request, id: nothing, as }))
            expect(none.status).toBeGreaterThanOrEqual(400)
            expect(ids.length).toBeGreaterThan(0)
            for (const id of ids) expect(whole(await ask({ ...request, id, as }))).toEqual(none)
        }
        expect(await kindsSince(before)).toEqual([])
    })

    test("A-01 A-14 nor by shared ids: of its objects, its documents, its event", async () => {
        const { tokens } = world
        const shown = await looksOf(portal.app, tokens.one, /warnings\/\{|objects\/$|csaf\/partner\/red/)
        const text = shown.map(({ body }) => body).join("\n")
        const third = (await looksOf(portal.app, tokens.third, /objects\/$|csaf\/partner\/red/)).map(({ body }) => body)
        const isHidden = (id: string) => !third.some((body) => body.includes(id))
        const objects = [...new Set(text.match(/(?:report|note|vulnerability|indicator)--[0-9a-f-]{36}/g))].filter(
            isHidden,
        )
        const files = [...new Set(text.match(/\d{4}\/nl-[0-9a-f-]{36}\.json/g))].filter(isHidden)
        expect([objects.length, files.length]).toEqual([4, 2])
        const warnings = "/taxii2/api/collections/warnings/objects/"
        const forms: readonly (readonly [readonly string[], (id: string) => string, (path: string) => string])[] = [
            [objects, (id) => id.replace(/--.*/, `--${newId()}`), (id) => `${warnings}${id}/`],
            [objects, (id) => id.replace(/--.*/, `--${newId()}`), (id) => `${warnings}${id}/versions/`],
            [objects, (id) => id.replace(/--.*/, `--${newId()}`), (id) => `${warnings}?match[id]=${id}`],
            [files, () => `2025/nl-${newId()}.json`, (file) => `/csaf/partner/red/${file}`],
            [files, () => `2025/nl-${newId()}.json`, (file) => `/csaf/partner/v2.1/red/${file}.asc`],
        ]
        const ask = async (url: string) => {
            const headers = { authorization: `Bearer ${tokens.third}` }
            return whole(await portal.app.inject({ method: "GET", url, headers }))
        }
        for (const [ids, none, path] of forms) {
            for (const id of ids) expect(await ask(path(id))).toEqual(await ask(path(none(id))))
        }
    })

    test("A-14 although its owner finds it", async () => {
        for (const [path, id] of [
            ["/api/artifacts/{id}/copy", ofTwo().artifact],
            ["/api/warnings/{id}/misp", ofTwo().warning],
            ["/api/letters/{id}", ofTwo().letter],
            ["/api/keys/{id}/test", ofTwo().key],
        ] as const) {
            const as = await tokenOf(world.two.lead)
            expect((await ask({ method: "GET", path, id, as })).statusCode).toBe(200)
        }
    })
})

describe("lists", () => {
    const third = async (only = /^/) => await looksOf(portal.app, world.tokens.thirdLead, only)

    test("A-04 no list, filter or description contains text of a case that the caller does not have", async () => {
        const words = [...Object.values(world.x.text), "zqfilex"]
        const text = (await third()).map(({ headers, body }) => headers + body).join("\n")
        for (const word of words) expect(text).not.toContain(word)
        const { products, cve } = {
            products: world.shared.text["product"] ?? "",
            cve: world.shared.text["cve"] ?? "",
        }
        for (const word of [products, cve]) expect(text).toContain(word)
        const forms = (await looksOf(portal.app, world.tokens.one, /objects\/$/)).map(({ body }) => body).join("\n")
        for (const subject of ["title", "product", "cve", "summary"]) expect(forms).toContain(world.x.text[subject])
    })

    test("A-13 no list shows other partners, people, recipients or readers", async () => {
        const { two, third: other } = world
        const named = {
            partner: two.id,
            name: "Zqmember",
            mail: "zqmember@partner.example",
            roles: ["analyst"] as const,
        }
        const person = await acting(system, (ctx) => addPerson(ctx, { ...named, roles: [...named.roles] }))
        const mails = []
        for (const item of [two.lead.person, two.analyst.person, other.lead.person]) {
            mails.push((await acting(system, (ctx) => findPerson(ctx, item)))?.mail ?? "nobody")
        }
        const others = [two.id, other.id, two.lead.person, two.analyst.person, other.lead.person, person, "qmember"]
        const done = ["zqseen", "zqhook", ...Object.values(ofTwo())]
        const looks = await looksOf(portal.app, world.tokens.lead)
        const text = looks.map(({ headers, body }) => headers + body).join("\n")
        for (const item of [...others, ...mails, ...done]) expect(text).not.toContain(item)
        for (const its_ of [ofOne().receipt, ofOne().letter, world.one.analyst.person]) expect(text).toContain(its_)
        const described = Object.keys(
            JSON.parse(looks.find(({ path }) => path === "/api/openapi.json")?.body ?? "").paths,
        )
        expect(
            described.filter((path: string) => /partners|recipients|deliveries|persons|staff|groups|seen/.test(path)),
        ).toEqual([])
        for (const path of ["/api/partners", "/api/deliveries", "/api/exposure", "/api/entitlements", "/api/staff"]) {
            const nowhere = whole(await ask({ method: "GET", path: "/api/nowhere", id: "", as: world.tokens.lead }))
            expect(whole(await ask({ method: "GET", path, id: "", as: world.tokens.lead }))).toEqual(nowhere)
        }
    })

    test("A-06 a link from a case to a hidden one changes nothing that the partner sees", async () => {
        const { its: setup, shared, x } = world
        const later = await write(setup, { name: "later", tiers: ["validate"] })
        const seen = new RegExp(
            String.raw`^/api/(?:warnings|consents|test-results|recalls|sightings|protection-statuses)` +
                String.raw`|(?:objects|manifest)/$|csaf/partner/red`,
        )
        await third(seen)
        const before = await third(seen)
        await acting(setup.author, (ctx) => linkCases(ctx, x.id, shared.id, "bypass_of"))
        expect(await third(seen)).toEqual(before)
        await acting(setup.author, (ctx) => linkCases(ctx, shared.id, later.id, "variant_of"))
        expect(await third(seen)).toEqual(before)
    })
})

describe("names", () => {
    const hexOf = (id: string) => Buffer.from(id.replaceAll("-", ""), "hex")

    /** Checks ids that were created in order: no byte is constant or monotonic. */
    function expectChance(list: readonly Buffer[]): void {
        for (let place = 0; place < 16; place++) {
            const column = list.map((item) => item[place] ?? 0)
            expect(new Set(column).size).toBeGreaterThan(1)
            const up = column.toSorted((a, b) => a - b)
            expect([up, up.toReversed()]).not.toContainEqual(column)
        }
    }

    test("A-07 reveal neither order nor time, and shared objects have different names for each partner", async () => {
        const { its: setup, one: partner, two, x, shared, tokens } = world
        const start = setup.clock.now
        const receipts: string[] = []
        for (let n = 0; n < 12; n++) {
            setup.clock.now += hourMs / 2
            const answer = await ask({
                method: "GET",
                path: "/api/artifacts/{id}/copy",
                id: ofOne().artifact,
                as: tokens.one,
            })
            receipts.push(String(answer.headers["tocsin-receipt"]))
        }
        setup.clock.now = start
        for (const id of receipts)
            expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expectChance(receipts.map(hexOf))
        const inner = [x, shared].flatMap(({ id, artifacts }) => [id, ...Object.values(artifacts)])
        const names = (partner: TestPartner) =>
            inner.map((id) => aliasFor(setup.services.keys, partner.id, "artifact", id))
        expectChance(names(partner).map(hexOf))
        expect(names(partner).filter((name) => [...inner, ...names(two)].includes(name))).toEqual([])
        const cursors = async (token: string) => {
            const list = []
            for (let limit = 1; limit <= 12; limit++) {
                const url = `/taxii2/api/collections/warnings/objects/?limit=${limit}`
                const answer = await portal.app.inject({
                    method: "GET",
                    url,
                    headers: { authorization: `Bearer ${token}` },
                })
                list.push(answer.json<{ next: string }>().next)
            }
            return list
        }
        const [entries, items] = [await cursors(tokens.one), await cursors(tokens.two)]
        expectChance(entries.map((next) => Buffer.from(next, "base64url")))
        expect(entries.filter((next) => items.includes(next))).toEqual([])
    })
})

describe("writes", () => {
    const console = async (method: "DELETE" | "POST", url: string) =>
        await console_.inject({
            method,
            url,
            headers: { authorization: `Bearer ${everything}` },
            ...(method === "POST" && { payload: {} }),
        })

    test("A-09 below the partner's own objects do not reach other objects", async () => {
        const { its: setup, one: partner, x, shared, tokens } = world
        const sightings = "/taxii2/api/collections/sightings/objects/"
        const [seen] = (await looksOf(portal.app, tokens.two, /warnings\/objects|\{collection\}\/objects\/$/)).flatMap(
            ({ body }) => body.match(/vulnerability--[0-9a-f-]{36}/) ?? [],
        )
        const [at, object] = ["2025-07-01T00:00:00.000Z", `sighting--${newId()}`]
        const one_ = { type: "sighting", spec_version: "2.1", id: object, created: at, modified: at }
        const posted = await portal.app.inject({
            method: "POST",
            url: sightings,
            headers: { authorization: `Bearer ${tokens.two}`, "content-type": "application/taxii+json" },
            payload: { objects: [{ ...one_, sighting_of_ref: seen }] },
        })
        expect(posted.json()).toMatchObject({ success_count: 1 })
        const sample = { name: "one.json", must: "hit", content: '{"a":"b"}', base64: false } as const
        const kept = await acting(setup.author, (ctx) => addSample(ctx, x.artifacts.rules ?? "", sample))
        const party = await acting(setup.author, (ctx) =>
            addParty(ctx, x.id, { name: "A finder", contact: "by mail", role: "finder" }),
        )
        const before = await eventsNow()
        const deleted = async (id: string, as: string) =>
            await portal.app.inject({
                method: "DELETE",
                url: `${sightings}${id}/`,
                headers: { authorization: `Bearer ${as}` },
            })
        const expectNothing = async (its_: Promise<Awaited<ReturnType<typeof deleted>>>, none: typeof its_) => {
            const nothing = whole(await none)
            expect(nothing.status).toBe(404)
            expect(whole(await its_)).toEqual(nothing)
        }
        await expectNothing(deleted(object, tokens.one), deleted(`sighting--${newId()}`, tokens.one))
        const foreign = ofTwo().person
        for (const [method, url] of [
            ["DELETE", (id: string) => `/api/partners/${partner.id}/roster/${id}`],
            ["POST", (id: string) => `/api/partners/${partner.id}/roster/${id}/sign-in-links`],
        ] as const) {
            await expectNothing(console(method, url(foreign)), console(method, url(newId())))
        }
        const samples = (id: string) => console("DELETE", `/api/artifacts/${shared.artifacts.rules}/samples/${id}`)
        await expectNothing(samples(kept), samples(newId()))
        const secret = (id: string) => console("POST", `/api/cases/${shared.id}/parties/${id}/renew-secret`)
        await expectNothing(secret(party), secret(newId()))
        expect(await kindsSince(before)).toEqual([])
        expect((await acting(system, (ctx) => findPerson(ctx, foreign)))?.leftAt).toBeNull()
        expect((await deleted(object, tokens.two)).statusCode).toBe(200)
    })

    const taking = signedIn.filter(({ body, path }) => body && !path.startsWith("/taxii2/"))
    test.each(taking.map(({ method, path }) => [method, path] as const))(
        "A-10 name no other object in the body than in the address: %s %s",
        async (method, path) => {
            const { tokens, its: setup, two } = world
            const [, kind = ""] = /^\/api\/([a-z]+)/.exec(path) ?? []
            const item: Readonly<Record<string, string>> = {
                warnings: ofOne().warning,
                artifacts: ofOne().artifact,
                keys: ofOne().key,
                letters: ofOne().letter,
                inquiries: ofOne().question,
                consents: ofOne().warning,
                tokens: ofOne().token,
            }
            const request = { method, path, id: item[kind] ?? newId(), as: tokens.lead }
            const y = aliasFor(setup.services.keys, two.id, "warning", world.x.id)
            const before = await eventsNow()
            for (const more of [{ caseId: y }, { case: y }, { partner: two.id }, { person: two.lead.person }]) {
                const answer = await ask(request, more)
                expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, "request.invalid"])
                expect(answer.json<{ detail: string }>().detail).toContain("unknown field")
            }
            if (path !== "/api/sightings") expect((await ask(request, { id: y })).statusCode).toBe(400)
            expect(await kindsSince(before)).toEqual([])
        },
    )

    test("A-11 delete only objects of the address's kind", async () => {
        const { tokens, one: partner, two, x } = world
        const item = { ...ofOne(), lead: partner.lead.person, shown: x.id }
        const kinds: Readonly<Record<string, string>> = {
            "/api/keys/{id}": "key",
            "/api/roster/{id}": "person",
            "/api/webhooks/{id}": "webhook",
            "/api/mail-keys/{id}": "mail key",
            "/api/machine-clients/{id}": "client",
        }
        const before = await eventsNow()
        for (const [path, kind] of Object.entries(kinds)) {
            for (const [subject, id] of Object.entries(item)) {
                if (subject === kind || hasOwnForm.has(subject) || (kind === "person" && subject === "lead")) continue
                expect((await ask({ method: "DELETE", path, id, as: tokens.lead })).statusCode).toBe(404)
            }
        }
        const deletions = signedIn.filter(({ method, path }) => method === "DELETE" && path.includes("{id}"))
        expect(deletions.map(({ path }) => path).toSorted()).toEqual(
            [...Object.keys(kinds), "/api/tokens/{id}", "/api/sessions/{id}"].toSorted(),
        )
        const strangers = [two.lead.person, ofTwo().key, ofTwo().webhook, x.id, x.artifacts.summary ?? "", two.id]
        const operators = (
            await acting(system, (ctx) =>
                ctx.tx.query<{ id: string }>("select id from persons where partner_id is null"),
            )
        ).map(({ id }) => id)
        for (const id of strangers) {
            for (const path of ["approvals", "deputies", "staff"]) {
                expect((await console("DELETE", `/api/${path}/${id}`)).statusCode).toBe(404)
            }
        }
        for (const id of operators) {
            expect((await console("DELETE", `/api/partners/${two.id}/roster/${id}`)).statusCode).toBe(404)
        }
        expect(await kindsSince(before)).toEqual([])
    })

    test("A-17 a mail address in use elsewhere is answered like an unused one", async () => {
        const { tokens, one: partner } = world
        const known = (await acting(system, (ctx) => findPerson(ctx, partner.lead.person)))?.mail ?? ""
        const story = "Two engineers on call read it; one acts within the hour."
        const form = {
            organisation: "Marrowfield",
            products: ["Gate"],
            regions: ["North"],
            productClasses: ["other"],
            inHouseProtection: story,
            workedExample: { cve: "CVE-2024-3400", text: story },
            dataUse: story,
            mailboxReaders: story,
            automation: "None.",
        }
        const invited = async (mail: string) => {
            const headers = { authorization: `Bearer ${tokens.thirdLead}` }
            const payload = { name: "Somebody", mail, roles: ["analyst"] }
            return await portal.app.inject({ method: "POST", url: "/api/roster", headers, payload })
        }
        const applied = async (mail: string) => {
            const payload = { ...form, mail, contact: { name: "Somebody", mail } }
            return await portal.app.inject({ method: "POST", url: "/api/applications", payload })
        }
        const shape = ({ status, headers, body }: ReturnType<typeof whole>) =>
            [status, headers, body.replaceAll(/[\w-]{22,}/g, (item) => `${item.length}`)] as const
        for (const write_ of [invited, applied]) {
            const [free, taken] = [await write_(`${newId()}@nobody.example`), await write_(known)]
            expect(free.statusCode).toBe(200)
            expect(shape(whole(taken))).toEqual(shape(whole(free)))
        }
    })
})

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})
