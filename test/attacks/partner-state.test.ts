/**
 * Every portal address, requested by every partner that must not have something: onboarding, locked out, restricted, or
 * no recipient. The addresses come from the server's list. A new one must be named here before it answers a partner
 * without access.
 */
import type { LightMyRequestResponse } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Route } from "../../server/src/kernel/route.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { permissions } from "../../server/src/kernel/permissions.ts"
import { changePartnerStatus } from "../../server/src/trust/partners/actions/change-partner.ts"
import { actingOn, listEvents, system } from "../support/actors.ts"
import { signedInAs, signApprovalAs } from "../support/signed-in.ts"
import { newId } from "../support/database.ts"
import { type Demonstration, copyDemonstration, seedMaster } from "../support/demonstration.ts"
import { bodies } from "./request-bodies.ts"

const now = parseInstant("2025-07-03T17:00:00Z")

/** Open to every signed-in member, whatever the partner's status: its own data, without any case. */
const ownAffairs = [
    "GET /api/me",
    "GET /api/keys",
    "GET /api/roster",
    "GET /api/agreements",
    "GET /api/requirements",
    "GET /api/letters",
    "POST /api/passkeys/change-options",
    "GET /api/passkeys",
    "POST /api/passkeys",
    "POST /api/passkeys/registration-options",
    "POST /api/passkeys/{id}/remove",
    "GET /api/connected-identities",
    "POST /api/connected-identities",
    "DELETE /api/connected-identities/{provider}",
    "DELETE /api/session",
    "GET /api/session/draft-key",
    "GET /api/sessions",
    "DELETE /api/sessions",
    "DELETE /api/sessions/{id}",
    "POST /api/session/confirmation-options",
    "POST /api/session/confirmation",
    "POST /api/tokens",
    "POST /api/tokens/{id}/rotation",
    "POST /api/machine-clients",
    "GET /api/machine-clients",
    "PUT /api/machine-clients/{id}/keys",
    "DELETE /api/machine-clients/{id}",
    "GET /api/tokens",
    "DELETE /api/tokens/{id}",
    "POST /api/sign-in-links",
    "GET /api/recovery",
    "DELETE /api/recovery",

    "GET /api/receipts",
    "GET /api/receipts/{id}",
    "GET /api/receipt-log/checkpoint",
    "GET /api/receipt-log/consistency",
    "GET /api/receipt-log/handovers",
    "GET /api/receipt-log/tiles/checkpoint",
    "GET /api/receipt-log/tiles/tile/{level}/{a}",
    "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}",
    "GET /api/receipt-log/tiles/tile/{level}/{a}/{b}/{c}",
    "DELETE /api/keys/{id}",
    "DELETE /api/roster/{id}",
    "GET /api/events",
    "GET /api/mail-keys",
    "DELETE /api/mail-keys/{id}",
    "GET /api/notice-filter",
    "GET /api/recognition-words",
    "PUT /api/recognition-words",
    "GET /api/keys/{id}/test",
    "POST /api/keys/{id}/test",
    "POST /api/agreements/accept",
    "POST /api/attestations",
    "POST /api/regular-reports",
    "POST /api/mailbox/send-code",
    "POST /api/mailbox/verify",
    "GET /api/webhooks",
    "DELETE /api/webhooks/{id}",
    "GET /api/letters/{id}",
    "POST /api/letters/{id}/answer",
    "POST /api/letters/{id}/appeal",
    "GET /api/inquiries",
    "POST /api/inquiries/{id}/answer",
]

/** Also open to the lead during onboarding: operators review both before admission. */
const onItsWay = [
    "POST /api/keys",
    "GET /api/keys/{id}/confirm",
    "POST /api/keys/{id}/confirm",
    "POST /api/mail-keys",
    "POST /api/roster",
    "POST /api/roster/{id}/sign-in-links",
]

/** Addresses of other protocols than the API, with their own answers for missing objects. */
const taxii = "/taxii2/"

let world: Demonstration
/** Texts of the case that only its recipients may read. */
let secrets: readonly string[]
let artifact: string
let title: string
/** The names of the case's files, by internal id. */
const files = new Map<string, string>()
/** The ids that an active partner finds there. */
const names = { object: "", year: "", name: "" }
let acting: <T>(actor: typeof system, work: (ctx: ActionContext) => Promise<T>) => Promise<T>

const portal = allRoutes.filter(({ side, permission: needs }) => side !== "console" && !permissions[needs]?.open)
const named = (route: Route<ActionContext>): string => `${route.method} ${route.path}`
const partnerOf = (person: string): string => idOf(person.split(".")[0] ?? "")
const idOf = (key: string): string => world.seeded.partners.find(({ cast }) => cast.key === key)?.id ?? ""

beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    acting = actingOn(world.services, { now })
    await world.moveTo(parseInstant("2025-06-24T18:00:00Z"))
    for (const key of ["halcyon", "fernwood", "saltmarsh"]) await signedInAs(world, key).copy("technical.md")
    await willBeOverdue("saltmarsh")
    await world.moveTo(now)
    for (const key of ["copperline", "kestrel", "tidewater"]) await signedInAs(world, key).copy("technical.md")
    const [ingrid, tomas] = [signedInAs(world, "ingrid"), signedInAs(world, "tomas")]
    const file = await ingrid.get(`/api/cases/${world.toolshell}`)
    const { artifacts } = await ingrid.get(`/api/cases/${world.toolshell}/artifacts`)
    artifact = artifacts.find((artifact: { class: string }) => artifact.class === "technical").id
    title = file.title
    for (const { id, name } of artifacts) files.set(id, name)
    secrets = [
        world.toolshell,
        artifact,
        file.title,
        "SharePoint",
        ...file.vulnerabilities.map(({ cve }: { cve: string }) => cve),
        ...artifacts.map(({ name }: { name: string }) => name),
    ]
    await findNames()
    await suspend("copperline")
    await acting(system, (ctx) => changePartnerStatus(ctx, idOf("kestrel"), "terminated"))
    await tomas.post(`/api/cases/${world.toolshell}/invitations`, { partner: idOf("halcyon") })
    await tomas.post(`/api/cases/${world.toolshell}/invitations`, { partner: idOf("fernwood") })
    const invitation = aliasFor(world.services.keys, idOf("fernwood"), "warning", world.toolshell)
    await signedInAs(world, "fernwood.lead").post(`/api/consents/${invitation}/answer`, { accepts: false })
    return async () => await master.close()
})
afterAll(() => world.close())

async function findNames(): Promise<void> {
    const its_ = signedInAs(world, "tidewater")
    const { objects } = await its_.get("/taxii2/api/collections/warnings/objects/?match[type]=report")
    const folders = ["/csaf/partner/red", "/csaf/partner/amber"]
    const index = async (folder: string) => (await its_.raw("GET", `${folder}/index.txt`)).body
    const indexes = (await Promise.all(folders.map(index))).join("")
    const [, year = "", name = ""] = /^(\d{4})\/(.+)$/m.exec(indexes) ?? []
    Object.assign(names, { object: objects[0].id, year, name })
    const statuses: number[] = []
    const documents = folders.map((folder) => `${folder}/{year}/{name}`)
    for (const path of [...documents, "/taxii2/api/collections/{collection}/objects/{object}/"]) {
        statuses.push((await its_.raw("GET", addressOf(path, ""))).statusCode)
    }
    // The document is in one of the two folders.
    expect(statuses.toSorted()).toEqual([200, 200, 404])
}

const suspend = (key: string) =>
    signedInAs(world, "ingrid").post("/api/measures", {
        kind: "interim_suspension",
        partner: idOf(key),
        reason: "it leaked",
    })

/** Lets mail bounce; the rules then give a day to verify the mailbox. */
async function willBeOverdue(key: string): Promise<void> {
    const ingrid = signedInAs(world, "ingrid")
    await ingrid.post(`/api/partners/${idOf(key)}/bounces`, { person: null })
    const { rules } = (await ingrid.get("/api/program-rules")).requirements
    const kinds = { ...rules.kinds, mailbox: { graceDays: 1, remindDays: [1] } }
    await ingrid.put("/api/program-rules/requirements", { rules: { ...rules, kinds } })
}

/** Uses a separate token each time, because some addresses end the token of their request. */
async function ask(value: string, route: Pick<Route<ActionContext>, "method" | "path">, id: string) {
    const person = signedInAs(world, value)
    const token = await acting(system, (ctx) => issueCredential(ctx, person.id, "token"))
    const body = bodies[`${route.method} ${route.path}`]
    const query = route.path === "/api/receipt-log/consistency" ? "?from=1&to=1" : ""
    return await world.apps.portal.inject({
        method: route.method,
        url: addressOf(route.path, id) + query,
        headers: {
            authorization: `Bearer ${token}`,
            ...(body && { "content-type": `application/${route.path.startsWith(taxii) ? "taxii+" : ""}json` }),
        },
        ...(body && { payload: body }),
    })
}

const addressOf = (path: string, id: string): string =>
    path
        .replace("{id}", id)
        .replace("{collection}", "warnings")
        .replaceAll(/\{(object|year|name)\}/g, (_, subject: keyof typeof names) => names[subject])

/** Returns everything by which a caller can distinguish two answers. */
function whole({ statusCode, headers, rawPayload }: LightMyRequestResponse) {
    const { date: _, "x-request-id": __, ...others } = headers
    return { statusCode, headers: JSON.stringify(others), payload: rawPayload.toString("latin1") }
}

/** Letters name only what the partner fetched, by the warning's title and the file's name. */
const namedInLetters = (fetched: readonly string[]) => (fetched.length === 0 ? [] : [title, ...fetched])

async function expectNothingOfTheCase(answer: LightMyRequestResponse, person: string, where: string): Promise<void> {
    const known = where === "GET /api/letters" ? namedInLetters(await fetchedBy(partnerOf(person))) : []
    const text = known.reduce((rest, item) => rest.replaceAll(item, ""), JSON.stringify(answer.headers) + answer.body)
    expect(
        secrets.filter((secret) => text.includes(secret)),
        where,
    ).toEqual([])
}

/** Lists the case's files that the partner received, as copies or in pages, by the log. */
async function fetchedBy(partner: string): Promise<string[]> {
    const own = (await listEvents(world.database)).filter(({ body }) => body["partner"] === partner)
    const fetched = own.flatMap(({ kind, body }) => {
        if (kind === "copy.delivered") return [String(body["artifact"])]
        if (kind !== "objects.served") return []
        return (body["versions"] as string[]).map((item) => item.split(":")[0])
    })
    return [...files].flatMap(([id, name]) => (fetched.includes(id) ? [name] : []))
}

/** The ids that a former insider would try. */
function idsFor(person: string): string[] {
    const partner = partnerOf(person)
    const its_ = (kind: "warning" | "artifact", id: string) => aliasFor(world.services.keys, partner, kind, id)
    const others = aliasFor(world.services.keys, idOf("tidewater"), "artifact", artifact)
    return [its_("warning", world.toolshell), its_("artifact", artifact), world.toolshell, artifact, others]
}

test("every address with a body has one here", () => {
    const notified = portal.filter(({ body }) => body).map(named)
    expect(notified.toSorted()).toEqual(Object.keys(bodies).toSorted())
})

/** Streams do not end, and are tested separately over a socket. */
const ending = portal.filter(({ path }) => path !== "/api/events")

describe.each(["applicant", "invited", "declined", "suspended", "terminated"])(
    "B-03 a partner that is %s",
    (status) => {
        const key = { suspended: "copperline", terminated: "kestrel" }[status] ?? "pinegrove"
        beforeAll(async () => {
            if (status !== "invited" && status !== "declined") return
            await signedInAs(world, "ingrid").put(`/api/partners/${idOf(key)}/status`, { status })
        })

        test.each(["analyst", "lead"])("has its own data only, without any case: its %s", async (role) => {
            const person = `${key}.${role}`
            expect((await signedInAs(world, person).get("/api/me")).partner.status).toBe(status)
            const at = async (path: string) => whole(await ask(person, { method: "GET", path }, ""))
            const nowheres = [await at("/api/nowhere"), await at(`${taxii}nowhere/`)] as const
            expect(nowheres.map(({ statusCode }) => statusCode)).toEqual([404, 404])
            const open: string[] = []
            for (const route of ending) {
                const ids = route.path.includes("{id}") ? idsFor(person) : [""]
                const nowhere = nowheres[route.path.startsWith(taxii) ? 1 : 0]
                const before = (await listEvents(world.database)).length
                const answers = []
                for (const id of ids) answers.push(await ask(person, route, id))
                for (const answer of answers) await expectNothingOfTheCase(answer, person, named(route))
                if (answers.every((answer) => JSON.stringify(whole(answer)) === JSON.stringify(nowhere))) {
                    // The tokens of these requests, and nothing else.
                    const events = (await listEvents(world.database)).slice(before).map(({ kind }) => kind)
                    expect(events, named(route)).toEqual(ids.map(() => "credential.issued"))
                } else open.push(named(route))
            }
            const isOnItsWay = status === "applicant" || status === "invited"
            const may = [...ownAffairs, ...(isOnItsWay && role === "lead" ? onItsWay : [])]
            expect(open.filter((item) => !may.includes(item))).toEqual([])
            for (const route of ending.filter(({ permission: needs }) => permissions[needs]?.status === "cases")) {
                expect(open).not.toContain(named(route))
            }
        })
    },
)

const withheld: readonly (readonly [string, string])[] = [
    ["whoever is in a tier whose wave has not fallen", "sundial"],
    ["B-03 whoever has let its agreement lapse", "oakhurst"],
    ["whoever was asked to keep the embargo, and has not answered", "halcyon"],
    ["whoever has declined to keep the embargo", "fernwood"],
    ["whoever owes something, past its grace", "saltmarsh"],
]
describe.each(withheld)("%s", (_, key) => {
    test.each(["analyst", "lead"])("sees a withheld case as a missing one: its %s", async (role) => {
        await expectAsIfNotThere(`${key}.${role}`)
        expect((await signedInAs(world, `${key}.${role}`).get("/api/warnings")).warnings).toEqual([])
    })
})

async function expectAsIfNotThere(person: string): Promise<void> {
    for (const route of ending) {
        // This renews the agreement.
        if (person.startsWith("oakhurst") && named(route) === "POST /api/agreements/accept") continue
        // Invited parties see the embargo itself, but not its content.
        const isAsked = route.path.startsWith("/api/consents") && /^(halcyon|fernwood)/.test(person)
        const random = whole(await ask(person, route, newId()))
        if (!route.path.includes("{id}")) {
            await expectNothingOfTheCase(await ask(person, route, ""), person, named(route))
            continue
        }
        for (const id of isAsked ? idsFor(person).slice(1) : idsFor(person)) {
            const answer = await ask(person, route, id)
            await expectNothingOfTheCase(answer, person, named(route))
            expect(whole(answer), named(route)).toEqual(random)
        }
    }
}

test("B-03 a partner that revoked its key reads the warnings and gets no copy", async () => {
    const [lead, before] = [signedInAs(world, "tidewater.lead"), (await listEvents(world.database)).length]
    const { warnings } = await lead.get("/api/warnings")
    const { keys } = await lead.get("/api/keys")
    for (const { id } of keys) await lead.raw("DELETE", `/api/keys/${id}`)
    for (const { id } of warnings[0].artifacts) {
        const answer = await lead.raw("GET", `/api/artifacts/${id}/copy`)
        expect(["delivery.no_key", "request.not_found"]).toContain(answer.json<{ code: string }>().code)
        expect(answer.body).not.toContain("age-encryption.org")
    }
    const kinds = (await listEvents(world.database)).slice(before).map(({ kind }) => kind)
    expect(kinds).not.toContain("copy.delivered")
})

describe("B-07 a partner that was removed from this one case, of which it holds a copy", () => {
    beforeAll(async () => {
        const withhold = ["summary", "technical", "guidance", "indicators", "rules", "repro", "poc", "patch"]
        const measure = { kind: "restrict", partner: idOf("tidewater"), reason: "its own product", withhold }
        await signedInAs(world, "ingrid").post("/api/measures", { ...measure, cases: [world.toolshell] })
    })

    test.each(["analyst", "lead"])("sees it as a missing one: its %s", async (role) => {
        await expectAsIfNotThere(`tidewater.${role}`)
        expect((await signedInAs(world, `tidewater.${role}`).get("/api/warnings")).warnings).toEqual([])
    })
})

test("B-13 lifting a suspension needs two people, and the partner gets nothing meanwhile", async () => {
    const ingrid = signedInAs(world, "ingrid")
    const on = { partner: idOf("copperline"), reason: "It was answered for." }
    const before = (await listEvents(world.database)).length
    await suspend("copperline")
    expect((await listEvents(world.database)).length).toBe(before)
    const { approval } = await ingrid.post("/api/measures/reinstate", on)
    expect(await ingrid.refusal("POST", "/api/measures/reinstate", { ...on, approval })).toMatch(/not_signed/)
    expect(await signedInAs(world, "copperline").refusal("GET", "/api/warnings")).toBe("404 request.not_found")
    await signApprovalAs(signedInAs(world, "kofi"), approval)
    await ingrid.post("/api/measures/reinstate", { ...on, approval })
    expect((await signedInAs(world, "copperline").get("/api/warnings")).warnings).toHaveLength(1)
})

test("no request caused a server error", () => {
    expect(world.faults).toEqual([])
})
