/**
 * A partner restricted until publication becomes entitled in publication's own transaction. A crash before the commit
 * leaves nothing to read and no notice; after it, everything is there.
 */
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { sendNoticesJob } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { listWarnings } from "../../server/src/share/delivery/actions/project-warnings.ts"
import { activatePolicy } from "../../server/src/share/entitlement/actions/manage-policies.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { setDuties, setRestriction } from "../../server/src/trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { awaitRefusalCode, listEvents } from "../support/actors.ts"
import {
    type Program,
    type TestPartner,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../support/program.ts"
import { dyingAfterCommit, dyingBefore, stateOf } from "./dying-database.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let services: Services
let caseId: string
let summary: string
let technical: string
/** Restricted until publication by its reporting duty, and by a measure. */
let reporting: TestPartner
let restricted: TestPartner
let sent: string[]

beforeEach(async () => {
    world = await createProgram()
    sent = []
    const nothing = () => undefined
    services = {
        ...world.services,
        log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
        mail: { send: async ({ to }) => void sent.push(to) },
    }
    reporting = await newPartner(world, "validate")
    restricted = await newPartner(world, "entry")
    const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
    await world.acting(world.manager, (ctx) => setDuties(ctx, reporting.id, rmsv))
    const held = { withhold: [], notBeforePublication: true, cases: null }
    await world.acting(world.manager, (ctx) => setRestriction(ctx, restricted.id, held))
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, 2))
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    await newArtifact(world, caseId, "poc", "toolshell/poc.py")
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    const last = waves.find(({ tier }) => tier === "publication")?.id ?? ""
    await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, last)))
    while (await handleNextEvent(services, eventHandlers));
    while (await sendNoticesJob.sendNext(services));
    world.clock.now = publication
}, 120_000)
afterEach(() => world.database.close())

const warned = async (partner: TestPartner) => {
    const [warning] = await world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))
    return (
        warning?.artifacts.flatMap((artifact) => (artifact.version === null ? [] : [artifact.class])).toSorted() ?? null
    )
}
const falls = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "wave.released")

test("C-07 publication dies before any of its statements: no reads, no notices; then everything is there", async () => {
    const before = await stateOf(world.services.db)
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(world.services.db, statement)
        await releaseWavesJob.run({ ...services, db }).catch(() => false)
        died = db.died()
        if (!died) break
        expect(await stateOf(world.services.db), `statement ${statement}`).toEqual(before)
        expect(await warned(reporting)).toBe(null)
    }
    expect(statement).toBeGreaterThan(20)
    // No handler has run since: the commit made the content readable.
    expect(await warned(reporting)).toEqual(["summary"])
    expect(await warned(restricted)).toEqual(["poc", "summary", "technical"])
    expect(await fetchCopyText(world, reporting, summary)).toContain("SharePoint")
    expect(await fetchCopyText(world, restricted, technical)).toContain("SharePoint")
    expect(await awaitRefusalCode(fetchCopyText(world, reporting, technical))).toBe("request.not_found")
    expect((await falls()).map(({ body }) => body["recipients"])).toEqual([[reporting.id, restricted.id].toSorted()])
})

test("publication that does not learn of its commit happens once, with one notice per recipient", async () => {
    let commit = 0
    for (let died = true; died;) {
        commit += 1
        const db = dyingAfterCommit(world.services.db, commit)
        await releaseWavesJob.run({ ...services, db }).catch(() => false)
        died = db.died()
    }
    expect(await falls()).toHaveLength(1)
    expect(await warned(reporting)).toEqual(["summary"])
    expect(sent).toEqual([])
    // The handler of the notices dies before each of its statements, and stays pending until complete.
    for (let statement = 1, died = true; died; statement += 1) {
        const db = dyingBefore(world.services.db, statement)
        await handleNextEvent({ ...services, db }, eventHandlers).catch(() => false)
        died = db.died()
        await world.services.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))
    }
    while (await handleNextEvent(services, eventHandlers));
    while (await sendNoticesJob.sendNext(services));
    expect(sent).toHaveLength(4)
    expect(new Set(sent).size).toBe(4)
})

test("C-01 constant requests read nothing before the instant, and everything after the first commit", async () => {
    world.clock.now = publication - 1
    const seen: (readonly string[] | null)[] = []
    let isOver = false
    const polling = (async () => {
        while (!isOver) seen.push(await warned(restricted))
    })()
    for (let i = 0; i < 5; i++) await releaseWavesJob.run(services)
    expect(seen.every((item) => item === null)).toBe(true)
    world.clock.now = publication
    await releaseWavesJob.run(services)
    while (!seen.at(-1)) await releaseWavesJob.run(services)
    isOver = true
    await polling
    const first = seen.findIndex((item) => item !== null)
    expect(seen.slice(first)).toEqual(seen.slice(first).map(() => ["poc", "summary", "technical"]))
})
