/** Policy rulings are cached, and decisions equal those without a cache. */
import { writeRows } from "../../../../test/support/change-notes.ts"
import { afterAll, beforeAll, expect, test } from "vitest"
import { system } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { Actor } from "../../kernel/actor.ts"
import { linkCases } from "../cases/actions/link-cases.ts"
import { listEntitlements } from "./actions/decide-access.ts"
import { activatePolicy } from "./actions/manage-policies.ts"

let world: Program
let partner: TestPartner
let first: string
beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(world, "validate")
    first = await newReleasedCase()
}, 120_000)
afterAll(() => world.database.close())

async function listCounted(actor: Actor) {
    let questions = 0
    const { policy } = world.services
    const counting = {
        ...policy,
        decide: (...items: Parameters<typeof policy.decide>) => (questions++, policy.decide(...items)),
    }
    const entitlements = await world.acting(actor, (ctx) =>
        listEntitlements({ ...ctx, services: { ...ctx.services, policy: counting } }, partner.id, null),
    )
    return { questions, entitlements }
}

async function newReleasedCase(): Promise<string> {
    const subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    await newArtifact(world, subject, "technical", "toolshell/technical.md")
    await newArtifact(world, subject, "guidance", "toolshell/guidance.md")
    await releaseWaveNow(world, subject, "validate", [summary])
    return subject
}

test("no partner gets a ruling cached for another", async () => {
    const { questions } = await listCounted(system)
    expect(questions).toBeGreaterThan(0)
    for (const actor of [partner.lead, partner.analyst]) expect(await listCounted(actor)).toMatchObject({ questions })
    expect(await listCounted(system)).toMatchObject({ questions })
})

test("after any change, decisions equal those without a cache", async () => {
    // Changes that take two people are written here directly.
    const decided = (fact: string, value: unknown) =>
        world.database.db.transaction((tx) =>
            writeRows(tx, "insert into partner_facts (partner_id, fact, value, from_at) values ($1, $2, $3, $4)", [
                partner.id,
                fact,
                JSON.stringify(value),
                new Date(world.clock.now),
            ]),
        )
    const changes: readonly (() => Promise<unknown>)[] = [
        async () => undefined,
        newReleasedCase,
        () => decided("duties", dutyTable),
        () => world.acting(world.manager, (ctx) => activatePolicy(ctx, 2)),
        async () => {
            const second = await newReleasedCase()
            await world.acting(world.author, (ctx) => linkCases(ctx, second, first, "bypass_of"))
        },
        () => decided("duties", []),
        () => decided("tier", "entry"),
        async () => (world.clock.now += 14 * dayMs),
        () => decided("tier", "advance"),
        () => decided("restriction", { withhold: ["summary"], notBeforePublication: false, cases: null }),
        () => decided("status", "suspended"),
    ]
    const seen: string[] = []
    for (const change of changes) {
        await change()
        const { entitlements: expected, questions } = await listCounted(system)
        const notified = await listCounted(partner.lead)
        expect(notified.entitlements).toEqual(expected)
        expect(notified.questions).toBeLessThanOrEqual(questions)
        expect(await listCounted(partner.lead)).toEqual({ entitlements: expected, questions: 0 })
        seen.push(JSON.stringify(expected))
        world.clock.now += 1000
    }
    expect(new Set(seen).size).toBeGreaterThan(5)
})
