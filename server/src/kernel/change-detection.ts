/**
 * Detects changes of the data that a partner's feed is computed from.
 *
 * Each change records an event, and the event notes which transaction changed feeds: of one partner or of all.
 * Transactions become visible in any order, so neither a number nor an instant identifies a state. A PostgreSQL
 * snapshot does.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Clock, trustedUntil } from "../platform/time/clock.ts"
import type { Db, Tx } from "../platform/postgres/db.ts"
import type { BackgroundJob } from "./worker.ts"

/** The scope of a change that concerns every partner. */
export const everyPartner = "00000000-0000-0000-0000-000000000000"

const setOf = (kinds: string): ReadonlySet<string> => new Set(kinds.trim().split(/\s+/))

/**
 * Events that change no feed. A name without a dot stands for all events of the group. Fetched copies are among them,
 * because a recall has an event of its own. Marks are among them, because they are committed once.
 */
const kindsChangingNoFeed = setOf(`
    aggregate annual_report approval artifact.read artifact.read_limit_reached artifact.sample_added
    artifact.sample_removed attribution audit_log backup calendar canary case.hold_lifted case.hold_placed case.read
    clock.moved copy.delivered credential cross_case_evidence data_keys default_schedule deputy evidence exposure filing
    finding follow_up follow_up_deadline identity inquiry key_encryption_key letter machine_client mail marks notice
    notice_filter objects partner.words_changed passkey person.signed_out protection publisher question
    recall.resent receipts recovery regime regulatory_clock sighting signing_keys statistics task test_result tier
    tracing_instruction warning_question wave.rehearsed webhook
`)

/** Events that change the feeds of the partner in their field `partner`. All others change every feed. */
const kindsChangingOnePartner = setOf(`
    access_list agreement.accepted application attestation consent copy.acknowledged deletion key mail_key mailbox
    measure partner person procedure regular_report requirement
`)

const includesKind = (kinds: ReadonlySet<string>, kind: string): boolean =>
    kinds.has(kind) || kinds.has(kind.replace(/\..*/, ""))

/** Returns the partner whose feeds an event changes, an id of zeros for every partner, and null for none. */
export function scopeOf({ kind, partner }: { readonly kind: string; readonly partner?: unknown }): string | null {
    if (includesKind(kindsChangingNoFeed, kind)) return null
    return includesKind(kindsChangingOnePartner, kind) && typeof partner === "string" ? partner : everyPartner
}

/** SQL that notes a change within a statement. `scope` is an SQL expression for `scopeOf`; null notes nothing. */
export const noteChangeSql = (scope: string): string =>
    `insert into changes (scope, tx) select ${scope}, pg_current_xact_id() where ${scope}::uuid is not null
     on conflict do nothing`

export interface FeedState {
    /** A `pg_snapshot` in PostgreSQL's notation. */
    readonly snapshot: string
    /** Until when due releases may happen; null where no trusted clock was checked. */
    readonly trustedUntil: Instant | null
}

/**
 * Reads the present state. Call it before reading the data: everything in the state is then visible. Null in a
 * transaction that has written, because its writes may be rolled back.
 */
export async function findFeedState(tx: Tx, clock: Clock): Promise<FeedState | null> {
    const [row] = await tx.query<FeedState>(
        `select pg_current_snapshot()::text as snapshot, ${trustedUntil} as "trustedUntil"
         where pg_current_xact_id_if_assigned() is null`,
        [],
    )
    return row ? { ...row, ...(clock.isMovable && { trustedUntil: null }) } : null
}

/**
 * Tells whether nothing has changed since the snapshot, for this partner or for all, and until when due releases may
 * happen.
 */
export async function isUnchanged(tx: Tx, clock: Clock, { snapshot }: FeedState, partner: string) {
    const [row] = await tx.query<{ same: boolean } & Pick<FeedState, "trustedUntil">>(
        `select not exists (select from changes where scope in ($2, '${everyPartner}')
             and tx >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(tx, $1::pg_snapshot)) as same,
         ${trustedUntil} as "trustedUntil"`,
        [snapshot, partner],
    )
    return { same: row?.same === true, trustedUntil: clock.isMovable ? null : (row?.trustedUntil ?? null) }
}

/** An answer computed for one person of a partner, with the instants for which it is valid. */
export interface ComputedAnswer {
    readonly partner: string
    readonly person: string
    readonly state: FeedState
    readonly from: Instant
    /** Inclusive. */
    readonly until: Instant
}

/** A computed answer with the credential that requests it again. */
export interface RepeatedAnswer extends ComputedAnswer {
    readonly credential: Buffer
}

/** SQL text with its values from `$1` on. */
export interface SqlExpression {
    readonly sql: string
    readonly values: readonly unknown[]
}

/**
 * SQL for a table of the answers that are still valid: number `n` and program time `at`.
 *
 * An answer is valid if a new computation would give the same, and its credential still belongs to the person. The
 * table takes the locks of a read, then checks; a statement that includes it decides and acts at once. Answers whose
 * lock is taken are left out.
 */
export function validAnswersSql(clock: Clock, realNow: Instant, answers: readonly RepeatedAnswer[]): SqlExpression {
    const clockNow = clock.externalNow?.()
    return {
        sql: "leases_now($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values: [
            answers.map(({ partner }) => partner),
            answers.map(({ person }) => person),
            answers.map(({ credential }) => credential),
            answers.map(({ state }) => state.snapshot),
            answers.map(({ from }) => formatInstant(from)),
            answers.map(({ until }) => formatInstant(until)),
            formatInstant(realNow),
            clockNow === undefined ? null : formatInstant(clockNow),
            clock.isMovable === true,
        ],
    }
}

const changeLifetime = "1 hour"
/** Rows are pruned in batches, so that pruning seldom ends leases. */
const pruneAfter = "70 minutes"
const rowsPerRunMax = 10_000

/**
 * Deletes old changes. The deletion counts as a change for all partners, so no older state is used afterwards, even if
 * a clock is wrong.
 */
export const pruneChangesJob: BackgroundJob = {
    name: "forgetting-changes",
    runsSeldom: true,
    run: async ({ db }: { readonly db: Db }) => {
        const rows = await db.transaction((tx) =>
            tx.query(
                `with gone as (
                    delete from changes where (scope, tx) in (select scope, tx from changes
                        where at < clock_timestamp() - interval '${changeLifetime}'
                        and exists (select from changes where at < clock_timestamp() - interval '${pruneAfter}')
                        order by at limit ${rowsPerRunMax} for update skip locked)
                    returning 1
                 ), noted as (
                    insert into changes (scope, tx) select '${everyPartner}', pg_current_xact_id()
                    where exists (select from gone)
                 ) select from gone`,
            ),
        )
        return rows.length === rowsPerRunMax
    },
}
