/** The demonstration of `tocsin demo`, with its past, as its readers find it at the start. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { historyUntil } from "../server/src/demo/history/history.ts"
import { demoStart } from "../server/src/demo/toolshell.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"
import { signedInAs } from "./support/signed-in.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster(historyUntil(demoStart))
    world = await copyDemonstration(master)
    await world.work()
}, 600_000)
afterAll(async () => {
    await world.close()
    await master.close()
})

const countBy = (values: readonly string[]): Record<string, number> =>
    Object.fromEntries(
        [...Map.groupBy(values, (value) => value)].map(([value, { length }]) => [value, length] as const).toSorted(),
    )

test("eight cases are in different states", async () => {
    const { cases } = await signedInAs(world, "ingrid").get("/api/cases")
    const phases = cases.map((found: { title: string; phase: string }) => [found.title.split(":")[0], found.phase])
    expect(Object.fromEntries(phases)).toEqual({
        "Harborline Gateway": "ended",
        "Cinder Backup Agent": "ended",
        "Quartz Mail Relay": "ended",
        "Tern VPN Client": "ended",
        "Ferrous Hypervisor": "running",
        "Pallas Object Store": "running",
        "Lumen Building Controller": "proposed",
        "SharePoint Server": "running",
    })
})

test("forty partners have different statuses", async () => {
    const { partners } = await signedInAs(world, "ingrid").get("/api/partners")
    expect(countBy(partners.map(({ status }: { status: string }) => status))).toEqual({
        active: 34,
        applicant: 5,
        declined: 1,
        invited: 1,
        terminated: 1,
    })
})

test("an inquiry is under way, and its leak is one partner's copy", async () => {
    const aoife = signedInAs(world, "aoife")
    const { inquiries } = await aoife.get("/api/inquiries")
    expect(countBy(inquiries.map(({ status }: { status: string }) => status))).toEqual({ closed: 1, open: 1 })
    const open = inquiries.find(({ status }: { status: string }) => status === "open")
    const { questions, evidence } = await aoife.get(`/api/inquiries/${open.id}`)
    expect(questions).toHaveLength(2)
    const { attributions } = await aoife.get(`/api/attributions?evidence=${evidence[0]}`)
    expect(attributions).toMatchObject([{ verdict: "traced" }])
})

test("the audit log is in the order of time, and verifies", async () => {
    await world.work()
    expect(await signedInAs(world, "daria").get("/api/audit-log/verify")).toMatchObject({ ok: true, unsequenced: 0 })
    const [backwards] = await world.services.db.transaction((tx) =>
        tx.query<{ count: number }>(
            `select count(*)::int as count from (select at < lag(at) over (order by seq) as is_earlier from events) as e
             where is_earlier`,
        ),
    )
    expect(backwards?.count).toBe(0)
})

test.each([
    [2024, 2],
    [2025, 2],
])("the statistics of %s show the published cases", async (year, count) => {
    const { figures } = await signedInAs(world, "meera").get(`/api/statistics/${year}`)
    const published = figures.find(({ id }: { id: string }) => id.includes("published"))
    expect(published).toMatchObject({ count })
})

test("no error is logged, and no mail waits", () => {
    expect(world.faults).toEqual([])
})
