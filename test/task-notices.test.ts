/** Tasks of staff and their notices, with real events, handlers and jobs. */
import { beforeAll, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { taskMailSubject, taskMailText } from "../server/src/trace/tasks/actions/notify-staff.ts"
import { listEvents } from "./support/actors.ts"
import { signedInAs } from "./support/signed-in.ts"
import { type Demonstration, copyDemonstration, listPendingEvents, seedMaster } from "./support/demonstration.ts"

let world: Demonstration
let suspension: string
beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    await world.work()
    return async () => {
        await world.close()
        await master.close()
    }
})

const at = parseInstant("2025-06-23T12:00:00Z")

/** Returns the first names of people who got mail during this work, once per mail. */
async function notified(work: () => Promise<unknown>): Promise<string[]> {
    const before = world.mails.length
    await work()
    await world.work()
    const mails = world.mails.slice(before).filter(({ to }) => to.endsWith("@northlight.example"))
    for (const { subject, text } of mails) {
        expect({ subject, text }).toEqual({ subject: taskMailSubject, text: taskMailText })
    }
    return mails.map(({ to }) => to.split(".")[0] ?? "").toSorted()
}

const waiting = async (person: string) =>
    (await signedInAs(world, person).get("/api/tasks")).tasks.map(
        ({ kind, deputyFor }: { kind: string; deputyFor: string | null }) =>
            `${kind}${deputyFor === null ? "" : " for another"}`,
    )

test("the mail contains no task, person or date", () => {
    expect(`${taskMailSubject} ${taskMailText}`).not.toMatch(/CVE|\d|toolshell|partner |suspen|approv|sign[^ ]/i)
})

test("possible reviewers of a suspension are notified once, and the person who imposed it is not", async () => {
    await world.moveTo(at)
    await world.work()
    const body = { kind: "interim_suspension", partner: signedInAs(world, "halcyon").partner, reason: "A text." }
    const those = await notified(async () => {
        suspension = (await signedInAs(world, "ingrid").post("/api/measures", body)).measure
    })
    expect(those).toEqual(["kofi", "meera", "rafael"])
    expect(await notified(() => Promise.resolve())).toEqual([])
    expect(await waiting("meera")).toEqual(["review"])
    expect(await waiting("ingrid")).toEqual([])
    expect(await waiting("tomas")).toEqual([])
})

test("possible signers are notified at once, and again before the request expires; then the task is gone", async () => {
    const ask = { reason: "It goes on.", reviewBy: "2025-07-05T00:00:00Z" }
    expect(await notified(() => signedInAs(world, "meera").post(`/api/measures/${suspension}/extend`, ask))).toEqual([
        "kofi",
        "rafael",
    ])
    expect(await waiting("kofi")).toEqual(["signature", "review"])
    expect(await waiting("meera")).toEqual(["review"])
    expect(await notified(() => world.moveTo(at + 17 * 3_600_000))).toEqual([])
    expect(await notified(() => world.moveTo(at + 19 * 3_600_000))).toEqual(["kofi", "rafael"])
    expect(await notified(() => world.moveTo(at + dayMs))).toEqual([])
    expect(await waiting("kofi")).toEqual(["review"])
})

test("a review has a reminder before its day, and one when overdue; the suspension stays", async () => {
    expect(await notified(() => world.moveTo(at + 12 * dayMs))).toEqual(["kofi", "meera", "rafael"])
    expect(await notified(() => world.moveTo(at + 13 * dayMs))).toEqual([])
    expect(await notified(() => world.moveTo(at + 14 * dayMs))).toEqual(["kofi", "meera", "rafael"])
    expect(await notified(() => world.moveTo(at + 15 * dayMs))).toEqual([])
    expect((await signedInAs(world, "halcyon").get("/api/me")).partner.status).toBe("suspended")
    expect(await waiting("rafael")).toEqual(["review"])
})

test("a deputy is notified of the tasks of its own principal only, and acts in its own name", async () => {
    const [ingrid, meera] = [signedInAs(world, "ingrid"), signedInAs(world, "meera")]
    const body = { partner: signedInAs(world, "halcyon").partner }
    const { approval } = await ingrid.post("/api/measures/reinstate", body)
    const { pending } = await signedInAs(world, "rafael").get("/api/approvals")
    const { effectsHash } = pending.find(({ id }: { id: string }) => id === approval)
    await world.work()
    expect(
        await notified(() => signedInAs(world, "rafael").post(`/api/approvals/${approval}/sign`, { effectsHash })),
    ).toEqual(["ingrid"])
    expect(await waiting("meera")).not.toContain("apply")
    const until = "2025-08-20T00:00:00Z"
    const named = () => ingrid.post("/api/deputies", { deputy: meera.id, until })
    expect(await notified(named)).toEqual(["meera"])
    expect(await waiting("meera")).toContain("apply for another")
    expect(await waiting("kofi")).not.toContain("apply for another")
    const { done } = await meera.post("/api/measures/reinstate", { ...body, approval, reason: "Answered for." })
    expect(done).toBe(true)
    expect(await waiting("ingrid")).toEqual([])
})

test("a deputy does not become a second person", async () => {
    const [ingrid, meera] = [signedInAs(world, "ingrid"), signedInAs(world, "meera")]
    const { measure } = await meera.post("/api/measures", {
        kind: "restrict",
        partner: signedInAs(world, "halcyon").partner,
        reason: "a",
        withhold: ["poc"],
    })
    expect(measure).not.toBeNull()
    const { approval } = await ingrid.post("/api/measures/lift", { partner: signedInAs(world, "halcyon").partner })
    const { pending } = await meera.get("/api/approvals")
    const item = pending.find(({ id }: { id: string }) => id === approval)
    expect(item.maySign).toBe(false)
    expect(await meera.refusal("POST", `/api/approvals/${approval}/sign`, { effectsHash: item.effectsHash })).toBe(
        "403 approval.author_cannot_sign",
    )
    const { deputies: entry } = await ingrid.get("/api/deputies")
    await ingrid.raw("DELETE", `/api/deputies/${entry[0].id}`)
    expect((await meera.get("/api/deputies")).standsInFor).toEqual([])
})

test("a wave that one person froze is a task of possible releasers, who are notified at once", async () => {
    await world.work()
    const { waves } = await signedInAs(world, "ingrid").get(`/api/cases/${world.toolshell}/waves`)
    const { id } = waves.find(({ tier }: { tier: string }) => tier === "publication")
    const those = await notified(() => signedInAs(world, "kofi").post(`/api/waves/${id}/freeze`))
    expect(those).toEqual(["ingrid", "meera", "tomas"])
    for (const person of ["ingrid", "meera", "tomas"]) expect(await waiting(person)).toContain("unfreeze")
    expect(await waiting("kofi")).not.toContain("unfreeze")
})

test("distrusted clocks are a task of people who may confirm them", async () => {
    await world.services.db.transaction((tx) =>
        tx.query(
            `insert into clock_guard (high_water_at, memory) values ($1, $2)
             on conflict (only_one) do update set memory = excluded.memory`,
            [new Date(at), JSON.stringify({ distrust: { doubt: "forward", since: at }, reading: {}, baselines: {} })],
        ),
    )
    const clocks = (await signedInAs(world, "kofi").get("/api/tasks")).tasks.filter(
        ({ kind }: { kind: string }) => kind === "clock",
    )
    expect(clocks).toMatchObject([{ about: "forward", since: "2025-06-23T12:00:00Z", until: null }])
    expect(await waiting("tomas")).not.toContain("clock")
    await world.services.db.transaction((tx) => tx.query("delete from clock_guard"))
    expect(await waiting("kofi")).not.toContain("clock")
})

test("the log contains recipients of notices as commitments only, and no event is pending", async () => {
    await world.work()
    expect(await listPendingEvents(world)).toEqual([])
    const [{ open } = { open: -1 }] = await world.services.db.transaction((tx) =>
        tx.query<{ open: number }>(
            "select count(*)::int as open from events where kind = 'task.notified' and not confidential",
        ),
    )
    expect(open).toBe(0)
    expect((await listEvents(world.database)).some(({ kind }) => kind === "task.notified")).toBe(true)
    expect(world.faults).toEqual([])
})
