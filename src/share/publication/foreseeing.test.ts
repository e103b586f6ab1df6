/** What would be refused is told before its instant, and what was refused holds nothing else back; over a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { recorded } from "../../../test/acting.ts"
import { type Program, fall, newCase, newPartner, program } from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import type { Db, Tx } from "../../platform/db.ts"
import type { Doors } from "../../platform/doors.ts"
import { retryFailed, runNext } from "../../platform/worker.ts"
import type { Act } from "../../trust/audit/actions.ts"
import { addArtifact } from "../artifacts/actions.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { caseFile, closeCase, reviseCase } from "../cases/actions.ts"
import { endEmbargo } from "../cases/actions/embargo.ts"
import { foreseen, refusedPublications } from "./actions/foreseeing.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let its: Program
/** As the program would be with a name that no document takes. */
let badly: Doors
beforeAll(async () => {
    its = await program()
    await newPartner(its, "validate")
    const silent = { ...console, error: () => undefined }
    badly = { ...its.doors, log: silent, publishing: { ...its.doors.publishing, name: " " } }
}, 120_000)
afterAll(() => its.database.close())
beforeEach(() => {
    its.clock.now = parseInstant("2025-06-23T00:00:00Z")
})

const look = <T>(doors: Doors, work: (act: Act) => Promise<T>): Promise<T> =>
    its.doors.db.transaction((tx) => work({ tx, now: its.clock.now, doors, actor: its.author }))
const foresee = (of: string, doors = its.doors) => look(doors, (act) => foreseen(act, of))
const refused = (doors = badly) => look(doors, refusedPublications)

async function work(doors: Doors): Promise<void> {
    while (await runNext(doors, flow));
}

/** A case whose embargo has ended, and that was tried to be published with the bad name. */
async function refusedCase(): Promise<string> {
    const of = await newCase(its, "toolshell")
    await work(its.doors)
    its.clock.now = publication
    await its.acting(its.author, (act) => endEmbargo(act, of))
    await work(badly)
    return of
}

async function retell(of: string, title: string): Promise<void> {
    await its.acting(its.author, async (act) => {
        const { vulnerabilities, finder } = await caseFile(act, of)
        await reviseCase(act, of, { title, vulnerabilities, finder })
    })
}

const summary = async (of: string): Promise<string> =>
    await its.acting(its.author, (act) =>
        addArtifact(act, {
            ...{ case: of, class: "summary", tlp: "AMBER", pap: "AMBER" },
            ...{ name: "summary.md", content: "# Said to all" },
        }),
    )

const advisory = (of: string) =>
    its.database.db.transaction((tx) => tx.query("select id from advisories where case_id = $1", [of]))
const kinds = async () => (await recorded(its.database)).map(({ kind }) => kind)

const nameless = {
    test: "schema",
    where: "/document/publisher/name",
    says: expect.stringContaining("pattern"),
    forms: ["CSAF 2.0", "CSAF 2.1"],
}

describe("before its instant", () => {
    test("a case that would be taken has no fault, and one that would not has each once, with where", async () => {
        const of = await newCase(its, "toolshell")
        expect(await foresee(of)).toEqual({ state: "planned", advisory: null, faults: [], contradicts: false })
        expect(await foresee(of, badly)).toEqual({
            state: "planned",
            advisory: null,
            faults: [nameless],
            contradicts: false,
        })
    })

    test("nothing is written by looking, and no number is taken", async () => {
        const of = await newCase(its, "toolshell")
        const before = await kinds()
        await foresee(of, badly)
        await foresee(of)
        expect(await kinds()).toEqual(before)
        expect(await advisory(of)).toEqual([])
    })

    test("the texts are judged that the waves which are left would open, and were not opened yet", async () => {
        const of = await newCase(its, "toolshell")
        const artifact = await summary(of)
        const read: unknown[] = []
        const db: Db = {
            ...its.doors.db,
            transaction: (then) =>
                its.doors.db.transaction((tx) => {
                    const query: Tx["query"] = (sql, values) => {
                        if (/content_ciphertext/.test(sql)) read.push(...[values?.[0]].flat())
                        return tx.query(sql, values)
                    }
                    return then({ ...tx, query })
                }),
        }
        await db.transaction((tx) => foreseen({ tx, now: its.clock.now, doors: its.doors, actor: its.author }, of))
        expect(read).toContain(artifact)
    })

    test("of what was closed nothing is to be refused", async () => {
        const of = await newCase(its, "bypass")
        await its.acting(its.author, (act) => closeCase(act, of, "cancelled", "nothing was wrong"))
        expect(await foresee(of, badly)).toEqual({ state: "never", advisory: null, faults: [], contradicts: false })
    })
})

describe("what was refused at its instant", () => {
    test("is told with its faults until it is published, by who starts the worker with better settings", async () => {
        const others = await refused()
        const of = await refusedCase()
        const its_ = (await refused()).filter((one) => !others.some((other) => other.case === one.case))
        expect(its_).toEqual([{ case: of, since: publication, faults: [nameless] }])
        expect(await foresee(of, badly)).toMatchObject({ state: "owed", advisory: null })
        expect((await refused(its.doors)).find((one) => one.case === of)).toMatchObject({ faults: [] })
        await work(its.doors)
        expect(await advisory(of)).toEqual([])
        await retryFailed(its.doors)
        await work(its.doors)
        expect(await advisory(of)).toHaveLength(1)
        expect((await refused()).map((one) => one.case)).not.toContain(of)
    })

    test("is published at once when the case is corrected, and not when the next try is due", async () => {
        const of = await refusedCase()
        await retell(of, "Said better")
        await work(its.doors)
        expect(await advisory(of)).toHaveLength(1)
        expect((await refused()).map((one) => one.case)).not.toContain(of)
        expect(await foresee(of)).toMatchObject({ state: "published", faults: [] })
    })

    test("is told of too where it cannot even be built, and nothing else fails with it", async () => {
        const of = await refusedCase()
        const broken = { ...badly, portalOrigin: "nowhere", publishing: { ...badly.publishing, name: null } }
        expect((await refused(broken)).find((one) => one.case === of)).toMatchObject({
            faults: [{ says: expect.stringContaining("cannot be built") }],
        })
    })

    test("is refused again where it is corrected to no avail, and told once, since when it is owed", async () => {
        const of = await refusedCase()
        its.clock.now += dayMs
        await retell(of, "Said no better")
        await work(badly)
        expect((await refused()).filter((one) => one.case === of)).toMatchObject([{ since: publication }])
    })
})

describe("a correction that is refused", () => {
    test("holds back nothing else that follows from what was changed, and is told until it is made", async () => {
        const of = await newCase(its, "toolshell")
        const artifact = await summary(of)
        await fall(its, of, "validate", [artifact])
        its.clock.now = publication
        await its.acting(its.author, (act) => endEmbargo(act, of))
        await work(its.doors)
        const [published] = await advisory(of)
        its.clock.now += dayMs
        const since = its.clock.now
        await its.acting(its.author, (act) => recallArtifact(act, artifact, { version: null, reason: "It was wrong." }))
        await work(badly)
        const owed = await its.database.db.transaction((tx) =>
            tx.query<{ kind: string }>(
                `select events.kind from pending_events join events using (seq) where body->>'case' = $1
                 and events.kind in ('artifact.recalled', 'advisory.update_required')`,
                [of],
            ),
        )
        expect(owed.map(({ kind }) => kind)).toEqual(["advisory.update_required"])
        expect((await refused()).filter((one) => one.case === of)).toEqual([{ case: of, since, faults: [nameless] }])
        expect(await foresee(of, badly)).toMatchObject({ state: "owed", advisory: (published as { id: string }).id })
        await retryFailed(its.doors)
        await work(its.doors)
        expect(await foresee(of, badly)).toMatchObject({ state: "published", faults: [] })
    })

    test("is not made of what leaves what is public as it is, nor owed before anything is public", async () => {
        const of = await newCase(its, "toolshell")
        const before = (await kinds()).filter((kind) => kind === "advisory.update_required").length
        await retell(of, "Before it is public")
        await work(its.doors)
        expect((await kinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before)
        its.clock.now = publication
        await its.acting(its.author, (act) => endEmbargo(act, of))
        await work(its.doors)
        const revised = (await kinds()).filter((kind) => kind === "advisory.revised").length
        await its.acting(its.author, async (act) => {
            const { title, vulnerabilities } = await caseFile(act, of)
            await reviseCase(act, of, { title, vulnerabilities, finder: "somebody else" })
        })
        await work(its.doors)
        expect((await kinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before + 1)
        expect((await kinds()).filter((kind) => kind === "advisory.revised")).toHaveLength(revised)
    })
})
