/**
 * people outside a confidential inquiry see no trace of it. Two copies of one program run through the same
 * hours, one with a full inquiry, one without. Everyone else reads everything in both, byte by byte.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { operators } from "../../server/src/demo/cast.ts"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { allRoutes } from "../../server/src/routes.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"
import { looksOf, whole } from "./read-portal.ts"
import { comparableAnswer } from "./installation-answers.ts"

const members = ["Aoife Brannigan", "Rafael Lindqvist"]
const request = "copperline"
const start = parseInstant("2025-07-04T12:00:00Z")

let master: SeededMaster
/** The shared past of both. */
let common: Demonstration
let [withIt, without]: Demonstration[] = []
/** Mail that was sent during the inquiry. */
let mails: string[]
let ids: string[]

interface Event {
    readonly seq: number
    readonly kind: string
    readonly confidential: boolean
    readonly body: object | null
}

const last = <T>(list: readonly T[]): T => list.at(-1) ?? none()
const each = <T>(found: T | undefined): T => found ?? none()
function none(): never {
    throw new Error("there is none")
}

const tokenOf = (world: Demonstration, name: string) =>
    each(world.seeded.operators.find((person) => person.name === name)).token

async function ask(world: Demonstration, side: "console" | "portal", token: string, path: string, body?: object) {
    const headers = { authorization: `Bearer ${token}` }
    const method = body === undefined ? "GET" : "POST"
    const answer = await world.apps[side].inject({ method, url: path, headers, ...(body && { payload: body }) })
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.body}`)
    return answer.json<Record<string, string>>()
}

const recordOf = async (world: Demonstration, name: string): Promise<Event[]> => {
    const { events } = await ask(world, "console", tokenOf(world, name), "/api/audit-log")
    return events as unknown as Event[]
}

const filterFields = [
    ["case", ["case"]],
    ["partner", ["partner"]],
    ["person", ["by", "person"]],
] as const

/** Lists all pages of the log that this person reads with a filter. */
async function listLog(world: Demonstration, name: string, filter: string): Promise<Event[]> {
    const events: Event[] = []
    for (let after = ""; ;) {
        const page = await ask(world, "console", tokenOf(world, name), `/api/audit-log?${filter}${after}`)
        events.push(...(page["events"] as unknown as Event[]))
        if ((page["next"] ?? null) === null) return events
        after = `${filter === "" ? "" : "&"}after=${page["next"]}`
    }
}

/** Runs a full inquiry, including the worker's part; returns the ids that it created. */
async function everythingOf(world: Demonstration): Promise<string[]> {
    const [aoife = "", rafael = ""] = members.map((name) => tokenOf(world, name))
    const partner = each(world.seeded.partners.find(({ cast }) => cast.key === request))
    const lead = each(partner.people.find(({ roles }) => roles.includes("lead"))).token
    const personOf = (name: string) => each(world.seeded.operators.find((person) => person.name === name)).person
    const say = (path: string, body: object, by = aoife) => ask(world, "console", by, path, body)
    const { inquiry } = await say("/api/inquiries", {
        case: world.toolshell,
        title: "The paste",
        members: [personOf(last(members))],
        excluded: [{ person: personOf("Kofi Boateng"), reason: "He has read the draft." }],
    })
    const at = `/api/inquiries/${inquiry}`
    const answerBy = formatInstant(start + 7 * 86_400_000)
    const put = { kind: "question", partner: partner.id, text: "Who had it?", answerBy }
    const { question } = await say(`${at}/questions`, put)
    await world.work()
    await ask(world, "portal", lead, `/api/inquiries/${question}/answer`, { text: "Two of us." })
    await world.work()
    const input = { partner: partner.id, conclusion: "Its copy.", confidence: "low", obligation: null }
    const { finding, approval } = await say(`${at}/propose-finding`, input)
    await world.work()
    const { pending } = await ask(world, "console", rafael, "/api/approvals")
    const { effectsHash } = each(
        (pending as unknown as { id: string; effectsHash: string }[]).find(({ id }) => id === approval),
    )
    await say(`/api/approvals/${approval}/sign`, { effectsHash }, rafael)
    await world.work()
    await say(`${at}/confirm-finding`, { finding })
    await say(`${at}/close`, { outcome: "explained", reason: "It says how." })
    await say(`${at}/export-report`, {})
    await world.work()
    return [inquiry, question, finding, approval].flatMap((id) => id ?? [])
}

beforeAll(async () => {
    master = await seedMaster()
    common = await copyDemonstration(master)
    await common.moveTo(start)
    await common.work()
    for (const app of Object.values(common.apps)) await app.close()
    await common.database.db.close()
    const lived = { ...master, name: common.database.name }
    withIt = await copyDemonstration(lived)
    without = await copyDemonstration(lived)
    const before = withIt.mails.length
    ids = await everythingOf(withIt)
    mails = withIt.mails.slice(before).map(({ to }) => to)
    await without.work()
}, 240_000)
afterAll(async () => {
    for (const demonstration of [withIt, without]) await demonstration?.close()
    await common.database.drop()
    await master.close()
})

const both = (): Demonstration[] => [each(withIt), each(without)]

/**
 * Checked separately: the log shows that a confidential event happened, a stream does not end, and wall-clock time
 * passes.
 */
const apart = /^\/api\/(?:audit-log|events|openapi|clock$)/
const consoleReads = allRoutes.filter(
    ({ method, side, path }) => method === "GET" && side === "console" && !apart.test(path),
)

/** Reads each address of the console with the ids of the case and of the inquiry. */
async function consoleLooks(app: FastifyInstance, token: string, toolshell: string) {
    const looks = []
    for (const { path } of consoleReads) {
        for (const id of path.includes("{") ? [toolshell, ...ids] : [""]) {
            const url = path.replaceAll(/\{[a-z]+\}/gi, id)
            const answer = await app.inject({ method: "GET", url, headers: { authorization: `Bearer ${token}` } })
            looks.push({ url, ...(comparableAnswer(path, answer) ?? whole(answer)) })
        }
    }
    return looks
}

/** Returns the reads that differ, by address. */
function differing(there: readonly object[] = [], nowhere: readonly object[] = []): string[] {
    const notified = nowhere.map((look) => JSON.stringify(look))
    return there.map((look) => JSON.stringify(look)).filter((look, i) => look !== notified[i])
}

describe("for staff outside the inquiry", () => {
    test.each(["Ingrid Solheim", "Meera Hartono", "Kofi Boateng", "Tomas Ferreira", "Daria Voss"])(
        "%s reads the same, at every address",
        async (name) => {
            const [there, nowhere] = await Promise.all(
                both().map((world) => consoleLooks(world.apps.console, tokenOf(world, name), world.toolshell)),
            )
            expect(there?.length).toBeGreaterThan(100)
            expect(differing(there, nowhere)).toEqual([])
        },
        120_000,
    )

    test("the log shows only that events are confidential, even to people who know some of their kinds", async () => {
        const [demonstration] = both()
        const admin = each(demonstration?.seeded.operators.find(({ roles }) => roles.includes("admin")))
        const events = await recordOf(each(demonstration), admin.name)
        // They know their own canary reads and the partners' reports.
        const known = ["canary.read", "sighting.reported"]
        const sealed = events.filter((event) => event.confidential && !known.includes(event.kind))
        expect(sealed.length).toBeGreaterThan(10)
        expect(sealed.map(({ kind, body }) => ({ kind, body }))).toEqual(
            sealed.map(() => ({ kind: "confidential", body: null })),
        )
        const open = JSON.stringify(events.filter((event) => !event.confidential))
        for (const id of ids) expect(open).not.toContain(id)
        const partner = each(demonstration?.seeded.partners.find(({ cast }) => cast.key === request)).id
        const [newest] = await recordOf(each(without), admin.name)
        const since = events.filter(({ seq }) => seq > (newest?.seq ?? 0))
        expect(JSON.stringify(since)).not.toContain(partner)
    })

    test.each(["Meera Hartono", "Daria Voss", "Noor Haddad", "Aoife Brannigan"])(
        "%s sees by no filter of the log what the whole log hides",
        async (name) => {
            const [demonstration] = both()
            const shown = await listLog(each(demonstration), name, "")
            expect(shown.filter(({ confidential }) => confidential).length).toBeGreaterThan(10)
            const kept = await each(demonstration).database.db.transaction((tx) =>
                tx.query<{ kind: string; body: Record<string, unknown> }>(
                    "select kind, body from events where confidential",
                ),
            )
            const kinds = new Set(["wave", ...kept.map(({ kind }) => kind)])
            for (const kind of kinds) {
                const isShown = (event: Event) => event.kind === kind || event.kind.startsWith(`${kind}.`)
                expect(await listLog(each(demonstration), name, `kind=${kind}`)).toEqual(shown.filter(isShown))
            }
            for (const [filter, fields] of filterFields) {
                const values = fields.flatMap((field) => kept.map(({ body }) => body[field]))
                for (const value of new Set(values.filter((item) => typeof item === "string"))) {
                    const found = await listLog(each(demonstration), name, `${filter}=${value}`)
                    const seen = new Set(shown.map((event) => JSON.stringify(event)))
                    expect(found.filter((event) => !seen.has(JSON.stringify(event)))).toEqual([])
                    expect(found.filter(({ confidential }) => confidential)).toEqual([])
                }
            }
        },
        120_000,
    )

    test("an exported log contains its leaves and none of its ids", async () => {
        const [there = "", nowhere = ""] = await Promise.all(
            both().map(async (world) => {
                const headers = { authorization: `Bearer ${tokenOf(world, "Daria Voss")}` }
                return (await world.apps.console.inject({ url: "/api/audit-log/export", headers })).body
            }),
        )
        expect(there.split("\n").length).toBeGreaterThan(nowhere.split("\n").length)
        expect(ids.filter((id) => there.includes(id))).toEqual([])
    })

    test("only its members, and leads of the asked partner, get mail", async () => {
        const [demonstration] = both()
        const { cast } = each(demonstration?.seeded.partners.find((partner) => partner.cast.key === request))
        const leads = cast.people.filter(({ roles }) => roles.includes("lead")).map(({ mail }) => mail)
        const on = operators.filter(({ name }) => members.includes(name)).map(({ mail }) => mail)
        expect(mails.length).toBeGreaterThan(0)
        expect(mails.filter((to) => ![...leads, ...on].includes(to))).toEqual([])
        const staff = each(demonstration).mails.filter(({ to }) => mails.includes(to))
        expect(new Set(staff.map(({ text }) => text)).size).toBeLessThanOrEqual(2)
    })
})

/**
 * Copies contain random data and change later reads, and so does the receipt log, which grows by the clock
 * (docs/design/0007).
 */
const kept = /^(?!.*\/(?:copy|misp)$)(?!\/api\/(?:audit-log|receipts\/|receipt-log\/))/

describe("for partners that are not asked", () => {
    test("a person of each reads the same, at every address", async () => {
        const others = each(withIt).seeded.partners.filter(
            ({ cast }) => cast.key !== request && cast.status === "active",
        )
        expect(others.length).toBeGreaterThan(5)
        // One person per partner, because the receipts of the first are visible to the second.
        for (const [i, { people }] of others.entries()) {
            const { token } = each(people[i % people.length])
            const [there, nowhere] = await Promise.all(both().map((world) => looksOf(world.apps.portal, token, kept)))
            expect(differing(there, nowhere)).toEqual([])
        }
    }, 240_000)
})
