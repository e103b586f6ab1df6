/** Reads and writes tier proposals. A partner has at most one open proposal. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { Tier } from "../../partner.ts"
import type { CriterionResult } from "../qualification.ts"

export type ProposalOutcome = "accepted" | "superseded" | "dismissed"

export interface ProposalRow {
    readonly id: string
    readonly partner: string
    readonly from: Tier
    readonly to: Tier
    readonly rulesVersion: number
    readonly findings: readonly CriterionResult[]
    readonly createdAt: Instant
    readonly endedAt: Instant | null
    readonly endedAs: ProposalOutcome | null
    readonly endedBy: string | null
    readonly reason_ciphertext: Buffer | null
}

const columns = `id, partner_id as partner, from_tier as "from", to_tier as "to", rules_version as "rulesVersion",
findings,
    created_at as "createdAt", ended_at as "endedAt", ended_as as "endedAs", ended_by as "endedBy", reason_ciphertext`

export async function insertProposal(
    tx: Tx,
    row: Pick<ProposalRow, "id" | "partner" | "from" | "to" | "rulesVersion" | "findings" | "createdAt">,
): Promise<void> {
    await tx.query(
        `insert into tier_proposals (id, partner_id, from_tier, to_tier, rules_version, findings, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.id,
            row.partner,
            row.from,
            row.to,
            row.rulesVersion,
            JSON.stringify(row.findings),
            new Date(row.createdAt),
        ],
    )
}

export async function listOpenProposals(tx: Tx): Promise<ProposalRow[]> {
    return await tx.query<ProposalRow>(
        `select ${columns} from tier_proposals where ended_at is null order by created_at, id`,
    )
}

/** Lists proposals dismissed since an instant, for the next check to skip. */
export async function listDismissedSince(tx: Tx, since: Instant): Promise<Pick<ProposalRow, "partner" | "to">[]> {
    return await tx.query<Pick<ProposalRow, "partner" | "to">>(
        `select partner_id as partner, to_tier as "to" from tier_proposals
         where ended_as = 'dismissed' and ended_at > $1`,
        [new Date(since)],
    )
}

export async function lockProposal(tx: Tx, id: string): Promise<ProposalRow | undefined> {
    const rows = await tx.query<ProposalRow>(`select ${columns} from tier_proposals where id = $1 for update`, [id])
    return rows[0]
}

/** Lists all proposals for one partner, newest first. */
export async function listProposals(tx: Tx, partner: string): Promise<ProposalRow[]> {
    return await tx.query<ProposalRow>(
        `select ${columns} from tier_proposals where partner_id = $1 order by created_at desc, id limit 100`,
        [partner],
    )
}

export async function endProposal(
    tx: Tx,
    id: string,
    end: {
        readonly outcome: ProposalOutcome
        readonly by: string | null
        readonly at: Instant
        readonly ciphertext: Buffer | null
    },
): Promise<void> {
    await tx.query(
        "update tier_proposals set ended_at = $2, ended_as = $3, ended_by = $4, reason_ciphertext = $5 where id = $1",
        [id, new Date(end.at), end.outcome, end.by, end.ciphertext],
    )
}
