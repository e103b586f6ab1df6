/** Inserts copies that are handed out, with the commit. */
import type { Tx } from "../../../platform/postgres/db.ts"
import { combineCalls } from "../../../kernel/shared-transaction.ts"
import type { DeliveryRow } from "./deliveries.ts"

/**
 * Queues a copy for the commit, in one statement with the other copies queued at the same moment. If one fails, none is
 * handed out.
 */
export async function insertCopy(tx: Tx, row: DeliveryRow): Promise<void> {
    await insertCopiesTogether(tx, row, null)
}

const columns =
    "id, event_id, partner_id, person_id, case_id, artifact_id, version, class, copy_hash, copy_salt, at, channel"
const fields = "id, event, partner, person, case_id, artifact, version, class, copy_hash, copy_salt, at, channel"

const insertCopiesTogether = combineCalls(async (tx, rows: readonly DeliveryRow[], _: null) => {
    const values = rows.map((row) => ({
        ...row,
        copy_hash: `\\x${row.copy_hash.toString("hex")}`,
        copy_salt: `\\x${row.copy_salt.toString("hex")}`,
        at: new Date(row.at),
    }))
    tx.queryAtCommit(
        `insert into deliveries (${columns}) select ${fields} from json_to_recordset($1)
         as delivery (id uuid, event bigint, partner uuid, person uuid, case_id uuid, artifact uuid, version int,
         class text, copy_hash bytea, copy_salt bytea, at timestamptz, channel text)`,
        [JSON.stringify(values)],
    )
    return []
})
