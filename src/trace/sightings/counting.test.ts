/** What partners are told of each other's reports, counted on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { dayMs, hourMs, parseInstant } from "../../lib/instant.ts"
import { silentLog } from "../../platform/log.ts"
import { requestApproval } from "../../trust/approvals/actions.ts"
import { rulesEffectsToSign, setRules } from "../../trust/partners/actions/rules.ts"
import { reportResult } from "../../share/delivery/actions/results.ts"
import { nameFor } from "../../share/delivery/actions/names.ts"
import { aggregatesOf, counting } from "./actions/counting.ts"
import { reportProtection } from "./actions/protecting.ts"
import { reportSighting, takeBackSighting } from "./actions/reporting.ts"

let its: Program
let partners: TestPartner[]
let of: string
let other: string
let rule: string
const none = { exploitation: null, "none seen": null, protected: null, "false positives": null }
const rules = { told: true, groupMin: 5 }

beforeAll(async () => {
    its = await program()
    partners = []
    for (let n = 0; n < 13; n++) partners.push(await newPartner(its, "validate"))
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    of = await newCase(its, "toolshell")
    rule = await newArtifact(its, of, "rules", "toolshell/request.rules")
    await fall(its, of, "validate", [rule])
    // The last one has it, and never fetches.
    for (const partner of partners.slice(0, 12)) await fetched(its, partner, rule)
}, 240_000)
afterAll(() => its.database.close())

const partner = (n: number) => partners[n] ?? partners[0]!
const report = (n: number, id = newId(), lookedSince: number | null = null) =>
    its.acting(partner(n).analyst, (act) =>
        reportSighting(act, of, id, {
            ...{ seenAt: act.now, lookedSince, clock: "unknown", product: "" },
            ...{ indicators: [], confidence: null, note: "" },
        }),
    )
const told = async () => {
    const { cells } = await its.acting(its.manager, (act) => aggregatesOf(act, of))
    return Object.fromEntries(cells.map(({ cell, partners: band }) => [cell, band]))
}
const count = () => counting.run(its.doors)
async function nextDay(): Promise<void> {
    its.clock.now += dayMs - (its.clock.now % dayMs)
    await count()
}

test("nothing is counted or told until two people say so", async () => {
    for (let n = 0; n < 6; n++) await report(n)
    await nextDay()
    expect(await its.acting(its.manager, (act) => aggregatesOf(act, of))).toEqual({
        ...{ told: false, groupMin: null, cells: [] },
    })
    const set = (approval?: string, told = rules) =>
        its.acting(its.manager, (act) => setRules(act, "aggregates", told, approval))
    expect(await codeOf(set())).toBe("partner.needs_two_people")
    const effects = await its.acting(its.manager, (act) => rulesEffectsToSign(act, "aggregates", rules))
    const approval = await its.acting(its.manager, (act) => requestApproval(act, effects!))
    await sign(its, approval)
    expect(await codeOf(set(approval, { told: true, groupMin: 6 }))).toBe("approval.effects_exceeded")
    await set(approval)
    expect(
        await its.acting(its.manager, (act) => rulesEffectsToSign(act, "aggregates", { ...rules, told: false })),
    ).toBe(null)
    expect(await told()).toEqual(none)
    await count()
    expect(await told()).toEqual({ ...none, exploitation: "5–9" })
})

test("A-13 it is counted at midnight alone, and what one partner does changes nothing", async () => {
    const before = await told()
    const id = newId()
    await report(7, id)
    await count()
    expect(await told()).toEqual(before)
    await nextDay()
    expect(await told()).toEqual(before)
    await its.acting(partner(7).lead, (act) => takeBackSighting(act, id))
    await nextDay()
    expect(await told()).toEqual(before)
})

test("who holds nothing of it is not counted, and who looked counts once it has not seen any", async () => {
    for (const n of [0, 1, 7, 8, 9, 10, 11, 12]) await report(n, newId(), its.clock.now - hourMs)
    await nextDay()
    // Five that hold it have seen none: at the edge, and so not told.
    expect(await told()).toEqual({ ...none, exploitation: "5–9" })
    const changed = (await recorded(its.database)).filter(({ kind }) => kind === "aggregate.changed")
    expect(changed.map(({ body }) => body["cells"])).toEqual([["exploitation"]])
    await report(6, newId(), its.clock.now - hourMs)
    await nextDay()
    expect(await told()).toEqual({ ...none, exploitation: "5–9", "none seen": "5–9" })
})

test("protection and false positives are counted by what was said last", async () => {
    const since = its.clock.now
    for (let n = 0; n < 7; n++) {
        await its.acting(partner(n).lead, (act) => reportProtection(act, of, { state: "protected", since, note: "" }))
    }
    await its.acting(partner(6).lead, (act) =>
        reportProtection(act, of, { state: "need more", since: null, note: "It blocks our own." }),
    )
    for (let n = 4; n < 10; n++) {
        const name = nameFor(its.doors.keys, partner(n).id, "artifact", rule)
        const result = { verdict: "false positives", hits: 3, falsePositives: 2, environment: "" } as const
        await its.acting(partner(n).analyst, (act) => reportResult(act, name, { version: 1, ...result }))
    }
    const before = await told()
    its.clock.now += hourMs
    await count()
    expect(await told()).toEqual(before)
    await nextDay()
    expect(await told()).toEqual({
        exploitation: "5–9",
        "none seen": "5–9",
        protected: "5–9",
        "false positives": "5–9",
    })
})

test("A-13 what testers say of a case is counted also where nobody says anything else of it", async () => {
    other = await newCase(its, "bypass")
    const tested = await newArtifact(its, other, "rules", "toolshell/request.rules")
    await fall(its, other, "validate", [tested])
    for (const each of partners) await fetched(its, each, tested)
    for (let n = 0; n < 7; n++) {
        const name = nameFor(its.doors.keys, partner(n).id, "artifact", tested)
        const result = { verdict: "false positives", hits: 3, falsePositives: 2, environment: "" } as const
        await its.acting(partner(n).analyst, (act) => reportResult(act, name, { version: 1, ...result }))
    }
    await nextDay()
    const told = await its.acting(its.manager, (act) => aggregatesOf(act, other))
    expect(told.cells).toContainEqual({ cell: "false positives", partners: "5–9" })
})

test("a case that does not open keeps what was told of it, and is logged; the others are counted", async () => {
    const written = (change: string) =>
        its.database.db.transaction((tx) =>
            tx.query(`update test_results set result_ciphertext = ${change} where case_id = $1`, [of]),
        )
    const before = await told()
    const logged: unknown[] = []
    const log = { ...silentLog, error: (...line: unknown[]) => void logged.push(line) }
    const since = its.clock.now
    for (let n = 0; n < 7; n++) {
        await its.acting(partner(n).lead, (act) =>
            reportProtection(act, other, { state: "protected", since, note: "" }),
        )
    }
    await written("'\\x00'::bytea || result_ciphertext")
    its.clock.now += dayMs - (its.clock.now % dayMs)
    await counting.run({ ...its.doors, log })
    await written("substring(result_ciphertext from 2)")
    expect(logged).toEqual([["case not counted", { id: of, error: expect.stringContaining("does not open") }]])
    expect(await told()).toEqual(before)
    const { cells } = await its.acting(its.manager, (act) => aggregatesOf(act, other))
    expect(cells).toContainEqual({ cell: "protected", partners: "5–9" })
})

test("a new version of the rule begins anew", async () => {
    await its.acting(its.manager, (act) => setRules(act, "aggregates", { told: true, groupMin: 6 }))
    expect(await told()).toEqual(none)
    await nextDay()
    expect(await told()).toEqual(none)
})
