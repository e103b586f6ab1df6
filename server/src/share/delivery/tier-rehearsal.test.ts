/** Rehearses a wave without a case, with a dummy that leaves nothing and notifies no partner. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { stateOf } from "../../../../test/faults/dying-database.ts"
import { type Program, type TestPartner, newPartner, createProgram } from "../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { listKeys, revokeKey } from "../../trust/partners/keys/actions/manage-keys.ts"
import { setRules } from "../../trust/partners/actions/set-program-rules.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import { listCaseFiles } from "../cases/actions/load-case.ts"
import { setDefaultSchedule } from "../waves/actions.ts"
import type { WaveTier } from "../waves/wave.ts"
import { listWarnings } from "./actions/project-warnings.ts"
import { sendNoticesJob } from "./notices/actions/create-notices.ts"
import { rehearseDummyWave } from "./actions/rehearse-wave.ts"

let world: Program
let tester: TestPartner
let entrant: TestPartner
const sent: string[] = []

beforeAll(async () => {
    world = await createProgram()
    Object.assign(world.services, { mail: { send: async ({ to }: { to: string }) => void sent.push(to) } })
    tester = await newPartner(world, "validate")
    entrant = await newPartner(world, "entry")
}, 120_000)
afterAll(() => world.database.close())

const rehearsed = (tier: WaveTier) => world.acting(world.manager, (ctx) => rehearseDummyWave(ctx, tier))

test("shows who would get which classes by each wave; it stores, sends and shows nothing", async () => {
    while (await handleNextEvent(world.services, eventHandlers));
    while (await sendNoticesJob.sendNext(world.services));
    sent.length = 0
    const besides = ["events", "unsequenced_events", "pending_events"]
    const before = await stateOf(world.database.db, besides)
    const known = (await listEvents(world.database)).length

    const first = await rehearsed("validate")
    expect(first.obstacles).toEqual([])
    expect(first.at).toBe(world.clock.now)
    expect(first.classes.toSorted()).toEqual(artifactClasses.toSorted())
    expect(first.recipients).toEqual([{ partner: tester.id, notices: 2, classes: first.classes }])
    const last = await rehearsed("entry")
    expect(last.at).toBe(world.clock.now + 13 * dayMs)
    expect(last.recipients.map(({ partner }) => partner)).toEqual([entrant.id])
    expect(last.classes).not.toContain("repro")
    const publication = await rehearsed("publication")
    expect(publication.recipients.map(({ partner }) => partner).toSorted()).toEqual([tester.id, entrant.id].toSorted())

    expect(await stateOf(world.database.db, besides)).toEqual(before)
    const since = (await listEvents(world.database)).slice(known)
    expect(since.map(({ kind }) => kind)).toEqual(["wave.rehearsed", "wave.rehearsed", "wave.rehearsed"])
    expect(since[0]?.body).toMatchObject({ case: null, wave: null, tier: "validate", recipients: 1, obstacles: 0 })
    expect(JSON.stringify(since)).not.toContain(tester.id)
    while (await handleNextEvent(world.services, eventHandlers));
    while (await sendNoticesJob.sendNext(world.services));
    expect(sent).toEqual([])
    expect(await world.acting(world.manager, (ctx) => listCaseFiles(ctx, null))).toEqual([])
    for (const partner of [tester, entrant]) {
        expect(await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))).toEqual([])
    }
})

test("names partners that cannot open sealed copies, and refuses a tier without a wave", async () => {
    const [key] = await world.acting(tester.lead, (ctx) => listKeys(ctx, tester.id))
    await world.acting(tester.lead, (ctx) => revokeKey(ctx, key?.id ?? ""))
    expect((await rehearsed("validate")).obstacles).toEqual([{ partner: tester.id, code: "delivery.no_key" }])
    await world.acting(world.manager, (ctx) => setDefaultSchedule(ctx, { validate: -9 * dayMs }))
    expect(await awaitRefusalCode(rehearsed("advance"))).toBe("delivery.wave_not_found")
    await world.acting(world.manager, (ctx) => setRules(ctx, "embargo", { daysMax: 3 }))
    expect((await rehearsed("validate")).at).toBe(world.clock.now)
})
