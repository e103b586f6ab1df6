/** Concurrency: many workers, many readers, two who want the same object. The result has one order and no fault. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type Db, openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { sendNoticesJob } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { releaseWavesJob } from "../../server/src/share/release/actions/release-wave.ts"
import { listEvents } from "../support/actors.ts"
import { mailedLinkSecret } from "../support/sign-in-mail.ts"
import { type Person, artifactNamed, signedInAs, signApprovalAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")
const entry = parseInstant("2025-07-07T17:00:00Z")

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(async () => await master.close())
beforeEach(async () => {
    world = await copyDemonstration(master)
    return async () => {
        await world.close()
        if (world.faults.length > 0) throw new Error(world.faults.join("\n"))
    }
})

const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)))

const kindsAfter = async (seq: number) => (await listEvents(world.database, seq)).map(({ kind }) => kind)

const newestSeq = async () => {
    const [row] = await world.services.db.transaction((tx) =>
        tx.query<{ seq: number }>("select max(seq) as seq from events"),
    )
    return row?.seq ?? 0
}

/** Counts answers by status: `{ 200: 1, 409: 4 }`. */
const counted = (answers: readonly { readonly statusCode: number }[]) =>
    Object.fromEntries(
        [...Map.groupBy(answers, (item) => item.statusCode)].map(([status, list]) => [status, list.length]),
    )

test("C-06 three workers at the instant of a wave: one release, one notice a person, one mail a notice", async () => {
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    const pools: Db[] = []
    try {
        await times(3, async () => {
            const db = openDb(world.database.url, { connectionsMax: 4, statementMsMax: 20_000 })
            pools.push(db)
            const services: Services = { ...world.services, db }
            for (let i = 0; i < 3; i++) await releaseWavesJob.run(services)
            while (await handleNextEvent(services, eventHandlers));
            while (await sendNoticesJob.sendNext(services));
        })
    } finally {
        await Promise.all(pools.map((db) => db.close()))
    }
    await world.work()
    const kinds = await kindsAfter(0)
    expect(kinds.filter((kind) => kind === "wave.released")).toHaveLength(1)
    expect(kinds).not.toContain("wave.approval_voided")
    expect(world.mails).toHaveLength(6)
    expect(new Set(world.mails.map(({ id }) => id)).size).toBe(6)
})

test("B-01 a suspension among thirty downloads: none is served or logged after its answer", async () => {
    await world.moveTo(validate)
    const halcyon = signedInAs(world, "halcyon")
    const path = `/api/artifacts/${artifactNamed(await halcyon.get("/api/warnings"), "summary.md")}/copy`
    let suspended = false
    const late: number[] = []
    const served: string[] = []
    const reading = times(30, async () => {
        for (let status = 200; status === 200;) {
            const after = suspended
            const answer = await halcyon.raw("GET", path)
            status = answer.statusCode
            if (after) late.push(status)
            if (status === 200) served.push(String(answer.headers["tocsin-receipt"]))
        }
    })
    while (served.length < 30) await new Promise((resolve) => setTimeout(resolve, 5))
    const reason = "to see what it stops"
    await signedInAs(world, "ingrid").post("/api/measures", {
        kind: "interim_suspension",
        partner: halcyon.partner,
        reason,
    })
    suspended = true
    await reading
    expect(late).not.toContain(200)
    const events = (await listEvents(world.database)).filter(
        ({ kind, body }) => body["partner"] === halcyon.partner && /^copy\.delivered|status_changed/.test(kind),
    )
    expect(events.at(-1)?.kind).toBe("partner.status_changed")
    const delivered = events.filter(({ kind }) => kind === "copy.delivered").map(({ body }) => body["delivery"])
    expect(delivered.toSorted()).toEqual(served.toSorted())
})

test("a policy change among downloads of many partners leaves none waiting forever", async () => {
    await world.moveTo(validate)
    const partners = ["halcyon", "fernwood", "saltmarsh"].map((key) => signedInAs(world, key))
    const [ingrid, path] = [signedInAs(world, "ingrid"), new Map<Person, string>()]
    for (const person of partners) path.set(person, artifactNamed(await person.get("/api/warnings"), "summary.md"))
    const answers = await times(24, (i) => {
        const person = partners[i % 3] as Person
        if (i === 12) return ingrid.raw("POST", "/api/policies/2/activate", {})
        return person.raw("GET", `/api/artifacts/${path.get(person)}/copy`)
    })
    expect(Object.keys(counted(answers)).filter((status) => !["200", "404"].includes(status))).toEqual([])
    const saltmarsh = partners[2] as Person
    expect(await saltmarsh.refusal("GET", `/api/artifacts/${path.get(saltmarsh)}/copy`)).toBe("404 request.not_found")
})

test("first copies of all partners at once: one master, one commitment a version, a text for each", async () => {
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(entry)]))
    await releaseWavesJob.run(world.services)
    const keys = ["halcyon", "fernwood", "saltmarsh", "copperline", "kestrel", "sundial", "bramblegate"]
    const copies = await times(keys.length, (i) => signedInAs(world, keys[i] ?? "").copy("technical.md"))
    expect(new Set(copies).size).toBe(keys.length)
    const events = await listEvents(world.database)
    expect(events.filter(({ kind }) => kind === "marks.master_created")).toHaveLength(1)
    const committed = events.filter(({ kind }) => kind === "marks.committed")
    const versions = committed.map(({ body }) => `${String(body["artifact"])}:${String(body["version"])}`)
    expect(committed.length).toBeGreaterThan(0)
    expect(new Set(versions).size).toBe(committed.length)
})

test("of two who use one link, one signs in", async () => {
    for (let round = 0; round < 5; round++) {
        const person = { name: "Wren", mail: "wren@northlight.example", roles: ["auditor"] }
        await signedInAs(world, "kofi").post("/api/staff", person)
        await world.work()
        const secret = mailedLinkSecret(world, person.mail)
        const answers = await times(4, () =>
            world.apps.console.inject({ method: "POST", url: "/api/session", payload: { secret } }),
        )
        expect(counted(answers)).toEqual({ 200: 1, 403: 3 })
    }
})

test("of two who sign, one succeeds; of many who apply the signature, one does", async () => {
    const ingrid = signedInAs(world, "ingrid")
    await ingrid.post("/api/policies/2/activate", {})
    const { approval } = await ingrid.post("/api/policies/1/request-approval")
    const signers = ["kofi", "meera", "rafael"].map((name) => signedInAs(world, name))
    const { pending } = await ingrid.get("/api/approvals")
    const { effectsHash } = pending.find((item: { id: string }) => item.id === approval)
    const signed = await times(3, (i) =>
        (signers[i] as Person).raw("POST", `/api/approvals/${approval}/sign`, { effectsHash }),
    )
    expect(counted(signed)).toEqual({ 200: 1, 409: 2 })
    const before = await newestSeq()
    const used = await times(6, () => ingrid.raw("POST", "/api/policies/1/activate", { approval }))
    expect(counted(used)).toEqual({ 200: 1, 409: 5 })
    expect(await kindsAfter(before)).toEqual(["approval.applied", "policy.activated"])
})

test("one request sent five times at once with one key is done once, with equal answers", async () => {
    const before = await newestSeq()
    const { token } = signedInAs(world, "ingrid")
    const answers = await times(5, () =>
        world.apps.console.inject({
            method: "POST",
            url: "/api/partners",
            headers: { authorization: `Bearer ${token}`, "idempotency-key": "once-and-for-all" },
            payload: { name: "Once", mail: "once@once.example", tier: "entry", status: "applicant" },
        }),
    )
    expect(counted(answers)).toEqual({ 200: 5 })
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(await kindsAfter(before)).toEqual(["partner.added"])
})

test("a partner acknowledges once, even if several of its people do at the same time", async () => {
    await world.moveTo(validate)
    const halcyon = signedInAs(world, "halcyon")
    for (const name of ["summary.md", "technical.md", "poc.py"]) await halcyon.copy(name)
    const { warnings } = await halcyon.get("/api/warnings")
    const before = await newestSeq()
    const answers = await times(6, (i) =>
        signedInAs(world, i % 2 === 0 ? "halcyon" : "halcyon.lead").raw(
            "POST",
            `/api/warnings/${warnings[0].id}/acknowledge`,
        ),
    )
    expect(counted(answers)).toEqual({ 200: 6 })
    const sum = answers.reduce((total, answer) => total + answer.json<{ acknowledged: number }>().acknowledged, 0)
    expect(sum).toBe(3)
    expect(await kindsAfter(before)).toEqual(Array(3).fill("copy.acknowledged"))
})

test("two suspensions at once are one measure and one letter", async () => {
    const before = await newestSeq()
    const body = { kind: "interim_suspension", partner: signedInAs(world, "halcyon").partner, reason: "it leaked" }
    const answers = await times(4, (i) =>
        signedInAs(world, i % 2 === 0 ? "ingrid" : "aoife").raw("POST", "/api/measures", body),
    )
    expect(counted(answers)).toEqual({ 200: 4 })
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1)
    const kinds = await kindsAfter(before)
    expect(kinds.toSorted()).toEqual(["letter.sent", "measure.taken", "partner.status_changed"])
})

test("B-09 a waiting notice is not sent while its partner is suspended, or after its recipient has left", async () => {
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    await releaseWavesJob.run(world.services)
    while (await handleNextEvent(world.services, eventHandlers));
    const [halcyon, lead] = [signedInAs(world, "halcyon"), signedInAs(world, "fernwood.lead")]
    const body = { kind: "interim_suspension", partner: halcyon.partner, reason: "it leaked" }
    await signedInAs(world, "ingrid").post("/api/measures", body)
    const left = await lead.raw("DELETE", `/api/roster/${signedInAs(world, "fernwood").id}`)
    expect(left.statusCode).toBe(200)
    await world.work()
    const partners = world.mails.map(({ to }) => to).filter((to) => !to.endsWith("@northlight.example"))
    expect(partners.toSorted()).toEqual([
        "callum.drummond@fernwood.example",
        "denis.marchetti@saltmarsh.example",
        "vera.kowalczyk@saltmarsh.example",
    ])
    expect((await kindsAfter(0)).filter((kind) => kind === "notice.dropped")).toHaveLength(3)
})

test("two requests for one release, and a freeze among the workers, leave one state", async () => {
    const ingrid = signedInAs(world, "ingrid")
    const { waves } = await ingrid.get(`/api/cases/${world.toolshell}/waves`)
    const [{ id }] = waves
    const responses = await times(4, () => ingrid.raw("POST", `/api/waves/${id}/release`))
    const approvals = responses
        .filter(({ statusCode }) => statusCode === 200)
        .map((response) => response.json<{ approval: string }>())
    expect(approvals.length).toBeGreaterThan(0)
    const { waves: after } = await ingrid.get(`/api/cases/${world.toolshell}/waves`)
    expect(after[0].state).toBe("requested")
    await signApprovalAs(signedInAs(world, "kofi"), after[0].approval)
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    const [, , frozen] = await Promise.all([
        releaseWavesJob.run(world.services),
        releaseWavesJob.run(world.services),
        ingrid.raw("POST", `/api/waves/${id}/freeze`),
    ])
    await releaseWavesJob.run(world.services)
    const { waves: last } = await ingrid.get(`/api/cases/${world.toolshell}/waves`)
    expect(last[0].state).toBe(frozen.statusCode === 200 ? "frozen" : "released")
})
