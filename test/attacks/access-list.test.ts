/** a partner's people outside a warning's access list learn nothing about it, on any channel. */
import { writeRows } from "../support/change-notes.ts"
import type { FastifyInstance, LightMyRequestResponse } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import type { Download } from "../../server/src/kernel/route.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { makeServer } from "../../server/src/server.ts"
import { recallArtifact } from "../../server/src/share/artifacts/actions/recall-artifact.ts"
import { answerInvitation, inviteToEmbargo } from "../../server/src/share/cases/actions/answer-invitation.ts"
import { acknowledge, fetchCopy } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { sendNoticesJob, createNotices } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { confirmDeletion } from "../../server/src/share/delivery/recalls/actions/notify-holders.ts"
import { reportTestResult } from "../../server/src/share/delivery/actions/report-test-result.ts"
import { listNotificationStatuses } from "../../server/src/share/delivery/notices/actions/resend-notices.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { readExposure } from "../../server/src/trace/inquiries/actions/read-exposure.ts"
import { listLettersForPartner } from "../../server/src/trace/measures/actions/send-letter.ts"
import { restrictPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { openFollowUps } from "../../server/src/trace/sightings/actions/track-follow-ups.ts"
import { reportProtection } from "../../server/src/trace/sightings/actions/report-protection.ts"
import { reportSighting } from "../../server/src/trace/sightings/actions/report-sighting.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { setAccessList } from "../../server/src/trust/partners/roster/actions/manage-access-lists.ts"
import { removeMember, removeMemberAsStaff } from "../../server/src/trust/partners/roster/actions/manage-roster.ts"
import { awaitRefusalCode, createPartnerMember, listEvents, system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../support/program.ts"

const minute = 60_000

let world: Program
let services: Services
let app: FastifyInstance
let partner: TestPartner
let outsider: TestPartner["analyst"]
let insideToken: string
let outsideToken: string
let caseId: string
let rules: string
let summary: string
/** Every id of the warning that an insider knows, by object. */
let ids: Record<"warning" | "summary" | "rules" | "fetch" | "confirmation" | "deletion" | "recall" | "letter", string>
const sighting = newId()
const sent: string[] = []

const name = (kind: "warning" | "artifact" | "recall", id: string) =>
    aliasFor(world.services.keys, partner.id, kind, id)
const fetch = async (artifact: string, actor = partner.analyst): Promise<Download> =>
    await world.acting(actor, (ctx) => fetchCopy(ctx, name("artifact", artifact)))
const narrow = (people: readonly string[] | null, subject = caseId) =>
    world.acting(partner.lead, (ctx) => setAccessList(ctx, subject, people))
const narrowed = () => narrow([partner.lead.person, partner.analyst.person])
const token = (analyst: TestPartner["analyst"]) =>
    world.acting(system, (ctx) => issueCredential(ctx, analyst.person, "token"))

/** A warning with every possible event: fetched, acknowledged, tested, recalled, deleted, and mentioned in letters. */
beforeAll(async () => {
    world = await createProgram()
    services = { ...world.services, log: silentLog, mail: { send: async ({ to }) => void sent.push(to) } }
    partner = await newPartner(world, "validate")
    outsider = await createPartnerMember(world.acting, partner.id, ["analyst"])
    insideToken = await token(partner.analyst)
    outsideToken = await token(outsider)
    app = await makeServer({ services, side: "portal", web: null, secureCookies: false, requestsPerMinuteMax: 100_000 })
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    rules = await newArtifact(world, caseId, "rules", "toolshell/request-web-log.yml")
    await releaseWaveNow(world, caseId, "validate", [summary, rules])
    await world.acting(system, (ctx) => openFollowUps(ctx, caseId))
    world.clock.now += minute
    const { headers } = await fetch(rules)
    await fetch(summary)
    const { receipts } = await world.acting(partner.analyst, (ctx) => acknowledge(ctx, name("warning", caseId)))
    const works = { verdict: "works", hits: 1, falsePositives: 0, environment: "", version: 1 } as const
    await world.acting(partner.analyst, (ctx) => reportTestResult(ctx, name("artifact", rules), works))
    const words = { product: "", zeroReportSince: null, indicators: [], confidence: null, note: "toolshell" }
    const seen = { observedAt: world.clock.now, clock: "unknown", ...words } as const
    await world.acting(partner.analyst, (ctx) => reportSighting(ctx, caseId, sighting, seen))
    const coming = { state: "in_progress", since: null, note: "toolshell" } as const
    await world.acting(partner.analyst, (ctx) => reportProtection(ctx, caseId, coming))
    const restriction = { withhold: ["repro"], notBeforePublication: false, cases: null } as const
    await world.acting(world.manager, (ctx) =>
        restrictPartner(ctx, { ...restriction, partner: partner.id, reason: "A risk decision." }),
    )
    const [written] = await world.acting(partner.lead, listLettersForPartner)
    world.clock.now += minute
    const recall = await world.acting(world.author, (ctx) =>
        recallArtifact(ctx, rules, { version: null, reason: "It names a customer of ours." }),
    )
    const deletion = await world.acting(partner.analyst, (ctx) => confirmDeletion(ctx, name("recall", recall)))
    await world.acting(world.manager, (ctx) => inviteToEmbargo(ctx, caseId, partner.id))
    await world.acting(partner.lead, (ctx) => answerInvitation(ctx, caseId, true))
    ids = {
        warning: name("warning", caseId),
        summary: name("artifact", summary),
        rules: name("artifact", rules),
        fetch: headers["tocsin-receipt"] ?? "",
        confirmation: receipts[0] ?? "",
        deletion,
        letter: written?.id ?? "",
        recall: name("recall", recall),
    }
    await narrowed()
}, 120_000)
afterAll(async () => {
    await app.close()
    await world.database.close()
})

const portalRoutes = allRoutes.filter(({ side }) => side === "portal" || side === "both")
const ofOne = portalRoutes
    .filter(({ path }) => path.includes("{id}"))
    .map(({ method, path }) => [method, path] as const)
const lists = portalRoutes.filter(({ path, method }) => method === "GET" && !path.includes("{"))

const polled = ["warnings", "sightings"].flatMap((subject) =>
    ["objects", "manifest"].map((kind) => `/taxii2/api/collections/${subject}/${kind}/?limit=1000`),
)

const bodies: Record<string, object> = {
    "/api/artifacts/{id}/test-results": { version: 1, verdict: "works", hits: 1, falsePositives: 0, environment: "" },
    "/api/consents/{id}/answer": { accepts: true },
    "/api/consents/{id}/proposals": { endsAt: "2025-07-01T00:00:00Z" },
    "/api/inquiries/{id}/answer": { text: "We found an intruder." },
    "/api/letters/{id}/answer": { text: "We found an intruder." },
    "/api/letters/{id}/appeal": { text: "We found an intruder." },
    "/api/warnings/{id}/access-list": { people: null },
}

async function ask(method: string, path: string, id: string, as = outsideToken): Promise<LightMyRequestResponse> {
    const body = method === "GET" ? undefined : bodies[path]
    const headers = { authorization: `Bearer ${as}` }
    const url = path.replace("{id}", id)
    return await app.inject({ method: method as "GET", url, headers, ...(body && { payload: body }) })
}

/** Returns an answer without its random parts. */
function whole({ statusCode, headers, payload }: LightMyRequestResponse) {
    const { date: _, "x-request-id": __, ...others } = headers
    return { statusCode, headers: others, payload }
}

describe("A-15 by id, it answers like a missing one, byte by byte", () => {
    test.each(ofOne)("%s %s", async (method, path) => {
        const nothing = whole(await ask(method, path, newId()))
        expect(nothing.statusCode).toBeGreaterThanOrEqual(400)
        for (const id of [...Object.values(ids), sighting, caseId, rules]) {
            expect(whole(await ask(method, path, id))).toEqual(nothing)
        }
    })

    test("also for reports of exploitation", async () => {
        const reported = async (warning: string, as = outsideToken) => {
            const payload = { id: newId(), warning, observedAt: "2025-06-24T17:00:00Z", clock: "unknown" }
            const headers = { authorization: `Bearer ${as}` }
            return whole(await app.inject({ method: "POST", url: "/api/sightings", headers, payload }))
        }
        const nothing = await reported(newId())
        expect(nothing.statusCode).toBe(404)
        for (const id of [ids.warning, caseId]) expect(await reported(id)).toEqual(nothing)
        expect((await reported(ids.warning, insideToken)).statusCode).toBe(200)
    })

    test("and in TAXII: posts about it are accepted from and shown to insiders only", async () => {
        const basic = "/taxii2/api/collections"
        const ask = async (as: string, method: "GET" | "POST", url: string, payload?: object) =>
            await app.inject({
                method,
                url: basic + url,
                ...(payload && { payload }),
                headers: {
                    authorization: `Bearer ${as}`,
                    ...(payload && { "content-type": "application/taxii+json" }),
                },
            })
        const { objects } = (await ask(insideToken, "GET", "/warnings/objects/?match[type]=vulnerability")).json()
        const at = "2025-06-24T17:00:00Z"
        const sightingOf = (target: string) => ({
            type: "sighting",
            spec_version: "2.1",
            id: `sighting--${newId()}`,
            created: at,
            modified: at,
            sighting_of_ref: target,
        })
        const post = async (as: string, item: object) =>
            (await ask(as, "POST", "/sightings/objects/", { objects: [item] })).json()
        const own = sightingOf(objects[0].id)
        expect(await post(insideToken, own)).toMatchObject({ success_count: 1 })
        const [hidden, none] = [
            await post(outsideToken, own),
            await post(outsideToken, sightingOf(`vulnerability--${newId()}`)),
        ]
        expect(hidden.failures[0].message).toBe(none.failures[0].message)
        const nothing = whole(await ask(outsideToken, "GET", `/sightings/objects/sighting--${newId()}/`))
        expect(whole(await ask(outsideToken, "GET", `/sightings/objects/${own.id}/`))).toEqual(nothing)
        expect((await ask(outsideToken, "GET", "/sightings/objects/")).body).toBe("{}")
        expect((await ask(insideToken, "GET", "/sightings/objects/")).body).toContain(own.id)
    })

    test("and insiders see it as before", async () => {
        const shown: readonly (readonly [string, string])[] = [
            ["/api/warnings/{id}", ids.warning],
            ["/api/warnings/{id}/misp", ids.warning],
            ["/api/artifacts/{id}/copy", ids.summary],
            ["/api/letters/{id}", ids.letter],
        ]
        for (const [path, id] of shown) expect((await ask("GET", path, id, insideToken)).statusCode).toBe(200)
        for (const id of [ids.fetch, ids.confirmation, ids.deletion]) {
            expect((await ask("GET", "/api/receipts/{id}", id, insideToken)).json()).toMatchObject({
                code: "receipt.not_published_yet",
            })
        }
    })
})

describe("A-15 no list contains it", () => {
    const words = () => [...Object.values(ids), sighting, caseId, summary, rules, "toolshell", "CVE-2025-49704"]
    const get = async (path: string, as: string) =>
        await app.inject({ method: "GET", url: path, headers: { authorization: `Bearer ${as}` } })

    test.each([...lists.map(({ path }) => path).filter((path) => path !== "/api/events"), ...polled])(
        "%s",
        async (path) => {
            const answer = await get(path, outsideToken)
            for (const word of words()) expect(answer.body).not.toContain(word)
        },
    )

    test("although the same lists contain it for insiders", async () => {
        const entries = [
            "warnings",
            "receipts",
            "recalls",
            "test-results",
            "sightings",
            "protection-statuses",
            "consents",
            "letters",
            "follow-ups",
        ]
        const held = entries.map((list) => `/api/${list}`)
        for (const path of held) {
            const { body } = await get(path, insideToken)
            expect(words().some((word) => body.includes(word))).toBe(true)
        }
        expect((await get(polled[0] ?? "", insideToken)).body).toContain("CVE-2025-49704")
    })

    test("and the address of a document that others read answers like a missing one", async () => {
        const folder = "/csaf/partner/red/"
        const file = (await get(`${folder}index.txt`, insideToken)).body.trim()
        expect((await get(`${folder}${file}`, insideToken)).body).toContain("CVE-2025-49704")
        const nothing = whole(await get(`${folder}2025/nl-nothing.json`, outsideToken))
        expect(nothing.statusCode).toBe(404)
        expect(whole(await get(`${folder}${file}`, outsideToken))).toEqual(nothing)
    })

    test("and the stream does not signal its events", async () => {
        const route = portalRoutes.find(({ path }) => path === "/api/events")
        const look = (analyst: TestPartner["analyst"]) =>
            world.acting(analyst, async (ctx) => {
                const ask_ = { ...ctx, body: {}, query: {}, params: {}, credential: null } as never
                return (await route?.handler(ask_)) as { readonly fingerprint: string }
            })
        const before = [await look(outsider), await look(partner.analyst), await look(partner.lead)]
        world.clock.now += 1
        await world.acting(partner.lead, (ctx) => acknowledge(ctx, ids.warning))
        await newArtifactFalls()
        const after = [await look(outsider), await look(partner.analyst), await look(partner.lead)]
        expect(after.map((item, n) => item.fingerprint === before[n]?.fingerprint)).toEqual([true, false, false])
    })
})

/** Releases one more artifact of the case. */
async function newArtifactFalls(): Promise<void> {
    const more = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).find(
        ({ tier }) => tier === "validate",
    )
    const row = [wave?.id, more]
    await world.database.db.transaction((tx) =>
        writeRows(tx, "insert into wave_artifacts (wave_id, artifact_id, version) values ($1, $2, 1)", row),
    )
}

describe("a running answer", () => {
    test("is cut when its person leaves the access list, and continues for insiders", async () => {
        await narrow(null)
        const [download, others] = [await fetch(summary, outsider), await fetch(summary)]
        const goOn = async () =>
            await Promise.all(
                [download, others].map((download) => world.database.db.transaction((tx) => download.mayContinue(tx))),
            )
        expect(await goOn()).toEqual([true, true])
        await narrowed()
        expect(await goOn()).toEqual([false, true])
    })
})

describe("mail", () => {
    const notice = async (about: Parameters<typeof createNotices>[1]) => {
        await world.database.db.transaction((tx) => tx.query("truncate notices"))
        sent.length = 0
        await world.acting(system, (ctx) => createNotices(ctx, about, [partner.id]))
    }
    const mailed = async () => {
        while (await sendNoticesJob.sendNext({ ...services, realNow: () => world.clock.now + 1 }));
        return sent.length
    }

    test("about the case goes to insiders only, and other mail to everyone", async () => {
        const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId)))[0]?.id ?? ""
        for (const about of [{ case: caseId }, { case: caseId, wave }]) {
            await notice(about)
            expect(await mailed()).toBe(2)
        }
        await notice(null)
        expect(await mailed()).toBe(3)
        await notice({ case: await newCase(world, "bypass") })
        expect(await mailed()).toBe(3)
    })

    test("that was written before is not sent to people outside the list at sending time", async () => {
        await narrow(null)
        await notice({ case: caseId })
        await narrowed()
        expect(await mailed()).toBe(2)
        expect((await listEvents(world.database)).filter(({ kind }) => kind === "notice.dropped")).toHaveLength(1)
    })

    test("keeps a wave's notice waiting while no person on the roster is inside", async () => {
        const alone = await newPartner(world, "validate")
        const subject = await newCase(world, "toolshell")
        await releaseWaveNow(world, subject, "validate", [
            await newArtifact(world, subject, "summary", "toolshell/summary.md"),
        ])
        const reason = async () => {
            const notifications = [
                ...(await world.acting(world.manager, (ctx) => listNotificationStatuses(ctx, subject))).values(),
            ]
            return notifications.flatMap(({ unnotified: waiting }) => waiting).find((item) => item.partner === alone.id)
                ?.reason
        }
        expect(await reason()).toBe("not_created")
        await world.acting(alone.lead, (ctx) => setAccessList(ctx, subject, [alone.lead.person]))
        await world.acting(world.manager, (ctx) => removeMemberAsStaff(ctx, alone.id, alone.lead.person))
        expect(await reason()).toBe("no_address")
    })
})

test("an inquiry counts readers who were inside and on the roster since the content was readable", async () => {
    const subject = await newCase(world, "toolshell")
    const poc = await newArtifact(world, subject, "poc", "toolshell/poc.py")
    await narrow([partner.lead.person, partner.analyst.person], subject)
    await releaseWaveNow(world, subject, "validate", [poc])
    world.clock.now += minute
    const readers = async () => {
        const request = { case: subject, class: "poc", before: world.clock.now + 1 } as const
        const [caseExposure] = (await world.acting(world.investigator, (ctx) => readExposure(ctx, request))).cases
        return caseExposure?.partners.find((row) => row.partner === partner.id)?.readers.toSorted()
    }
    const inside = [partner.lead.person, partner.analyst.person]
    expect(await readers()).toEqual(inside.toSorted())
    const later = await createPartnerMember(world.acting, partner.id, ["analyst"])
    expect(await readers()).toHaveLength(2)
    await narrow([partner.lead.person, later.person], subject)
    expect(await readers()).toEqual([...inside, later.person].toSorted())
})

describe("the log", () => {
    const last = async () => (await listEvents(world.database)).findLast(({ kind }) => kind === "access_list.set")

    test("says who set the list and whom it contains, by ids only; an unchanged list adds no event", async () => {
        await narrow(null)
        await narrowed()
        const before = (await listEvents(world.database)).length
        await narrowed()
        expect((await listEvents(world.database)).length).toBe(before)
        expect((await last())?.body).toEqual({
            partner: partner.id,
            case: caseId,
            everybody: false,
            by: partner.lead.person,
            people: [partner.lead.person, partner.analyst.person].toSorted(),
        })
    })

    test("removes people who leave the roster from every access list", async () => {
        const leaver = await createPartnerMember(world.acting, partner.id, ["analyst"])
        await narrow([partner.lead.person, leaver.person])
        await world.acting(partner.lead, (ctx) => removeMember(ctx, leaver.person))
        expect((await last())?.body).toMatchObject({ people: [partner.lead.person] })
        expect(await awaitRefusalCode(narrow([partner.lead.person, leaver.person]))).toBe("partner.person_not_found")
    })

    test("has no event of a person who may not set one", async () => {
        const before = (await listEvents(world.database)).length
        for (const person of [outsider, partner.analyst, world.manager, system]) {
            expect(await awaitRefusalCode(world.acting(person, (ctx) => setAccessList(ctx, caseId, null)))).toBe(
                "partner.leads_only",
            )
        }
        expect((await listEvents(world.database)).length).toBe(before)
    })
})
