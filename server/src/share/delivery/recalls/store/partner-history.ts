/** Reads what one partner fetched, acknowledged and deleted, for each projection, in one statement. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"

export type PartnerHistoryRow =
    | {
          readonly kind: "fetched"
          readonly artifact: string
          readonly version: number
          /** The first fetch: saving a file for MISP later is not another fetch. */
          readonly at: Instant
          /** Since when the version is held; null where it was deleted after each fetch. */
          readonly heldSince: Instant | null
      }
    | { readonly kind: "acknowledged"; readonly artifact: string; readonly version: number; readonly at: Instant }
    | { readonly kind: "deleted"; readonly recall: string; readonly at: Instant }

/** Lists each version once, however often it was fetched, and each confirmed recall. */
export async function listRowsForPartner(tx: Tx, partner: string): Promise<PartnerHistoryRow[]> {
    return await tx.query<PartnerHistoryRow>(
        `select 'fetched' as kind, artifact_id as artifact, version, null::uuid as recall, min(at) as at,
                 min(at) filter (where not gone) as "heldSince"
             from (select artifact_id, version, at, exists (select from deletion_confirmations x
             where x.partner_id = d.partner_id
                     and x.artifact_id = d.artifact_id and d.version = any(x.versions) and x.event_id > d.event_id) as
                     gone
                 from deliveries d where d.partner_id = $1) each
             group by artifact_id, version
         union all select 'acknowledged', artifact_id as artifact, version, null, max(at), null from acknowledgements
             where partner_id = $1 group by artifact_id, version
         union all select 'deleted', artifact_id as artifact, null, recall_id as recall, at, null
         from deletion_confirmations where partner_id = $1`,
        [partner],
    )
}

interface RecallKey {
    readonly id: string
    readonly artifact: string
    /** Null: every version. */
    readonly version: number | null
    readonly event: number
}

/** Lists the versions that one partner held at each recall. Recalls without held versions are missing. */
export async function listHeldAtRecall(
    tx: Tx,
    partner: string,
    recalls: readonly RecallKey[],
): Promise<{ readonly recall: string; readonly versions: readonly number[] }[]> {
    return await tx.query(
        `select r.recall, array_agg(distinct d.version order by d.version) as versions
         from unnest($2::uuid[], $3::uuid[], $4::int[], $5::bigint[]) as r (recall, artifact, version, event)
         join deliveries d on d.partner_id = $1 and d.artifact_id = r.artifact and d.event_id < r.event
             and (r.version is null or d.version = r.version)
         where not exists (select from deletion_confirmations x
         where x.partner_id = $1 and x.artifact_id = d.artifact_id
             and d.version = any(x.versions) and x.event_id > d.event_id and x.event_id < r.event)
         group by r.recall`,
        [
            partner,
            recalls.map((recall) => recall.id),
            recalls.map((recall) => recall.artifact),
            recalls.map((recall) => recall.version),
            recalls.map((recall) => recall.event),
        ],
    )
}
