/** What waits for somebody who has left or may no more, and what was signed and holds no more: who is told of it. */
import { beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "../src/lib/instant.ts"
import { asking, signs, signsInAgain } from "./asking.ts"
import { type Demonstration, type Master, demonstrationFrom, seedMaster } from "./demonstration.ts"

let master: Master
let its: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    return async () => await master.close()
})

/** A program of its own: the first wave has fallen, and the others are signed. */
async function open(): Promise<() => Promise<void>> {
    its = await demonstrationFrom(master)
    await its.moveTo(parseInstant("2025-06-25T12:00:00Z"))
    await its.work()
    return async () => await its.close()
}

/** First names of those who were told by mail while this was done, each once. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
    const before = its.mails.length
    await work()
    await its.work()
    const mails = its.mails.slice(before).filter(({ to }) => to.endsWith("@northlight.example"))
    return [...new Set(mails.map(({ to }) => to.split(".")[0] ?? ""))].toSorted()
}

const waiting = async (who: string): Promise<string[]> =>
    (await asking(its, who).get("/api/tasks")).waiting.map((one: { kind: string }) => one.kind)
const setRoles = async (who: string, roles: readonly string[]) => {
    await asking(its, "noor").put(`/api/staff/${asking(its, who).id}/roles`, { roles })
    await signsInAgain(its, who)
}
const leaves = (who: string) => asking(its, "noor").raw("DELETE", `/api/staff/${asking(its, who).id}`)

describe("a proposed end", () => {
    beforeAll(open)
    const path = () => `/api/cases/${its.toolshell}/propose-termination`
    const propose = (trigger: string) => asking(its, "tomas").post(path(), { trigger })
    const owners = async () =>
        (await asking(its, "tomas").get("/api/embargo-proposals")).decisions.map(
            ({ teardown }: { teardown: { owner: string | null } }) => teardown.owner,
        )

    test("whose owner loses the role waits for all others who may decide it, told at once", async () => {
        const petra = { name: "Petra Nowak", mail: "petra.nowak@northlight.example", roles: ["author"] }
        const { approval } = await asking(its, "noor").post("/api/staff", petra)
        await signs(asking(its, "kofi"), approval)
        await asking(its, "noor").post("/api/staff", { ...petra, approval })
        expect(await told(() => propose("exploitation"))).toEqual(["ingrid"])
        expect([await waiting("ingrid"), await waiting("tomas")]).toEqual([["embargo"], []])
        const those = await told(() => setRoles("ingrid", ["manager"]))
        expect(those.filter((one) => one === "petra" || one === "tomas")).toEqual(["petra", "tomas"])
        expect(await waiting("tomas")).toContain("embargo")
        expect(await waiting("ingrid")).not.toContain("embargo")
    })

    test("by what was filed is nobody's own, where the case's author may not decide it", async () => {
        const seen = { seenAt: "2025-06-25T11:00:00Z", clock: "estimated", source: "a paste" }
        const leak = { kind: "leak", case: its.toolshell, name: "a.txt", content: "a text", encoding: "text", ...seen }
        expect(await told(() => asking(its, "aoife").post("/api/evidence", leak))).toEqual(["petra", "tomas"])
        expect(await owners()).toContain(null)
    })

    test("is given to nobody who may not decide it", async () => {
        await propose("listed as exploited")
        expect(await owners()).toContain(asking(its, "tomas").id)
        for (const who of ["ingrid", "kofi"]) {
            const body = { trigger: "public proof of concept", owner: asking(its, who).id }
            expect(await asking(its, "tomas").refusal("POST", path(), body)).toBe("400 embargo.bad_owner")
        }
    })

    test("whose owner leaves waits for all others who may decide it, told at once", async () => {
        await its.work()
        expect(await told(() => leaves("tomas"))).toContain("petra")
    })
})

describe("what is signed and to be carried out", () => {
    beforeAll(open)
    const halcyon = () => asking(its, "halcyon").partner
    const lift = async (asker: string, signer: string): Promise<string> => {
        const { approval } = await asking(its, asker).post("/api/measures/lift", { partner: halcyon() })
        await signs(asking(its, signer), approval)
        await its.work()
        return approval
    }
    const approvalOf = async (id: string) =>
        (await asking(its, "ingrid").get("/api/approvals")).recent.find((one: { id: string }) => one.id === id)

    test("falls where its asker may carry it out no more, and whoever may ask anew is told", async () => {
        const restriction = { kind: "restrict", partner: halcyon(), reason: "a", withhold: ["poc"] }
        await asking(its, "meera").post("/api/measures", restriction)
        const approval = await lift("ingrid", "kofi")
        expect(await waiting("ingrid")).toContain("carrying out")
        expect(await told(() => setRoles("ingrid", ["author"]))).toContain("meera")
        expect(await approvalOf(approval)).toMatchObject({ state: "voided", voidReason: "asker gone" })
        expect(await waiting("meera")).toContain("asking anew")
        expect(await waiting("ingrid")).not.toContain("carrying out")
    })

    test("falls where its signer leaves, and whoever asked is told", async () => {
        const approval = await lift("meera", "rafael")
        expect(await waiting("meera")).not.toContain("asking anew")
        expect(await told(() => leaves("rafael"))).toContain("meera")
        expect(await approvalOf(approval)).toMatchObject({ state: "voided", voidReason: "signer gone" })
        expect(await waiting("meera")).toContain("asking anew")
    })

    test("lapses within a week, of which its asker is told a day before", async () => {
        const approval = await lift("meera", "kofi")
        const { waiting: items } = await asking(its, "meera").get("/api/tasks")
        const item = items.find((one: { about: string }) => one.about === approval)
        expect(item).toMatchObject({ kind: "carrying out", until: "2025-07-02T12:00:00Z" })
        expect(await told(() => its.moveTo(parseInstant("2025-07-01T11:00:00Z")))).not.toContain("meera")
        expect(await told(() => its.moveTo(parseInstant("2025-07-01T13:00:00Z")))).toContain("meera")
        await its.moveTo(parseInstant("2025-07-02T12:00:00Z"))
        expect(await waiting("meera")).not.toContain("carrying out")
        expect(await approvalOf(approval)).toMatchObject({ state: "expired" })
    })
})

describe("a wave that was signed", () => {
    beforeAll(open)
    const waves = async (): Promise<{ tier: string; state: string }[]> =>
        (await asking(its, "tomas").get(`/api/cases/${its.toolshell}/waves`)).waves
    const advance = async () => (await waves()).find(({ tier }) => tier === "advance")?.state

    test("stays so where a partner comes to have less", async () => {
        const body = { kind: "interim suspension", partner: asking(its, "copperline").partner, reason: "A text." }
        await asking(its, "meera").post("/api/measures", body)
        await its.work()
        expect(await advance()).toBe("armed")
        expect(await waiting("tomas")).toEqual([])
    })

    test("is to be signed anew as soon as a partner comes to have more: all who may ask or sign are told", async () => {
        const path = `/api/partners/${asking(its, "bramblegate").partner}/tier`
        const { approval } = await asking(its, "ingrid").put(path, { tier: "advance" })
        await signs(asking(its, "meera"), approval)
        await its.work()
        expect(await advance()).toBe("armed")
        const those = await told(() => asking(its, "ingrid").put(path, { tier: "advance", approval }))
        expect(those).toEqual(["ingrid", "kofi", "meera", "rafael", "tomas"])
        // By publication too: the tier has there what another has not.
        expect((await waves()).map(({ state }) => state)).toEqual(["released", "disarmed", "armed", "disarmed"])
        const { waiting: items } = await asking(its, "tomas").get("/api/tasks")
        const [item] = items
        expect(item).toMatchObject({ kind: "release anew", case: its.toolshell, until: "2025-07-03T17:00:00Z" })
        for (const { about } of items) {
            const { approval: anew } = await asking(its, "tomas").post(`/api/waves/${about}/release`)
            await signs(asking(its, "kofi"), anew)
        }
        expect(await waiting("tomas")).toEqual([])
        await its.moveTo(parseInstant("2025-07-03T18:00:00Z"))
        expect(await advance()).toBe("released")
    })

    test("is to be signed anew where whoever asked for it leaves", async () => {
        expect(await told(() => leaves("ingrid"))).toContain("tomas")
        expect(await waiting("tomas")).toContain("release anew")
    })
})
