/** Reads and writes applications, vouches and scores. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"

export interface ApplicationRow {
    readonly partner: string
    readonly form_ciphertext: Buffer
    readonly submitted_at: Instant
    readonly decision: "invited" | "declined" | null
    readonly decided_by: string | null
    readonly decided_at: Instant | null
    readonly decision_ciphertext: Buffer | null
    readonly rules_version: number | null
    readonly lead: string | null
}

const columns =
    "partner_id as partner, form_ciphertext, submitted_at, decision, decided_by, decided_at, " +
    "decision_ciphertext, rules_version, lead_id as lead"

export async function insertApplication(
    tx: Tx,
    row: Pick<ApplicationRow, "partner" | "form_ciphertext" | "submitted_at"> & {
        readonly secret: Buffer
        readonly reference: Buffer
    },
): Promise<void> {
    await tx.query(
        `insert into applications (partner_id, secret_hash, reference_hash, form_ciphertext, submitted_at)
         values ($1, $2, $3, $4, $5)`,
        [row.partner, row.secret, row.reference, row.form_ciphertext, new Date(row.submitted_at)],
    )
}

export async function countUndecided(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from applications where decision is null",
    )
    return row?.count ?? 0
}

export async function findApplication(tx: Tx, partner: string): Promise<ApplicationRow | undefined> {
    const rows = await tx.query<ApplicationRow>(`select ${columns} from applications where partner_id = $1`, [partner])
    return rows[0]
}

/** Locks an application until the transaction ends, so that of two decisions one succeeds. */
export async function lockApplication(tx: Tx, partner: string): Promise<ApplicationRow | undefined> {
    const rows = await tx.query<ApplicationRow>(
        `select ${columns} from applications where partner_id = $1 for no key update`,
        [partner],
    )
    return rows[0]
}

/** Finds the applicant with this secret, without a lock. */
export async function findPartnerBySecret(tx: Tx, hash: Buffer): Promise<string | null> {
    const rows = await tx.query<{ partner: string }>(
        "select partner_id as partner from applications where secret_hash = $1",
        [hash],
    )
    return rows[0]?.partner ?? null
}

export async function lockBySecret(tx: Tx, hash: Buffer): Promise<ApplicationRow | undefined> {
    const rows = await tx.query<ApplicationRow>(
        `select ${columns} from applications where secret_hash = $1 for no key update`,
        [hash],
    )
    return rows[0]
}

/** Finds a waiting application by its reference. */
export async function findByReference(tx: Tx, hash: Buffer): Promise<ApplicationRow | undefined> {
    const rows = await tx.query<ApplicationRow>(
        `select ${columns} from applications where reference_hash = $1 and decision is null`,
        [hash],
    )
    return rows[0]
}

/** Lists waiting applications, oldest first, without ciphertexts. */
export async function listUndecided(tx: Tx, max: number): Promise<Pick<ApplicationRow, "partner" | "submitted_at">[]> {
    return await tx.query(
        `select partner_id as partner, submitted_at from applications where decision is null order by submitted_at,
            partner_id limit $1`,
        [max],
    )
}

/** Lists waiting applications, oldest first, then decided ones, newest first. */
export async function listApplications(tx: Tx, max: number): Promise<ApplicationRow[]> {
    return await tx.query<ApplicationRow>(
        `select ${columns} from applications
         order by decided_at desc nulls first, submitted_at, partner_id limit $1`,
        [max],
    )
}

export async function setDecision(
    tx: Tx,
    partner: string,
    outcome: {
        readonly decision: "invited" | "declined"
        readonly by: string
        readonly at: Instant
        readonly ciphertext: Buffer
        readonly rulesVersion: number
    },
): Promise<void> {
    await tx.query(
        `update applications
         set decision = $2, decided_by = $3, decided_at = $4, decision_ciphertext = $5, rules_version = $6
         where partner_id = $1`,
        [partner, outcome.decision, outcome.by, new Date(outcome.at), outcome.ciphertext, outcome.rulesVersion],
    )
}

export async function setForm(tx: Tx, partner: string, ciphertext: Buffer): Promise<void> {
    await tx.query("update applications set form_ciphertext = $2 where partner_id = $1", [partner, ciphertext])
}

export async function setLead(tx: Tx, partner: string, person: string): Promise<void> {
    await tx.query("update applications set lead_id = $2 where partner_id = $1", [partner, person])
}

export interface VouchRow {
    readonly partner: string
    readonly person: string
    readonly text_ciphertext: Buffer
    readonly at: Instant
}

/** Inserts a vouch. False where this partner already vouched. */
export async function insertVouch(tx: Tx, applicant: string, row: VouchRow): Promise<boolean> {
    const rows = await tx.query(
        `insert into vouches (applicant_id, partner_id, person_id, text_ciphertext, at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning partner_id as partner`,
        [applicant, row.partner, row.person, row.text_ciphertext, new Date(row.at)],
    )
    return rows.length > 0
}

export async function listVouches(tx: Tx, applicant: string): Promise<VouchRow[]> {
    return await tx.query<VouchRow>(
        `select partner_id as partner, person_id as person, text_ciphertext, at from vouches where applicant_id = $1
            order by at, partner_id`,
        [applicant],
    )
}

export interface ScoreRow {
    readonly seq: number
    readonly rulesVersion: number
    readonly criterion: string
    readonly person: string
    readonly score: number
    readonly reason_ciphertext: Buffer
    readonly at: Instant
}

export async function insertScore(tx: Tx, applicant: string, row: Omit<ScoreRow, "seq">): Promise<void> {
    await tx.query(
        `insert into admission_scores (applicant_id, rules_version, criterion, person_id, score, reason_ciphertext, at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [applicant, row.rulesVersion, row.criterion, row.person, row.score, row.reason_ciphertext, new Date(row.at)],
    )
}

export async function listScores(tx: Tx, applicant: string): Promise<ScoreRow[]> {
    return await tx.query<ScoreRow>(
        `select seq, rules_version as "rulesVersion", criterion, person_id as person, score, reason_ciphertext, at
         from admission_scores where applicant_id = $1 order by seq`,
        [applicant],
    )
}
