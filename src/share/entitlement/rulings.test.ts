/** What a policy answered is kept for whoever asks again; a decision is what it would be without. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { system } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { linkCases } from "../cases/actions.ts"
import { entitlementsOf } from "./actions/entitlements.ts"
import { activatePolicy } from "./actions/policies.ts"

let its: Program
let partner: TestPartner
let first: string
beforeAll(async () => {
    its = await program()
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(its, "validate")
    first = await newOne()
}, 120_000)
afterAll(() => its.database.close())

async function asked(who: Actor) {
    let questions = 0
    const { policy } = its.doors
    const counting = { ...policy, ask: (...of: Parameters<typeof policy.ask>) => (questions++, policy.ask(...of)) }
    const entitlements = await its.acting(who, (act) =>
        entitlementsOf({ ...act, doors: { ...act.doors, policy: counting } }, partner.id, null),
    )
    return { questions, entitlements }
}

async function newOne(): Promise<string> {
    const of = await newCase(its, "toolshell")
    const summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    await newArtifact(its, of, "technical", "toolshell/technical.md")
    await newArtifact(its, of, "guidance", "toolshell/guidance.md")
    await fall(its, of, "validate", [summary])
    return of
}

test("nobody is answered from what another one has asked", async () => {
    const { questions } = await asked(system)
    expect(questions).toBeGreaterThan(0)
    for (const who of [partner.lead, partner.analyst]) expect(await asked(who)).toMatchObject({ questions })
    expect(await asked(system)).toMatchObject({ questions })
})

test("whatever changes, it is decided as by whoever remembers nothing", async () => {
    // What takes two people elsewhere is written down here as it would be.
    const decided = (fact: string, value: unknown) =>
        its.database.db.transaction((tx) =>
            tx.query("insert into partner_facts (partner_id, fact, value, from_at) values ($1, $2, $3, $4)", [
                ...[partner.id, fact, JSON.stringify(value), new Date(its.clock.now)],
            ]),
        )
    const changes: readonly (() => Promise<unknown>)[] = [
        async () => undefined,
        newOne,
        () => decided("duties", dutyTable),
        () => its.acting(its.manager, (act) => activatePolicy(act, 2)),
        async () => {
            const second = await newOne()
            await its.acting(its.author, (act) => linkCases(act, second, first, "bypass of"))
        },
        () => decided("duties", []),
        () => decided("tier", "entry"),
        async () => (its.clock.now += 14 * dayMs),
        () => decided("tier", "advance"),
        () => decided("restriction", { withhold: ["summary"], notBeforePublication: false, cases: null }),
        () => decided("standing", "suspended"),
    ]
    const seen: string[] = []
    for (const change of changes) {
        await change()
        const { entitlements: expected, questions } = await asked(system)
        const told = await asked(partner.lead)
        expect(told.entitlements).toEqual(expected)
        expect(told.questions).toBeLessThanOrEqual(questions)
        expect(await asked(partner.lead)).toEqual({ entitlements: expected, questions: 0 })
        seen.push(JSON.stringify(expected))
        its.clock.now += 1000
    }
    expect(new Set(seen).size).toBeGreaterThan(5)
})
