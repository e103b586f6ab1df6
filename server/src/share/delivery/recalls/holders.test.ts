/**
 * Holders of what was recalled, later: who is reinstated is told, and who does not confirm is named to whoever
 * recalled.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
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
} from "../../../../../test/support/program.ts"
import { eventHandlers } from "../../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../../kernel/worker.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { removePerson } from "../../../trust/identity/actions/manage-people.ts"
import { changePartnerStatus, computeChangeEffects } from "../../../trust/partners/actions/change-partner.ts"
import type { PartnerStatus } from "../../../trust/partners/partner.ts"
import { listTasksOfActor } from "../../../trace/tasks/actions/load-tasks.ts"
import { recallArtifact } from "../../artifacts/actions/find-recalls.ts"
import { liftRecallByTwo } from "../../release/actions/lift-recall.ts"
import { aliasFor } from "../actions/aliases.ts"
import { sendNoticesJob } from "../notices/actions/create-notices.ts"
import { confirmDeletion } from "./actions/notify-holders.ts"

let world: Program
let summary: string
let holder: TestPartner
let other: TestPartner
const sent: string[] = []

beforeAll(async () => {
    world = await program()
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
    await fall(world, caseId, "validate", [summary])
    world.clock.now += 1000
    for (const partner of [holder, other]) await fetched(world, partner, summary)
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

async function moveTo(value: PartnerStatus, partner = holder): Promise<void> {
    const effects = await asManager((ctx) => computeChangeEffects(ctx, partner.id, { fact: "status", value }))
    const approval = effects && (await asManager((ctx) => requestApproval(ctx, effects)))
    if (approval !== null) await sign(world, approval)
    await asManager((ctx) => changePartnerStatus(ctx, partner.id, value, { approval: approval ?? undefined }))
    await work()
}

async function end(id: string): Promise<void> {
    const { approval } = await asManager((ctx) => liftRecallByTwo(ctx, id, undefined))
    await sign(world, approval)
    await asManager((ctx) => liftRecallByTwo(ctx, id, approval))
    await work()
}

describe("a holder that was suspended when it was recalled", () => {
    test("is told once it is reinstated, and not before", async () => {
        await moveTo("suspended")
        await recall()
        await work()
        expect(sent).toHaveLength(2)
        await moveTo("active")
        expect(sent).toHaveLength(4)
        await moveTo("restricted")
        await moveTo("active")
        expect(sent).toHaveLength(4)
    })

    test("is told of none that has ended, and of none that it has confirmed", async () => {
        const confirmed = await recall()
        await work()
        await confirm(confirmed, holder)
        sent.length = 0
        await moveTo("suspended")
        await moveTo("active")
        expect(sent).toEqual([])
        await end(confirmed)
        sent.length = 0
        await moveTo("suspended")
        const ended = await recall()
        await work()
        await end(ended)
        sent.length = 0
        await moveTo("active")
        expect(sent).toEqual([])
    })
})

describe("a recall that holders do not confirm", () => {
    const waitsFor = async (actor = world.author) =>
        (await world.acting(actor, listTasksOfActor))
            .filter(({ kind }) => kind === "recall")
            .map(({ partner }) => partner)
            .filter((item) => item === holder.id || item === other.id)

    test("waits after three days for whoever recalled, holder by holder, until each has confirmed", async () => {
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

    test("waits no more once it is ended", async () => {
        const id = await recall()
        world.clock.now += 4 * dayMs
        expect(await waitsFor()).toHaveLength(2)
        await end(id)
        expect(await waitsFor()).toEqual([])
    })

    test("waits for all who may recall, where whoever did has left", async () => {
        const by = world.author
        await recall()
        await asManager((ctx) => removePerson(ctx, by.person))
        world.clock.now += 4 * dayMs
        expect(await waitsFor(world.manager)).toHaveLength(2)
    })
})
