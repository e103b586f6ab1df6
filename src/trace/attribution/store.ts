/** The rows of attributions. Who is named stands in the box alone. */
import type { Verdict } from "../../lib/evidence.ts"
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface AttributionRow {
    readonly id: string
    readonly evidence: string
    readonly artifact: string | null
    readonly version: number | null
    readonly verdict: Verdict
    readonly result_box: Buffer
    readonly made_by: string | null
    readonly at: Instant
}

export async function insertAttribution(tx: Tx, row: AttributionRow): Promise<void> {
    await tx.query(
        `insert into attributions (id, evidence, artifact, version, verdict, result_box, made_by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.id, row.evidence, row.artifact, row.version, row.verdict, row.result_box, row.made_by, new Date(row.at)],
    )
}

/** Of one piece of evidence, newest first. */
export async function attributions(tx: Tx, evidence: string): Promise<AttributionRow[]> {
    return await tx.query<AttributionRow>("select * from attributions where evidence = $1 order by seq desc", [
        evidence,
    ])
}

/** They go with the evidence that they are of. */
export async function deleteAttributions(tx: Tx, evidence: string): Promise<void> {
    await tx.query("delete from attributions where evidence = $1", [evidence])
}

export async function attribution(tx: Tx, id: string): Promise<AttributionRow | null> {
    return (await tx.query<AttributionRow>("select * from attributions where id = $1", [id]))[0] ?? null
}

/** Of all evidence, oldest first. */
export async function inOrder(tx: Tx, countMax: number): Promise<Pick<AttributionRow, "id" | "evidence">[]> {
    return await tx.query("select id, evidence from attributions order by seq limit $1", [countMax])
}
