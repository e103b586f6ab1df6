/** What one statement tells of a partner is what the statements tell that look at each thing by itself. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../../test/database.ts"
import { type Program, type TestPartner, newArtifact, newCase, newPartner, program } from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { reviseArtifact } from "../artifacts/actions.ts"
import * as store from "./store.ts"
import { heldWhenRecalled, ownRows } from "./store/own.ts"

let its: Program
let caseId: string
let artifacts: string[]
let partners: TestPartner[]
beforeAll(async () => {
    its = await program()
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(its, "toolshell")
    artifacts = [
        await newArtifact(its, caseId, "technical", "toolshell/technical.md"),
        await newArtifact(its, caseId, "summary", "toolshell/summary.md"),
    ]
    for (const id of artifacts) {
        for (const text of ["Again.", "And again."])
            await its.acting(its.author, (act) => reviseArtifact(act, id, text))
    }
    partners = [await newPartner(its, "validate"), await newPartner(its, "entry")]
}, 120_000)
afterAll(() => its.database.close())

/** The same numbers in each run. */
function numbers(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return Math.floor((state / 2_147_483_648) * below)
    }
}

interface Recall {
    readonly id: string
    readonly artifact: string
    readonly version: number | null
    readonly event: number
}

/** Anything, in any order: more than people could do. */
async function something(act: Act, below: (n: number) => number, recalls: Recall[]): Promise<void> {
    const { id: partner, analyst } = partners[below(2)] ?? expect.fail()
    const artifact = artifacts[below(2)] ?? ""
    const version = 1 + below(3)
    const event = await record(act, { kind: "copy.delivered", partner, artifact, version })
    const row = { id: newId(), event, partner, person: analyst.person, case_id: caseId, artifact, version, at: act.now }
    const what = below(8)
    if (what < 4) {
        const hashes = { copy_hash: Buffer.alloc(32), copy_salt: Buffer.alloc(16) }
        store.insertDeliveryLast(act.tx, {
            ...row,
            ...hashes,
            class: "summary",
            channel: what < 2 ? "copy" : "taxii",
        })
    } else if (what < 5) {
        const known = await store.acknowledgements(act.tx, { partner, case: null, before: null })
        const isNew = !known.some((one) => one.artifact === artifact && one.version === version)
        await (isNew && store.insertAcknowledgement(act.tx, row))
    } else if (what < 6) {
        const recall = { id: newId(), artifact, version: below(2) === 0 ? null : version, event }
        await act.tx.query(
            `insert into recalls (id, event_id, artifact_id, version, reason_ciphertext, recalled_by, recalled_at)
             values ($1, $2, $3, $4, $5, $6, $7)`,
            [recall.id, event, artifact, recall.version, Buffer.alloc(1), its.manager.person, new Date(act.now)],
        )
        recalls.push(recall)
    } else {
        const recall = recalls[below(recalls.length)]
        const before = recall ? await store.deletions(act.tx, { recall: recall.id, partner }) : []
        const versions = [1, 2, 3].filter(() => below(2) === 0)
        const of = recall && { ...row, case: caseId, recall: recall.id, artifact: recall.artifact, versions }
        await (of && before.length === 0 && store.insertDeletion(act.tx, of))
    }
}

const sorted = (lines: readonly unknown[]): string[] => lines.map((one) => JSON.stringify(one)).toSorted()

async function eachByItself(act: Act, partner: string, recalls: readonly Recall[]) {
    const filter = { partner, case: null, before: null }
    const last = (rows: readonly { artifact: string; version: number; at: number }[]) =>
        [...new Map(rows.map((one) => [`${one.artifact} ${one.version}`, one.at]))].map((one) => one)
    const held: unknown[] = []
    for (const recall of recalls) {
        const [its_] = await store.holders(act.tx, recall, partner)
        if (its_) held.push([recall.id, its_.versions])
    }
    const deletions = await store.deletions(act.tx, { recall: null, partner })
    return {
        fetched: sorted(last((await store.deliveries(act.tx, filter)).toReversed())),
        acknowledged: sorted(last(await store.acknowledgements(act.tx, filter))),
        holds: sorted((await store.holdings(act.tx, partner)).map((one) => [one.artifact, one.version, one.at])),
        deleted: sorted(deletions.map((one) => [one.recall, one.at])),
        held: sorted(held),
    }
}

async function inOne(act: Act, partner: string, recalls: readonly Recall[]) {
    const rows = await ownRows(act.tx, partner)
    const versions = (what: "fetched" | "acknowledged") =>
        sorted(rows.flatMap((one) => (one.what === what ? [[`${one.artifact} ${one.version}`, one.at]] : [])))
    const holds = rows.flatMap((one) =>
        one.what === "fetched" && one.heldSince !== null ? [[one.artifact, one.version, one.heldSince]] : [],
    )
    const held = await heldWhenRecalled(act.tx, partner, recalls)
    return {
        fetched: versions("fetched"),
        acknowledged: versions("acknowledged"),
        holds: sorted(holds),
        deleted: sorted(rows.flatMap((one) => (one.what === "deleted" ? [[one.recall, one.at]] : []))),
        held: sorted(held.map((one) => [one.recall, one.versions])),
    }
}

test("whatever was fetched, confirmed, recalled and deleted, in any order", async () => {
    const below = numbers(7)
    const recalls: Recall[] = []
    const seen = { holds: 0, held: 0, deleted: 0 }
    for (let n = 0; n < 150; n++) {
        its.clock.now += 1000
        await its.acting(its.manager, (act) => something(act, below, recalls))
        for (const { id } of partners) {
            const [told, expected] = await its.acting(its.manager, async (act) => {
                return [await inOne(act, id, recalls), await eachByItself(act, id, recalls)]
            })
            expect(told).toEqual(expected)
            for (const what of ["holds", "held", "deleted"] as const) seen[what] += told[what].length
        }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
}, 60_000)
