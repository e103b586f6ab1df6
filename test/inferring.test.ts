/** Staff who may not read reports of exploitation find out by no other view, list or hash that there are any. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { operator, recorded } from "./acting.ts"
import { newId } from "./database.ts"
import { type Program, type TestPartner, fall, newArtifact, newCase, newPartner, program, sign } from "./program.ts"
import { parseInstant } from "../src/lib/instant.ts"
import { activatePolicy, previewPolicy, requestActivation } from "../src/share/entitlement/actions/policies.ts"
import { requestRelease } from "../src/share/release/actions.ts"
import { setDutiesByTwo } from "../src/share/release/actions/change-partner.ts"
import { wavesOf } from "../src/share/waves/actions.ts"
import { reportSighting } from "../src/trace/sightings/actions/reporting.ts"
import { approval as approvalOf, pendingApprovals, recentApprovals } from "../src/trust/approvals/actions.ts"
import { hashOf } from "../src/trust/approvals/approval.ts"
import type { Actor } from "../src/trust/audit/actor.ts"
import { setDuties } from "../src/trust/partners/actions/changes.ts"
import { dutyTable } from "../src/trust/partners/duty.ts"

let its: Program
let manufacturer: TestPartner
let witness: TestPartner
let of: string
let auditor: Actor
let admin: Actor

/** A partner with the CRA's duty has two artifacts of a case, by the policy with the duty rule. */
beforeEach(async () => {
    its = await program()
    auditor = await operator(its.acting, ["auditor"])
    admin = await operator(its.acting, ["admin"])
    await its.acting(its.manager, (act) => activatePolicy(act, 2))
    manufacturer = await newPartner(its, "validate")
    witness = await newPartner(its, "validate")
    const cra = dutyTable.filter(({ regime }) => regime === "CRA")
    await its.acting(its.manager, (act) => setDuties(act, manufacturer.id, cra))
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    of = await newCase(its, "toolshell")
    const summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    const poc = await newArtifact(its, of, "poc", "toolshell/poc.py")
    await fall(its, of, "validate", [summary, poc])
    its.clock.now += 1
}, 120_000)
afterEach(() => its.database.close())

async function report(): Promise<void> {
    await its.acting(witness.analyst, (act) =>
        reportSighting(act, of, newId(), {
            ...{ seenAt: act.now, lookedSince: null, clock: "unknown", product: "" },
            ...{ indicators: [], confidence: null, note: "" },
        }),
    )
}

const loosening = async () =>
    (await its.acting(its.manager, (act) => setDutiesByTwo(act, manufacturer.id, [], undefined))).approval ?? ""
const relaxing = () => its.acting(its.manager, (act) => requestActivation(act, 1))
const publishing = () =>
    its.acting(its.manager, async (act) => {
        const wave = (await wavesOf(act, of)).find(({ tier }) => tier === "publication")
        return await requestRelease(act, wave?.id ?? "")
    })

test("what a policy would change is the same to an auditor with a report and without one", async () => {
    const previewed = (by: Actor) => its.acting(by, (act) => previewPolicy(act, 1))
    const [toAuditor, toManager] = [await previewed(auditor), await previewed(its.manager)]
    await report()
    expect(await previewed(auditor)).toEqual(toAuditor)
    expect(await previewed(its.manager)).not.toEqual(toManager)
})

describe.each([
    ["to loosen a duty", loosening],
    ["to relax a policy", relaxing],
    ["to publish", publishing],
])("a request %s", (_, request) => {
    test("is in no list of auditors and admins", async () => {
        await report()
        const id = await request()
        const listed = async (by: Actor) =>
            (
                await its.acting(by, async (act) => [...(await pendingApprovals(act)), ...(await recentApprovals(act))])
            ).some((one) => one.id === id)
        expect([await listed(its.manager), await listed(auditor), await listed(admin)]).toEqual([true, false, false])
    })

    test("has a hash in the log that its effects do not give", async () => {
        const id = await request()
        await sign(its, id)
        const { effects } = await its.acting(its.manager, (act) => approvalOf(act, id))
        const events = (await recorded(its.database)).filter(
            ({ kind, body }) => kind.startsWith("approval.") && body["approval"] === id,
        )
        expect(events.map(({ kind }) => kind)).toEqual(["approval.requested", "approval.signed"])
        const hashes = new Set(events.map(({ body }) => body["effectsHash"]))
        expect([hashes.size, hashes.has(hashOf(effects))]).toEqual([1, false])
    })
})

test("the log says of a policy that was activated nothing that reports change", async () => {
    await report()
    const id = await relaxing()
    await sign(its, id)
    await its.acting(its.manager, (act) => activatePolicy(act, 1, id))
    const event = (await recorded(its.database)).findLast(({ kind }) => kind === "policy.activated")
    expect(Object.keys(event?.body ?? {}).toSorted()).toEqual(["approval", "by", "replaces", "version"])
})
