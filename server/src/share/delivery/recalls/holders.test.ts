/** Follows holders after a recall: reinstated holders are notified, and missing confirmations become tasks. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../../test/support/program.ts"
import { eventHandlers } from "../../../event-handlers.ts"
import { recordOnlyEvents } from "../../../record-only-events.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../../kernel/worker.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { removePerson } from "../../../trust/identity/actions/manage-people.ts"
import { changePartnerStatus, computeChangeEffects } from "../../../trust/partners/actions/change-partner.ts"
import type { PartnerStatus } from "../../../trust/partners/partner.ts"
import { listTasksOfActor } from "../../../trace/tasks/actions/list-tasks-of-actor.ts"
import { recallArtifact } from "../../artifacts/actions/recall-artifact.ts"
import { liftRecallByTwo } from "../../release/actions/lift-recall.ts"
import { aliasFor } from "../actions/resolve-alias.ts"
import { sendNoticesJob } from "../notices/actions/create-notices.ts"
import { confirmDeletion } from "./actions/notify-holders.ts"

let world: Program
let summary: string
let holder: TestPartner
let other: TestPartner
const sent: string[] = []

beforeAll(async () => {
    world = await createProgram()
    Object.assign(world.services, {
        mail: { send: async ({ to }: { to: string }) => void sent.push(to) },
        log: { warn: () => 0 },
    })
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    holder = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now += 1000
    for (const partner of [holder, other]) await fetchCopyText(world, partner, summary)
    await work()
    sent.length = 0
}, 120_000)

const asManager = <T>(does: (ctx: ActionContext) => Promise<T>) => world.acting(world.manager, does)
const recall = () =>
    world.acting(world.author, (ctx) => recallArtifact(ctx, summary, { version: null, reason: "wrong" }))
const confirm = (id: string, partner: TestPartner) =>
    world.acting(partner.analyst, (ctx) =>
        confirmDeletion(ctx, aliasFor(world.services.keys, partner.id, "recall", id)),
    )

async function work(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
    while (await sendNoticesJob.sendNext(world.services));
}

async function changeStatus(value: PartnerStatus, partner = holder): Promise<void> {
    const effects = await asManager((ctx) => computeChangeEffects(ctx, partner.id, { fact: "status", value }))
    const approval = effects && (await asManager((ctx) => requestApproval(ctx, effects)))
    if (approval !== null) await signAsApprover(world, approval)
    await asManager((ctx) => changePartnerStatus(ctx, partner.id, value, { approval: approval ?? undefined }))
    await work()
}

async function liftRecall(id: string): Promise<void> {
    const { approval } = await asManager((ctx) => liftRecallByTwo(ctx, id, undefined))
    await signAsApprover(world, approval)
    await asManager((ctx) => liftRecallByTwo(ctx, id, approval))
    await work()
}

describe("a holder suspended at the time of the recall", () => {
    test("is notified after its reinstatement, and not before", async () => {
        await changeStatus("suspended")
        await recall()
        await work()
        expect(sent).toHaveLength(2)
        await changeStatus("active")
        expect(sent).toHaveLength(4)
        await changeStatus("restricted")
        await changeStatus("active")
        expect(sent).toHaveLength(4)
    })

    test("is not notified of a lifted recall or one it confirmed", async () => {
        const confirmed = await recall()
        await work()
        await confirm(confirmed, holder)
        sent.length = 0
        await changeStatus("suspended")
        await changeStatus("active")
        expect(sent).toEqual([])
        await liftRecall(confirmed)
        sent.length = 0
        await changeStatus("suspended")
        const ended = await recall()
        await work()
        await liftRecall(ended)
        sent.length = 0
        await changeStatus("active")
        expect(sent).toEqual([])
    })
})

describe("a recall without deletion confirmation", () => {
    const waitsFor = async (actor = world.author) =>
        (await world.acting(actor, listTasksOfActor))
            .filter(({ kind }) => kind === "recall")
            .map(({ partner }) => partner)
            .filter((item) => item === holder.id || item === other.id)

    test("is a task after three days for the person who recalled, for each holder until it confirms", async () => {
        const id = await recall()
        await work()
        world.clock.now += 3 * dayMs - 1
        expect(await waitsFor()).toEqual([])
        world.clock.now += 1
        expect((await waitsFor()).toSorted()).toEqual([holder.id, other.id].toSorted())
        expect(await waitsFor(world.manager)).toEqual([])
        await confirm(id, holder)
        expect(await waitsFor()).toEqual([other.id])
        await confirm(id, other)
        expect(await waitsFor()).toEqual([])
    })

    test("is no longer a task once lifted", async () => {
        const id = await recall()
        world.clock.now += 4 * dayMs
        expect(await waitsFor()).toHaveLength(2)
        await liftRecall(id)
        expect(await waitsFor()).toEqual([])
    })

    test("is a task for all who may recall, when the person who recalled has left", async () => {
        const by = world.author
        await recall()
        await asManager((ctx) => removePerson(ctx, by.person))
        world.clock.now += 4 * dayMs
        expect(await waitsFor(world.manager)).toHaveLength(2)
    })
})

test("every recall event has a handler or is record-only", () => {
    expect(Object.keys(eventHandlers)).toEqual(expect.arrayContaining(["artifact.recalled", "recall.lifted"]))
    expect(recordOnlyEvents).toEqual(expect.arrayContaining(["deletion.confirmed", "recall.resent"]))
})
