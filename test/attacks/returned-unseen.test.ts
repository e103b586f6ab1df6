/**
 * mail about something sealed that comes back is nowhere for those who are not on it. Two copies of one program live through
 * the same hours, in both of which a partner's mail comes back; in one an inquiry has asked that partner besides, and that mail
 * comes back too. Everybody else reads everything in both, byte by byte.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { operators } from "../../src/demo/cast.ts"
import { formatInstant, parseInstant } from "../../src/lib/instant.ts"
import type { Message } from "../../src/platform/mail.ts"
import { allRoutes } from "../../src/routes.ts"
import { makeNotices } from "../../src/share/delivery/actions/notices.ts"
import { system } from "../acting.ts"
import { type Demonstration, type Master, demonstrationFrom, seedMaster } from "../demonstration.ts"
import { looksOf, whole } from "./looking.ts"

/** No partner reports in the two days after it: each copy would give that a name of its own. */
const start = parseInstant("2025-07-05T12:00:00Z")
const hourMs = 3_600_000
const asked = "copperline"
/** Not on it: a manager, an author, an approver, an admin, an auditor and another investigator's colleague. */
const outsiders = ["Ingrid Solheim", "Tomas Ferreira", "Meera Hartono", "Kofi Boateng", "Daria Voss", "Noor Haddad"]

let master: Master
let lived: Master
let common: Demonstration
const open: Demonstration[] = []

const one = <T>(found: T | undefined): T => found ?? none()
function none(): never {
    throw new Error("there is none")
}

beforeAll(async () => {
    master = await seedMaster()
    common = await demonstrationFrom(master)
    await common.moveTo(start)
    await common.work()
    for (const app of Object.values(common.apps)) await app.close()
    await common.database.db.close()
    lived = { ...master, name: common.database.name }
}, 240_000)
afterAll(async () => {
    for (const its of open) await its.close()
    await common.database.drop()
    await master.close()
})

const partnerOf = (its: Demonstration) => one(its.seeded.partners.find(({ cast }) => cast.key === asked))
const tokenOf = (its: Demonstration, name: string) =>
    one(its.seeded.operators.find((person) => person.name === name)).token
const leadMail = (its: Demonstration) =>
    one(partnerOf(its).cast.persons.find(({ roles }) => roles.includes("lead"))).mail

/** What was mailed to the lead while this happened. */
async function mailed(its: Demonstration, happens: () => Promise<unknown>): Promise<Message[]> {
    const before = its.mails.length
    await happens()
    await its.work()
    return its.mails.slice(before).filter(({ to }) => to === leadMail(its))
}

async function comesBack(its: Demonstration, mails: readonly Message[]): Promise<void> {
    expect(mails).toHaveLength(1)
    for (const { token } of mails) {
        const payload = { token, fate: "failed" }
        const answer = await its.apps.console.inject({ method: "POST", url: "/api/bounces", payload })
        expect(answer.body).toBe("{}")
    }
}

async function asks(its: Demonstration): Promise<void> {
    const say = async (url: string, payload: object) => {
        const headers = { authorization: `Bearer ${tokenOf(its, "Aoife Brannigan")}` }
        const answer = await its.apps.console.inject({ method: "POST", url, payload, headers })
        expect(answer.statusCode).toBe(200)
        return answer.json<{ inquiry: string }>()
    }
    const members = [one(its.seeded.operators.find(({ name }) => name === "Rafael Lindqvist")).person]
    const { inquiry } = await say("/api/inquiries", { case: its.toolshell, title: "The paste", members })
    const answerBy = formatInstant(start + 7 * 24 * hourMs)
    const put = { kind: "question", partner: partnerOf(its).id, text: "Who had it?", answerBy }
    await say(`/api/inquiries/${inquiry}/questions`, put)
}

/** In every copy: an hour later something that is not sealed comes back, and the program goes on for two days. */
async function ordinaryDays(its: Demonstration): Promise<Demonstration> {
    await its.moveTo(start + hourMs)
    const notice = (act: Parameters<typeof makeNotices>[0]) => makeNotices(act, null, [partnerOf(its).id])
    const acting = () =>
        its.doors.db.transaction(async (tx) => {
            await notice({ tx, now: await its.doors.clock.now(tx), doors: its.doors, actor: system })
        })
    await comesBack(its, await mailed(its, acting))
    await its.moveTo(start + 48 * hourMs)
    await its.work()
    return its
}

/** A real minute or an hour is not waited for. */
const triedAgain = async (its: Demonstration) => {
    for (let n = 0; n < 3; n++) {
        await its.doors.db.transaction((tx) =>
            tx.query("update notices set next_at = clock_timestamp() where state = 'due'"),
        )
        await its.work()
    }
}

const copy = async (): Promise<Demonstration> => {
    const its = await demonstrationFrom(lived)
    open.push(its)
    return its
}
const lives = {
    "comes back later": async () => {
        const its = await copy()
        await comesBack(its, await mailed(its, () => asks(its)))
        return await ordinaryDays(its)
    },
    "is refused at once": async () => {
        const its = await copy()
        its.refused.add(leadMail(its))
        await mailed(its, () => asks(its))
        await triedAgain(its)
        its.refused.clear()
        return await ordinaryDays(its)
    },
} as const

const apart = /^\/api\/(?:record|events|openapi|clock$)/
const consoleReads = allRoutes.filter(
    ({ method, side, path }) => method === "GET" && side === "console" && !apart.test(path),
)
const kept = /^(?!.*\/(?:copy|misp)$)(?!\/api\/(?:record|receipts\/))/

async function consoleLooks(its: Demonstration, name: string) {
    const { id, persons } = partnerOf(its)
    const ids = [its.toolshell, id, one(persons[0]).person]
    const headers = { authorization: `Bearer ${tokenOf(its, name)}` }
    const looks = []
    for (const { path } of consoleReads) {
        for (const each of path.includes("{") ? ids : [""]) {
            const url = path.replaceAll(/\{[a-z]+\}/gi, each)
            looks.push({ url, ...whole(await its.apps.console.inject({ method: "GET", url, headers })) })
        }
    }
    return looks
}

function differing(there: readonly object[], nowhere: readonly object[]): string[] {
    const told = nowhere.map((look) => JSON.stringify(look))
    return there.map((look) => JSON.stringify(look)).filter((look, i) => look !== told[i])
}

describe.each(Object.keys(lives) as (keyof typeof lives)[])("where the question's mail %s", (how) => {
    let there: Demonstration
    let nowhere: Demonstration
    beforeAll(async () => {
        there = await lives[how]()
        nowhere = await ordinaryDays(await copy())
    }, 240_000)

    test.each(outsiders)(
        "A-13 %s reads the same, at every address",
        async (name) => {
            const looks = await Promise.all([there, nowhere].map((its) => consoleLooks(its, name)))
            const [a = [], b = []] = looks
            expect(a.length).toBeGreaterThan(100)
            expect(differing(a, b)).toEqual([])
        },
        120_000,
    )

    test("A-13 so do the partner's own person who is no lead, and another partner's", async () => {
        const persons = (its: Demonstration) => {
            const own = one(partnerOf(its).persons.find(({ roles }) => !roles.includes("lead")))
            const others = one(its.seeded.partners.find(({ cast }) => cast.key === "tidewater"))
            return [own, one(others.persons[0])]
        }
        for (const [i, { token }] of persons(there).entries()) {
            const other = one(persons(nowhere)[i]).token
            const a = await looksOf(there.apps.portal, token, kept)
            const b = await looksOf(nowhere.apps.portal, other, kept)
            expect(differing(a, b)).toEqual([])
        }
    }, 240_000)

    test("its members read to how many leads the mail did not get", async () => {
        const headers = { authorization: `Bearer ${tokenOf(there, "Rafael Lindqvist")}` }
        const get = async (url: string) => await there.apps.console.inject({ method: "GET", url, headers })
        const { inquiries } = (await get("/api/inquiries")).json<{ inquiries: { id: string }[] }>()
        const { questions } = (await get(`/api/inquiries/${one(inquiries[0]).id}`)).json<{ questions: object[] }>()
        expect(questions).toMatchObject([{ text: "Who had it?", unreached: 1 }])
    })

    test("A-13 staff that is not on it is mailed as often", () => {
        const staff = operators.filter(({ name }) => outsiders.includes(name)).map(({ mail }) => mail)
        const to = (its: Demonstration) => its.mails.map((mail) => mail.to).filter((mail) => staff.includes(mail))
        expect(to(there)).toEqual(to(nowhere))
    })
})
