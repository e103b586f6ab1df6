/** A member of staff who tries to act as a partner's person: by a link, an old session, a token, or a form of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { mustBeMailedLink } from "../sign-in-mail.ts"
import { type Person, asking, signs } from "../asking.ts"
import { type Demonstration, type Master, demonstrationFrom, seedMaster } from "../demonstration.ts"

let master: Master
let its: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(() => master.close())
beforeEach(async () => {
    its = await demonstrationFrom(master)
    return () => its.close()
})

type Headers = Readonly<Record<string, string>>
type Method = "GET" | "POST" | "DELETE"
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const portal = (headers: Headers, method: Method, url: string, payload?: object) =>
    its.apps.portal.inject({ method, url, headers, ...(payload && { payload }) })

async function signedIn(secret: string): Promise<Headers> {
    const answer = await portal({}, "POST", "/api/session", { secret })
    expect(answer.statusCode).toBe(200)
    return { cookie: `tocsin-portal=${answer.cookies[0]?.value}` }
}

const status = async (headers: Headers, url = "/api/me") => (await portal(headers, "GET", url)).statusCode
const lead = { name: "Lea Holm", mail: "lea@marrowfield.example", roles: ["lead"] }

/** Asks, has it signed by Rafael, and asks again with the signature. */
async function byTwo(who: Person, method: "post" | "put", path: string, body: object) {
    const { done, approval } = await who[method](path, body)
    expect(done).toBe(false)
    await signs(asking(its, "rafael"), approval)
    const answer = await who[method](path, { ...body, approval })
    expect(answer.done).toBe(true)
    return answer
}

/** A partner on its way in, with a lead whom two have added. */
async function joining(): Promise<{ readonly id: string; readonly person: string }> {
    const body = { name: "Marrowfield", mail: "warnings@marrowfield.example", tier: "advance", standing: "invited" }
    const { id } = await asking(its, "ingrid").post("/api/partners", body)
    const { person } = await byTwo(asking(its, "ingrid"), "post", `/api/partners/${id}/roster`, lead)
    return { id, person }
}

const admit = (id: string) => byTwo(asking(its, "meera"), "put", `/api/partners/${id}/standing`, { standing: "active" })

describe("one manager", () => {
    test("adds nobody to a roster alone, whatever the partner's standing, and sees no link", async () => {
        const ingrid = asking(its, "ingrid")
        for (const standing of ["applicant", "invited"]) {
            const body = { name: "Marrowfield", mail: "warnings@marrowfield.example", tier: "advance", standing }
            const { id } = await ingrid.post("/api/partners", body)
            const path = `/api/partners/${id}/roster`
            expect(await ingrid.post(path, lead)).toEqual({ done: false, approval: expect.any(String) })
            const answer = await byTwo(ingrid, "post", path, { ...lead, name: "Lea Two" })
            expect(Object.keys(answer).toSorted()).toEqual(["approval", "done", "person"])
            expect(await ingrid.post(`${path}/${answer.person}/link`, {})).toEqual({
                done: false,
                approval: expect.any(String),
            })
            const renewed = await byTwo(asking(its, "meera"), "post", `${path}/${answer.person}/link`, {})
            expect(Object.keys(renewed).toSorted()).toEqual(["approval", "done"])
        }
        const { id } = asking(its, "halcyon.lead")
        const path = `/api/partners/${asking(its, "halcyon").partner}/roster/${id}/link`
        expect(Object.keys(await byTwo(ingrid, "post", path, {})).toSorted()).toEqual(["approval", "done"])
    })

    test("does not keep what was given before the admission: session, token and link end with it", async () => {
        const { id } = await joining()
        await its.work()
        const session = await signedIn(mustBeMailedLink(its, lead.mail))
        const { token } = (await portal(session, "POST", "/api/tokens")).json<{ token: string }>()
        const { link } = (await portal(session, "POST", "/api/links")).json<{ link: string }>()
        expect([await status(session), await status(bearer(token))]).toEqual([200, 200])
        await admit(id)
        expect([await status(session), await status(bearer(token))]).toEqual([401, 401])
        expect((await portal({}, "POST", "/api/session", { secret: link })).statusCode).toBe(403)
        expect(await status(bearer(token), "/api/warnings")).toBe(401)

        // The true lead comes in by a new link, which goes to its own mailbox alone.
        await its.work()
        const again = await signedIn(mustBeMailedLink(its, lead.mail))
        expect(await status(again, "/api/warnings")).toBe(200)
        expect(its.mails.filter(({ text }) => text.includes("/sign-in#")).map(({ to }) => to)).toEqual([
            lead.mail,
            lead.mail,
        ])
    })

    test("who applies in another's name is let in by nothing but the mailbox that was named", async () => {
        const story = "Two engineers on call read it; one of them acts within the hour, and the other one checks."
        const form = {
            ...{ organisation: "Marrowfield", mail: "warnings@marrowfield.example", products: ["Gate"] },
            ...{ contact: { name: lead.name, mail: lead.mail }, productClasses: ["network detection"] },
            ...{ regions: ["Europe"], inHouseProtection: story, dataUse: story, mailboxReaders: story },
            ...{ workedExample: { cve: "CVE-2024-3400", text: story }, automation: "None." },
        }
        const { secret } = (await portal({}, "POST", "/api/application", form)).json<{ secret: string }>()
        const ingrid = asking(its, "ingrid")
        const { applications } = await ingrid.get("/api/applications")
        const { partner } = applications.find((one: { organisation: string }) => one.organisation === "Marrowfield")
        const { criteria } = await ingrid.get(`/api/applications/${partner}`)
        for (const { id: criterion } of criteria) {
            await ingrid.post(`/api/applications/${partner}/scores`, { criterion, score: 4, reason: story })
        }
        const decision = { decision: "invited", reason: story, message: "" }
        await asking(its, "meera").post(`/api/applications/${partner}/decision`, decision)
        const answer = await portal({}, "POST", "/api/application/enrolment", { secret })
        expect([answer.statusCode, answer.json()]).toEqual([200, {}])
        await its.work()
        const links = its.mails.filter(({ text }) => text.includes("/sign-in#")).map(({ to }) => to)
        expect(links).toEqual([lead.mail])
    })
})

describe("a new link", () => {
    test("of a partner's person ends its sessions and tokens, by whomever it is asked for", async () => {
        const { id, person } = await joining()
        await its.work()
        const session = await signedIn(mustBeMailedLink(its, lead.mail))
        await byTwo(asking(its, "ingrid"), "post", `/api/partners/${id}/roster/${person}/link`, {})
        expect(await status(session)).toBe(401)

        const [analyst, fernwood] = [asking(its, "fernwood"), asking(its, "fernwood.lead")]
        expect(await status(bearer(analyst.token))).toBe(200)
        expect(await fernwood.post(`/api/roster/${analyst.id}/link`)).toEqual({})
        expect(await status(bearer(analyst.token))).toBe(401)
    })

    test("is shown to no lead that asks for it for an analyst", async () => {
        const body = { name: "Ida Brandvold", mail: "ida@fernwood.example", roles: ["analyst"] }
        expect(Object.keys(await asking(its, "fernwood.lead").post("/api/roster", body))).toEqual(["person"])
        await its.work()
        const session = await signedIn(mustBeMailedLink(its, body.mail))
        expect((await portal(session, "GET", "/api/me")).json()).toMatchObject({ person: { name: body.name } })
    })

    test("reaches no one who has left meanwhile", async () => {
        const { id, person } = await joining()
        await asking(its, "ingrid").raw("DELETE", `/api/partners/${id}/roster/${person}`)
        await its.work()
        expect(its.mails.filter(({ to }) => to === lead.mail)).toEqual([])
    })

    test("floods no mailbox", async () => {
        const [analyst, fernwood] = [asking(its, "fernwood"), asking(its, "fernwood.lead")]
        const outcomes: string[] = []
        for (let n = 0; n < 30; n++) outcomes.push(await fernwood.refusal("POST", `/api/roster/${analyst.id}/link`))
        expect(outcomes.at(-1)).toBe("409 mailbox.too_many_links")
        expect(outcomes.filter((one) => one.startsWith("200")).length).toBeLessThanOrEqual(20)
    })
})

test("other roles end what a member of staff is signed in by", async () => {
    const [kofi, tomas] = [asking(its, "kofi"), asking(its, "tomas")]
    await byTwo(kofi, "put", `/api/persons/${tomas.id}/roles`, { roles: ["author", "manager"] })
    expect(await tomas.refusal("GET", "/api/me")).toBe("401 request.not_signed_in")
})
