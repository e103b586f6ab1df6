/**
 * One person who poses as two: by other credentials, accounts, roles, deputies or idempotency keys; and people without
 * permission.
 */
import type { LightMyRequestResponse } from "fastify"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import type { Method } from "../../server/src/kernel/route.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { listEvents } from "../support/actors.ts"
import { mailedLinkSecret } from "../support/sign-in-mail.ts"
import { type Person, signedInAs, signApprovalAs, staffLink } from "../support/signed-in.ts"
import { newId } from "../support/database.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(() => master.close())

const start = parseInstant("2025-06-23T00:00:00Z")
const idOf = (key: string): string => world.seeded.partners.find(({ cast }) => cast.key === key)?.id ?? ""
const kinds = async (after: number) => (await listEvents(world.database)).slice(after).map(({ kind }) => kind)
const count = async () => (await listEvents(world.database)).length

type Headers = Readonly<Record<string, string>>
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })

async function send(headers: Headers, method: Method, url: string, payload?: object) {
    return await world.apps.console.inject({ method, url, headers, ...(payload && { payload }) })
}
const run = (answer: LightMyRequestResponse): string =>
    `${answer.statusCode} ${String(answer.json<{ code?: string }>().code ?? "")}`.trim()

/** Makes a token with every scope, in a session. */
async function newToken(session: Headers): Promise<string> {
    const scopes = ["poll", "fetch", "report", "manage"]
    return (await send(session, "POST", "/api/tokens", { name: "tool", scopes })).json<{ token: string }>().token
}

/** Signs in by the last link that went to this address. */
async function signedInByMail(mail: string): Promise<Headers> {
    await world.work()
    return await signedIn(mailedLinkSecret(world, mail))
}

/** Signs in by a link, and acts as that person. */
async function signedIn(link: string): Promise<Headers> {
    const answer = await send({}, "POST", "/api/session", { secret: link })
    return { cookie: `tocsin-console=${answer.cookies[0]?.value}` }
}

async function signature(as: Headers, approval: string): Promise<string> {
    const { pending } = (await send(as, "GET", "/api/approvals")).json<{
        pending: { id: string; effectsHash: string }[]
    }>()
    const effectsHash = pending.find(({ id }) => id === approval)?.effectsHash ?? "0".repeat(64)
    return run(await send(as, "POST", `/api/approvals/${approval}/sign`, { effectsHash }))
}

const raise = { path: (key: string) => `/api/partners/${idOf(key)}/tier`, body: { tier: "validate" } }
const asks = async (person: Person, key = "copperline"): Promise<string> =>
    (await person.put(raise.path(key), raise.body)).approval
const carriesOut = (person: Person, approval: string, key = "copperline") =>
    person.refusal("PUT", raise.path(key), { ...raise.body, approval })
const tierOf = async (key: string) => (await signedInAs(world, `${key}.lead`).get("/api/me")).partner.tier

describe("one person", () => {
    beforeEach(async () => {
        world = await copyDemonstration(master)
        return () => world.close()
    })

    test("D-01 is one with any credential: the first token, another, and a session", async () => {
        const meera = signedInAs(world, "meera")
        const session = await signedIn(staffLink(world, "meera"))
        const token = await newToken(session)
        const approval = await asks(meera)
        const [wave] = (await meera.get(`/api/cases/${world.toolshell}/waves`)).waves
        await meera.post(`/api/waves/${wave.id}/freeze`)
        const release = (await meera.post(`/api/waves/${wave.id}/release`)).approval
        for (const as of [bearer(meera.token), bearer(token), session]) {
            expect(await signature(as, approval)).toBe("403 approval.own_request")
            expect(await signature(as, release)).toBe("403 approval.own_request")
        }
        expect(await carriesOut(meera, approval)).toBe("409 approval.not_signed")
        expect(await tierOf("copperline")).toBe("advance")
        await world.moveTo(parseInstant(wave.at))
        expect((await signedInAs(world, "halcyon").get("/api/warnings")).warnings).toEqual([])
    })

    test("D-08 reads no proof of concept by an account that it created, or by a new link to one", async () => {
        const noor = signedInAs(world, "noor")
        expect(await noor.refusal("GET", `/api/cases/${world.toolshell}/artifacts`)).toBe("403 request.not_allowed")
        for (const role of ["author", "manager", "investigator", "approver", "admin"]) {
            const body = { name: "Petra Nowak", mail: "petra.nowak@northlight.example", roles: [role] }
            const made = await noor.post("/api/staff", body)
            expect(made).toEqual({ done: false, approval: expect.any(String) })
            expect(await noor.refusal("POST", "/api/staff", { ...body, approval: made.approval })).toBe(
                "409 approval.not_signed",
            )
        }
        const auditor = { name: "Petra Nowak", mail: "petra.nowak@northlight.example", roles: ["auditor"] }
        const { id } = await noor.post("/api/staff", auditor)
        const petra = await signedInByMail(auditor.mail)
        expect(run(await send(petra, "GET", `/api/cases/${world.toolshell}/artifacts`))).toBe("403 request.not_allowed")
        const { approval } = await noor.put(`/api/staff/${id}/roles`, { roles: ["author"] })
        await signApprovalAs(signedInAs(world, "rafael"), approval)
        await noor.put(`/api/staff/${id}/roles`, { roles: ["author"], approval })
        expect(run(await send(petra, "GET", `/api/cases/${world.toolshell}/artifacts`))).toBe(
            "401 request.not_signed_in",
        )
        const recovered = await noor.post(`/api/staff/${id}/recovery`, { urgent: true })
        expect(recovered).toEqual({ done: false, approval: expect.any(String) })
    })

    test("D-07 is one with all accounts that it creates, and their accounts, as requester and signer", async () => {
        const kofi = signedInAs(world, "kofi")
        // Signed by others, in good faith.
        const makes = async (as: Headers, ...roles: string[]): Promise<Headers> => {
            const body = { name: "Somebody", mail: "somebody@northlight.example", roles }
            const { approval } = (await send(as, "POST", "/api/staff", body)).json<{ approval: string }>()
            await signApprovalAs(signedInAs(world, "rafael"), approval)
            await send(as, "POST", "/api/staff", { ...body, approval })
            return await signedInByMail(body.mail)
        }
        const maker = await makes(bearer(kofi.token), "manager", "approver", "admin")
        const sister = await makes(bearer(kofi.token), "approver")
        const deeper = await makes(maker, "manager", "approver")
        const askedBy = async (as: Headers) =>
            (await send(as, "PUT", raise.path("copperline"), raise.body)).json<{ approval: string }>().approval
        for (const asker of [maker, deeper]) {
            const approval = await askedBy(asker)
            for (const signer of [bearer(kofi.token), maker, sister, deeper]) {
                expect(await signature(signer, approval)).toMatch(/^403 approval\.(own_request|related_signer)$/)
            }
        }
        expect(await tierOf("copperline")).toBe("advance")
    })

    test("D-08 gives no role to itself or to an account that it created, and takes over no account", async () => {
        const [kofi, noor] = [signedInAs(world, "kofi"), signedInAs(world, "noor")]
        const roles = (person: Person) => `/api/staff/${person.id}/roles`
        const { done, approval } = await noor.put(roles(noor), { roles: ["admin", "approver"] })
        expect(done).toBe(false)
        // Possible signers get a mail about the request.
        await world.work()
        for (const item of ["kofi", "meera", "rafael"]) {
            expect(world.mails.map(({ to }) => to.split(".")[0])).toContain(item)
        }
        expect(await noor.refusal("POST", `/api/approvals/${approval}/sign`, { effectsHash: "0".repeat(64) })).toBe(
            "403 request.not_allowed",
        )
        const before = await count()
        expect(await noor.refusal("PUT", roles(noor), { roles: ["admin", "approver"], approval })).toMatch(/not_signed/)
        const recovery = (person: Person) => `/api/staff/${person.id}/recovery`
        for (const item of ["meera", "kofi", "ingrid"]) {
            const person = signedInAs(world, item)
            const asked = await noor.post(recovery(person), { urgent: true })
            expect(asked).toEqual({ done: false, approval: expect.any(String) })
            expect(await noor.refusal("POST", recovery(person), { urgent: true, approval: asked.approval })).toBe(
                "409 approval.not_signed",
            )
            // Its own recovery is not signed by the person either.
            expect(await signature(bearer(person.token), asked.approval)).toMatch(/^403 /)
            expect((await person.get("/api/me")).id).toBe(person.id)
        }
        expect(await noor.refusal("POST", recovery(noor), { urgent: true })).toBe("403 identity.own_recovery")
        expect(await noor.refusal("POST", recovery(signedInAs(world, "halcyon.lead")), {})).toMatch(/^404 /)
        expect(new Set(await kinds(before))).toEqual(new Set(["approval.requested"]))
        await world.work()
        expect(world.mails.filter(({ text }) => text.includes("/sign-in#"))).toEqual([])
        // The signature for these roles covers no other roles, and no other person.
        await signApprovalAs(signedInAs(world, "rafael"), approval)
        expect(await kofi.refusal("PUT", roles(noor), { roles: ["admin", "approver", "manager"], approval })).toBe(
            "409 approval.effects_exceeded",
        )
        expect(
            await kofi.refusal("PUT", roles(signedInAs(world, "daria")), { roles: ["admin", "approver"], approval }),
        ).toBe("409 approval.effects_exceeded")
    })

    test("is not a second person as a deputy: it has its own roles, and signs none of its own requests", async () => {
        const [kofi, ingrid, meera] = [
            signedInAs(world, "kofi"),
            signedInAs(world, "ingrid"),
            signedInAs(world, "meera"),
        ]
        const until = formatInstant(start + dayMs)
        for (const [person, deputy] of [
            [kofi, meera.id],
            [meera, ingrid.id],
        ] as const) {
            await person.post("/api/deputies", { deputy, until })
        }
        const approval = await asks(ingrid)
        expect(await signature(bearer(ingrid.token), approval)).toBe("403 request.not_allowed")
        const own = await asks(meera, "tidewater")
        expect(await signature(bearer(meera.token), own)).toBe("403 approval.own_request")
        expect([await tierOf("copperline"), await tierOf("tidewater")]).toEqual(["advance", "advance"])
    })

    test("turns neither a remembered answer nor another's key into a second signature", async () => {
        const [ingrid, meera] = [signedInAs(world, "ingrid"), signedInAs(world, "meera")]
        const key = { "idempotency-key": "the-same-key-for-all" }
        const post = (person: Person, path: string, body?: object) =>
            send({ ...bearer(person.token), ...key }, "POST", path, body)
        await ingrid.post("/api/policies/2/activate", {})
        const ask = async (person: Person) =>
            (await post(person, "/api/policies/1/request-approval")).json<{ approval: string }>().approval
        const approval = await ask(ingrid)
        expect(await ask(ingrid)).toBe(approval)
        // With the same key, another person's request is separate.
        const other = await ask(meera)
        expect(other).not.toBe(approval)
        expect(await signature(bearer(meera.token), other)).toBe("403 approval.own_request")
        expect(await signature(bearer(meera.token), approval)).toBe("200")
        await ingrid.post("/api/policies/1/activate", { approval })
        await ingrid.post("/api/policies/2/activate", {})
        expect(await ask(ingrid)).toBe(approval)
        for (const item of [approval, other]) {
            expect(await ingrid.refusal("POST", "/api/policies/1/activate", { approval: item })).toMatch(
                /^409 approval\.(already_applied|already_voided)$/,
            )
        }
    })

    test("D-02 signs once: a repeated signature does not count, and one of 100 applications succeeds", async () => {
        const [ingrid, kofi] = [signedInAs(world, "ingrid"), signedInAs(world, "kofi")]
        const approval = await asks(ingrid)
        const { pending } = await kofi.get("/api/approvals")
        const { effectsHash } = pending.find((item: { id: string }) => item.id === approval)
        const path = `/api/approvals/${approval}/sign`
        await kofi.post(path, { effectsHash })
        expect(await kofi.refusal("POST", path, { effectsHash })).toBe("409 approval.already_signed")
        const before = await count()
        const uses = Array.from({ length: 100 }, () => carriesOut(ingrid, approval))
        const answers = await Promise.all(uses)
        // The second finds the tier already raised.
        expect(new Set(answers)).toEqual(new Set(["200 undefined"]))
        expect((await kinds(before)).filter((kind) => kind === "approval.applied")).toHaveLength(1)
        expect((await kinds(before)).filter((kind) => kind === "partner.tier_changed")).toHaveLength(1)
        expect(await kofi.refusal("POST", path, { effectsHash })).toBe("409 approval.already_applied")
    })

    test("D-12 two approvals that race for one action apply it once, a hundred times", async () => {
        const [kofi, askers] = [signedInAs(world, "kofi"), [signedInAs(world, "ingrid"), signedInAs(world, "meera")]]
        for (let round = 0; round < 100; round++) {
            const body = { tier: round % 2 === 0 ? "validate" : "advance" }
            const path = raise.path("copperline")
            const approvals: string[] = await Promise.all(
                askers.map(async (person) => (await person.put(path, body)).approval),
            )
            const { pending } = await kofi.get("/api/approvals")
            for (const { id, effectsHash } of pending.filter((item: { id: string }) => approvals.includes(item.id))) {
                await kofi.post(`/api/approvals/${id}/sign`, { effectsHash })
            }
            const before = await count()
            const answers = await Promise.all(
                askers.map((person, n) => person.raw("PUT", path, { ...body, approval: approvals[n] })),
            )
            // The second finds it done, or its signature voided.
            expect([200, 409]).toEqual(expect.arrayContaining(answers.map(({ statusCode }) => statusCode)))
            expect(answers.map(({ statusCode }) => statusCode)).toContain(200)
            const did = (await kinds(before)).filter((kind) => /^approval.applied|tier_changed$/.test(kind))
            expect(did).toEqual(["approval.applied", "partner.tier_changed"])
            expect(await tierOf("copperline")).toBe(body.tier)
        }
    }, 180_000)

    test("discloses no key by another credential or leak's signature, and once by a valid one", async () => {
        await world.moveTo(parseInstant("2025-06-24T18:00:00Z"))
        const [rafael, aoife, kofi] = [
            signedInAs(world, "rafael"),
            signedInAs(world, "aoife"),
            signedInAs(world, "kofi"),
        ]
        const content = await signedInAs(world, "halcyon").copy("technical.md")
        const leaks = async (): Promise<string> => {
            const words = { kind: "leak", name: "paste.txt", source: "a site", case: world.toolshell, content }
            const seen = { observedAt: "2025-06-24T17:30:00Z", clock: "unknown" }
            const { evidence } = await aoife.post("/api/evidence", { ...words, ...seen })
            return (await aoife.post(`/api/evidence/${evidence}/attribute`, {})).attributions[0].id
        }
        const [item, other] = [await leaks(), await leaks()]
        const path = (attribution: string) => `/api/attributions/${attribution}/disclose-keys`
        const before = await count()
        const { approval } = await rafael.post(path(item), {})
        const session = await signedIn(staffLink(world, "rafael"))
        const token = await newToken(session)
        for (const as of [bearer(rafael.token), bearer(token), session]) {
            expect(await signature(as, approval)).toBe("403 approval.own_request")
            const answer = await send(as, "POST", path(item), { approval })
            expect(run(answer)).toBe("409 approval.not_signed")
            expect(answer.body).not.toContain("tocsin-expert")
        }
        for (const person of ["ingrid", "meera", "kofi", "daria", "noor", "tomas"]) {
            expect(await signedInAs(world, person).refusal("POST", path(item), { approval })).toBe(
                "403 request.not_allowed",
            )
        }
        expect(await kinds(before)).not.toContain("marks.keys_disclosed")
        await signApprovalAs(kofi, approval)
        expect(await rafael.refusal("POST", path(other), { approval })).toBe("409 approval.effects_exceeded")
        const answers = await Promise.all(
            Array.from({ length: 20 }, () => rafael.raw("POST", path(item), { approval })),
        )
        expect(answers.filter(({ body }) => body.includes("tocsin-expert"))).toHaveLength(1)
        expect((await kinds(before)).filter((kind) => kind === "marks.keys_disclosed")).toHaveLength(1)
    })

    test("does not apply a signature from before a different decision", async () => {
        const [ingrid, kofi] = [signedInAs(world, "ingrid"), signedInAs(world, "kofi")]
        const stale = await asks(ingrid)
        await signApprovalAs(kofi, stale)
        const otherwise = (await ingrid.put(raise.path("copperline"), { tier: "entry" })).approval
        await signApprovalAs(kofi, otherwise)
        await ingrid.put(raise.path("copperline"), { tier: "entry", approval: otherwise })
        expect(await carriesOut(ingrid, stale)).toBe("409 approval.already_voided")
        const on = { partner: idOf("copperline"), reason: "it is answered for" }
        const suspends = (person: Person) => person.post("/api/measures", { kind: "interim_suspension", ...on })
        await suspends(signedInAs(world, "aoife"))
        const first = (await ingrid.post("/api/measures/reinstate", on)).approval
        await signApprovalAs(kofi, first)
        const second = (await signedInAs(world, "meera").post("/api/measures/reinstate", on)).approval
        await signApprovalAs(kofi, second)
        await ingrid.post("/api/measures/reinstate", { ...on, approval: second })
        await suspends(signedInAs(world, "aoife"))
        expect(await ingrid.refusal("POST", "/api/measures/reinstate", { ...on, approval: first })).toBe(
            "409 approval.already_voided",
        )
        expect((await signedInAs(world, "copperline.lead").get("/api/me")).partner.status).toBe("suspended")
    })

    test("D-06 adds no partner to a signed wave: one that joined its tier later gets nothing from it", async () => {
        const [ingrid, kofi] = [signedInAs(world, "ingrid"), signedInAs(world, "kofi")]
        const approval = await asks(ingrid)
        await signApprovalAs(kofi, approval)
        await ingrid.put(raise.path("copperline"), { ...raise.body, approval })
        await world.moveTo(parseInstant("2025-06-24T17:00:00Z"))
        expect((await signedInAs(world, "copperline").get("/api/warnings")).warnings).toEqual([])
        const [wave] = (await ingrid.get(`/api/cases/${world.toolshell}/waves`)).waves
        expect([wave.state, wave.releasedAt]).toEqual(["due", null])
        const signed = (await ingrid.post(`/api/waves/${wave.id}/release`)).approval
        await signApprovalAs(kofi, signed)
        await world.work()
        for (const key of ["copperline", "halcyon"]) {
            expect((await signedInAs(world, key).get("/api/warnings")).warnings).toHaveLength(1)
        }
    })
})

/** What an auditor reads and does: events, people and its own data; no content. */
const auditors = [
    "GET /api/events",
    "GET /api/audit-log",
    "GET /api/audit-log/subjects",
    "GET /api/audit-log/export",
    "GET /api/audit-log/verify",
    "GET /api/audit-log/witnessed",
    "GET /api/audit-log/checkpoint",
    "GET /api/audit-log/handovers",
    "GET /api/me",
    "GET /api/staff",
    "GET /api/staff-names",
    "GET /api/approvals",
    "GET /api/policies",
    "GET /api/policies/{version}/preview",
    "POST /api/policies/test",
    "GET /api/deliveries",
    "GET /api/clock",
    "GET /api/tasks",
    "GET /api/alarms",
    "GET /api/deputies",
    "GET /api/quarantine",
    "GET /api/session/draft-key",

    "POST /api/passkeys/change-options",
    "GET /api/passkeys",
    "POST /api/passkeys",
    "POST /api/passkeys/registration-options",
    "POST /api/passkeys/{id}/remove",
    "GET /api/connected-identities",
    "POST /api/connected-identities",
    "DELETE /api/connected-identities/{provider}",
    "GET /api/approvals/{id}/signature",
    "DELETE /api/session",
    "GET /api/sessions",
    "DELETE /api/sessions",
    "DELETE /api/sessions/{id}",
    "POST /api/session/confirmation-options",
    "POST /api/session/confirmation",
    "GET /api/tokens",
    "POST /api/tokens",
    "POST /api/tokens/{id}/rotation",
    "DELETE /api/tokens/{id}",
    "POST /api/sign-in-links",
    "GET /api/recovery",
    "DELETE /api/recovery",
    "POST /api/deputies",
    "DELETE /api/deputies/{id}",
    "GET /api/statistics",
    "GET /api/statistics/{year}",
    "GET /api/statistics/{year}/annual-report",
    "GET /api/health",
    ...["csv", "json"].map((form) => `GET /api/statistics/{year}/export.${form}`),
]

const console = allRoutes.filter(({ side, permission: needs }) => side !== "portal" && needs !== "public")
const named = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`
const addressOf = (path: string) =>
    path.replace("{version}", "1").replaceAll(/\{\w+\}/g, path.includes("tokens") ? "0".repeat(16) : newId())

/** The query that an address needs. */
const queryOf = (path: string): string =>
    ({
        "/api/deliveries": `?case=${world.toolshell}`,
        "/api/entitlements": `?case=${world.toolshell}`,
        "/api/calendar/instant": "?local=2025-07-08T10:00&zone=Europe/Oslo",
        "/api/policies/{version}/replay": `?case=${world.toolshell}&at=2025-07-08T17:00:00Z`,
        "/api/attributions": `?evidence=${newId()}`,
        "/api/exposure": `?case=${world.toolshell}&class=poc&before=2025-07-08T17:00:00Z`,
    })[path] ?? ""

describe("every console address", () => {
    let secrets: readonly string[]
    beforeAll(async () => {
        world = await copyDemonstration(master)
        await world.moveTo(parseInstant("2025-06-24T17:00:00Z"))
        await signedInAs(world, "halcyon").copy("technical.md")
        const file = await signedInAs(world, "ingrid").get(`/api/cases/${world.toolshell}`)
        const { artifacts } = await signedInAs(world, "ingrid").get(`/api/cases/${world.toolshell}/artifacts`)
        secrets = [
            file.title,
            "SharePoint",
            "Halcyon",
            ...file.vulnerabilities.map(({ cve }: { cve: string }) => cve),
            ...artifacts.map(({ name }: { name: string }) => name),
        ]
        return () => world.close()
    })

    test("D-10 lets an auditor change nothing and read no content", async () => {
        const open: string[] = []
        for (const route of console.filter(({ path }) => path !== "/api/events")) {
            const session = await signedIn(staffLink(world, "daria"))
            const before = await count()
            const body = route.method === "GET" || route.method === "DELETE" ? undefined : {}
            const address = addressOf(route.path) + queryOf(route.path)
            const answer = await send(session, route.method, address, body)
            expect(
                secrets.filter((secret) => answer.body.includes(secret)),
                named(route),
            ).toEqual([])
            if (answer.statusCode === 403 || answer.statusCode === 400) {
                expect(await kinds(before), named(route)).toEqual([])
            }
            if (!(answer.statusCode === 403 && run(answer) === "403 request.not_allowed")) open.push(named(route))
        }
        expect(open.filter((item) => !auditors.includes(item))).toEqual([])
    })

    test("D-13 is missing on the partners' listener, for all actors, however the address is written", async () => {
        const [lead, kofi] = [signedInAs(world, "halcyon.lead"), signedInAs(world, "kofi")]
        const routes = allRoutes.filter(({ side }) => side !== "console")
        const forms = routes.map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`))
        const isThere = (path: string) => forms.some((form) => form.test(path))
        const ask = async (token: string, method: Method, url: string, more: Headers = {}) =>
            await world.apps.portal.inject({ method, url, headers: { ...bearer(token), ...more } })
        const whole = ({ statusCode, headers: { date: _, ...headers }, body }: LightMyRequestResponse) => {
            const { "x-request-id": __, ...others } = headers
            return { statusCode, headers: JSON.stringify(others), body }
        }
        const nothing = whole(await ask(lead.token, "GET", "/api/nowhere"))
        expect(nothing.statusCode).toBe(404)
        const disguise = { host: "console.example", "x-forwarded-host": "console.example", forwarded: "host=console" }
        for (const { method, path } of console.filter(({ path: its_ }) => !isThere(its_))) {
            const address = addressOf(path)
            expect(whole(await ask(lead.token, method, address)), path).toEqual(nothing)
            expect(whole(await ask(lead.token, method, address, disguise)), path).toEqual(nothing)
            const odd = `//console.example${address}`
            expect((await ask(lead.token, method, odd)).statusCode, odd).toBe(404)
            expect([401, 404], path).toContain((await ask(kofi.token, method, address)).statusCode)
        }
        // Shared paths are different resources there, and not the operator's.
        for (const { method, path } of routes.filter(({ permission: needs }) => needs !== "public")) {
            expect([401, 400], path).toContain((await ask(kofi.token, method, addressOf(path))).statusCode)
        }
    })
})
