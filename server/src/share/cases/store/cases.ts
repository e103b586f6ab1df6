/** The tables of cases, links, embargo entries, consents, closures and external parties. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import { combineCalls } from "../../../kernel/shared-transaction.ts"
import type { CaseLink, Closure, LinkKind } from "../case.ts"
import type { ConsentEntry } from "../consent.ts"
import type { Trigger, EmbargoEntry } from "../embargo.ts"

export interface CaseRow {
    readonly id: string
    readonly details_ciphertext: Buffer
    readonly permission_ciphertext: Buffer | null
    readonly revision: number
    readonly created_by: string
    readonly created_at: Instant
    /** When the disclosed facts last changed; null: never. */
    readonly amended_at: Instant | null
    /** When two people deleted the content; null: it is there. */
    readonly content_deleted_at: Instant | null
    /** Their approval; null also where a restored database deleted the content again. */
    readonly content_deletion_id: string | null
}

export async function insertCase(
    tx: Tx,
    row: Pick<CaseRow, "id" | "details_ciphertext" | "created_by" | "created_at">,
    nameHashes: readonly Buffer[],
): Promise<void> {
    await tx.query("insert into cases (id, details_ciphertext, created_by, created_at) values ($1, $2, $3, $4)", [
        row.id,
        row.details_ciphertext,
        row.created_by,
        new Date(row.created_at),
    ])
    await insertNames(tx, row.id, nameHashes)
}

interface FactsUpdate {
    readonly ciphertext: Buffer
    readonly revision: number
    readonly at: Instant
}

/** Sets the instant of the change only where the revision changes. */
const setAmendedAt = "amended_at = case when revision = $3 then amended_at else $4 end"

export async function updateCase(
    tx: Tx,
    id: string,
    update: FactsUpdate,
    nameHashes: readonly Buffer[],
): Promise<void> {
    const values = [id, update.ciphertext, update.revision, new Date(update.at)]
    await tx.query(`update cases set details_ciphertext = $2, revision = $3, ${setAmendedAt} where id = $1`, values)
    await tx.query("delete from case_names where case_id = $1", [id])
    await insertNames(tx, id, nameHashes)
}

async function insertNames(tx: Tx, id: string, nameHashes: readonly Buffer[]): Promise<void> {
    await tx.query("insert into case_names (name_hash, case_id) select unnest($1::bytea[]), $2", [nameHashes, id])
}

export async function setPermission(tx: Tx, id: string, update: FactsUpdate): Promise<void> {
    const values = [id, update.ciphertext, update.revision, new Date(update.at)]
    await tx.query(`update cases set permission_ciphertext = $2, revision = $3, ${setAmendedAt} where id = $1`, values)
}

interface ClosureRow extends Closure {
    readonly case: string
    readonly reasonCiphertext: Buffer
}

/** Lists the closures of one case (null: all). */
export async function listClosures(tx: Tx, id: string | null): Promise<ClosureRow[]> {
    return await tx.query<ClosureRow>(
        `select case_id as "case", kind, at, reason_ciphertext as "reasonCiphertext" from case_closures
         where ${oneOrAll("case_id", 1, id)}`,
        [id],
    )
}

export async function insertClosure(tx: Tx, row: ClosureRow & { readonly by: string }): Promise<void> {
    await tx.query(
        "insert into case_closures (case_id, kind, at, actor_id, reason_ciphertext) values ($1, $2, $3, $4, $5)",
        [row.case, row.kind, new Date(row.at), row.by, row.reasonCiphertext],
    )
}

export async function findCaseRow(tx: Tx, id: string): Promise<CaseRow | undefined> {
    return (await tx.query<CaseRow>("select * from cases where id = $1", [id]))[0]
}

/** Finds a case and locks it until the transaction ends. */
export async function lockCase(tx: Tx, id: string): Promise<CaseRow | undefined> {
    return (await tx.query<CaseRow>("select * from cases where id = $1 for update", [id]))[0]
}

/** Lets no transaction lock these cases until this one ends. */
export async function shareCases(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("select from cases where id = any($1::uuid[]) order by id for share", [ids])
}

/** Lists these cases (null: all), oldest first. */
export async function listCaseRows(tx: Tx, ids: readonly string[] | null): Promise<CaseRow[]> {
    return await tx.query<CaseRow>(
        `select * from cases where ${ids === null ? "$1::uuid[] is null" : "id = any($1)"} order by created_at, id`,
        [ids],
    )
}

/** Lists the cases whose content was deleted. */
export async function listDeletedCases(tx: Tx): Promise<string[]> {
    return (await tx.query<{ id: string }>("select id from cases where content_deleted_at is not null")).map(
        ({ id }) => id,
    )
}

/** Finds cases by hashes of CVE ids, in hex. */
export async function listCasesByNameHash(
    tx: Tx,
    nameHashes: readonly string[],
): Promise<{ id: string; name: string }[]> {
    return await tx.query(
        `select case_id as id, encode(name_hash, 'hex') as name from case_names
         where name_hash in (select decode(hash, 'hex') from unnest($1::text[]) as hash) order by name, id`,
        [nameHashes],
    )
}

/** Inserts a link. A repeated link keeps its first instant. */
export async function insertLink(tx: Tx, link: CaseLink, from: Instant): Promise<void> {
    await tx.query(
        `insert into case_links (from_case_id, to_case_id, kind, from_at) values ($1, $2, $3, $4) on conflict do
            nothing`,
        [link.from, link.to, link.kind, new Date(from)],
    )
}

/** Lists all links; `at` is their start. */
export async function listLinks(tx: Tx): Promise<(CaseLink & { readonly at: Instant })[]> {
    return await tx.query(`select from_case_id as "from", to_case_id as "to", kind, from_at as at from case_links`)
}

/** The participant of an embargo entry; both null: the operator. */
export interface Participant {
    readonly partner: string | null
    readonly party: string | null
}

export interface EmbargoEntryRow extends Participant {
    readonly case_id: string
    readonly n: number
    readonly kind: EmbargoEntry["kind"]
    readonly at: Instant
    readonly ends_at: Instant | null
    readonly reason_ciphertext: Buffer | null
    readonly proposal: number | null
    readonly trigger_kind: Trigger | null
    readonly owner: string | null
}

const entryColumns = `partner_id as partner, party_id as party, case_id, n, kind, at,
    ends_at, reason_ciphertext, proposal, trigger_kind, owner_id as owner`

/** Lists the embargo entries of one case (null: all). */
export async function listEntryRows(tx: Tx, id: string | null): Promise<EmbargoEntryRow[]> {
    return await tx.query<EmbargoEntryRow>(
        `select ${entryColumns} from embargo_history where ${oneOrAll("case_id", 1, id)} order by case_id, n`,
        [id],
    )
}

/** Lists the embargo entries of these cases. */
export async function listEntryRowsOfCases(tx: Tx, ids: readonly string[]): Promise<EmbargoEntryRow[]> {
    return await tx.query<EmbargoEntryRow>(
        `select ${entryColumns} from embargo_history where case_id = any($1) order by case_id, n`,
        [ids],
    )
}

export async function insertEntry(tx: Tx, row: EmbargoEntryRow): Promise<void> {
    await tx.query(
        `insert into embargo_history
         (case_id, n, kind, at, ends_at, reason_ciphertext, partner_id, party_id, proposal, trigger_kind, owner_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
            row.case_id,
            row.n,
            row.kind,
            new Date(row.at),
            row.ends_at === null ? null : new Date(row.ends_at),
            row.reason_ciphertext,
            row.partner,
            row.party,
            row.proposal,
            row.trigger_kind,
            row.owner,
        ],
    )
}

interface ConsentRow extends Participant {
    readonly case_id: string
    readonly kind: ConsentEntry["kind"]
    readonly at: Instant
    readonly answer_due_at: Instant
    readonly ends_at: Instant
}

const consentColumns = `partner_id as partner, party_id as party, case_id, kind, at, answer_due_at, ends_at`

export interface ConsentStatement extends Participant {
    readonly case: string
    readonly entry: ConsentEntry
}

/** Lists the consent entries of one case (null: all), in order. */
export async function listConsentStatements(tx: Tx, id: string | null): Promise<ConsentStatement[]> {
    const rows = await tx.query<ConsentRow>(
        `select ${consentColumns} from consent_history where ${oneOrAll("case_id", 1, id)} order by seq`,
        [id],
    )
    return rows.map(statementIn)
}

function statementIn(row: ConsentRow): ConsentStatement {
    return { case: row.case_id, partner: row.partner, party: row.party, entry: consentEntryIn(row) }
}

function consentEntryIn(row: ConsentRow): ConsentEntry {
    if (row.kind === "invited") return { kind: "invited", at: row.at, answerBy: row.answer_due_at }
    if (row.kind === "signed") return { kind: "signed", at: row.at, endsAt: row.ends_at }
    return { kind: row.kind, at: row.at }
}

/** The facts of cases that decisions use. */
export interface FactRows {
    /** Oldest first, with the closure at the instant. */
    readonly cases: readonly {
        readonly id: string
        readonly closure: Closure | null
        /** When two people deleted the content; null: not by the instant. */
        readonly contentDeletedAt: Instant | null
    }[]
    readonly entries: readonly EmbargoEntryRow[]
    readonly statements: readonly ConsentStatement[]
    /** The exploitation entries, in order. */
    readonly exploitation: readonly ExploitationRow[]
    /** The links of all cases at the instant, with their start. */
    readonly links: readonly (CaseLink & { readonly at: Instant })[]
}

export interface ExploitationRow {
    readonly case: string
    readonly known: boolean
    readonly at: Instant
}

type FactRow = { readonly case_id: string } & (
    | {
          readonly source: "case"
          readonly kind: Closure["kind"] | null
          readonly ends_at: Instant | null
          readonly answer_due_at: Instant | null
      }
    | ({ readonly source: "turn" } & Omit<EmbargoEntryRow, "reason_ciphertext">)
    | ({ readonly source: "consent" } & ConsentRow)
    | { readonly source: "exploitation"; readonly kind: "known" | "not_known"; readonly at: Instant }
    | { readonly source: "link"; readonly kind: LinkKind; readonly to_case: string; readonly at: Instant }
)

/**
 * Reads the facts of one case (null: all) and the consents of one partner (null: all), in one statement, since each
 * decision needs them.
 *
 * Entries carry their instants; links and closures are those at the instant.
 */
export async function loadFactRows(
    tx: Tx,
    id: string | null,
    partner: string | null,
    instant: Instant,
): Promise<FactRows> {
    if (partner === null) return factsIn(await selectFacts(tx, null, { id, instant }))
    const { rows } = await selectFactsTogether(tx, partner, { id, instant })
    return factsIn(rows.filter((row) => row.source !== "consent" || row.partner === partner))
}

interface FactsQuery {
    readonly id: string | null
    readonly instant: Instant
}

const selectFactsTogether = combineCalls((tx, partners: readonly string[], query: FactsQuery) =>
    selectFacts(tx, partners, query),
)

async function selectFacts(
    tx: Tx,
    partners: readonly string[] | null,
    { id, instant }: FactsQuery,
): Promise<FactRow[]> {
    const partnerFilter = partners === null ? "$2::uuid[] is null" : "partner_id = any((select $2::uuid[])::uuid[])"
    return await tx.query<FactRow>(
        `select 'case' as source, id as case_id, row_number() over (order by created_at, id) as n, closed.kind,
                 created_at as at, closed.at as ends_at,
                 case when content_deleted_at <= $3 then content_deleted_at end as answer_due_at, null::uuid as partner,
                 null::uuid as party, null::int as proposal, null as trigger_kind, null::uuid as owner,
                 null::uuid as to_case
             from cases left join case_closures closed on closed.case_id = id and closed.at <= $3
             where ${oneOrAll("id", 1, id)}
         union all select 'turn', case_id, n, kind, at, ends_at, null, partner_id as partner, party_id as party,
         proposal, trigger_kind, owner_id as owner, null
             from embargo_history where ${oneOrAll("case_id", 1, id)}
         union all select 'consent', case_id, seq, kind, at, ends_at, answer_due_at, partner_id as partner,
         party_id as party, null, null, null, null
             from consent_history where ${oneOrAll("case_id", 1, id)} and ${partnerFilter}
         union all
         select 'exploitation', case_id, seq, case when known then 'known' else 'not_known' end, at, null, null, null,
                 null, null, null, null, null
             from case_exploitation where ${oneOrAll("case_id", 1, id)}
         union all select 'link', from_case_id as from_case, 0, kind, from_at, null, null, null, null, null, null, null,
         to_case_id as to_case
             from case_links where from_at <= $3
         order by n`,
        [id, partners, new Date(instant)],
    )
}

function factsIn(rows: readonly FactRow[]): FactRows {
    const pick = <Source extends FactRow["source"]>(source: Source) =>
        rows.filter((row): row is Extract<FactRow, { readonly source: Source }> => row.source === source)
    return {
        cases: pick("case").map(({ case_id: caseId, kind, ends_at: at, answer_due_at: contentDeletedAt }) => {
            return { id: caseId, closure: kind !== null && at !== null ? { kind, at } : null, contentDeletedAt }
        }),
        entries: pick("turn").map((row) => ({ ...row, reason_ciphertext: null })),
        statements: pick("consent").map(statementIn),
        exploitation: pick("exploitation").map(({ case_id: caseId, kind, at }) => ({
            case: caseId,
            known: kind === "known",
            at,
        })),
        links: pick("link").map(({ case_id: from, to_case: to, kind, at }) => ({ from, to, kind, at })),
    }
}

export async function insertConsentEntry(tx: Tx, { case: id, partner, party, entry }: ConsentStatement): Promise<void> {
    await tx.query(
        `insert into consent_history (case_id, partner_id, party_id, kind, at, answer_due_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            id,
            partner,
            party,
            entry.kind,
            new Date(entry.at),
            entry.kind === "invited" ? new Date(entry.answerBy) : null,
            entry.kind === "signed" ? new Date(entry.endsAt) : null,
        ],
    )
}

/** Lists the cases to which this partner was ever invited. */
export async function listCasesInviting(tx: Tx, partner: string): Promise<string[]> {
    const rows = await tx.query<{ case_id: string }>(
        "select case_id from consent_history where partner_id = $1 group by case_id order by min(seq)",
        [partner],
    )
    return rows.map((row) => row.case_id)
}

export interface CaseRead {
    readonly person: string
    readonly part: "facts" | "samples" | "sightings" | "public_text" | "questions"
    readonly at: Instant
}

/** Stores reads of these cases, and returns those not yet read in their current revision by this person. */
export async function insertReads(
    tx: Tx,
    { person, part, at }: CaseRead,
    cases: readonly string[],
): Promise<{ readonly case: string; readonly revision: number }[]> {
    return await tx.query(
        `insert into case_reads (person_id, part, case_id, revision, at)
         select $1, $2, id, revision, $4 from cases where id = any($3::uuid[]) and not exists (select from case_reads r
             where r.person_id = $1 and r.part = $2 and r.case_id = cases.id and r.revision = cases.revision)
         order by id on conflict do nothing returning case_id as "case", revision`,
        [person, part, cases, new Date(at)],
    )
}
