/** What partners report of exploitation raises the alarm: once for each that speaks, and for a person to decide. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { flow } from "../src/flow.ts"
import { parseInstant } from "../src/lib/instant.ts"
import { silentLog } from "../src/platform/log.ts"
import { runNext } from "../src/platform/worker.ts"
import { caseFile } from "../src/share/cases/actions.ts"
import { breakEmbargo, rejectProposal } from "../src/share/cases/actions/embargo.ts"
import { openProposals } from "../src/share/cases/embargo.ts"
import { reportSighting, withdrawSighting } from "../src/trace/sightings/actions/reporting.ts"
import { instantOf } from "../src/lib/stix/object.ts"
import { newId } from "./database.ts"
import { type Program, type TestPartner, newCase, newPartner, program } from "./program.ts"

let its: Program
let of: string
let one: TestPartner
let other: TestPartner

beforeEach(async () => {
    its = await program()
    its.clock.now = parseInstant("2025-07-04T17:00:00Z")
    of = await newCase(its, "toolshell")
    one = await newPartner(its, "validate")
    other = await newPartner(its, "validate")
    await work()
}, 120_000)
afterEach(() => its.database.close())

async function work(): Promise<void> {
    while (await runNext({ ...its.doors, log: silentLog }, flow));
}

async function report(partner: TestPartner, id = newId()): Promise<string> {
    const seen = { seenAt: its.clock.now, clock: "estimated", product: "", indicators: [], lookedSince: null } as const
    await its.acting(partner.analyst, (act) => reportSighting(act, of, id, { ...seen, confidence: null, note: "" }))
    return id
}

const open = () => its.acting(its.author, async (act) => openProposals((await caseFile(act, of)).embargo, act.now))
const proposals = async () => (await open()).map(({ by, teardown }) => ({ by, ...teardown }))
const reject = async () => {
    const [first] = await open()
    await its.acting(its.author, (act) => rejectProposal(act, of, first?.n ?? -1, "It was a scanner."))
}
const alarm = () => ({ by: null, trigger: "exploitation", owner: its.author.person })

test("the first report proposes an early end; what waits already is that", async () => {
    await report(one)
    expect(await proposals()).toEqual([])
    await work()
    expect(await proposals()).toEqual([alarm()])
    await report(one)
    await report(other)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("several reports that came before anybody looked raise it, too", async () => {
    await report(one)
    await report(one)
    await report(one)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("a partner that was not believed is not heard again by saying it again, and another one is", async () => {
    await report(one)
    await work()
    its.clock.now += 1000
    await reject()
    await report(one)
    await work()
    expect(await proposals()).toEqual([])
    await report(other)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("what was taken back before anybody looked proposes nothing", async () => {
    const id = await report(one)
    const version = instantOf(new Date(its.clock.now).toISOString()) ?? ""
    await its.acting(one.analyst, (act) => withdrawSighting(act, of, id, [version], 0))
    await work()
    expect(await proposals()).toEqual([])
    await report(one)
    await work()
    expect(await proposals()).toEqual([alarm()])
})

test("where secrecy is over, nothing is proposed", async () => {
    await its.acting(its.author, (act) => breakEmbargo(act, of, "It is public."))
    await report(one)
    await work()
    expect(await proposals()).toEqual([])
})
