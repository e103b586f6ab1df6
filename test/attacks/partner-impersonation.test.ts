/** A staff member who tries to act as a partner's member: by a link, an old session, a token, or an own application. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { operators } from "../../server/src/demo/cast.ts"
import { mailedLinkSecret } from "../support/sign-in-mail.ts"
import { type Person, signedInAs, signApprovalAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(() => master.close())
beforeEach(async () => {
    world = await copyDemonstration(master)
    return () => world.close()
})

type Headers = Readonly<Record<string, string>>
type Method = "GET" | "POST" | "DELETE"
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const portal = (headers: Headers, method: Method, url: string, payload?: object) =>
    world.apps.portal.inject({ method, url, headers, ...(payload && { payload }) })

async function signedIn(secret: string): Promise<Headers> {
    const answer = await portal({}, "POST", "/api/session", { secret })
    expect(answer.statusCode).toBe(200)
    return { cookie: `tocsin-portal=${answer.cookies[0]?.value}` }
}

const status = async (headers: Headers, url = "/api/me") => (await portal(headers, "GET", url)).statusCode
const lead = { name: "Lea Holm", mail: "lea@marrowfield.example", roles: ["lead"] }

/** Requests, lets Rafael sign, and requests again with the signature. */
async function byTwo(person: Person, method: "post" | "put", path: string, body: object) {
    const { done, approval } = await person[method](path, body)
    expect(done).toBe(false)
    await signApprovalAs(signedInAs(world, "rafael"), approval)
    const answer = await person[method](path, { ...body, approval })
    expect(answer.done).toBe(true)
    return answer
}

/** Creates an onboarding partner whose lead was added by two people. */
async function joining(): Promise<{ readonly id: string; readonly person: string }> {
    const body = { name: "Marrowfield", mail: "warnings@marrowfield.example", tier: "advance", status: "invited" }
    const { id } = await signedInAs(world, "ingrid").post("/api/partners", body)
    const { person } = await byTwo(signedInAs(world, "ingrid"), "post", `/api/partners/${id}/roster`, lead)
    return { id, person }
}

const story = "Two engineers on call read it; one of them acts within the hour, and the other one checks."
const hex = expect.stringMatching(/^[0-9a-f]{64}$/)
const mailOf = (key: string): string => operators.find(({ name }) => name.toLowerCase().startsWith(key))?.mail ?? ""

/** Applies as a stranger with this contact. */
async function applied({ name, mail }: { readonly name: string; readonly mail: string }) {
    const organisation = `Marrowfield ${mail}`
    const form = {
        organisation,
        mail: "warnings@marrowfield.example",
        products: ["Gate"],
        contact: { name, mail },
        productClasses: ["network_detection"],
        regions: ["Europe"],
        inHouseProtection: story,
        dataUse: story,
        mailboxReaders: story,
        workedExample: { cve: "CVE-2024-3400", text: story },
        automation: "None.",
    }
    const answer = await portal({}, "POST", "/api/applications", form)
    expect(answer.statusCode).toBe(200)
    const { applications } = await signedInAs(world, "ingrid").get("/api/applications")
    const { partner } = applications.find(
        (application: { organisation: string }) => application.organisation === organisation,
    )
    return { partner: String(partner), secret: answer.json<{ secret: string }>().secret }
}

/** Lets one manager score and decide alone. */
async function invites(partner: string): Promise<string> {
    const ingrid = signedInAs(world, "ingrid")
    const { criteria } = await ingrid.get(`/api/applications/${partner}`)
    for (const { id: criterion } of criteria) {
        await ingrid.post(`/api/applications/${partner}/scores`, { criterion, score: 4, reason: story })
    }
    const decision = { decision: "invited", reason: story, message: "" }
    return await ingrid.refusal("POST", `/api/applications/${partner}/decide`, decision)
}

/** Returns what the second person reads before signing. */
async function shown(approval: string) {
    const { pending } = await signedInAs(world, "rafael").get("/api/approvals")
    return pending.find(({ id }: { id: string }) => id === approval)
}

async function asksToAdmit(partner: string) {
    const { approval } = await signedInAs(world, "meera").put(`/api/partners/${partner}/status`, { status: "active" })
    return await shown(approval)
}

const namingLead = {
    text: { status: "active", roster: [{ person: expect.any(String), ...lead }] },
    effects: { detail: { roster: [{ person: expect.any(String), roles: lead.roles, details: hex }] } },
}

const admit = (id: string) =>
    byTwo(signedInAs(world, "meera"), "put", `/api/partners/${id}/status`, { status: "active" })

describe("one manager", () => {
    test("adds no roster member alone, in any partner status, and sees no link", async () => {
        const ingrid = signedInAs(world, "ingrid")
        for (const standing of ["applicant", "invited"]) {
            const body = {
                name: "Marrowfield",
                mail: "warnings@marrowfield.example",
                tier: "advance",
                status: standing,
            }
            const { id } = await ingrid.post("/api/partners", body)
            const path = `/api/partners/${id}/roster`
            expect(await ingrid.post(path, lead)).toEqual({ done: false, approval: expect.any(String) })
            const answer = await byTwo(ingrid, "post", path, { ...lead, name: "Lea Two" })
            expect(Object.keys(answer).toSorted()).toEqual(["approval", "done", "person"])
            expect(await ingrid.post(`${path}/${answer.person}/sign-in-links`, {})).toEqual({
                done: false,
                approval: expect.any(String),
            })
            const renewed = await byTwo(
                signedInAs(world, "meera"),
                "post",
                `${path}/${answer.person}/sign-in-links`,
                {},
            )
            expect(Object.keys(renewed).toSorted()).toEqual(["approval", "done"])
        }
        const { id } = signedInAs(world, "halcyon.lead")
        const path = `/api/partners/${signedInAs(world, "halcyon").partner}/roster/${id}/sign-in-links`
        expect(Object.keys(await byTwo(ingrid, "post", path, {})).toSorted()).toEqual(["approval", "done"])
    })

    test("keeps nothing given before the admission: session, token and link end with it", async () => {
        const { id } = await joining()
        await world.work()
        const session = await signedIn(mailedLinkSecret(world, lead.mail))
        const { token } = (await portal(session, "POST", "/api/tokens", { name: "tool", scopes: ["poll"] })).json<{
            token: string
        }>()
        const { link } = (await portal(session, "POST", "/api/sign-in-links")).json<{ link: string }>()
        expect([await status(session), await status(bearer(token))]).toEqual([200, 200])
        await admit(id)
        expect([await status(session), await status(bearer(token))]).toEqual([401, 401])
        expect((await portal({}, "POST", "/api/session", { secret: link })).statusCode).toBe(403)
        expect(await status(bearer(token), "/api/warnings")).toBe(401)

        // The true lead signs in by a new link, which only its own mailbox receives.
        await world.work()
        const again = await signedIn(mailedLinkSecret(world, lead.mail))
        expect(await status(again, "/api/warnings")).toBe(200)
        expect(world.mails.filter(({ text }) => text.includes("/sign-in#")).map(({ to }) => to)).toEqual([
            lead.mail,
            lead.mail,
        ])
    })

    test("who applies under another name joins only through the named mailbox", async () => {
        const { partner, secret } = await applied(lead)
        expect(await invites(partner)).toBe("200 undefined")
        const answer = await portal({}, "POST", "/api/applications/enrol", { secret })
        expect([answer.statusCode, answer.json()]).toEqual([200, {}])
        await world.work()
        const links = world.mails.filter(({ text }) => text.includes("/sign-in#")).map(({ to }) => to)
        expect(links).toEqual([lead.mail])
        expect(await asksToAdmit(partner)).toMatchObject(namingLead)
    })

    test("invites no applicant whose contact is a staff mailbox, in upper or lower case", async () => {
        const rafael = mailOf("rafael")
        for (const mail of [rafael, rafael.toUpperCase(), rafael.replace("@", "+marrowfield@")]) {
            const { partner, secret } = await applied({ ...lead, mail })
            expect(await invites(partner)).toBe("409 identity.mail_in_use")
            const state = await portal({}, "POST", "/api/applications/check-status", { secret })
            expect(state.body).not.toContain("staff")
        }
    })

    test("enrols no contact whose mailbox became a staff mailbox, and does not disclose whose it is", async () => {
        const { partner, secret } = await applied(lead)
        expect(await invites(partner)).toBe("200 undefined")
        const roles = ["author"]
        await byTwo(signedInAs(world, "kofi"), "post", "/api/staff", { name: lead.name, mail: lead.mail, roles })
        const answer = await portal({}, "POST", "/api/applications/enrol", { secret })
        expect([answer.statusCode, answer.json().code]).toEqual([409, "application.contact_unusable"])
        expect(answer.body).not.toContain("staff")
    })
})

describe("two signers see the owner of the mailbox", () => {
    test("for an admission: each person's name, address and roles, and a hash of them in the effects", async () => {
        const { id } = await joining()
        expect(await asksToAdmit(id)).toMatchObject(namingLead)
    })

    test("for a new link", async () => {
        const { id, person } = await joining()
        const path = `/api/partners/${id}/roster/${person}/sign-in-links`
        const { approval } = await signedInAs(world, "ingrid").post(path, {})
        const { text: words, effects } = await shown(approval)
        expect(words).toEqual(lead)
        expect(effects.detail).toEqual({ person, roles: lead.roles, details: hex, urgent: false })
    })
})

describe("one mailbox belongs to one side", () => {
    test("neither staff nor a lead can give a staff address to a partner's member", async () => {
        const { id } = await joining()
        const mail = mailOf("tomas").toUpperCase()
        const refused = "409 identity.mail_in_use"
        const path = `/api/partners/${id}/roster`
        expect(await signedInAs(world, "ingrid").refusal("POST", path, { ...lead, mail })).toBe(refused)
        const body = { name: "Tom", mail, roles: ["analyst"] }
        expect(await signedInAs(world, "fernwood.lead").refusal("POST", "/api/roster", body)).toBe(refused)
    })

    test("staff cannot get the address of a partner's member until that person has left", async () => {
        const { id, person } = await joining()
        const body = { name: "Lea Holm", mail: lead.mail.toUpperCase(), roles: ["auditor"] }
        const kofi = signedInAs(world, "kofi")
        expect(await kofi.refusal("POST", "/api/staff", body)).toBe("409 identity.mail_in_use")
        await signedInAs(world, "ingrid").raw("DELETE", `/api/partners/${id}/roster/${person}`)
        expect((await kofi.post("/api/staff", body)).done).toBe(true)
    })
})

describe("a new link", () => {
    test("for a partner's member ends its sessions and tokens, whoever requests it", async () => {
        const { id, person } = await joining()
        await world.work()
        const session = await signedIn(mailedLinkSecret(world, lead.mail))
        const path = `/api/partners/${id}/roster/${person}/sign-in-links`
        await byTwo(signedInAs(world, "ingrid"), "post", path, { urgent: true })
        expect(await status(session)).toBe(401)

        const [analyst, fernwood] = [signedInAs(world, "fernwood"), signedInAs(world, "fernwood.lead")]
        expect(await status(bearer(analyst.token))).toBe(200)
        expect(await fernwood.post(`/api/roster/${analyst.id}/sign-in-links`, { urgent: true })).toEqual({})
        expect(await status(bearer(analyst.token))).toBe(401)
    })

    test("for an analyst is not shown to the lead who requests it", async () => {
        const body = { name: "Ida Brandvold", mail: "ida@fernwood.example", roles: ["analyst"] }
        expect(Object.keys(await signedInAs(world, "fernwood.lead").post("/api/roster", body))).toEqual(["person"])
        await world.work()
        const session = await signedIn(mailedLinkSecret(world, body.mail))
        expect((await portal(session, "GET", "/api/me")).json()).toMatchObject({ person: { name: body.name } })
    })

    test("reaches no person who has left meanwhile", async () => {
        const { id, person } = await joining()
        await signedInAs(world, "ingrid").raw("DELETE", `/api/partners/${id}/roster/${person}`)
        await world.work()
        expect(world.mails.filter(({ to }) => to === lead.mail)).toEqual([])
    })

    test("floods no mailbox", async () => {
        const [analyst, fernwood] = [signedInAs(world, "fernwood"), signedInAs(world, "fernwood.lead")]
        const outcomes: string[] = []
        for (let n = 0; n < 30; n++)
            outcomes.push(await fernwood.refusal("POST", `/api/roster/${analyst.id}/sign-in-links`, { urgent: true }))
        expect(outcomes.at(-1)).toBe("409 mailbox.too_many_links")
        expect(outcomes.filter((outcome) => outcome.startsWith("200")).length).toBeLessThanOrEqual(20)
    })
})

test("changed roles end the sessions of a staff member", async () => {
    const [kofi, tomas] = [signedInAs(world, "kofi"), signedInAs(world, "tomas")]
    await byTwo(kofi, "put", `/api/staff/${tomas.id}/roles`, { roles: ["author", "manager"] })
    expect(await tomas.refusal("GET", "/api/me")).toBe("401 request.not_signed_in")
})
