/** A failed advisory is a task of people who may correct the case, on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { createStaffMember } from "../../../../test/support/actors.ts"
import { type Program, newCase, createProgram } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import { retryFailedEvents, handleNextEvent } from "../../kernel/worker.ts"
import type { Actor } from "../../kernel/actor.ts"
import { endEmbargo } from "../../share/cases/actions/negotiate-embargo.ts"
import { listTasksOfActor } from "./actions/list-tasks-of-actor.ts"

let world: Program
let badly: Services
beforeAll(async () => {
    world = await createProgram()
    const log = { ...console, error: () => undefined }
    badly = { ...world.services, log, publisherSettings: { ...world.services.publisherSettings, name: " " } }
}, 120_000)
afterAll(() => world.database.close())

const seenBy = async (actor: Actor, services = badly) =>
    (
        await world.services.db.transaction((tx) => listTasksOfActor({ tx, now: world.clock.now, services, actor }))
    ).filter(({ kind }) => kind === "publication")
const work = async (services: Services) => {
    while (await handleNextEvent(services, eventHandlers));
}

test("is a task with the fault from the attempt until publication, only for people who can correct it", async () => {
    const auditor = await createStaffMember(world.acting, ["auditor"])
    const subject = await newCase(world, "toolshell")
    await work(badly)
    world.clock.now = parseInstant("2025-07-08T17:00:00Z")
    await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
    expect(await seenBy(world.author)).toEqual([])
    await work(badly)
    const since = world.clock.now
    expect(await seenBy(world.author)).toMatchObject([
        {
            about: subject,
            case: subject,
            partner: null,
            since,
            until: null,
            reason: {
                code: "advisory_refused",
                faults: [expect.stringMatching(/^schema \/document\/publisher\/name: /)],
            },
        },
    ])
    expect(await seenBy(world.approver)).toEqual([])
    expect(await seenBy(auditor)).toEqual([])
    expect(await seenBy(world.author, world.services)).toMatchObject([{ reason: { code: "advisory_valid_again" } }])
    await retryFailedEvents(world.services)
    await work(world.services)
    expect(await seenBy(world.author)).toEqual([])
})

test("costs one statement where nothing failed", async () => {
    const requests: string[] = []
    await world.services.db.transaction(async (tx) => {
        const watched = {
            ...tx,
            query: (...its_: Parameters<typeof tx.query>) => (requests.push(its_[0]), tx.query(...its_)),
        }
        await listTasksOfActor({
            tx: watched as typeof tx,
            now: world.clock.now,
            services: world.services,
            actor: world.author,
        })
    })
    expect(requests.filter((sql) => sql.includes("pending_events"))).toHaveLength(1)
    expect(requests.filter((sql) => sql.includes("advisor"))).toEqual([])
})
