/**
 * people outside see no trace of bounced mail about a confidential matter. Two copies of one program run through
 * the same hours; in both, a partner's mail bounces. In one, an inquiry has also asked that partner, and that mail
 * bounces too. Everyone else reads everything in both, byte by byte.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { operators } from "../../server/src/demo/cast.ts"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import type { Message } from "../../server/src/platform/mail/mail.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { createNotices } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { system } from "../support/actors.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"
import { looksOf, whole } from "./read-portal.ts"
import { comparableAnswer } from "./installation-answers.ts"

/** No partner reports in the two following days, because each copy would give a report another id. */
const start = parseInstant("2025-07-05T12:00:00Z")
const hourMs = 3_600_000
const request = "copperline"
/** People outside: a manager, an author, an approver, an admin, an auditor and another investigator. */
const outsiders = ["Ingrid Solheim", "Tomas Ferreira", "Meera Hartono", "Kofi Boateng", "Daria Voss", "Noor Haddad"]

let master: SeededMaster
let lived: SeededMaster
let common: Demonstration
const open: Demonstration[] = []

const run = <T>(found: T | undefined): T => found ?? none()
function none(): never {
    throw new Error("there is none")
}

beforeAll(async () => {
    master = await seedMaster()
    common = await copyDemonstration(master)
    await common.moveTo(start)
    await common.work()
    for (const app of Object.values(common.apps)) await app.close()
    await common.database.db.close()
    lived = { ...master, name: common.database.name }
}, 240_000)
afterAll(async () => {
    for (const world of open) await world.close()
    await common.database.drop()
    await master.close()
})

const partnerOf = (world: Demonstration) => run(world.seeded.partners.find(({ cast }) => cast.key === request))
const tokenOf = (world: Demonstration, name: string) =>
    run(world.seeded.operators.find((person) => person.name === name)).token
const leadMail = (world: Demonstration) =>
    run(partnerOf(world).cast.people.find(({ roles }) => roles.includes("lead"))).mail

/** Returns the mail to the lead during this work. */
async function mailed(world: Demonstration, happens: () => Promise<unknown>): Promise<Message[]> {
    const before = world.mails.length
    await happens()
    await world.work()
    return world.mails.slice(before).filter(({ to }) => to === leadMail(world))
}

async function comesBack(world: Demonstration, mails: readonly Message[]): Promise<void> {
    expect(mails).toHaveLength(1)
    for (const { token } of mails) {
        const payload = { token, outcome: "failed" }
        const answer = await world.apps.console.inject({ method: "POST", url: "/api/bounces", payload })
        expect(answer.body).toBe("{}")
    }
}

async function asks(world: Demonstration): Promise<void> {
    const say = async (url: string, payload: object) => {
        const headers = { authorization: `Bearer ${tokenOf(world, "Aoife Brannigan")}` }
        const answer = await world.apps.console.inject({ method: "POST", url, payload, headers })
        expect(answer.statusCode).toBe(200)
        return answer.json<{ inquiry: string }>()
    }
    const members = [run(world.seeded.operators.find(({ name }) => name === "Rafael Lindqvist")).person]
    const { inquiry } = await say("/api/inquiries", { case: world.toolshell, title: "The paste", members })
    const answerBy = formatInstant(start + 7 * 24 * hourMs)
    const put = { kind: "question", partner: partnerOf(world).id, text: "Who had it?", answerBy }
    await say(`/api/inquiries/${inquiry}/questions`, put)
}

/** In every copy, ordinary mail bounces an hour later, and the program continues for two days. */
async function ordinaryDays(world: Demonstration): Promise<Demonstration> {
    await world.moveTo(start + hourMs)
    const notice = (ctx: Parameters<typeof createNotices>[0]) => createNotices(ctx, null, [partnerOf(world).id])
    const acting = () =>
        world.services.db.transaction(async (tx) => {
            await notice({ tx, now: await world.services.clock.now(tx), services: world.services, actor: system })
        })
    await comesBack(world, await mailed(world, acting))
    await world.moveTo(start + 48 * hourMs)
    await world.work()
    return world
}

/** Skips the wall-clock minute or hour. */
const triedAgain = async (world: Demonstration) => {
    for (let n = 0; n < 3; n++) {
        await world.services.db.transaction((tx) =>
            tx.query("update notices set next_at = clock_timestamp() where state = 'due'"),
        )
        await world.work()
    }
}

const copy = async (): Promise<Demonstration> => {
    const world = await copyDemonstration(lived)
    open.push(world)
    return world
}
const lives = {
    "comes back later": async () => {
        const world = await copy()
        await comesBack(world, await mailed(world, () => asks(world)))
        return await ordinaryDays(world)
    },
    "is refused at once": async () => {
        const world = await copy()
        world.refused.add(leadMail(world))
        await mailed(world, () => asks(world))
        await triedAgain(world)
        world.refused.clear()
        return await ordinaryDays(world)
    },
} as const

/** */
const apart = /^\/api\/(?:audit-log|events|openapi|clock$)/
const consoleReads = allRoutes.filter(
    ({ method, side, path }) => method === "GET" && side === "console" && !apart.test(path),
)
const kept = /^(?!.*\/(?:copy|misp)$)(?!\/api\/(?:audit-log|receipts\/|receipt-log\/))/

async function consoleLooks(world: Demonstration, name: string) {
    const { id, people } = partnerOf(world)
    const ids = [world.toolshell, id, run(people[0]).person]
    const headers = { authorization: `Bearer ${tokenOf(world, name)}` }
    const looks = []
    for (const { path } of consoleReads) {
        for (const each of path.includes("{") ? ids : [""]) {
            const url = path.replaceAll(/\{[a-z]+\}/gi, each)
            const answer = await world.apps.console.inject({ method: "GET", url, headers })
            looks.push({ url, ...(comparableAnswer(path, answer) ?? whole(answer)) })
        }
    }
    return looks
}

function differing(there: readonly object[], nowhere: readonly object[]): string[] {
    const notified = nowhere.map((look) => JSON.stringify(look))
    return there.map((look) => JSON.stringify(look)).filter((look, i) => look !== notified[i])
}

describe.each(Object.keys(lives) as (keyof typeof lives)[])("if the mail with the question %s", (how) => {
    let there: Demonstration
    let nowhere: Demonstration
    beforeAll(async () => {
        there = await lives[how]()
        nowhere = await ordinaryDays(await copy())
    }, 240_000)

    test.each(outsiders)(
        "A-13 %s reads the same, at every address",
        async (name) => {
            const looks = await Promise.all([there, nowhere].map((world) => consoleLooks(world, name)))
            const [a = [], b = []] = looks
            expect(a.length).toBeGreaterThan(100)
            expect(differing(a, b)).toEqual([])
        },
        120_000,
    )

    test("A-13 an analyst of the partner and a member of another read the same", async () => {
        const people = (world: Demonstration) => {
            const own = run(partnerOf(world).people.find(({ roles }) => !roles.includes("lead")))
            const others = run(world.seeded.partners.find(({ cast }) => cast.key === "tidewater"))
            return [own, run(others.people[0])]
        }
        for (const [i, { token }] of people(there).entries()) {
            const other = run(people(nowhere)[i]).token
            const a = await looksOf(there.apps.portal, token, kept)
            const b = await looksOf(nowhere.apps.portal, other, kept)
            expect(differing(a, b)).toEqual([])
        }
    }, 240_000)

    test("its members see how many leads did not get the mail", async () => {
        const headers = { authorization: `Bearer ${tokenOf(there, "Rafael Lindqvist")}` }
        const get = async (url: string) => await there.apps.console.inject({ method: "GET", url, headers })
        const { inquiries } = (await get("/api/inquiries")).json<{ inquiries: { id: string }[] }>()
        const { questions } = (await get(`/api/inquiries/${run(inquiries[0]).id}`)).json<{ questions: object[] }>()
        expect(questions).toMatchObject([{ text: "Who had it?", unreached: 1 }])
    })

    test("A-13 staff outside get the same number of mails", () => {
        const staff = operators.filter(({ name }) => outsiders.includes(name)).map(({ mail }) => mail)
        const to = (world: Demonstration) => world.mails.map((mail) => mail.to).filter((mail) => staff.includes(mail))
        expect(to(there)).toEqual(to(nowhere))
    })
})
