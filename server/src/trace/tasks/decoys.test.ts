import { afterAll, beforeAll, expect, test } from "vitest"
import { createStaffMember } from "../../../../test/support/actors.ts"
import { type Program, newCase, createProgram } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { readContent } from "../../demo/content.ts"
import { digestOf } from "@tocsin/marks/canary"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { spoolTouches, processTouches } from "../../share/canaries/actions/record-touches.ts"
import { listCanaries } from "../../share/canaries/actions/list-canaries.ts"
import { prepareMarks } from "../../share/marking/actions/mark-copy.ts"
import { readStaffCopy } from "../../share/marking/actions/read-staff-copy.ts"
import { listEvidence } from "../evidence/actions/load-evidence.ts"
import { addNote } from "../evidence/actions/hold-evidence.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import { listOpenTasks } from "./actions/list-tasks.ts"
import { isTaskOf } from "./task.ts"

let world: Program
let admin: Program["investigator"]
let excluded: Program["investigator"]
let caseId: string
let decoy: string
let copyCore: string

beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    admin = await createStaffMember(world.acting, ["admin"])
    excluded = await createStaffMember(world.acting, ["investigator"])
    caseId = await newCase(world, "toolshell")
    const content = `${readContent("toolshell/technical.md")}\n\nThen the page asks {{canary:host}} for more.\n`
    const details = { class: "technical", tlp: "RED", pap: "RED", name: "technical.md" } as const
    const artifact = await world.acting(world.author, (ctx) => addArtifact(ctx, { ...details, case: caseId, content }))
    await world.acting(excluded, (ctx) => readStaffCopy(ctx, artifact))
    const marks = await world.acting(world.author, async (ctx) =>
        prepareMarks(ctx, await loadMaster(ctx, artifact, null)),
    )
    decoy = marks?.canariesFor("decoy 3")[0]?.core ?? ""
    copyCore = marks?.canariesFor(`person ${excluded.person}`)[0]?.core ?? ""
}, 120_000)
afterAll(() => world.database.close())

/** Takes in the listeners' entry and runs its event handlers, as the worker does. */
async function touched(core: string): Promise<void> {
    world.clock.now += 1000
    const heard = { source: "192.0.2.1", agent: "curl", method: "GET", names: 1, paths: 1 }
    const entry = { digest: Buffer.from(digestOf(core)).toString("hex"), channel: "http", times: 1 } as const
    await spoolTouches(world.services, [{ ...entry, request: heard, at: world.clock.now }])
    await world.acting({ kind: "system", component: "hear" }, processTouches)
    const [newest] = (await world.acting(world.investigator, (ctx) => listCanaries(ctx, null))).touches
    await world.acting({ kind: "system", component: "worker" }, async ({ tx, now, services }) => {
        const event = { id: newest?.id ?? "", kind: "canary.touched", body: { touch: newest?.id } }
        for (const handle of eventHandlers["canary.touched"] ?? []) await handle(tx, event as never, now, services)
    })
}

const alarms = () =>
    world.acting(world.investigator, async (ctx) => (await listOpenTasks(ctx)).filter(({ kind }) => kind === "decoy"))
const notified = async () =>
    (
        await world.database.db.transaction((tx) =>
            tx.query<{ person: string }>(
                "select distinct person_id as person from task_notices where key like 'decoy %'",
            ),
        )
    ).map(({ person }) => person)

test("creates a task and notices to investigators and admins for a touched decoy, not for a copy", async () => {
    await touched(copyCore)
    expect(await alarms()).toEqual([])
    await touched(decoy)
    const [alarm, ...more] = await alarms()
    expect(more).toEqual([])
    expect(alarm).toMatchObject({ kind: "decoy", case: caseId, owner: null })
    const sees = (id: string, ...roles: ("investigator" | "admin" | "author" | "manager")[]) =>
        alarm !== undefined && isTaskOf(alarm, { id, roles }, [])
    expect([sees("i", "investigator"), sees("a", "admin")]).toEqual([true, true])
    expect([sees("w", "author"), sees("m", "manager")]).toEqual([false, false])
    expect((await notified()).toSorted()).toEqual([world.investigator.person, excluded.person, admin.person].toSorted())
})

test("hides it from people whom an inquiry excludes, and ends with a note on the evidence", async () => {
    const evidence = (await world.acting(world.investigator, listEvidence))[0]?.id ?? ""
    const excludedPeople = [{ person: excluded.person, reason: "it had a copy" }]
    const about = { title: "The decoy", case: caseId, evidence: [evidence], members: [], excluded: excludedPeople }
    await world.acting(world.investigator, (ctx) => openInquiry(ctx, about))
    const [alarm] = await alarms()
    const sees = (id: string) => alarm !== undefined && isTaskOf(alarm, { id, roles: ["investigator"] }, [])
    expect([sees(world.investigator.person), sees(excluded.person)]).toEqual([true, false])
    await world.acting(world.investigator, (ctx) => addNote(ctx, evidence, "handling", "A backup was read."))
    expect(await alarms()).toEqual([])
})
