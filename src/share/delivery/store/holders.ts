/** Who held what was recalled, of many recalls at once. */
import { type Tx, oneOrAll } from "../../../platform/db.ts"
import type { holders } from "../store.ts"

/** As `holders`, of each of these recalls in one statement: recall by recall. */
export async function holdersAmong(
    tx: Tx,
    recalls: readonly (Parameters<typeof holders>[1] & { readonly id: string })[],
    partner: string | null,
): Promise<{ readonly recall: string; readonly partner: string }[]> {
    return await tx.query(
        `select r.id as recall, d.partner
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[]) with ordinality as r (id, artifact, version, event, n)
         join deliveries d on d.artifact = r.artifact
         where (r.version is null or d.version = r.version) and d.event < r.event
         and ${oneOrAll("d.partner", 5, partner)}
         and not exists (select from deletions x where x.partner = d.partner and x.artifact = d.artifact
             and d.version = any(x.versions) and x.event > d.event and x.event < r.event)
         group by r.id, r.n, d.partner order by r.n, min(d.event)`,
        [
            recalls.map(({ id }) => id),
            recalls.map(({ artifact }) => artifact),
            recalls.map(({ version }) => version),
            recalls.map(({ event }) => event),
            partner,
        ],
    )
}
