/** What is done to a wave while it is due: it falls as it was signed and as the embargo stands, or not at all. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "../../src/lib/instant.ts"
import { stateOf } from "../../src/trust/approvals/approval.ts"
import { approval } from "../../src/trust/approvals/actions.ts"
import type { Act } from "../../src/trust/audit/actions.ts"
import { breakEmbargo, moveEmbargo } from "../../src/share/cases/actions/embargo.ts"
import { releasing, requestRelease } from "../../src/share/release/actions.ts"
import { freezeWave, moveWave, wavesOf } from "../../src/share/waves/actions.ts"
import { codeOf, recorded } from "../acting.ts"
import { type Program, type TestPartner, fetched, newArtifact, newCase, newPartner, program, sign } from "../program.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")

let its: Program
let partner: TestPartner
let caseId: string
let summary: string
let signed: string

/** A signed wave, at its instant. */
beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    caseId = await newCase(its, "toolshell")
    summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    signed = await asked()
    await sign(its, signed)
    its.clock.now = instant
}, 120_000)
afterEach(() => its.database.close())

const wave = async () => {
    const found = (await its.acting(its.manager, (act) => wavesOf(act, caseId))).find(({ tier }) => tier === "validate")
    if (!found) throw new Error("no such wave")
    return found
}
const asked = async () => {
    const { id } = await wave()
    return await its.acting(its.manager, (act) => requestRelease(act, id))
}
const releases = async () => (await recorded(its.database)).filter(({ kind }) => kind === "wave.released").length
const read = () => codeOf(fetched(its, partner, summary))
const stateOfSigned = async () => stateOf(await its.acting(its.manager, (act) => approval(act, signed)), instant)

/** Somebody in the database waits for a lock. */
async function isWaiting(): Promise<boolean> {
    const rows = await its.database.db.transaction((tx) =>
        tx.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
    )
    return rows.length > 0
}

/** The worker looks while somebody's act has been done and is not committed. */
async function lookDuring(work: (act: Act) => Promise<void>): Promise<void> {
    let looking: Promise<unknown> = Promise.resolve()
    await its.acting(its.manager, async (act) => {
        await work(act)
        let isDone = false
        looking = releasing.run(its.doors).finally(() => (isDone = true))
        while (!isDone && !(await isWaiting()));
    })
    await looking
}

describe("an act that is committed while the worker looks", () => {
    const acts: [string, (act: Act) => Promise<void>, string][] = [
        ["a later embargo", (act) => moveEmbargo(act, caseId, publication + dayMs, "later"), "signed"],
        ["an earlier embargo", (act) => moveEmbargo(act, caseId, publication - hourMs, "sooner"), "voided"],
        ["a broken embargo", (act) => breakEmbargo(act, caseId, "it leaked"), "voided"],
        ["a later wave", async (act) => moveWave(act, (await wave()).id, 13 * 24), "signed"],
        ["an earlier wave", async (act) => moveWave(act, (await wave()).id, 15 * 24), "voided"],
        ["a frozen wave", async (act) => freezeWave(act, (await wave()).id), "voided"],
    ]
    test.each(acts)("%s comes before it: the wave does not fall as it was", async (_, work, state) => {
        await lookDuring(work)
        await releasing.run(its.doors)
        expect([await releases(), await read()]).toEqual([0, "request.not_found"])
        expect(await stateOfSigned()).toBe(state)
    })
})

test("three workers and a later embargo at the instant: it falls once before, or not at all", async () => {
    for (let round = 0; round < 3; round++) {
        const move = its.acting(its.author, (act) =>
            moveEmbargo(act, caseId, publication + (round + 1) * dayMs, "later"),
        )
        await Promise.all([...Array.from({ length: 3 }, () => releasing.run(its.doors)), move])
        await releasing.run(its.doors)
        const kinds = (await recorded(its.database)).map(({ kind }) => kind)
        const [fell, moved] = [kinds.indexOf("wave.released"), kinds.indexOf("embargo.moved")]
        expect(await releases()).toBe((await wave()).releasedAt === null ? 0 : 1)
        if (fell >= 0) expect(round > 0 || fell < moved).toBe(true)
        // What fell and is planned for later by now is not handed out until then.
        expect(await read()).toBe("request.not_found")
        its.clock.now += dayMs
        expect(await read()).toBe(fell >= 0 ? "done" : "request.not_found")
    }
})
