import { afterAll, beforeAll, expect, test } from "vitest"
import { operator } from "../../../test/acting.ts"
import { type Program, newCase, program } from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { readContent } from "../../demo/content.ts"
import { digestOf } from "../../lib/canary.ts"
import { addArtifact, masterOf } from "../../share/artifacts/actions.ts"
import { spool, takeIn } from "../../share/canaries/actions/hearing.ts"
import { canaries } from "../../share/canaries/actions/reading.ts"
import { marksFor } from "../../share/marking/actions.ts"
import { readOwn } from "../../share/marking/actions/reading.ts"
import { allEvidence } from "../evidence/actions.ts"
import { addNote } from "../evidence/actions/keeping.ts"
import { openInquiry } from "../inquiries/actions/inquiries.ts"
import { everythingWaiting } from "./actions/gathering.ts"
import { waitsFor } from "./waiting.ts"

let its: Program
let admin: Program["investigator"]
let excluded: Program["investigator"]
let caseId: string
let decoy: string
let copyCore: string

beforeAll(async () => {
    its = await program({ canaryZone: "canary.example" })
    admin = await operator(its.acting, ["admin"])
    excluded = await operator(its.acting, ["investigator"])
    caseId = await newCase(its, "toolshell")
    const content = `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host}} for more.\n`
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const artifact = await its.acting(its.author, (act) => addArtifact(act, { ...details, case: caseId, content }))
    await its.acting(excluded, (act) => readOwn(act, artifact))
    const marks = await its.acting(its.author, async (act) => marksFor(act, await masterOf(act, artifact, null)))
    decoy = marks?.namesFor("decoy 3")[0]?.core ?? ""
    copyCore = marks?.namesFor(`person ${excluded.person}`)[0]?.core ?? ""
}, 120_000)
afterAll(() => its.database.close())

/** As the worker does: the listeners' entry is taken in, and what its event starts runs. */
async function touched(core: string): Promise<void> {
    its.clock.now += 1000
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spool(its.doors, [{ ...entry, heard, at: its.clock.now }])
    await its.acting({ kind: "system", step: "hear" }, takeIn)
    const [newest] = (await its.acting(its.investigator, (act) => canaries(act, null))).touches
    await its.acting({ kind: "system", step: "worker" }, async ({ tx, now, doors }) => {
        const event = { id: newest?.id ?? "", kind: "canary.touched", body: { touch: newest?.id } }
        await flow["canary.touched"]?.(tx, event as never, now, doors)
    })
}

const alarms = () =>
    its.acting(its.investigator, async (act) => (await everythingWaiting(act)).filter(({ kind }) => kind === "decoy"))
const notified = async () =>
    (
        await its.database.db.transaction((tx) =>
            tx.query<{ person: string }>(
                "select distinct person_id as person from task_notices where key like 'decoy %'",
            ),
        )
    ).map(({ person }) => person)

test("a touched copy is no alarm; a touched decoy is a task and a notice for every investigator and admin", async () => {
    await touched(copyCore)
    expect(await alarms()).toEqual([])
    await touched(decoy)
    const [alarm, ...more] = await alarms()
    expect(more).toEqual([])
    expect(alarm).toMatchObject({ kind: "decoy", case: caseId, owner: null })
    const sees = (id: string, ...roles: ("investigator" | "admin" | "author" | "manager")[]) =>
        alarm !== undefined && waitsFor(alarm, { id, roles }, [])
    expect([sees("i", "investigator"), sees("a", "admin")]).toEqual([true, true])
    expect([sees("w", "author"), sees("m", "manager")]).toEqual([false, false])
    expect((await notified()).toSorted()).toEqual([its.investigator.person, excluded.person, admin.person].toSorted())
})

test("whom an inquiry into it excludes sees it no longer, and a note on the evidence ends it", async () => {
    const evidence = (await its.acting(its.investigator, allEvidence))[0]?.id ?? ""
    const excludedPeople = [{ person: excluded.person, reason: "it had a copy" }]
    const about = { title: "The decoy", case: caseId, evidence: [evidence], members: [], excluded: excludedPeople }
    await its.acting(its.investigator, (act) => openInquiry(act, about))
    const [alarm] = await alarms()
    const sees = (id: string) => alarm !== undefined && waitsFor(alarm, { id, roles: ["investigator"] }, [])
    expect([sees(its.investigator.person), sees(excluded.person)]).toEqual([true, false])
    await its.acting(its.investigator, (act) => addNote(act, evidence, "handling", "A backup was read."))
    expect(await alarms()).toEqual([])
})
