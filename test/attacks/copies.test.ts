/** What two partners can infer from their copies, and who can learn or forge whose copy is whose. */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import type { LightMyRequestResponse } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { makeServer } from "../../server/src/server.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { attribute } from "../../server/src/trace/attribution/actions/attribute-leak.ts"
import { loadAttribution } from "../../server/src/trace/attribution/actions/load-attributions.ts"
import { addLeak } from "../../server/src/trace/evidence/actions/add-evidence.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { addKey, revokeKey } from "../../server/src/trust/partners/keys/actions/manage-keys.ts"
import { makeBatch } from "../../server/src/trust/receipts/actions/batch-receipts.ts"
import { createStaffMember, listEvents, system } from "../support/actors.ts"
import { confirmKey } from "../support/doubles/keys.ts"
import { newId } from "../support/database.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
import { type TestPartner, deleteTracingBudgets, signAsApprover } from "../support/program.ts"
import { looksOf, portalRoutes } from "./read-portal.ts"
import { type Three, type Written, now, three, write } from "./three-partners.ts"

const classes = ["summary", "technical", "guidance", "rules", "poc"] as const

let world: Three
let values: Written
let portal: Portal
const acting: Three["its"]["acting"] = (...given) => world.its.acting(...given)

beforeAll(async () => {
    world = await three()
    const endsAt = now + 3 * dayMs
    values = await write(world.its, { name: "all", tiers: ["validate"], classes, unopened: [], endsAt })
    portal = await openPortal(world.its)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.its.database.close()
})

const nameOf = (partner: TestPartner, kind: (typeof classes)[number]) =>
    aliasFor(world.its.services.keys, partner.id, "artifact", values.artifacts[kind] ?? "")

async function fetch(token: string, name: string): Promise<LightMyRequestResponse> {
    const headers = { authorization: `Bearer ${token}` }
    return await portal.app.inject({ method: "GET", url: `/api/artifacts/${name}/copy`, headers })
}

async function opened({ rawPayload }: LightMyRequestResponse, identity: string): Promise<string> {
    const age = new Decrypter()
    age.addIdentity(identity)
    return await age.decrypt(rawPayload, "text")
}

const credential = (subject: { readonly person: string }) =>
    acting(system, (ctx) => issueCredential(ctx, subject.person, "token"))

describe("the answers for two partners about one case", () => {
    /** Replaces ids and cursors, which are individual, and sealed bytes, which are random. */
    const alike = (text: string) =>
        text
            .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
            .replaceAll(/"next":"[\w-]{22}"/g, '"next":"<next>"')

    test("E-01 have the same form: status, headers and their order, lengths, instants, names and counts", async () => {
        const { one: item, two, tokens } = world
        const subject = new RegExp(
            String.raw`^/api/(?:warnings|artifacts|receipts|consents|recalls|test-results|sightings` +
                String.raw`|protection-statuses)|^/taxii2|^/csaf/partner`,
        )
        const [otherLooks, eachLooks] = [
            await looksOf(portal.app, tokens.one, subject),
            await looksOf(portal.app, tokens.two, subject),
        ]
        const forms = (looks: typeof otherLooks) =>
            looks.map(({ path, status, headers, body }) => [alike(path), status, alike(headers), alike(body)])
        expect(forms(eachLooks)).toEqual(forms(otherLooks))
        expect(
            otherLooks.filter(({ path, status }) => path.endsWith("/copy") && status === 200).length,
        ).toBeGreaterThan(8)
        const texts: string[][] = []
        for (const [partner, token] of [[item, tokens.one] as const, [two, tokens.two] as const]) {
            const copies: string[] = []
            for (const kind of classes)
                copies.push(await opened(await fetch(token, nameOf(partner, kind)), partner.identity))
            texts.push(copies)
        }
        const lengths = texts.map((copies) => copies.map((copy) => Buffer.byteLength(copy)))
        expect(lengths[1]).toEqual(lengths[0])
        expect(texts[0]?.filter((copy, n) => copy !== texts[1]?.[n]).length).toBeGreaterThanOrEqual(4)
    })

    test("E-05 contain the same copy each time: in another session, for another person, on another day", async () => {
        const { its: setup, one: partner, tokens } = world
        const start = setup.clock.now
        for (const kind of classes) {
            const [name, url] = [nameOf(partner, kind), `/api/artifacts/${nameOf(partner, kind)}/copy`]
            const answers = [await fetch(tokens.one, name), await fetch(await credential(partner.analyst), name)]
            setup.clock.now = start + dayMs
            const session = await acting(system, (ctx) => issueCredential(ctx, partner.lead.person, "session"))
            const headers = { cookie: `tocsin-portal=${session}` }
            answers.push(await portal.app.inject({ method: "GET", url, headers }))
            setup.clock.now = start
            const texts = []
            for (const answer of answers) texts.push(await opened(answer, partner.identity))
            expect(new Set(texts).size).toBe(1)
            expect(new Set(answers.map(({ rawPayload }) => rawPayload.length)).size).toBe(1)
        }
    })
})

test("E-03 the first fetch of a released version takes the same steps as the next", async () => {
    const { its: setup, one: item, two, tokens } = world
    const services = { ...setup.services, log: silentLog }
    const start = setup.clock.now
    const classes_ = { classes: ["technical", "rules"], unopened: [] } as const
    const { id, artifacts } = await write(setup, {
        name: "first",
        tiers: [],
        ...classes_,
        endsAt: start + 14 * dayMs + hourMs,
    })
    const wave = (await acting(setup.manager, (ctx) => listWaves(ctx, id))).find(({ tier }) => tier === "validate")
    const approval = await acting(setup.manager, (ctx) => requestRelease(ctx, wave?.id ?? ""))
    while (await handleNextEvent(services, eventHandlers));
    await signAsApprover(setup, approval)
    setup.clock.now += hourMs
    await releaseWavesJob.run(services)
    for (const artifact of Object.values(artifacts)) {
        const name = (partner: TestPartner) => aliasFor(setup.services.keys, partner.id, "artifact", artifact)
        for (const [partner, token] of [
            [item, tokens.one],
            [two, tokens.two],
            [item, tokens.one],
        ] as const) {
            const before = (await listEvents(setup.database)).length
            expect((await fetch(token, name(partner))).statusCode).toBe(200)
            const kinds = (await listEvents(setup.database)).slice(before).map(({ kind }) => kind)
            expect(kinds).toEqual(["copy.delivered"])
        }
    }
    setup.clock.now = start
})

test("E-06 no refusal, receipt or history reveals that copies differ, or how", async () => {
    const { its: setup, one: partner, tokens } = world
    await fetch(tokens.one, nameOf(partner, "technical"))
    await acting(system, (ctx) => makeBatch({ ...ctx, services: setup.services }))
    setup.clock.now += 2000
    const own = /^\/api\/(?:receipts|receipt-log|recalls|test-results|consents|letters|keys|me|requirements)/
    const inputs = (await looksOf(portal.app, tokens.one, own)).map(({ headers, body }) => headers + body)
    expect(inputs.join()).toContain('\\"kind\\":\\"fetched\\"')
    const refused = portalRoutes.filter(({ permission: needs, path }) => needs !== "public" && path !== "/api/events")
    for (const { method, path } of refused) {
        for (const id of [newId(), "x", values.artifacts.technical ?? ""]) {
            const url = path.replaceAll(/\{[^}]+\}/g, id)
            // Uses a separate credential, because one address ends the credential of its request.
            const headers = { authorization: `Bearer ${await credential(partner.analyst)}` }
            // With an invalid body, and without one: refusals describe what is wrong.
            for (const payload of method === "GET" || method === "DELETE" ? [undefined] : [undefined, { x: 1 }]) {
                const answer = await portal.app.inject({ method, url, headers, ...(payload && { payload }) })
                if (answer.statusCode >= 400) inputs.push(JSON.stringify(answer.headers) + answer.body)
            }
        }
    }
    const { keys } = world.its.services
    const without = await portal.app.inject({
        method: "GET",
        url: `/api/artifacts/${aliasFor(keys, world.third.id, "artifact", world.shared.artifacts.summary ?? "")}/copy`,
        headers: { authorization: `Bearer ${await keyless()}` },
    })
    expect(without.json()).toMatchObject({ code: "delivery.no_key" })
    inputs.push(without.body)
    expect(inputs.length).toBeGreaterThan(100)
    const telling = new RegExp(
        String.raw`variant|water.?mark|fingerprint|\bmark(?:s|ed|ing)?\b|carrier|slot|codeword|generator` +
            String.raw`|\bseed|canary|trac(?:e|ing)`,
        "i",
    )
    expect(inputs.filter((text) => telling.test(text))).toEqual([])
})

/** The third partner's analyst, once its partner has no key. */
async function keyless(): Promise<string> {
    const { third, tokens } = world
    const headers = { authorization: `Bearer ${tokens.thirdLead}` }
    const { keys } = (await portal.app.inject({ method: "GET", url: "/api/keys", headers })).json<{
        keys: { id: string }[]
    }>()
    for (const { id } of keys) await acting(third.lead, (ctx) => revokeKey(ctx, id))
    return tokens.third
}

describe("the recipient of a copy", () => {
    async function attributed(text: string) {
        const { investigator, clock } = world.its
        const words = { name: "paste.txt", source: "a paste site", note: "", clock: "unknown" as const }
        const leak = { ...words, case: values.id, content: Buffer.from(text), observedAt: clock.now }
        const evidence = await acting(investigator, (ctx) => addLeak(ctx, leak))
        const id = await acting(investigator, (ctx) => attribute(ctx, evidence))
        const { result } = await acting(investigator, (ctx) => loadAttribution(ctx, id))
        return { id, identified: result.best?.findings.identified ?? [] }
    }

    test("E-07 is disclosed by two people, gives no partner another's copy, and was committed to before", async () => {
        const { its: setup, two, tokens } = world
        const copy = await opened(await fetch(tokens.two, nameOf(two, "technical")), two.identity)
        setup.clock.now += 60_000
        const { id, identified } = await attributed(copy)
        expect(identified).toEqual([two.id])
        const roles = ["investigator", "author", "manager", "approver", "admin", "auditor"] as const
        const somebody = await createStaffMember(setup.acting, [...roles])
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
        const app = await makeServer({ services: { ...setup.services, log: silentLog }, side: "console", ...settings })
        const headers = { authorization: `Bearer ${await credential(somebody)}` }
        const ask = async (method: "GET" | "POST", url: string, payload?: object) =>
            await app.inject({ method, url, headers, ...(payload && { payload }) })
        const before = (await listEvents(setup.database)).length
        const opening = `/api/attributions/${id}/disclose-keys`
        const request = (await ask("POST", opening, {})).json<{ approval: string; done: boolean; disclosed: null }>()
        expect(request).toMatchObject({ done: false, disclosed: null })
        const alone = await ask("POST", opening, { approval: request.approval })
        expect(alone.json()).toMatchObject({ code: "approval.not_signed" })
        const own = (await ask("GET", "/api/approvals")).json<{ pending: { id: string; effectsHash: string }[] }>()
        const effectsHash = own.pending.find((item) => item.id === request.approval)?.effectsHash
        const signed = await ask("POST", `/api/approvals/${request.approval}/sign`, { effectsHash })
        expect(signed.json()).toMatchObject({ code: "approval.own_request" })
        expect((await listEvents(setup.database)).slice(before).map(({ kind }) => kind)).toEqual(["approval.requested"])

        const answers: string[] = []
        const ids = [values.artifacts.technical ?? "", nameOf(two, "technical"), two.id, values.id]
        const readable = allRoutes.filter(
            ({ side, method, path }) => side !== "portal" && method === "GET" && path !== "/api/events",
        )
        for (const { path } of readable) {
            for (const its_ of path.includes("{") ? ids : [""]) {
                const query = path === "/api/artifacts/{id}" ? `?partner=${two.id}` : ""
                answers.push((await ask("GET", path.replaceAll(/\{[^}]+\}/g, its_))).body)
                if (query !== "") answers.push((await ask("GET", path.replace("{id}", its_) + query)).body)
            }
        }
        const lines = copy.trim().split("\n")
        expect(answers.filter((body) => body.includes(JSON.stringify(lines.join("\n")).slice(1, -1)))).toEqual([])
        expect(answers.filter((body) => body.includes(values.text["technical"] ?? ""))).not.toEqual([])
        await signAsApprover(setup, request.approval)
        expect((await ask("POST", opening, { approval: request.approval })).json()).toMatchObject({ done: true })

        const events = await listEvents(setup.database)
        const pick = ({ body }: (typeof events)[number]) => `${String(body["artifact"])}:${String(body["version"])}`
        const at = (kind: string, version: string) =>
            events.findIndex((item) => item.kind === kind && pick(item) === version)
        const marked = new Set(events.filter(({ kind }) => kind === "marks.committed").map(pick))
        for (const kind of ["summary", "technical", "guidance", "rules"] as const)
            expect(marked).toContain(`${values.artifacts[kind]}:1`)
        for (const version of marked) expect(at("marks.committed", version)).toBeLessThan(at("copy.delivered", version))
        expect(events.slice(before).map(({ kind }) => kind)).toEqual(expect.arrayContaining(["marks.keys_disclosed"]))
        await app.close()
    }, 60_000)

    test("E-07 is the only one to fetch it: neither staff at the portal nor another partner by its alias", async () => {
        const { its: setup, one: partner, two, tokens } = world
        const staff = await createStaffMember(setup.acting, [
            "investigator",
            "author",
            "manager",
            "approver",
            "admin",
            "auditor",
        ])
        const unknown = await fetch(tokens.one, newId())
        expect(unknown.statusCode).toBe(404)
        const before = (await listEvents(setup.database)).length
        for (const kind of classes) {
            expect((await fetch(await credential(staff), nameOf(two, kind))).statusCode).toBe(401)
            for (const name of [nameOf(two, kind), values.artifacts[kind] ?? ""]) {
                const { statusCode, body } = await fetch(tokens.one, name)
                expect([statusCode, body]).toEqual([404, unknown.body])
            }
        }
        const kinds = (await listEvents(setup.database)).slice(before).map(({ kind }) => kind)
        expect(kinds.filter((kind) => kind !== "credential.issued")).toEqual([])
        expect((await fetch(tokens.one, nameOf(partner, "technical"))).statusCode).toBe(200)
    })

    test("E-08 gets a copy sealed to a new key only, recorded again, and both copies are traced to it", async () => {
        const { its: setup, one: partner, tokens } = world
        const start = (await listEvents(setup.database)).length
        const first = await fetch(tokens.one, nameOf(partner, "technical"))
        const identity = await generateX25519Identity()
        const recipient = await identityToRecipient(identity)
        const headers = { authorization: `Bearer ${tokens.lead}` }
        const { keys } = (await portal.app.inject({ method: "GET", url: "/api/keys", headers })).json<{
            keys: { id: string }[]
        }>()
        const added = await acting(partner.lead, (ctx) => addKey(ctx, recipient))
        setup.clock.now += 1000
        const early = await fetch(tokens.one, nameOf(partner, "technical"))
        await expect(opened(early, identity)).rejects.toThrow(/no identity matched/)
        await confirmKey(acting, partner.lead, added, { id: keys[0]?.id ?? "", identity: partner.identity })
        for (const { id } of keys) await acting(partner.lead, (ctx) => revokeKey(ctx, id))
        setup.clock.now += dayMs
        const before = (await listEvents(setup.database)).length
        const second = await fetch(tokens.one, nameOf(partner, "technical"))
        await expect(opened(second, partner.identity)).rejects.toThrow(/no identity matched/)
        const texts = [await opened(first, partner.identity), await opened(second, identity)]
        const events = (await listEvents(setup.database)).slice(before)
        expect(events.map(({ kind, body }) => [kind, body["partner"]])).toEqual([["copy.delivered", partner.id]])
        const earlier = (await listEvents(setup.database)).slice(start).find(({ kind }) => kind === "copy.delivered")
        const each = [earlier, events[0]].map((event) => event?.body ?? {})
        expect(each.map((body) => body["artifact"])).toEqual([values.artifacts.technical, values.artifacts.technical])
        for (const field of ["copy", "receipt"]) expect(each[0]?.[field]).not.toBe(each[1]?.[field])
        await deleteTracingBudgets(setup)
        for (const text of texts) expect((await attributed(text)).identified).toEqual([partner.id])
    }, 60_000)
})

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})
