/**
 * Nothing that needs two people happens with one: random commands of several persons against a small model of the
 * rules, through the actions and on a real database. By the rules alone, thousands of times: two-people-in-memory.test.ts.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Refusal } from "../src/lib/refusal.ts"
import { requestApproval, signApproval, voidApproval } from "../src/trust/approvals/actions.ts"
import { hashOf } from "../src/trust/approvals/approval.ts"
import type { Act } from "../src/trust/audit/actions.ts"
import type { Actor } from "../src/trust/audit/actor.ts"
import {
    addPartner,
    changeStanding,
    changeTier,
    effectsToSign,
    setDuties,
    setRestriction,
} from "../src/trust/partners/actions/changes.ts"
import { partnerFactsOf } from "../src/trust/partners/actions/facts.ts"
import type { Change } from "../src/trust/partners/facts.ts"
import { type Acting, actingOn, operator, recorded, testDoors } from "./acting.ts"
import { type TestDatabase, freshDatabase } from "./database.ts"
import { type Held, type Machine, begun, commands, playAll } from "./people/model.ts"

const clock = { now: Date.parse("2025-06-01T00:00:00Z") }
let database: TestDatabase
let acting: Acting
const people: (Actor & { person: string })[] = []

beforeAll(async () => {
    database = await freshDatabase()
    acting = actingOn(testDoors(database, clock), clock)
    for (let n = 0; n < 3; n++) people.push(await operator(acting, ["manager", "approver"]))
    people.push(await operator(acting, ["manager", "approver"], actor(0)))
}, 120_000)
afterAll(() => database.close())

const actor = (n: number): Actor & { person: string } => people[n] ?? fail()

function fail(): never {
    throw new Error("nobody")
}

class OnDatabase implements Machine {
    readonly clock = clock

    private readonly partner: string

    constructor(partner: string) {
        this.partner = partner
    }

    async ask(change: Change, by: number): Promise<string | null> {
        const effects = await acting(actor(by), (act) => effectsToSign(act, this.partner, change))
        return effects && (await acting(actor(by), (act) => requestApproval(act, effects)))
    }

    async sign(id: string, by: number): Promise<boolean> {
        const effects = await acting(actor(by), (act) => approvalEffects(act, id))
        return await tried(actor(by), (act) => signApproval(act, id, hashOf(effects)))
    }

    async takeBack(id: string, by: number): Promise<boolean> {
        return await tried(actor(by), (act) => voidApproval(act, id, "withdrawn"))
    }

    async decide({ fact, value }: Change, approval: string | undefined): Promise<boolean> {
        const on = { approval }
        return await tried(actor(0), async (act) => {
            if (fact === "tier") await changeTier(act, this.partner, value, on)
            else if (fact === "standing") await changeStanding(act, this.partner, value, on)
            else if (fact === "duties") await setDuties(act, this.partner, value, on)
            else await setRestriction(act, this.partner, value, on)
        })
    }

    async held(): Promise<Held> {
        const facts = await acting(actor(0), (act) => partnerFactsOf(act, this.partner, act.now))
        const { tier, standing, duties, restriction: its } = facts
        const restriction = its && { withhold: its.withhold, late: its.notBeforePublication }
        return { tier, standing, duties: duties.map((duty) => duty.regime), restriction }
    }
}

async function tried(who: Actor, work: (act: Act) => Promise<unknown>): Promise<boolean> {
    try {
        await acting(who, work)
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function approvalEffects(act: Act, id: string) {
    const rows = await act.tx.query<{ effects: Parameters<typeof hashOf>[0] }>(
        "select effects from approvals where id = $1",
        [id],
    )
    return rows[0]?.effects ?? fail()
}

test("whatever is tried, a partner has what the rules give it, and more only by two", async () => {
    await fc.assert(
        fc.asyncProperty(commands, async (all) => {
            const partner = await acting(actor(0), (act) =>
                addPartner(act, { name: "Some Partner", mail: "cert@partner.example", ...begun }),
            )
            await playAll(new OnDatabase(partner), all)
        }),
        { numRuns: process.env["SLOW"] ? 2000 : 60 },
    )
    await everySignatureIsOfTwo()
}, 600_000)

/** And so says the record: whatever an approval was used for was asked by one person and signed by another. */
async function everySignatureIsOfTwo(): Promise<void> {
    const events = await recorded(database)
    const bodiesOf = (kind: string) =>
        new Map(events.filter((one) => one.kind === kind).map(({ body }) => [body["approval"], body]))
    const [asked, signed, used] = [
        bodiesOf("approval.requested"),
        bodiesOf("approval.signed"),
        bodiesOf("approval.applied"),
    ]
    expect(used.size).toBeGreaterThan(8)
    for (const id of used.keys()) {
        const two = [asked.get(id)?.["by"], signed.get(id)?.["by"]]
        expect(two).not.toContain(undefined)
        expect(new Set(two).size).toBe(2)
    }
}
