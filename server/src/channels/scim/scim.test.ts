/** Tests off-boarding by SCIM: what a provider sees, what it ends, and what it cannot do. */
import fc from "fast-check"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { listTasksOfActor } from "../../trace/tasks/actions/list-tasks-of-actor.ts"
import { createSigningKey } from "@tocsin/client/signing-key"
import { type Acting, actingOn, createStaffMember, listEvents, system } from "../../../../test/support/actors.ts"
import { type Program, createProgram, newPartner } from "../../../../test/support/program.ts"
import type { Actor, OperatorRole, PartnerRole } from "../../kernel/actor.ts"
import type { Method, Side } from "../../kernel/route.ts"
import { silentLog } from "../../platform/log/log.ts"
import { type ProviderSettings, openIdentityProvider } from "../../platform/single-sign-on/identity-provider.ts"
import { makeServer } from "../../server.ts"
import { addPerson } from "../../trust/identity/actions/manage-people.ts"
import { hashOf, issueCredential } from "../../trust/identity/actions/sign-in.ts"
import { registerClient } from "../../trust/identity/machines/actions/manage-clients.ts"
import { hashAt } from "../../trust/identity/single-sign-on/actions/end-identities.ts"
import * as accounts from "../../trust/identity/single-sign-on/store.ts"
import { schemas } from "./schemas.ts"

const messages = "urn:ietf:params:scim:api:messages:2.0"
const client = { clientId: "tocsin", clientSecret: "c".repeat(40), roles: null, scope: "openid" }
const staff: ProviderSettings = {
    ...client,
    id: "staff",
    name: "Staff",
    issuer: "https://sso.example",
    for: "staff",
    scimSecret: "s".repeat(43),
}
const ofPartner = (id: string, secret: string | undefined): ProviderSettings => ({
    ...client,
    id,
    name: id,
    issuer: `https://${id}.example`,
    for: { domains: ["partner.example"] },
    scimSecret: secret,
})
const acme = ofPartner("acme-4f1c9a27be60d385", "a".repeat(43))
const other = ofPartner("other-4f1c9a27be60d385", "o".repeat(43))
const silent = ofPartner("silent-4f1c9a27be60d385", undefined)

let world: Program
let acting: Acting
let apps: Readonly<Record<Side, FastifyInstance>>
let partner: string
let n = 0

beforeAll(async () => {
    world = await createProgram()
    const identityProviders = [staff, acme, other, silent].map(openIdentityProvider)
    const services = { ...world.services, log: silentLog, identityProviders }
    acting = actingOn(services, world.clock)
    const options = { services, web: null, secureCookies: true, requestsPerMinuteMax: 100_000 }
    apps = {
        console: await makeServer({ ...options, side: "console" }),
        portal: await makeServer({ ...options, side: "portal" }),
    }
})
afterAll(async () => {
    await Promise.all([apps.console.close(), apps.portal.close()])
    await world.database.close()
})
beforeEach(async () => {
    partner = (await newPartner(world, "entry")).id
})

interface Asked {
    readonly method?: Method
    readonly body?: unknown
    readonly secret?: string | null
    readonly type?: string
}

async function ask(side: Side, path: string, { method = "GET", body, secret, type }: Asked = {}) {
    const given = secret === undefined ? (side === "console" ? staff : acme).scimSecret : secret
    const answer = await apps[side].inject({
        method,
        url: `/scim/v2/${path}`,
        headers: {
            ...(given !== null && { authorization: `Bearer ${given}` }),
            ...(body !== undefined && { "content-type": type ?? "application/scim+json" }),
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
    })
    const json = answer.body === "" ? null : answer.json<Answer>()
    if (json !== null) expect(answer.headers["content-type"]).toMatch(/^application\/scim\+json/)
    if (json !== null) checkBySchema(json)
    return { status: answer.statusCode, json }
}

interface Answer {
    readonly schemas: readonly string[]
    readonly [name: string]: unknown
}
type Attribute = (typeof schemas)[number]["attributes"][number]

const common = ["schemas", "id", "externalId", "meta"]

/** Checks an answer against what `/Schemas` declares: no other attribute, each required one, and each type. */
function checkBySchema(answer: Answer): void {
    const [schema = ""] = answer.schemas
    if (schema === `${messages}:Error`) {
        const names = ["schemas", "status", "scimType", "detail"]
        expect(names).toEqual(expect.arrayContaining(Object.keys(answer)))
    } else if (schema === `${messages}:ListResponse`) {
        const { Resources: list } = answer as { readonly Resources?: Answer[] }
        expect(answer["itemsPerPage"]).toBe(list?.length ?? 0)
        for (const item of list ?? []) checkBySchema(item)
    } else {
        const { attributes } = schemas.find(({ id }) => id === schema) ?? expect.fail(`no schema ${schema}`)
        const own = Object.entries(answer).filter(([name]) => !common.includes(name))
        checkAttributes(Object.fromEntries(own), attributes)
    }
}

function checkAttributes(value: Readonly<Record<string, unknown>>, attributes: readonly Attribute[]): void {
    expect(attributes.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(value)))
    for (const { name, type, multiValued, required, subAttributes = [] } of attributes) {
        const found = value[name]
        if (found === undefined) {
            expect([name, required]).toEqual([name, false])
            continue
        }
        expect(Array.isArray(found)).toBe(multiValued)
        for (const item of multiValued ? (found as unknown[]) : [found]) {
            const kinds = { string: "string", reference: "string", boolean: "boolean", integer: "number" }
            // The attributes of an attribute are of the same kind, to any depth.
            const declared = name === "subAttributes" ? attributes : subAttributes
            if (type === "complex") checkAttributes(item as Record<string, unknown>, declared)
            else expect([name, typeof item]).toEqual([name, kinds[type]])
        }
    }
}

interface Connected {
    readonly person: string
    readonly subject: string
    readonly mail: string
    readonly actor: Actor
}

/** Adds a person that connected an account of this provider. */
async function connected(provider: ProviderSettings, roles: readonly string[], mail?: string): Promise<Connected> {
    n++
    const details = { name: "A Person", mail: mail ?? `person${n}@partner.example` }
    if (provider.for === "staff") {
        const actor = await createStaffMember(acting, roles as OperatorRole[])
        await connect(provider, actor.person, `subject-${n}`)
        return { person: actor.person, subject: `subject-${n}`, mail: "", actor }
    }
    const person = await acting(system, (ctx) => addPerson(ctx, { ...details, partner, roles: roles as PartnerRole[] }))
    await connect(provider, person, `subject-${n}`)
    const actor: Actor = { kind: "partner", partner, person, roles: roles as PartnerRole[] }
    return { person, subject: `subject-${n}`, mail: details.mail, actor }
}

const connect = (provider: ProviderSettings, person: string, subject: string) =>
    acting(system, async ({ tx, services, now }) => {
        const subjectHash = hashAt(services, "subject", [provider.issuer, subject])
        const row = { id: services.newId(), subjectHash, person, provider: provider.id, createdAt: now }
        expect(await accounts.insertIdentity(tx, row)).toBe(true)
    })

const filterBy = (attribute: string, value: string) =>
    `Users?filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`)}`

async function idOf(side: Side, { subject }: Connected): Promise<string> {
    const { json } = await ask(side, filterBy("externalId", subject))
    const [user] = (json?.["Resources"] ?? []) as { readonly id: string; readonly externalId: string }[]
    expect(user?.externalId).toBe(subject)
    return user?.id ?? expect.fail("not found")
}

const patchOf = (...operations: unknown[]) => ({ schemas: [`${messages}:PatchOp`], Operations: operations })
const deactivation = { method: "PATCH", body: patchOf({ op: "replace", value: { active: false } }) } as const

describe("a provider finds people who connected its account", () => {
    test("by subject, by mail address and by id, and no others", async () => {
        const ann = await connected(acme, ["analyst"])
        await connected(other, ["analyst"])
        await connected(acme, ["analyst"], "person@elsewhere.example")
        const id = await idOf("portal", ann)
        const user = (await ask("portal", `Users/${id}`)).json
        expect(user).toMatchObject({ id, userName: ann.mail, active: true })
        for (const path of [filterBy("userName", ann.mail.toUpperCase()), filterBy("ID", id)]) {
            expect((await ask("portal", path)).json).toMatchObject({ totalResults: 1, Resources: [user] })
        }
        expect((await ask("portal", "Users")).json?.["totalResults"]).toBe(1)
        for (const path of [filterBy("userName", "person@elsewhere.example"), filterBy("externalId", "nobody")]) {
            expect((await ask("portal", path)).json).toMatchObject({ totalResults: 0, Resources: [] })
        }
        expect((await ask("portal", `Users/${ann.person}`)).status).toBe(404)
        expect((await ask("portal", `Users/${id}`, { secret: other.scimSecret ?? "" })).status).toBe(404)
    })

    test("in pages", async () => {
        for (let i = 0; i < 3; i++) await connected(acme, ["analyst"])
        const users = (await ask("portal", "Users")).json?.["Resources"] as readonly { readonly id: string }[]
        const page = await ask("portal", `Users?startIndex=${users.length - 1}&count=5`)
        expect(page.json).toMatchObject({ totalResults: users.length, startIndex: users.length - 1, itemsPerPage: 2 })
        expect((await ask("portal", "Users?count=0")).json).toMatchObject({ itemsPerPage: 0 })
        expect((await ask("portal", "Users?count=many")).json).toMatchObject({ scimType: "invalidValue" })
    })

    test.each(['userName co "a"', 'name.familyName eq "a"', 'userName eq "a" or id eq "b"', "userName eq a", ""])(
        "and no other filter works: %s",
        async (filter) => {
            const { status, json } = await ask("portal", `Users?filter=${encodeURIComponent(filter)}`)
            expect([status, json?.["scimType"]]).toEqual([400, "invalidFilter"])
        },
    )

    test("also after the person disconnected the account", async () => {
        const ann = await connected(acme, ["analyst"])
        await acting(ann.actor, ({ tx, now }) => accounts.endIdentitiesOfPerson(tx, ann.person, now))
        expect((await ask("portal", `Users/${await idOf("portal", ann)}`, deactivation)).status).toBe(200)
        expect(await hasLeft(ann)).toBe(true)
    })

    test("also by an account that the person replaced by another one", async () => {
        const ann = await connected(acme, ["analyst"])
        await acting(ann.actor, ({ tx, now }) => accounts.endIdentitiesOfPerson(tx, ann.person, now))
        await connect(acme, ann.person, `${ann.subject} again`)
        const id = await idOf("portal", ann)
        expect(await idOf("portal", { ...ann, subject: `${ann.subject} again` })).toBe(id)
        expect((await ask("portal", filterBy("userName", ann.mail))).json).toMatchObject({ Resources: [{ id }] })
    })

    test("and an account that another person took over is that person's", async () => {
        const [ann, ben] = [await connected(acme, ["analyst"]), await connected(acme, ["analyst"])]
        for (const { person } of [ann, ben]) {
            await acting(system, ({ tx, now }) => accounts.endIdentitiesOfPerson(tx, person, now))
        }
        await connect(acme, ben.person, ann.subject)
        const { json } = await ask("portal", filterBy("externalId", ann.subject))
        expect(json).toMatchObject({ totalResults: 1, Resources: [{ userName: ben.mail }] })
    })

    test("but not while the database is checked after a restore", async () => {
        const services = { ...world.services, highWater: { ...world.services.highWater, isQuarantined: () => true } }
        const options = { services: { ...services, log: silentLog, identityProviders: [openIdentityProvider(acme)] } }
        const app = await makeServer({
            ...options,
            web: null,
            secureCookies: true,
            requestsPerMinuteMax: 100_000,
            side: "portal",
        })
        const headers = { authorization: `Bearer ${acme.scimSecret}` }
        expect((await app.inject({ url: "/scim/v2/Users", headers })).statusCode).toBe(503)
        await app.close()
    })
})

const hasLeft = async ({ person }: Connected): Promise<boolean> =>
    acting(system, async ({ tx }) => {
        const [row] = await tx.query<{ gone: boolean }>(
            "select left_at is not null as gone from persons where id = $1",
            [person],
        )
        return row?.gone ?? expect.fail("unknown")
    })

describe("the end of an account", () => {
    test.each<[string, Asked]>([
        ["PATCH without a path", deactivation],
        ["PATCH with a path", { method: "PATCH", body: patchOf({ op: "Replace", path: "active", value: "False" }) }],
        [
            "PATCH with other attributes",
            {
                method: "PATCH",
                body: patchOf(
                    { op: "replace", path: "displayName", value: "X" },
                    { op: "add", value: { Active: false } },
                ),
                type: "application/json; charset=utf-8",
            },
        ],
        ["PUT", { method: "PUT", body: { schemas: [], userName: "x", name: { givenName: "X" }, active: false } }],
        ["DELETE", { method: "DELETE" }],
    ])("by %s removes the person with sessions, links and tokens", async (_, change) => {
        const ann = await connected(acme, ["lead"])
        const [session] = await Promise.all(
            (["session", "link", "token"] as const).map((kind) =>
                acting(system, (ctx) => issueCredential(ctx, ann.person, kind)),
            ),
        )
        const { d: _d, ...key } = await createSigningKey()
        const tool = { name: "SIEM", keys: [key], scopes: ["poll"] as const, networks: [] }
        await acting(ann.actor, (ctx) => registerClient(ctx, hashOf(session ?? ""), tool))
        const id = await idOf("portal", ann)
        const { status, json } = await ask("portal", `Users/${id}`, change)
        expect([status, json?.["active"]]).toEqual(change.method === "DELETE" ? [204, undefined] : [200, false])
        const notEnded = await acting(system, ({ tx }) =>
            tx.query(
                `select kind from credentials where person_id = $1 and ended_at is null
                 union all select 'client' from machine_clients where person_id = $1 and ended_at is null`,
                [ann.person],
            ),
        )
        expect(notEnded).toEqual([])
        expect(await hasLeft(ann)).toBe(true)
        expect((await ask("portal", `Users/${id}`)).status).toBe(404)
        const events = await listEvents(world.database)
        const left = events.find(({ kind, body }) => kind === "person.left" && body["person"] === ann.person)
        expect(left?.body).toMatchObject({ provider: acme.id, partner })
        const ended = events.find(({ kind, body }) => kind === "identity.disconnected" && body["person"] === ann.person)
        expect(ended?.body).toMatchObject({ provider: acme.id })
    })

    test("keeps the last holder of a role", async () => {
        const [first, last] = [await connected(staff, ["author"]), await connected(staff, ["admin", "auditor"])]
        expect((await ask("console", `Users/${await idOf("console", first)}`, deactivation)).status).toBe(200)
        const holders = await acting(system, ({ tx }) =>
            tx.query<{ id: string }>("select id from persons where 'admin' = any(roles) and left_at is null"),
        )
        expect(holders.map(({ id }) => id)).toEqual([last.person])
        const { status, json } = await ask("console", `Users/${await idOf("console", last)}`, deactivation)
        expect([status, json?.["detail"]]).toEqual([409, expect.stringContaining("last admin")])
        expect(await hasLeft(last)).toBe(false)
        const tasks = async () =>
            (await acting(last.actor, listTasksOfActor)).filter(({ kind }) => kind === "refused_removal")
        expect(await tasks()).toMatchObject([{ about: last.person }])
        await ask("console", `Users/${await idOf("console", last)}`, deactivation)
        const events = await listEvents(world.database)
        expect(events.filter(({ kind }) => kind === "person.removal_refused")).toHaveLength(1)
        const on = { method: "PATCH", body: patchOf({ op: "replace", path: "active", value: true }) } as const
        await ask("console", `Users/${await idOf("console", last)}`, on)
        expect(await tasks()).toEqual([])
    })
})

describe("a provider cannot", () => {
    test("add a person", async () => {
        const body = { schemas: schemas[0]?.id, userName: "new@partner.example", active: true }
        for (const side of ["console", "portal"] as const) {
            const { status, json } = await ask(side, "Users", { method: "POST", body })
            expect([status, json?.["detail"]]).toEqual([403, expect.stringContaining("SCIM adds no people")])
        }
    })

    test("activate a person, or change anything else", async () => {
        const ann = await connected(acme, ["analyst"])
        const id = await idOf("portal", ann)
        const on = { method: "PATCH", body: patchOf({ op: "replace", path: "active", value: true }) } as const
        expect((await ask("portal", `Users/${id}`, on)).json).toMatchObject({ active: true })
        const name = { method: "PATCH", body: patchOf({ op: "replace", path: "displayName", value: "X" }) } as const
        expect((await ask("portal", `Users/${id}`, name)).json).toMatchObject({ scimType: "mutability" })
        const put = { method: "PUT", body: { userName: "x@partner.example" } } as const
        expect((await ask("portal", `Users/${id}`, put)).json).toMatchObject({ userName: ann.mail, active: true })
        await ask("portal", `Users/${id}`, deactivation)
        for (const again of [on, put, deactivation]) {
            expect((await ask("portal", `Users/${id}`, again)).status).toBe(404)
        }
    })

    test.each<[string, unknown, string]>([
        ["a list", [], "invalidSyntax"],
        ["no operations", {}, "invalidSyntax"],
        ["an unknown operation", patchOf({ op: "move", path: "active", value: false }), "invalidSyntax"],
        ["a removal", patchOf({ op: "remove", path: "active" }), "mutability"],
        ["a number", patchOf({ op: "replace", path: "active", value: 0 }), "invalidValue"],
    ])("send %s", async (_, body, scimType) => {
        const id = await idOf("portal", await connected(acme, ["analyst"]))
        const { status, json } = await ask("portal", `Users/${id}`, { method: "PATCH", body })
        expect([status, json?.["scimType"]]).toEqual([400, scimType])
    })
})

test("a stranger gets one answer, whatever it asks for", async () => {
    const ann = await connected(acme, ["analyst"])
    const id = await idOf("portal", ann)
    const token = await acting(system, (ctx) => issueCredential(ctx, ann.person, "token"))
    const secrets = [null, "x".repeat(43), token, staff.scimSecret ?? ""]
    const paths = [`Users/${id}`, "Users/unknown", "Users", "ServiceProviderConfig", filterBy("userName", ann.mail)]
    for (const secret of secrets) {
        const answers = [...paths.map((path) => ask("portal", path, { secret }))]
        answers.push(ask("portal", `Users/${id}`, { ...deactivation, secret }))
        answers.push(ask("portal", "Users", { method: "POST", body: {}, secret }))
        const texts = (await Promise.all(answers)).map((answer) => JSON.stringify(answer))
        expect(new Set(texts).size).toBe(1)
        expect(texts[0]).toContain('"status":401')
    }
    expect((await ask("console", "Users", { secret: acme.scimSecret ?? "" })).status).toBe(401)
    expect(await hasLeft(ann)).toBe(false)
})

test("the service describes itself", async () => {
    expect((await ask("portal", "ServiceProviderConfig")).json).toMatchObject({ patch: { supported: true } })
    expect((await ask("portal", "ResourceTypes")).json).toMatchObject({ Resources: [{ endpoint: "/Users" }] })
    expect((await ask("portal", "Schemas")).json).toMatchObject({ totalResults: schemas.length })
    expect((await ask("portal", "Groups")).status).toBe(404)
    expect((await ask("portal", "Users", { method: "DELETE" })).status).toBe(405)
})

const step = fc.record({
    index: fc.nat(2),
    change: fc.constantFrom<Asked>(
        {},
        deactivation,
        { method: "PUT", body: { active: true } },
        { method: "PUT", body: { active: false } },
        { method: "DELETE" },
        { method: "POST", body: { userName: "x" } },
        { method: "PATCH", body: patchOf({ op: "add", path: "active", value: "TRUE" }) },
    ),
})

test("random requests only remove people, and a removed person stays removed", { timeout: 60_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
            const people = [await connected(acme, ["analyst"]), await connected(acme, ["lead"])]
            const ids = [...(await Promise.all(people.map((person) => idOf("portal", person)))), "0".repeat(32)]
            const gone = new Set<string>()
            for (const { index, change } of steps) {
                const id = ids[index] ?? ""
                const isCreation = change.method === "POST"
                const { status } = await ask("portal", isCreation ? "Users" : `Users/${id}`, change)
                const isEnd = change === deactivation || change.method === "DELETE" || /false/.test(bodyText(change))
                const isKnown = index < 2 && !gone.has(id)
                const success = change.method === "DELETE" ? 204 : 200
                expect(status).toBe(isCreation ? 403 : isKnown ? success : 404)
                if (isEnd && isKnown) gone.add(id)
            }
            for (const [i, person] of people.entries()) expect(await hasLeft(person)).toBe(gone.has(ids[i] ?? ""))
        }),
        { numRuns: 15 },
    )
})

const bodyText = ({ body }: Asked): string => JSON.stringify(body ?? null)
