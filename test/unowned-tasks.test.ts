/** Tasks of people who left or lost a permission, and approvals that became void: who is notified. */
import { beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { taskMailSubject } from "../server/src/trace/tasks/actions/notify-staff.ts"
import { signedInAs, signApprovalAs, signInAgain } from "./support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    return async () => await master.close()
})

/** Opens a separate program: the first wave is released, the others are signed. */
async function open(): Promise<() => Promise<void>> {
    world = await copyDemonstration(master)
    await world.moveTo(parseInstant("2025-06-25T12:00:00Z"))
    await world.work()
    return async () => await world.close()
}

/** Returns the first names of people who got mail during this work, each once. */
async function notified(work: () => Promise<unknown>): Promise<string[]> {
    const before = world.mails.length
    await work()
    await world.work()
    const mails = world.mails.slice(before).filter(({ subject }) => subject === taskMailSubject)
    return [...new Set(mails.map(({ to }) => to.split(".")[0] ?? ""))].toSorted()
}

const waiting = async (person: string): Promise<string[]> =>
    (await signedInAs(world, person).get("/api/tasks")).tasks.map((item: { kind: string }) => item.kind)
const setRoles = async (person: string, roles: readonly string[]) => {
    await signedInAs(world, "noor").put(`/api/staff/${signedInAs(world, person).id}/roles`, { roles })
    await signInAgain(world, person)
}
const leaves = (person: string) => signedInAs(world, "noor").raw("DELETE", `/api/staff/${signedInAs(world, person).id}`)

describe("a proposed end", () => {
    beforeAll(open)
    const path = () => `/api/cases/${world.toolshell}/propose-termination`
    const propose = (trigger: string) => signedInAs(world, "tomas").post(path(), { trigger })
    const owners = async () =>
        (await signedInAs(world, "tomas").get("/api/embargo-proposals")).decisions.map(
            ({ terminationProposal }: { terminationProposal: { owner: string | null } }) => terminationProposal.owner,
        )

    test("whose owner loses the role becomes a task of everyone who may decide it, with a notice at once", async () => {
        const petra = { name: "Petra Nowak", mail: "petra.nowak@northlight.example", roles: ["author"] }
        const { approval } = await signedInAs(world, "noor").post("/api/staff", petra)
        await signApprovalAs(signedInAs(world, "kofi"), approval)
        await signedInAs(world, "noor").post("/api/staff", { ...petra, approval })
        expect(await notified(() => propose("exploitation"))).toEqual(["ingrid"])
        expect([await waiting("ingrid"), await waiting("tomas")]).toEqual([["embargo"], []])
        const those = await notified(() => setRoles("ingrid", ["manager"]))
        expect(those.filter((item) => item === "petra" || item === "tomas")).toEqual(["petra", "tomas"])
        expect(await waiting("tomas")).toContain("embargo")
        expect(await waiting("ingrid")).not.toContain("embargo")
    })

    test("from evidence has no owner if the case's author may not decide it", async () => {
        const seen = { observedAt: "2025-06-25T11:00:00Z", clock: "estimated", source: "a paste" }
        const leak = {
            kind: "leak",
            case: world.toolshell,
            name: "a.txt",
            content: "a text",
            encoding: "text",
            ...seen,
        }
        expect(await notified(() => signedInAs(world, "aoife").post("/api/evidence", leak))).toEqual(["petra", "tomas"])
        expect(await owners()).toContain(null)
    })

    test("is assigned only to people who may decide it", async () => {
        await propose("listed_as_exploited")
        expect(await owners()).toContain(signedInAs(world, "tomas").id)
        for (const person of ["ingrid", "kofi"]) {
            const body = { trigger: "public_proof_of_concept", owner: signedInAs(world, person).id }
            expect(await signedInAs(world, "tomas").refusal("POST", path(), body)).toBe("400 embargo.bad_owner")
        }
    })

    test("whose owner leaves becomes a task of everyone who may decide it, with a notice at once", async () => {
        await world.work()
        expect(await notified(() => leaves("tomas"))).toContain("petra")
    })
})

describe("a signed and unapplied approval", () => {
    beforeAll(open)
    const halcyon = () => signedInAs(world, "halcyon").partner
    const lift = async (asker: string, signer: string): Promise<string> => {
        const { approval } = await signedInAs(world, asker).post("/api/measures/lift", { partner: halcyon() })
        await signApprovalAs(signedInAs(world, signer), approval)
        await world.work()
        return approval
    }
    const approvalOf = async (id: string) =>
        (await signedInAs(world, "ingrid").get("/api/approvals")).recent.find((item: { id: string }) => item.id === id)

    test("is voided if its requester may no longer apply it, and possible requesters are notified", async () => {
        const restriction = { kind: "restrict", partner: halcyon(), reason: "a", withhold: ["poc"] }
        await signedInAs(world, "meera").post("/api/measures", restriction)
        const approval = await lift("ingrid", "kofi")
        expect(await waiting("ingrid")).toContain("apply")
        expect(await notified(() => setRoles("ingrid", ["author"]))).toContain("meera")
        expect(await approvalOf(approval)).toMatchObject({ state: "voided", voidReason: "requester_left" })
        expect(await waiting("meera")).toContain("request_again")
        expect(await waiting("ingrid")).not.toContain("apply")
    })

    test("is voided if its signer leaves, and the requester is notified", async () => {
        const approval = await lift("meera", "rafael")
        expect(await waiting("meera")).not.toContain("request_again")
        expect(await notified(() => leaves("rafael"))).toContain("meera")
        expect(await approvalOf(approval)).toMatchObject({ state: "voided", voidReason: "signer_left" })
        expect(await waiting("meera")).toContain("request_again")
    })

    test("expires within a week, with a notice to its requester a day before", async () => {
        const approval = await lift("meera", "kofi")
        const { tasks: items } = await signedInAs(world, "meera").get("/api/tasks")
        const item = items.find((item: { about: string }) => item.about === approval)
        expect(item).toMatchObject({ kind: "apply", until: "2025-07-02T12:00:00Z" })
        expect(await notified(() => world.moveTo(parseInstant("2025-07-01T11:00:00Z")))).not.toContain("meera")
        expect(await notified(() => world.moveTo(parseInstant("2025-07-01T13:00:00Z")))).toContain("meera")
        await world.moveTo(parseInstant("2025-07-02T12:00:00Z"))
        expect(await waiting("meera")).not.toContain("apply")
        expect(await approvalOf(approval)).toMatchObject({ state: "expired" })
    })
})

describe("a signed wave", () => {
    beforeAll(open)
    const waves = async (): Promise<{ tier: string; state: string }[]> =>
        (await signedInAs(world, "tomas").get(`/api/cases/${world.toolshell}/waves`)).waves
    const advance = async () => (await waves()).find(({ tier }) => tier === "advance")?.state

    test("stays signed if a partner gets less", async () => {
        const body = { kind: "interim_suspension", partner: signedInAs(world, "copperline").partner, reason: "A text." }
        await signedInAs(world, "meera").post("/api/measures", body)
        await world.work()
        expect(await advance()).toBe("approved")
        expect(await waiting("tomas")).toEqual([])
    })

    test("needs a new signature once a partner gets more: possible requesters and signers are notified", async () => {
        const path = `/api/partners/${signedInAs(world, "bramblegate").partner}/tier`
        const { approval } = await signedInAs(world, "ingrid").put(path, { tier: "advance" })
        await signApprovalAs(signedInAs(world, "meera"), approval)
        await world.work()
        expect(await advance()).toBe("approved")
        const those = await notified(() => signedInAs(world, "ingrid").put(path, { tier: "advance", approval }))
        expect(those).toEqual(["ingrid", "kofi", "meera", "rafael", "tomas"])
        // Publication also gives the tier more than the other has.
        expect((await waves()).map(({ state }) => state)).toEqual([
            "released",
            "approval_voided",
            "approved",
            "approval_voided",
        ])
        const { tasks: items } = await signedInAs(world, "tomas").get("/api/tasks")
        const [item] = items
        expect(item).toMatchObject({ kind: "release_again", case: world.toolshell, until: "2025-07-03T17:00:00Z" })
        for (const { about } of items) {
            const { approval: anew } = await signedInAs(world, "tomas").post(`/api/waves/${about}/release`)
            await signApprovalAs(signedInAs(world, "kofi"), anew)
        }
        expect(await waiting("tomas")).toEqual([])
        await world.moveTo(parseInstant("2025-07-03T18:00:00Z"))
        expect(await advance()).toBe("released")
    })

    test("needs a new signature if its requester leaves", async () => {
        expect(await notified(() => leaves("ingrid"))).toContain("tomas")
        expect(await waiting("tomas")).toContain("release_again")
    })
})
