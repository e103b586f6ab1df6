/**
 * The journey of aggregates: two people switch them on, and a wave that was signed before a partner joined is signed
 * again. Once enough holders of the warning have reported, all of them read the same band.
 */
import { beforeAll, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { signedInAs, signApprovalAs, signInAgain } from "./support/signed-in.ts"
import { newId } from "./support/database.ts"
import { type Demonstration, copyDemonstration, seedMaster } from "./support/demonstration.ts"

let world: Demonstration
beforeAll(async () => {
    const master = await seedMaster()
    world = await copyDemonstration(master)
    await world.work()
    return async () => {
        await world.close()
        await master.close()
    }
})

const everybody = () => world.seeded.partners.map(({ cast }) => cast.key)

async function until(instant: string): Promise<void> {
    await world.moveTo(parseInstant(instant))
    await world.work()
}
interface Warning {
    readonly id: string
    readonly artifacts: readonly {
        readonly id: string
        readonly available: boolean
        readonly fetchedAt: string | null
    }[]
}
async function warningOf(key: string): Promise<Warning> {
    const { warnings } = await signedInAs(world, key).get("/api/warnings")
    return warnings[0]
}
/** Compares bytes, because all readers must get the same ones. */
async function notified(key: string): Promise<string> {
    const { id } = await warningOf(key)
    return (await signedInAs(world, key).raw("GET", `/api/warnings/${id}/aggregates`)).body
}
const partnersIn = (body: string, cell: string): unknown =>
    (JSON.parse(body) as { cells: { cell: string; partners: unknown }[] }).cells.find((item) => item.cell === cell)
        ?.partners
async function seeExploitation(keys: readonly string[], observedAt: string): Promise<void> {
    for (const key of keys) {
        const { id: warning } = await warningOf(key)
        await signedInAs(world, key).post("/api/sightings", { id: newId(), warning, observedAt, clock: "synchronised" })
    }
}
async function wavesToSign(): Promise<{ id: string; tier: string }[]> {
    const { waves } = await signedInAs(world, "ingrid").get(`/api/cases/${world.toolshell}/waves`)
    return waves.filter(({ state }: { state: string }) => state === "planned" || state === "approval_voided")
}

test("two people switch aggregates on, and nothing is shown yet", async () => {
    const [ingrid, kofi] = [signedInAs(world, "ingrid"), signedInAs(world, "kofi")]
    const rules = { notified: true, groupMin: 5 }
    const { approval } = await ingrid.put("/api/program-rules/aggregates", { rules })
    await signApprovalAs(kofi, approval)
    expect(await ingrid.put("/api/program-rules/aggregates", { rules, approval })).toMatchObject({ version: 1 })
    await until("2025-06-24T17:30:00Z")
    expect(JSON.parse(await notified("halcyon"))).toEqual({
        notified: true,
        groupMin: 5,
        cells: ["exploitation", "none_observed", "protected", "false_positives"].map((cell) => ({
            cell,
            partners: null,
        })),
    })
})

test("a partner that joins after a wave was signed waits until two people sign the wave again", async () => {
    const [ingrid, kofi, pinegrove] = [
        signedInAs(world, "ingrid"),
        signedInAs(world, "kofi"),
        signedInAs(world, "pinegrove.lead"),
    ]
    const status = `/api/partners/${pinegrove.partner}/status`
    expect(await wavesToSign()).toEqual([])
    await ingrid.put(status, { status: "invited" })
    const { approval } = await ingrid.put(status, { status: "active" })
    await signApprovalAs(kofi, approval)
    await ingrid.put(status, { status: "active", approval })
    await world.work()
    const waves = await wavesToSign()
    expect(waves.map(({ tier }) => tier)).toEqual(["entry", "publication"])
    for (const { id } of waves) await signApprovalAs(kofi, (await ingrid.post(`/api/waves/${id}/release`)).approval)
    expect(await wavesToSign()).toEqual([])
    // Admission ended every earlier session, token and link.
    expect(await pinegrove.refusal("GET", "/api/warnings")).toBe("401 request.not_signed_in")
    for (const name of ["pinegrove.lead", "pinegrove"]) await signInAgain(world, name)
    for (const key of ["pinegrove.lead", "oakhurst.lead"]) {
        await signedInAs(world, key).post("/api/agreements/accept", { version: 1 })
    }
    await world.work()
    expect(await wavesToSign()).toEqual([])
})

test("all partners have the warning, and a few reports of exploitation are not shown", async () => {
    await until("2025-07-07T23:00:00Z")
    for (const key of everybody()) {
        const { artifacts } = await warningOf(key)
        const [item] = artifacts.filter(({ available }) => available)
        expect((await signedInAs(world, key).raw("GET", `/api/artifacts/${item?.id}/copy`)).statusCode).toBe(200)
    }
    await seeExploitation(["halcyon", "fernwood", "saltmarsh", "copperline"], "2025-07-07T21:00:00Z")
    await until("2025-07-08T00:30:00Z")
    expect(partnersIn(await notified("sundial"), "exploitation")).toBe(null)
})

test("with enough reports, all partners read the same band from midnight, with own reports or not", async () => {
    const before = await notified("sundial")
    await seeExploitation(["kestrel", "lanternbay"], "2025-07-07T22:00:00Z")
    await world.work()
    expect(await notified("sundial")).toBe(before)
    await until("2025-07-09T00:30:00Z")
    const bodies = []
    for (const key of everybody()) bodies.push(await notified(key))
    expect(partnersIn(bodies[0] ?? "", "exploitation")).toBe("5–9")
    expect(new Set(bodies).size).toBe(1)
    expect(world.faults).toEqual([])
})
