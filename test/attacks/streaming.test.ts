/** What the stream of changes tells: nothing of what is somebody else's, and nothing any more to who has lost the right to it. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { flow } from "../../src/flow.ts"
import { parseInstant } from "../../src/lib/instant.ts"
import { openDb } from "../../src/platform/db.ts"
import type { Doors } from "../../src/platform/doors.ts"
import { silentLog } from "../../src/platform/log.ts"
import { runNext } from "../../src/platform/worker.ts"
import { reviseArtifact } from "../../src/share/artifacts/actions.ts"
import { moveEmbargo } from "../../src/share/cases/actions/embargo.ts"
import { releasing, requestRelease } from "../../src/share/release/actions.ts"
import { wavesOf } from "../../src/share/waves/actions.ts"
import { restrictPartner, suspend } from "../../src/trace/measures/actions/taking.ts"
import { endPerson, issueCredential } from "../../src/trust/identity/actions.ts"
import { type Portal, portalOf } from "../polled.ts"
import { recorded, system } from "../acting.ts"
import { type Program, type TestPartner, fall, newArtifact, newCase, newPartner, program, sign } from "../program.ts"
import { streamOf } from "./streamed.ts"

let its: Program
let doors: Doors
let portal: Portal
let one: TestPartner
let third: TestPartner

beforeAll(async () => {
    its = await program()
    doors = { ...its.doors, db: openDb(its.database.url), log: silentLog }
    portal = await portalOf(its, { db: doors.db })
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    one = await newPartner(its, "validate")
    third = await newPartner(its, "entry")
})
afterAll(async () => {
    await portal.app.close()
    await doors.db.close()
    await its.database.close()
})

const secretOf = ({ person }: { readonly person: string }, kind: "token" | "session") =>
    its.acting(system, (act) => issueCredential(act, person, kind))

const bearer = async (who: TestPartner["analyst"]) => ({ authorization: `Bearer ${await secretOf(who, "token")}` })

/** A case from its first day to its release, and what becomes of who has it; a look of each stream after each. */
async function happens(look: () => Promise<void>): Promise<void> {
    its.clock.now = parseInstant("2025-06-24T12:00:00Z")
    const id = await newCase(its, "toolshell")
    const summary = await newArtifact(its, id, "summary", "toolshell/summary.md")
    await look()
    const wave = (await its.acting(its.manager, (act) => wavesOf(act, id))).find(({ tier }) => tier === "validate")
    await sign(its, await its.acting(its.manager, (act) => requestRelease(act, wave?.id ?? "")))
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releasing.run(doors)
    while (await runNext(doors, flow));
    await look()
    await its.acting(its.author, (act) => reviseArtifact(act, summary, "# Said anew"))
    await its.acting(its.author, (act) => moveEmbargo(act, id, parseInstant("2025-07-10T17:00:00Z"), "not yet"))
    await its.acting(its.manager, (act) => {
        const restriction = {
            withhold: ["repro"],
            notBeforePublication: false,
            cases: null,
            reason: "A risk.",
        } as const
        return restrictPartner(act, { ...restriction, partner: one.id })
    })
    await look()
    await its.acting(its.manager, (act) => suspend(act, { partner: one.id, reason: "it leaked" }))
    while (await runNext(doors, flow));
    await look()
}

test("F-07 who does not have a case gets a heartbeat a look and nothing else, whatever becomes of it", async () => {
    const [mine, theirs] = [
        await streamOf(portal.app, await bearer(one.lead)),
        await streamOf(portal.app, await bearer(third.lead)),
    ]
    const changed = () => mine.frames.filter((frame) => frame.startsWith("event: changed")).length
    const toldAfter: number[] = []
    await happens(async () => {
        const [here, there] = [mine.frames.length, theirs.frames.length]
        await mine.past(here + 2)
        await theirs.past(there + 2)
        toldAfter.push(changed())
    })
    mine.close()
    theirs.close()
    expect((await recorded(its.database)).map(({ kind }) => kind)).toContain("wave.released")
    // A look between two commits of one change tells it twice.
    expect(toldAfter[0]).toBe(0)
    expect(toldAfter.slice(1).map((count, n) => count > (toldAfter[n] ?? 0))).toEqual([true, true, true])
    expect(theirs.frames[0]).toBe("event: open\ndata: {}")
    expect(theirs.frames.slice(1).filter((frame) => frame !== ": ")).toEqual([])
    expect(theirs.frames.length).toBeGreaterThan(8)
}, 60_000)

const ends: readonly (readonly [string, (who: TestPartner, secret: string) => Promise<unknown>])[] = [
    [
        "its session is ended",
        (_, secret) => {
            const headers = { cookie: `tocsin-portal=${secret}` }
            return portal.app.inject({ method: "DELETE", url: "/api/session", headers })
        },
    ],
    ["its person has left", ({ analyst }) => its.acting(system, (act) => endPerson(act, analyst.person))],
]

test.concurrent.each(ends)(
    "F-07 a stream ends once %s, and no other one does",
    async (_, end) => {
        const who = await newPartner(its, "entry")
        const secret = await secretOf(who.analyst, "session")
        const cookie = `tocsin-portal=${secret}`
        const [itsOwn, other] = [
            await streamOf(portal.app, { cookie }),
            await streamOf(portal.app, await bearer(third.analyst)),
        ]
        await itsOwn.past(2)
        await end(who, secret)
        await itsOwn.ended
        const then = itsOwn.frames.length
        await other.past(other.frames.length + 2)
        other.close()
        expect(itsOwn.frames).toHaveLength(then)
        expect([...itsOwn.frames.slice(1), ...other.frames.slice(1)].filter((frame) => frame !== ": ")).toEqual([])
    },
    60_000,
)

test.concurrent("F-07 the stream of who is suspended tells so once, and of cases nothing any more", async () => {
    const who = await newPartner(its, "validate")
    const stream = await streamOf(portal.app, await bearer(who.analyst))
    await stream.past(2)
    await its.acting(its.manager, (act) => suspend(act, { partner: who.id, reason: "it leaked" }))
    await stream.past(stream.frames.length + 2)
    const before = stream.frames.length
    const id = await newCase(its, "bypass")
    await fall(its, id, "validate", [await newArtifact(its, id, "summary", "bypass/summary.md")])
    await stream.past(before + 2)
    stream.close()
    expect(stream.frames.slice(0, before).filter((frame) => frame.startsWith("event: changed"))).toHaveLength(1)
    expect(stream.frames.slice(before).filter((frame) => frame !== ": ")).toEqual([])
}, 60_000)

test("nothing of all this was an error of the server's", () => {
    expect(portal.faults).toEqual([])
})
