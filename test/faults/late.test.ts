/**
 * Whoever is held to publication becomes entitled in publication's own transaction: whatever dies in it, before it there is
 * nothing to read and nobody is told, and with it all of it is there.
 */
import { afterEach, beforeEach, expect, test } from "vitest"
import { flow } from "../../src/flow.ts"
import { parseInstant } from "../../src/lib/instant.ts"
import type { Doors } from "../../src/platform/doors.ts"
import { runNext } from "../../src/platform/worker.ts"
import { mailing } from "../../src/share/delivery/actions/notices.ts"
import { warningsFor } from "../../src/share/delivery/actions/projection.ts"
import { activatePolicy } from "../../src/share/entitlement/actions/policies.ts"
import { releasing, requestRelease } from "../../src/share/release/actions.ts"
import { wavesOf } from "../../src/share/waves/actions.ts"
import { setDuties, setRestriction } from "../../src/trust/partners/actions/changes.ts"
import { dutyTable } from "../../src/trust/partners/duty.ts"
import { codeOf, recorded } from "../acting.ts"
import { type Program, type TestPartner, fetched, newArtifact, newCase, newPartner, program, sign } from "../program.ts"
import { dyingAfterCommit, dyingBefore, stateOf } from "./dying.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let its: Program
let doors: Doors
let caseId: string
let summary: string
let technical: string
/** Held to publication by its duty to report, and by a measure. */
let reporting: TestPartner
let restricted: TestPartner
let sent: string[]

beforeEach(async () => {
    its = await program()
    sent = []
    const nothing = () => undefined
    doors = {
        ...its.doors,
        log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
        mail: { send: async ({ to }) => void sent.push(to) },
    }
    reporting = await newPartner(its, "validate")
    restricted = await newPartner(its, "entry")
    const rmsv = dutyTable.filter((duty) => duty.regime === "RMSV")
    await its.acting(its.manager, (act) => setDuties(act, reporting.id, rmsv))
    const held = { withhold: [], notBeforePublication: true, cases: null }
    await its.acting(its.manager, (act) => setRestriction(act, restricted.id, held))
    await its.acting(its.manager, (act) => activatePolicy(act, 2))
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
    await newArtifact(its, caseId, "poc", "toolshell/poc.py")
    const waves = await its.acting(its.manager, (act) => wavesOf(act, caseId))
    const last = waves.find(({ tier }) => tier === "publication")?.id ?? ""
    await sign(its, await its.acting(its.manager, (act) => requestRelease(act, last)))
    while (await runNext(doors, flow));
    while (await mailing.next(doors));
    its.clock.now = publication
}, 120_000)
afterEach(() => its.database.close())

const warned = async (of: TestPartner) => {
    const [warning] = await its.acting(of.analyst, (act) => warningsFor(act, of.id))
    return warning?.artifacts.flatMap((one) => (one.version === null ? [] : [one.class])).toSorted() ?? null
}
const falls = async () => (await recorded(its.database)).filter(({ kind }) => kind === "wave.released")

test("C-07 publication dies before any of its statements: nobody reads, nobody is told; then all of it is there", async () => {
    const before = await stateOf(its.doors.db)
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(its.doors.db, statement)
        await releasing.run({ ...doors, db }).catch(() => false)
        died = db.died()
        if (!died) break
        expect(await stateOf(its.doors.db), `statement ${statement}`).toEqual(before)
        expect(await warned(reporting)).toBe(null)
    }
    expect(statement).toBeGreaterThan(20)
    // No step has run since: what is read now was open with the commit.
    expect(await warned(reporting)).toEqual(["summary"])
    expect(await warned(restricted)).toEqual(["poc", "summary", "technical"])
    expect(await fetched(its, reporting, summary)).toContain("SharePoint")
    expect(await fetched(its, restricted, technical)).toContain("SharePoint")
    expect(await codeOf(fetched(its, reporting, technical))).toBe("request.not_found")
    expect((await falls()).map(({ body }) => body["recipients"])).toEqual([[reporting.id, restricted.id].toSorted()])
})

test("whoever runs publication is never told that it was committed: it is, once, and everybody is told once", async () => {
    let commit = 0
    for (let died = true; died;) {
        commit += 1
        const db = dyingAfterCommit(its.doors.db, commit)
        await releasing.run({ ...doors, db }).catch(() => false)
        died = db.died()
    }
    expect(await falls()).toHaveLength(1)
    expect(await warned(reporting)).toEqual(["summary"])
    expect(sent).toEqual([])
    // The step that tells them dies before each of its statements, and is owed until it is done.
    for (let statement = 1, died = true; died; statement += 1) {
        const db = dyingBefore(its.doors.db, statement)
        await runNext({ ...doors, db }, flow).catch(() => false)
        died = db.died()
        await its.doors.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))
    }
    while (await runNext(doors, flow));
    while (await mailing.next(doors));
    expect(sent).toHaveLength(4)
    expect(new Set(sent).size).toBe(4)
})

test("C-01 a partner that reads without rest reads nothing before the instant, and all of it with the first commit after", async () => {
    its.clock.now = publication - 1
    const seen: (readonly string[] | null)[] = []
    let isOver = false
    const polling = (async () => {
        while (!isOver) seen.push(await warned(restricted))
    })()
    for (let i = 0; i < 5; i++) await releasing.run(doors)
    expect(seen.every((one) => one === null)).toBe(true)
    its.clock.now = publication
    await releasing.run(doors)
    while (!seen.at(-1)) await releasing.run(doors)
    isOver = true
    await polling
    const first = seen.findIndex((one) => one !== null)
    expect(seen.slice(first)).toEqual(seen.slice(first).map(() => ["poc", "summary", "technical"]))
})
