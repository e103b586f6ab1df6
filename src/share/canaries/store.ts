/**
 * The rows of canaries: names by their digest, what was heard and waits, what was heard and graded. Whose name it is stands
 * in a box alone.
 */
import type { CanaryKind } from "../../lib/canary.ts"
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface NameRow {
    readonly digest: Buffer
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly kind: CanaryKind
    readonly decoy: boolean
    readonly box: Buffer
    readonly at: Instant
}

const nameColumns = "digest, case_id, artifact, version, kind, decoy, box, at"

/** Which of these are there already. */
export async function knownAmong(tx: Tx, digests: readonly Uint8Array[]): Promise<Buffer[]> {
    const rows = await tx.query<{ digest: Buffer }>("select digest from canary_names where digest = any($1)", [digests])
    return rows.map(({ digest }) => digest)
}

export async function insertNames(tx: Tx, rows: readonly NameRow[]): Promise<void> {
    const [first] = rows
    if (first === undefined) return
    await tx.query(
        `insert into canary_names (${nameColumns})
         select digest, $1, $2, $3, kind, $4, box, $5 from unnest($6::bytea[], $7::text[], $8::bytea[])
         as given (digest, kind, box) on conflict do nothing`,
        [
            ...[first.case_id, first.artifact, first.version, first.decoy, new Date(first.at)],
            ...[rows.map((one) => one.digest), rows.map((one) => one.kind), rows.map((one) => one.box)],
        ],
    )
}

export async function namesAmong(tx: Tx, digests: readonly Uint8Array[]): Promise<NameRow[]> {
    return await tx.query<NameRow>(`select ${nameColumns} from canary_names where digest = any($1)`, [digests])
}

export async function countNames(tx: Tx): Promise<number> {
    return (await tx.query<{ all: number }>('select count(*) as "all" from canary_names'))[0]?.all ?? 0
}
