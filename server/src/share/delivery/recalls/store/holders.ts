/** Queries of the holders of many recalls at once. */
import { type Tx, oneOrAll } from "../../../../platform/postgres/db.ts"
import type { listHolders } from "../../store/deliveries.ts"

/** Lists the holders as `listHolders` does, for all these recalls in one statement, recall by recall. */
export async function listHoldersAmong(
    tx: Tx,
    recalls: readonly (Parameters<typeof listHolders>[1] & { readonly id: string })[],
    partner: string | null,
): Promise<{ readonly recall: string; readonly partner: string }[]> {
    return await tx.query(
        `select r.id as recall, d.partner_id as partner
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[]) with ordinality as r (id, artifact, version,
         event, n)
         join deliveries d on d.artifact_id = r.artifact
         where (r.version is null or d.version = r.version) and d.event_id < r.event
         and ${oneOrAll("d.partner_id", 5, partner)}
         and not exists (select from deletion_confirmations x
         where x.partner_id = d.partner_id and x.artifact_id = d.artifact_id
             and d.version = any(x.versions) and x.event_id > d.event_id and x.event_id < r.event)
         group by r.id, r.n, d.partner_id order by r.n, min(d.event_id)`,
        [
            recalls.map(({ id }) => id),
            recalls.map(({ artifact }) => artifact),
            recalls.map(({ version }) => version),
            recalls.map(({ event }) => event),
            partner,
        ],
    )
}
