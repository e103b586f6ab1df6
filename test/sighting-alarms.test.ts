/** Partners' reports of exploitation raise the alarm: once per reporting partner, for a person to decide. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { silentLog } from "../server/src/platform/log/log.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import { loadCaseFile } from "../server/src/share/cases/actions/load-case.ts"
import { terminateEmbargo, rejectProposal } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { openProposals } from "../server/src/share/cases/embargo.ts"
import { reportSighting, withdrawVersions } from "../server/src/trace/sightings/actions/report-sighting.ts"
import { instantOf } from "@tocsin/formats/stix/object"
import { newId } from "./support/database.ts"
import { type Program, type TestPartner, newCase, newPartner, createProgram } from "./support/program.ts"

let world: Program
let subject: string
let item: TestPartner
let other: TestPartner

beforeEach(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-07-04T17:00:00Z")
    subject = await newCase(world, "toolshell")
    item = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
    await work()
}, 120_000)
afterEach(() => world.database.close())

async function work(): Promise<void> {
    while (await handleNextEvent({ ...world.services, log: silentLog }, eventHandlers));
}

async function report(partner: TestPartner, id = newId()): Promise<string> {
    const seen = {
        observedAt: world.clock.now,
        clock: "estimated",
        product: "",
        indicators: [],
        zeroReportSince: null,
    } as const
    await world.acting(partner.analyst, (ctx) =>
        reportSighting(ctx, subject, id, { ...seen, confidence: null, note: "" }),
    )
    return id
}

const open = () =>
    world.acting(world.author, async (ctx) => openProposals((await loadCaseFile(ctx, subject)).embargo, ctx.now))
const proposals = async () => (await open()).map(({ by, terminationProposal }) => ({ by, ...terminationProposal }))
const reject = async () => {
    const [first] = await open()
    await world.acting(world.author, (ctx) => rejectProposal(ctx, subject, first?.n ?? -1, "It was a scanner."))
}
const alarm = () => ({ by: null, trigger: "exploitation", owner: world.author.person })

test("the first report proposes an early end; a waiting proposal is reused", async () => {
    await report(item)
    expect(await proposals()).toEqual([])
    await work()
    expect(await proposals()).toEqual([alarm()])
    await report(item)
    await report(other)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("several reports before any decision also raise it", async () => {
    await report(item)
    await report(item)
    await report(item)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("a partner whose report was dismissed is not heard again for repeating it, and another partner is", async () => {
    await report(item)
    await work()
    world.clock.now += 1000
    await reject()
    await report(item)
    await work()
    expect(await proposals()).toEqual([])
    await report(other)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("a report withdrawn before any decision proposes nothing", async () => {
    const id = await report(item)
    const version = instantOf(new Date(world.clock.now).toISOString()) ?? ""
    await world.acting(item.analyst, (ctx) => withdrawVersions(ctx, subject, id, [version], 0))
    await work()
    expect(await proposals()).toEqual([])
    await report(item)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("after publication, nothing is proposed", async () => {
    await world.acting(world.author, (ctx) => terminateEmbargo(ctx, subject, "It is public."))
    await report(item)
    await work()
    expect(await proposals()).toEqual([])
})
