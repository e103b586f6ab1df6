/** One statement for a partner gives the same state as separate statements for each artifact. */
import { noteChange } from "../../../../test/support/change-notes.ts"
import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import * as store from "./store/deliveries.ts"
import { listHeldAtRecall, listRowsForPartner } from "./recalls/store/partner-history.ts"

let world: Program
let caseId: string
let artifacts: string[]
let partners: TestPartner[]
beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    caseId = await newCase(world, "toolshell")
    artifacts = [
        await newArtifact(world, caseId, "technical", "toolshell/technical.md"),
        await newArtifact(world, caseId, "summary", "toolshell/summary.md"),
    ]
    for (const id of artifacts) {
        for (const text of ["Again.", "And again."])
            await world.acting(world.author, (ctx) => reviseArtifact(ctx, id, text))
    }
    partners = [await newPartner(world, "validate"), await newPartner(world, "entry")]
}, 120_000)
afterAll(() => world.database.close())

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

/** Applies one random step, also steps that the program would refuse. */
async function applyRandomStep(ctx: ActionContext, below: (n: number) => number, recalls: Recall[]): Promise<void> {
    const { id: partner, analyst } = partners[below(2)] ?? expect.fail()
    const artifact = artifacts[below(2)] ?? ""
    const version = 1 + below(3)
    const event = await record(ctx, { kind: "copy.delivered", partner, artifact, version })
    const row = { id: newId(), event, partner, person: analyst.person, case_id: caseId, artifact, version, at: ctx.now }
    const value = below(8)
    if (value < 4) {
        const hashes = { copy_hash: Buffer.alloc(32), copy_salt: Buffer.alloc(16) }
        store.insertDeliveryLast(ctx.tx, {
            ...row,
            ...hashes,
            class: "summary",
            channel: value < 2 ? "copy" : "taxii",
        })
    } else if (value < 5) {
        const known = await store.listAcknowledgements(ctx.tx, { partner, case: null, before: null })
        const isNew = !known.some(
            (acknowledged) => acknowledged.artifact === artifact && acknowledged.version === version,
        )
        await (isNew && store.insertAcknowledgement(ctx.tx, row))
    } else if (value < 6) {
        const recall = { id: newId(), artifact, version: below(2) === 0 ? null : version, event }
        await ctx.tx.query(
            `insert into recalls (id, event_id, artifact_id, version, reason_ciphertext, recalled_by, recalled_at)
             values ($1, $2, $3, $4, $5, $6, $7)`,
            [recall.id, event, artifact, recall.version, Buffer.alloc(1), world.manager.person, new Date(ctx.now)],
        )
        recalls.push(recall)
    } else {
        const recall = recalls[below(recalls.length)]
        const before = recall ? await store.listDeletions(ctx.tx, { recall: recall.id, partner }) : []
        const versions = [1, 2, 3].filter(() => below(2) === 0)
        const subject = recall && { ...row, case: caseId, recall: recall.id, artifact: recall.artifact, versions }
        await (subject && before.length === 0 && store.insertDeletion(ctx.tx, subject))
    }
}

const sorted = (lines: readonly unknown[]): string[] => lines.map((line) => JSON.stringify(line)).toSorted()

async function loadEachAlone(ctx: ActionContext, partner: string, recalls: readonly Recall[]) {
    const filter = { partner, case: null, before: null }
    const last = (rows: readonly { artifact: string; version: number; at: number }[]) =>
        [...new Map(rows.map((row) => [`${row.artifact} ${row.version}`, row.at]))].map((entry) => entry)
    const held: unknown[] = []
    for (const recall of recalls) {
        const [its_] = await store.listHolders(ctx.tx, recall, partner)
        if (its_) held.push([recall.id, its_.versions])
    }
    const deletions = await store.listDeletions(ctx.tx, { recall: null, partner })
    return {
        fetched: sorted(last((await store.listDeliveries(ctx.tx, filter)).toReversed())),
        acknowledged: sorted(last(await store.listAcknowledgements(ctx.tx, filter))),
        holds: sorted(
            (await store.listHoldings(ctx.tx, partner)).map((holds) => [holds.artifact, holds.version, holds.at]),
        ),
        deleted: sorted(deletions.map((deleted) => [deleted.recall, deleted.at])),
        held: sorted(held),
    }
}

async function loadInOneStatement(ctx: ActionContext, partner: string, recalls: readonly Recall[]) {
    const rows = await listRowsForPartner(ctx.tx, partner)
    const versions = (kind: "fetched" | "acknowledged") =>
        sorted(rows.flatMap((row) => (row.kind === kind ? [[`${row.artifact} ${row.version}`, row.at]] : [])))
    const holds = rows.flatMap((row) =>
        row.kind === "fetched" && row.heldSince !== null ? [[row.artifact, row.version, row.heldSince]] : [],
    )
    const held = await listHeldAtRecall(ctx.tx, partner, recalls)
    return {
        fetched: versions("fetched"),
        acknowledged: versions("acknowledged"),
        holds: sorted(holds),
        deleted: sorted(rows.flatMap((row) => (row.kind === "deleted" ? [[row.recall, row.at]] : []))),
        held: sorted(held.map((item) => [item.recall, item.versions])),
    }
}

test("the state is right after any order of fetches, acknowledgements, recalls and deletions", async () => {
    const below = numbers(7)
    const recalls: Recall[] = []
    const seen = { holds: 0, held: 0, deleted: 0 }
    for (let n = 0; n < 150; n++) {
        world.clock.now += 1000
        await world.acting(world.manager, async (ctx) => {
            await noteChange(ctx.tx)
            await applyRandomStep(ctx, below, recalls)
        })
        for (const { id } of partners) {
            const [notified, expected] = await world.acting(world.manager, async (ctx) => {
                return [await loadInOneStatement(ctx, id, recalls), await loadEachAlone(ctx, id, recalls)]
            })
            expect(notified).toEqual(expected)
            for (const kind of ["holds", "held", "deleted"] as const) seen[kind] += notified[kind].length
        }
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
}, 60_000)
