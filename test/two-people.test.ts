/**
 * Two-person rules with random commands of several people against a small model, through the actions and on a real
 * database. two-people-in-memory.test.ts runs the rules alone, thousands of times.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { requestApproval, signApproval } from "../server/src/trust/approvals/actions/request-approval.ts"
import { voidApproval } from "../server/src/trust/approvals/actions/void-approvals.ts"
import { hashOf } from "../server/src/trust/approvals/approval.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import {
    addPartner,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
    setRestriction,
} from "../server/src/trust/partners/actions/change-partner.ts"
import { loadPartnerFacts } from "../server/src/trust/partners/actions/load-facts.ts"
import type { FactChange } from "../server/src/trust/partners/facts.ts"
import { type Acting, actingOn, createStaffMember, listEvents, testServices } from "./support/actors.ts"
import { type TestDatabase, createDatabase } from "./support/database.ts"
import { type Held, type Machine, begun, commands, playAll } from "./people/model.ts"

const clock = { now: Date.parse("2025-06-01T00:00:00Z") }
let database: TestDatabase
let acting: Acting
const people: (Actor & { person: string })[] = []

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    for (let n = 0; n < 3; n++) people.push(await createStaffMember(acting, ["manager", "approver"]))
    people.push(await createStaffMember(acting, ["manager", "approver"], actor(0)))
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

    async ask(change: FactChange, by: number): Promise<string | null> {
        const effects = await acting(actor(by), (ctx) => computeChangeEffects(ctx, this.partner, change))
        return effects && (await acting(actor(by), (ctx) => requestApproval(ctx, effects)))
    }

    async sign(id: string, by: number): Promise<boolean> {
        const effects = await acting(actor(by), (ctx) => approvalEffects(ctx, id))
        return await tried(actor(by), (ctx) => signApproval(ctx, id, hashOf(effects)))
    }

    async takeBack(id: string, by: number): Promise<boolean> {
        return await tried(actor(by), (ctx) => voidApproval(ctx, id, "withdrawn"))
    }

    async decide({ fact, value }: FactChange, approval: string | undefined): Promise<boolean> {
        const on = { approval }
        return await tried(actor(0), async (ctx) => {
            if (fact === "tier") await changeTier(ctx, this.partner, value, on)
            else if (fact === "status") await changePartnerStatus(ctx, this.partner, value, on)
            else if (fact === "duties") await setDuties(ctx, this.partner, value, on)
            else await setRestriction(ctx, this.partner, value, on)
        })
    }

    async held(): Promise<Held> {
        const facts = await acting(actor(0), (ctx) => loadPartnerFacts(ctx, this.partner, ctx.now))
        const { tier, status, duties, restriction: input } = facts
        const restriction = input && { withhold: input.withhold, late: input.notBeforePublication }
        return { tier, status, duties: duties.map((duty) => duty.regime), restriction }
    }
}

async function tried(actor: Actor, work: (ctx: ActionContext) => Promise<unknown>): Promise<boolean> {
    try {
        await acting(actor, work)
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function approvalEffects(ctx: ActionContext, id: string) {
    const rows = await ctx.tx.query<{ effects: Parameters<typeof hashOf>[0] }>(
        "select effects from approvals where id = $1",
        [id],
    )
    return rows[0]?.effects ?? fail()
}

test("in every sequence, a partner has what the rules give it, and gets more only by two people", async () => {
    await fc.assert(
        fc.asyncProperty(commands, async (commands) => {
            const partner = await acting(actor(0), (ctx) =>
                addPartner(ctx, { name: "Some Partner", mail: "cert@partner.example", ...begun }),
            )
            await playAll(new OnDatabase(partner), commands)
        }),
        { numRuns: process.env["SLOW"] ? 1000 : 60 },
    )
    await everySignatureIsOfTwo()
}, 600_000)

/** Checks in the log that each applied approval was requested by one person and signed by another. */
async function everySignatureIsOfTwo(): Promise<void> {
    const events = await listEvents(database)
    const bodiesOf = (kind: string) =>
        new Map(events.filter((item) => item.kind === kind).map(({ body }) => [body["approval"], body]))
    const [requests, signed, used] = [
        bodiesOf("approval.requested"),
        bodiesOf("approval.signed"),
        bodiesOf("approval.applied"),
    ]
    expect(used.size).toBeGreaterThan(8)
    for (const id of used.keys()) {
        const two = [requests.get(id)?.["by"], signed.get(id)?.["by"]]
        expect(two).not.toContain(undefined)
        expect(new Set(two).size).toBe(2)
    }
}
