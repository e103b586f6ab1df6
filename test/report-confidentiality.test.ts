/** Staff without access to reports of exploitation cannot infer their existence from other views, lists or hashes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createStaffMember, listEvents } from "./support/actors.ts"
import { newId } from "./support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "./support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import {
    activatePolicy,
    previewPolicy,
    requestActivation,
} from "../server/src/share/entitlement/actions/manage-policies.ts"
import { requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { setDutiesByTwo } from "../server/src/share/release/actions/change-partner.ts"
import { listWaves } from "../server/src/share/waves/actions.ts"
import { reportSighting } from "../server/src/trace/sightings/actions/report-sighting.ts"
import {
    loadApproval,
    listPendingApprovals,
    listRecentApprovals,
} from "../server/src/trust/approvals/actions/load-approvals.ts"
import { hashOf } from "../server/src/trust/approvals/approval.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import { setDuties } from "../server/src/trust/partners/actions/change-partner.ts"
import { dutyTable } from "../server/src/trust/partners/reporting-duties/reporting-duties.ts"

let world: Program
let manufacturer: TestPartner
let witness: TestPartner
let subject: string
let auditor: Actor
let admin: Actor

/** A partner with the CRA's duty has two artifacts of a case, by the policy with the duty rule. */
beforeEach(async () => {
    world = await createProgram()
    auditor = await createStaffMember(world.acting, ["auditor"])
    admin = await createStaffMember(world.acting, ["admin"])
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, 2))
    manufacturer = await newPartner(world, "validate")
    witness = await newPartner(world, "validate")
    const cra = dutyTable.filter(({ regime }) => regime === "CRA")
    await world.acting(world.manager, (ctx) => setDuties(ctx, manufacturer.id, cra))
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    const poc = await newArtifact(world, subject, "poc", "toolshell/poc.py")
    await releaseWaveNow(world, subject, "validate", [summary, poc])
    world.clock.now += 1
}, 120_000)
afterEach(() => world.database.close())

async function report(): Promise<void> {
    await world.acting(witness.analyst, (ctx) =>
        reportSighting(ctx, subject, newId(), {
            observedAt: ctx.now,
            zeroReportSince: null,
            clock: "unknown",
            product: "",
            indicators: [],
            confidence: null,
            note: "",
        }),
    )
}

const loosening = async () =>
    (await world.acting(world.manager, (ctx) => setDutiesByTwo(ctx, manufacturer.id, [], undefined))).approval ?? ""
const relaxing = () => world.acting(world.manager, (ctx) => requestActivation(ctx, 1))
const publishing = () =>
    world.acting(world.manager, async (ctx) => {
        const wave = (await listWaves(ctx, subject)).find(({ tier }) => tier === "publication")
        return await requestRelease(ctx, wave?.id ?? "")
    })

test("the preview of a policy is the same for an auditor with and without a report", async () => {
    const previewed = (by: Actor) => world.acting(by, (ctx) => previewPolicy(ctx, 1))
    const [toAuditor, toManager] = [await previewed(auditor), await previewed(world.manager)]
    await report()
    expect(await previewed(auditor)).toEqual(toAuditor)
    expect(await previewed(world.manager)).not.toEqual(toManager)
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
                await world.acting(by, async (ctx) => [
                    ...(await listPendingApprovals(ctx)),
                    ...(await listRecentApprovals(ctx)),
                ])
            ).some((approval) => approval.id === id)
        expect([await listed(world.manager), await listed(auditor), await listed(admin)]).toEqual([true, false, false])
    })

    test("has a hash in the log that its effects do not reveal", async () => {
        const id = await request()
        await signAsApprover(world, id)
        const { effects } = await world.acting(world.manager, (ctx) => loadApproval(ctx, id))
        const events = (await listEvents(world.database)).filter(
            ({ kind, body }) => kind.startsWith("approval.") && body["approval"] === id,
        )
        expect(events.map(({ kind }) => kind)).toEqual(["approval.requested", "approval.signed"])
        const hashes = new Set(events.map(({ body }) => body["effectsHash"]))
        expect([hashes.size, hashes.has(hashOf(effects))]).toEqual([1, false])
    })
})

test("the log entry of an activated policy contains nothing that reports change", async () => {
    await report()
    const id = await relaxing()
    await signAsApprover(world, id)
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, 1, id))
    const event = (await listEvents(world.database)).findLast(({ kind }) => kind === "policy.activated")
    expect(Object.keys(event?.body ?? {}).toSorted()).toEqual(["approval", "by", "replaces", "version"])
})
