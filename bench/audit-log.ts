/**
 * The audit log at few leaves and at a million: appending, verifying an export, and the proof of a receipt. The floors
 * are absolute. The hashes alone, and the parsing, are measured beside them; appending is compared with the short log.
 *
 * A million leaves are hashes of their numbers, with the tree above them as the program would have written it.
 */
import type { Services } from "../server/src/kernel/services.ts"
import type { Tx } from "../server/src/platform/postgres/db.ts"
import { randomBytes, hash } from "node:crypto"
import { connectForLong, txOf } from "../server/src/platform/postgres/whole-tables.ts"
import { verifyEd25519 } from "../server/src/platform/crypto/ed25519.ts"
import { formatCheckpoint, signNote } from "@tocsin/audit-log/checkpoint"
import { verifyBytes } from "@tocsin/audit-log/export"
import { type Hash, placesIn, rootFrom } from "@tocsin/audit-log/merkle"
import { record } from "../server/src/kernel/action-context.ts"
import { exportAuditLog } from "../server/src/trust/audit-log/actions/export-log.ts"
import { sequenceEvents } from "../server/src/trust/audit-log/actions/sequence-leaves.ts"
import { batchReceiptsJob } from "../server/src/trust/receipts/actions/batch-receipts.ts"
import { loadReceiptOfPartner } from "../server/src/trust/receipts/actions/load-receipts.ts"
import {
    type Comparison,
    compareWithLimits,
    type Figure,
    formatReading,
    measureSeconds,
    type Reading,
    readingOf,
} from "./measure.ts"
import { type RunningProgram, addOperator, createPartners, startProgramWith, system } from "./program.ts"
import { auditLogKey } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"

const leavesLong = 1_000_000
const exported = 20_000
const appended = 1000
const rounds = 7
const noise = randomBytes(4096)

export async function measureAuditLog(): Promise<Figure> {
    const program = await startProgramWith(createContent)
    try {
        await program.services.db.transaction((tx) => tx.query("alter table leaves drop constraint leaves_seq_fkey"))
        const short = readingOf(await repeat(() => measureAppending(program)))
        const verified = await measureVerifying(program)
        await lengthenAuditLog(program)
        await lengthenReceiptLog(program)
        const long = readingOf(await repeat(() => measureAppending(program)))
        const proofs = await measureProofs(program)
        const ratio = long.median / short.median
        return {
            title: `The audit log at ${leavesLong} leaves`,
            lines: [
                ["appended and signed, to a short log", formatReading(short, "leaves/s")],
                [`… to ${leavesLong} leaves`, formatReading(long, "leaves/s")],
                ["… of the former", `${(ratio * 100).toFixed(0)} %`],
                ["leaves of an export verified", formatReading(verified.measured, "/s")],
                ["… parsed and hashed, and nothing else", formatReading(limitOf(verified), "/s")],
                [`proof of a receipt among ${leavesLong} batches`, formatReading(proofs.measured, "ms", 2)],
                ["… as many statements, and nothing else", formatReading(limitOf(proofs), "ms", 2)],
            ],
            target: {
                text: "70 % of a short log; 200000 leaves/s; 5 ms",
                isMet: ratio >= 0.7 && verified.measured.median >= 200_000 && proofs.measured.median <= 5,
            },
        }
    } finally {
        await program.stop()
    }
}

const limitOf = ({ limits: [limit] }: Comparison): Reading => limit ?? readingOf([])

async function createContent(services: Services) {
    const manager = await services.db.transaction(async (tx) =>
        addOperator({ tx, now: await services.clock.now(tx), actor: system, services }, "manager"),
    )
    const [partner] = await createPartners(services, manager, 1)
    if (partner === undefined) throw new Error("there is no partner")
    await batchReceiptsJob.run(services)
    return { partner: partner.id }
}

async function repeat(work: () => Promise<number>): Promise<number[]> {
    const values: number[] = []
    for (let n = 0; n < rounds; n++) values.push(await work())
    return values
}

async function addEvents(program: RunningProgram): Promise<void> {
    await program.acting(system, async (ctx) => {
        for (let n = 0; n < appended; n++) await record(ctx, { kind: "case.read", case: ctx.services.newId() })
    })
}

async function measureAppending(program: RunningProgram): Promise<number> {
    await sequenceAll(program)
    await addEvents(program)
    return appended / (await measureSeconds(() => sequenceEvents(program.services)))
}

async function sequenceAll({ services }: RunningProgram): Promise<void> {
    while ((await sequenceEvents(services)) > 0) continue
}

async function measureVerifying(program: RunningProgram) {
    for (let n = 0; n < exported / appended; n++) await addEvents(program)
    await sequenceAll(program)
    const { services } = program
    const lines: string[] = []
    for await (const line of await program.acting(system, (ctx) => exportAuditLog(ctx))) lines.push(line)
    const bytes = Buffer.from(lines.join(""))
    const trust = { keys: [auditLogKey(services.keys)], verify: verifyEd25519 }
    const verify = async () => {
        const verdict = await verifyBytes(bytes, trust)
        if (!verdict.ok) throw new Error(verdict.reason)
    }
    const rateOf = (work: () => unknown) => async () => (lines.length - 1) / (await measureSeconds(work))
    return await compareWithLimits(rounds, rateOf(verify), [rateOf(leafLimit(lines.slice(1)))])
}

/** Reads each line as JSON and hashes as many bytes as it proves: what no reader of the format can leave out. */
function leafLimit(lines: readonly string[]): () => void {
    const bodies = lines.map((line) => (/"body":(.*),"commitment"/.exec(line)?.[1] ?? "").length + 16)
    return () => {
        for (const [i, line] of lines.entries()) {
            JSON.parse(line)
            for (const length of [bodies[i] ?? 0, 140, 65]) hash("sha256", noise.subarray(0, length), "hex")
        }
    }
}

/** Adds the complete nodes above the leaves of a table. */
async function addNodes(tx: Tx, table: string, leaves: string, start: number): Promise<void> {
    for (let level = 1; 2 ** level <= leavesLong; level++) {
        const below = level === 1 ? leaves : `select pos, hash from ${table} where level = ${level - 1}`
        await tx.query(
            `with below as (${below}) insert into ${table} (level, pos, hash)
             select ${level}, l.pos / 2, sha256('\\x01'::bytea || l.hash || r.hash)
             from below l join below r on r.pos = l.pos + 1
             where l.pos % 2 = 0 and l.pos / 2 >= ${Math.floor(start / 2 ** level)} on conflict do nothing`,
        )
    }
}

/** Runs work without limits of time, which a long insert would exceed. */
async function withLongTx(url: string, work: (tx: Tx) => Promise<unknown>): Promise<void> {
    const client = await connectForLong(url)
    try {
        await client.query("begin")
        // New rows have no statistics, and loops over all pairs would take hours.
        await client.query("set local enable_nestloop = off")
        await work(txOf(client))
        await client.query("commit")
        await client.query("analyze")
    } finally {
        await client.end()
    }
}

async function lengthenAuditLog({ services, databaseUrl }: RunningProgram): Promise<void> {
    await withLongTx(databaseUrl, async (tx) => {
        const [row] = await tx.query<{ size: number }>("select max(index) + 1 as size from leaves")
        const start = row?.size ?? 0
        await tx.query(
            `insert into leaves (index, seq, hash) select n, -n, sha256(n::text::bytea)
             from generate_series(${start}::bigint, ${leavesLong - 1}) n`,
        )
        await addNodes(tx, "tree_nodes", "select index as pos, hash from leaves", start)
        const root = await rootIn(tx)
        const key = auditLogKey(services.keys)
        const note = signNote(formatCheckpoint({ origin: key.name, size: leavesLong, root }), key, key.sign)
        await tx.query("insert into checkpoints (size, root, note, at) values ($1, $2, $3, now())", [
            leavesLong,
            Buffer.from(root),
            note,
        ])
    })
}

async function rootIn(tx: Tx): Promise<Hash> {
    const nodes = new Map<string, Hash>()
    for (const { level, pos } of placesIn({ start: 0, end: leavesLong })) {
        const [node] = await tx.query<{ hash: Buffer }>(
            level === 0
                ? "select hash from leaves where index = $1"
                : `select hash from tree_nodes where level = ${level} and pos = $1`,
            [pos],
        )
        if (node) nodes.set(`${level}/${pos}`, node.hash)
    }
    return rootFrom(leavesLong, (level, pos) => nodes.get(`${level}/${pos}`) ?? missing())
}

async function lengthenReceiptLog({ databaseUrl }: RunningProgram): Promise<void> {
    await withLongTx(databaseUrl, async (tx) => {
        const same =
            "at, due_at, visible_at - interval '1 day', seed, root, anchor, anchor_salt, anchored_size, log_root"
        await tx.query(
            `insert into batches select n, ${same}, false from batches, generate_series(1::bigint, ${leavesLong - 1}) n
             where index = 0`,
        )
        await tx.query(
            `insert into batch_nodes (level, pos, hash) select 0, n, sha256(n::text::bytea)
             from generate_series(1::bigint, ${leavesLong - 1}) n`,
        )
        await addNodes(tx, "batch_nodes", "select pos, hash from batch_nodes where level = 0", 0)
    })
}

async function measureProofs(program: RunningProgram & { readonly partner: string }): Promise<Comparison> {
    const { partner, services } = program
    const [receipt] = await services.db.statement<{ id: string }>(
        "select id from receipts where partner_id = $1 and batch_id = 0 limit 1",
        [partner],
    )
    if (receipt === undefined) throw new Error("the partner has no receipt")
    const prove = () => program.acting(system, (ctx) => loadReceiptOfPartner(ctx, partner, receipt.id, () => true))
    const text = await prove()
    const { proof } = JSON.parse(text) as { readonly proof: readonly string[] }
    if (proof.length < Math.floor(Math.log2(leavesLong))) throw new Error("the proof is too short")
    return await compareWithLimits(rounds, msOf(prove), [msOf(() => askFourTimes(program))])
}

/** The receipt, its batch, the newest batch, and the nodes of the proof: a statement each. */
const askFourTimes = async ({ services }: RunningProgram): Promise<void> =>
    await services.db.transaction(async (tx) => {
        for (let n = 0; n < 4; n++) await tx.query("select $1::int", [n])
    })

function msOf(work: () => unknown): () => Promise<number> {
    const count = 50
    return async () => {
        const seconds = await measureSeconds(async () => {
            for (let n = 0; n < count; n++) await work()
        })
        return (seconds * 1000) / count
    }
}

function missing(): never {
    throw new Error("the tree lacks a node")
}
