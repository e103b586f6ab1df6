/** What partners and staff see of a quarantine over HTTP, and what is written before a suspension is answered. */
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { allRoutes } from "../server/src/routes.ts"
import { permissions } from "../server/src/kernel/permissions.ts"
import { guardDatabase } from "../server/src/trust/continuity/actions/guard-database.ts"
import { signedInAs, signApprovalAs } from "./support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => void (master = await seedMaster()))
afterAll(() => master.close())
beforeEach(async () => void (world = await copyDemonstration(master)))
afterEach(() => world.close())

/** Imitates a restore: the high-water file knows a larger log than the database. */
async function fallBehind(): Promise<void> {
    await guardDatabase(world.services)
    await world.services.highWater.change((now) => {
        if (now.state !== "sound") throw new Error("there is no file")
        return { ...now.mark, auditLog: { size: 1_000_000, root: "0".repeat(64), checkpoint: "" } }
    })
    await guardDatabase(world.services)
}

test("in quarantine, a partner gets no content at any address, and public content stays available", async () => {
    const halcyon = signedInAs(world, "halcyon")
    expect((await halcyon.raw("GET", "/api/warnings")).statusCode).toBe(200)
    await fallBehind()
    const uuid = "00000000-0000-4000-8000-000000000000"
    const portal = allRoutes.filter(({ side }) => side !== "console")
    expect(portal.length).toBeGreaterThan(50)
    for (const { method, path, permission: needs } of portal) {
        const url = path.replaceAll(/\{\w+\}/g, uuid)
        const { statusCode } = await world.apps.portal.inject({
            method,
            url,
            headers: { authorization: `Bearer ${halcyon.token}`, accept: "*/*" },
        })
        const isPublic = permissions[needs]?.open === true && method === "GET"
        // A wrong media type is refused first; content is never sent.
        if (isPublic) expect([`${method} ${url}`, statusCode]).not.toEqual([`${method} ${url}`, 503])
        else expect([`${method} ${url}`, [503, 415, 406].includes(statusCode)]).toEqual([`${method} ${url}`, true])
    }
    expect(await halcyon.refusal("GET", "/api/warnings")).toBe("503 quarantine.active")
    // Each partner continues to poll. The server logs this once a minute.
    expect(world.faults.filter((line) => line.startsWith("request failed"))).toEqual([])
    expect(world.faults.filter((line) => line.startsWith("requests are refused"))).toHaveLength(1)
})

test("staff see the reason, two of them end it, and partners are served again", async () => {
    const [daria, meera, kofi] = [signedInAs(world, "daria"), signedInAs(world, "meera"), signedInAs(world, "kofi")]
    const halcyon = signedInAs(world, "halcyon")
    expect(await daria.get("/api/quarantine")).toEqual({ quarantine: null, damagedSince: null })
    await fallBehind()
    expect(await daria.get("/api/quarantine")).toMatchObject({
        quarantine: { reasons: ["audit_log_behind"], files: [{ file: { auditLog: 1_000_000 } }], applied: [] },
    })
    // Restarting a worker would not help.
    expect(await daria.get("/api/alarms")).toMatchObject({
        alarms: [{ code: "releases_stopped", cause: "quarantine" }],
    })
    const { done, approval } = await meera.post("/api/quarantine/reconcile", {})
    expect(done).toBe(false)
    expect(await halcyon.refusal("GET", "/api/warnings")).toBe("503 quarantine.active")
    await signApprovalAs(kofi, approval as string)
    expect(await meera.post("/api/quarantine/reconcile", { approval })).toEqual({ done: true, approval })
    expect((await halcyon.raw("GET", "/api/warnings")).statusCode).toBe(200)
    await world.work()
    expect(await daria.get("/api/audit-log/verify")).toMatchObject({ ok: true })
})

test("a receipt shows whether the database still has its batch", async () => {
    const [meera, halcyon] = [signedInAs(world, "meera"), signedInAs(world, "halcyon.lead")]
    await world.moveTo(parseInstant("2025-06-25T00:00:00Z"))
    await world.work()
    expect(await meera.refusal("POST", "/api/quarantine/compare-receipts", { receipts: ["hello"] })).toBe(
        "400 quarantine.bad_receipt",
    )
    const { receipts } = (await halcyon.get("/api/receipts")) as { receipts: { id: string }[] }
    const { receipt } = (await halcyon.get(`/api/receipts/${receipts[0]?.id}`)) as { receipt: string }
    const compare = async () =>
        ((await meera.post("/api/quarantine/compare-receipts", { receipts: [receipt] })) as { verdicts: object[] })
            .verdicts
    expect(await compare()).toMatchObject([{ verdict: "known" }])
    await world.database.db.transaction((tx) => tx.query("update batches set log_root = sha256(log_root)"))
    expect(await compare()).toMatchObject([{ verdict: "differs" }])
    await world.database.db.transaction(async (tx) => {
        const last = "(select max(index) from batches)"
        await tx.query(`update receipts set batch_id = null, place = null where batch_id = ${last}`)
        await tx.query(`delete from batches where index = ${last}`)
    })
    expect(await compare()).toMatchObject([{ verdict: "missing" }])
})

/** Suspends an active partner; returns its id and the status of the answer. */
async function suspendOne(): Promise<{ readonly id: string; readonly status: number }> {
    const ingrid = signedInAs(world, "ingrid")
    const { id } = world.seeded.partners.find(({ cast }) => cast.key === "halcyon") ?? { id: "" }
    const body = { kind: "interim_suspension", partner: id, reason: "It may have leaked." }
    return { id, status: (await ingrid.raw("POST", "/api/measures", body)).statusCode }
}

const endsInFile = async () => {
    const file = await world.services.highWater.read()
    return file.state === "sound" ? file.mark.ends : []
}

test("what an attribution has spent is in the high-water file before evidence is shown", async () => {
    await world.database.db.transaction((tx) =>
        tx.query("insert into access_changes (kind, subject, from_at) values ('spent_budget', 'a version', now())"),
    )
    expect(await endsInFile()).not.toContainEqual(expect.objectContaining({ kind: "spent_budget" }))
    await signedInAs(world, "aoife").get("/api/evidence")
    expect(await endsInFile()).toContainEqual(expect.objectContaining({ kind: "spent_budget" }))
})

test("a suspension is in the high-water file before it is answered", async () => {
    const { id, status } = await suspendOne()
    expect(status).toBe(200)
    expect(await endsInFile()).toContainEqual(expect.objectContaining({ kind: "partner", id, status: "suspended" }))
})

test("a suspension that cannot be written there is not confirmed, and can be retried", async () => {
    const { highWater } = world.services
    const change = highWater.change.bind(highWater)
    Object.assign(highWater, { change: () => Promise.reject(new Error("the disk is full")) })
    expect((await suspendOne()).status).toBe(500)
    Object.assign(highWater, { change })
    const { id, status } = await suspendOne()
    expect(status).toBe(200)
    expect(await endsInFile()).toContainEqual(expect.objectContaining({ kind: "partner", id, status: "suspended" }))
})
