/** What a partner fetches is no change to what it is shown, but where it was called back: then it is one at once. */
import { setTimeout as pause } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { newId } from "../../../test/database.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { lockToRead } from "../../platform/locks.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { fetchCopy } from "./actions/copies.ts"
import { leasesGiven } from "./actions/leases.ts"
import { nameFor } from "./actions/names.ts"
import { warningsFor } from "./actions/projection.ts"
import { type Kept, keptNow } from "./actions/shown.ts"
import { insertDeliveryLast } from "./store.ts"

let its: Program
let partner: TestPartner
let of: string
let summary: string
let rules: string
let asked = 0

/** As TAXII shows it: of whom there is a warning, and what can be had of it. */
const seen: Kept<{ readonly id: string }> = {
    collection: "warnings",
    see: async (act) => {
        asked++
        const all = (await warningsFor(act, partner.id)).flatMap(({ title, artifacts }) => [
            { id: title },
            ...artifacts.flatMap(({ id, version }) => (version === null ? [] : [{ id: `${id} ${version}` }])),
        ])
        return { fingerprint: JSON.stringify(all), all: async () => all }
    },
    isNoted: true,
    keyOf: ({ id }) => id,
    bytesOf: ({ id }) => id.length,
}

beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    of = await newCase(its, "toolshell")
    summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    rules = await newArtifact(its, of, "rules", "toolshell/indicators.json")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, of, "validate", [summary, rules])
    asked = 0
}, 120_000)
afterEach(() => its.database.close())

const random = (bytes: number) => Buffer.alloc(bytes, 1)
const acting = <T>(work: (act: Act) => Promise<T>) =>
    its.acting(partner.analyst, (act) => work({ ...act, doors: { ...act.doors, random } }))
const rows = async () => {
    const all = await acting((act) => keptNow(act, seen))
    await leasesGiven(its.doors.db)
    return [...all].map((one) => one.of.id)
}
async function computed(work: () => Promise<unknown>): Promise<number> {
    asked = 0
    await work()
    return asked
}

async function underLease(): Promise<void> {
    for (let n = 0; n < 4; n++) await rows()
    expect(await computed(rows)).toBe(0)
}

/** Handed out, whether or not it may be. */
async function handedOut(act: Act, artifact: string): Promise<void> {
    const [id, its] = [newId(), { artifact, version: 1, partner: partner.id, case_id: of, at: act.now }]
    const event = await record(act, { kind: "copy.delivered", delivery: id, partner: partner.id, artifact })
    const hashes = { copy_hash: Buffer.alloc(32), copy_salt: Buffer.alloc(16) }
    insertDeliveryLast(act.tx, {
        ...{ ...its, ...hashes, id, event, person: partner.analyst.person, class: "summary", channel: "copy" },
    })
}

const because = { version: null, reason: "It was wrong." }

test("to fetch something ends no lease, and what is seen is the same", async () => {
    await underLease()
    const before = await rows()
    await acting((act) => fetchCopy(act, nameFor(act.doors.keys, partner.id, "artifact", summary)))
    expect(await computed(rows)).toBe(0)
    its.clock.now += 10_001
    expect(await rows()).toEqual(before)
    expect(asked).toBeGreaterThan(0)
})

test("what was fetched before it is called back is seen to be, at once", async () => {
    await underLease()
    await acting((act) => handedOut(act, summary))
    await its.acting(its.author, (act) => recallArtifact(act, summary, because))
    expect(await computed(rows)).toBeGreaterThan(0)
})

test("that it has what was called back ends a lease", async () => {
    await its.acting(its.author, (act) => recallArtifact(act, summary, because))
    await underLease()
    await acting((act) => handedOut(act, rules))
    expect(await computed(rows)).toBe(0)
    await acting((act) => handedOut(act, summary))
    expect(await computed(rows)).toBeGreaterThan(0)
})

test("a recall waits for whoever hands out what it calls back", async () => {
    let isOver = false
    const handing = acting(async (act) => {
        // As every guard of the portal does: the row itself is written with the commit.
        await lockToRead(act.tx, partner.id)
        await handedOut(act, summary)
        const recalling = its.acting(its.author, (other) => recallArtifact(other, summary, because))
        const recalled = recalling.then(() => expect(isOver).toBe(true))
        await pause(200)
        isOver = true
        return { recalled }
    })
    const { recalled } = await handing
    await recalled
})
