/** The tables of webhooks and their calls. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import { isDueSql } from "../../kernel/retry-time.ts"
import { type CallOutcome, type Webhook, retryMsMax } from "./webhook.ts"

export interface WebhookRow extends Webhook {
    readonly address_ciphertext: Buffer
    readonly secret_ciphertext: Buffer
    readonly previous_ciphertext: Buffer | null
    readonly signing_ciphertext: Buffer
    readonly previous_signing_ciphertext: Buffer | null
}

const columns = `id, partner_id as partner, address_ciphertext, secret_ciphertext, previous_ciphertext,
signing_ciphertext, previous_signing_ciphertext,
    previous_expires_at as "previousUntil",
    created_at as "createdAt", created_by as "createdBy", last_outcome as "lastOutcome", last_at as "lastAt",
    first_failed_at as "failingSince", disabled_at as "disabledAt"`

export async function insertWebhook(
    tx: Tx,
    row: Pick<
        WebhookRow,
        "id" | "partner" | "address_ciphertext" | "secret_ciphertext" | "signing_ciphertext" | "createdBy"
    >,
    realNow: Instant,
): Promise<void> {
    await tx.query(
        `insert into webhooks (id, partner_id, address_ciphertext, secret_ciphertext, signing_ciphertext, created_by,
         created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.id,
            row.partner,
            row.address_ciphertext,
            row.secret_ciphertext,
            row.signing_ciphertext,
            row.createdBy,
            new Date(realNow),
        ],
    )
}

/** Locks the partner's webhooks until the transaction ends, so that no other one is added. */
export async function lockToAdd(tx: Tx, partner: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtext('webhooks'), hashtext($1))", [partner])
}

/** Lists a partner's webhooks, oldest first. */
export async function listWebhooks(tx: Tx, partner: string): Promise<WebhookRow[]> {
    return await tx.query<WebhookRow>(`select ${columns} from webhooks where partner_id = $1 order by created_at, id`, [
        partner,
    ])
}

/** Finds a webhook and locks it until the transaction ends. */
export async function lockWebhook(tx: Tx, id: string): Promise<WebhookRow | undefined> {
    const rows = await tx.query<WebhookRow>(`select ${columns} from webhooks where id = $1 for update`, [id])
    return rows[0]
}

export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
    await tx.query("delete from webhooks where id = $1", [id])
}

/** Replaces the secrets. The earlier ones stay valid until then. */
export async function setSecrets(
    tx: Tx,
    id: string,
    secrets: { readonly secret_ciphertext: Buffer; readonly signing_ciphertext: Buffer },
    previousUntil: Instant,
): Promise<void> {
    await tx.query(
        `update webhooks set previous_ciphertext = secret_ciphertext, previous_signing_ciphertext = signing_ciphertext,
         previous_expires_at = $4,
         secret_ciphertext = $2, signing_ciphertext = $3 where id = $1`,
        [id, secrets.secret_ciphertext, secrets.signing_ciphertext, new Date(previousUntil)],
    )
}

/** Enables the webhook as if it had never failed. */
export async function enableWebhook(tx: Tx, id: string): Promise<void> {
    await tx.query("update webhooks set disabled_at = null, first_failed_at = null where id = $1", [id])
}

export interface CallResult {
    readonly outcome: CallOutcome
    readonly at: Instant
    readonly failingSince: Instant | null
    readonly disabledAt: Instant | null
}

export async function setOutcome(tx: Tx, id: string, outcome: CallResult): Promise<void> {
    await tx.query(
        `update webhooks set last_outcome = $2, last_at = $3, first_failed_at = $4,
         disabled_at = coalesce(disabled_at, $5) where id = $1`,
        [id, outcome.outcome, ...[outcome.at, outcome.failingSince, outcome.disabledAt].map(dateOrNull)],
    )
}

const dateOrNull = (at: Instant | null): Date | null => (at === null ? null : new Date(at))

// --- Calls

export interface CallRow {
    readonly id: string
    readonly webhook: string
    readonly partner: string
    readonly wave: string | null
    readonly attempts: number
}

/** Inserts a call. If one is due already, keeps that one at the earlier instant. */
export async function insertCall(
    tx: Tx,
    call: { readonly id: string; readonly webhook: string; readonly wave: string | null },
    nextAt: Instant,
    realNow: Instant,
): Promise<void> {
    await tx.query(
        `insert into webhook_calls (id, webhook_id, wave_id, state, next_at, created_at)
         values ($1, $2, $3, 'due', $4, $5)
         on conflict (webhook_id, wave_id) where state = 'due'
         do update set next_at = least(webhook_calls.next_at, excluded.next_at)`,
        [call.id, call.webhook, call.wave, new Date(nextAt), new Date(realNow)],
    )
}

/** A query that finds a row if any call may be due. The worker runs it first. */
export const dueCallsQuery = "select from webhook_calls where state in ('due', 'in_progress')"

/**
 * Locks and returns the next call: of a partner without a call in flight, and of no frozen wave. Working webhooks come
 * before failing ones.
 */
export async function claimDueCall(
    tx: Tx,
    realNow: Instant,
    frozen: readonly string[],
): Promise<(CallRow & { readonly disabled: boolean }) | undefined> {
    const rows = await tx.query<CallRow & { disabled: boolean }>(
        `select c.id, c.webhook_id as webhook, w.partner_id as partner, c.wave_id as wave, c.attempts,
         w.disabled_at is not null as disabled
         from webhook_calls c join webhooks w on w.id = c.webhook_id
         where c.state in ('due', 'in_progress') and ${isDueSql("c.next_at", "$1", retryMsMax)}
         and (c.wave_id is null or c.wave_id <> all($2))
         and not exists (select 1 from webhook_calls o join webhooks v on v.id = o.webhook_id
             where v.partner_id = w.partner_id and o.state = 'in_progress'
             and not ${isDueSql("o.next_at", "$1", retryMsMax)})
         order by w.first_failed_at is not null, c.next_at limit 1 for update of c skip locked`,
        [new Date(realNow), frozen],
    )
    return rows[0]
}

/** Marks the call as in flight before it is made. At `until` it is retried if no outcome is stored. */
export async function markInFlight(tx: Tx, id: string, until: Instant): Promise<void> {
    await tx.query(
        "update webhook_calls set state = 'in_progress', attempts = attempts + 1, next_at = $2 where id = $1",
        [id, new Date(until)],
    )
}

/** Whether this attempt is still in flight. */
export async function lockCall(tx: Tx, id: string, attempts: number): Promise<boolean> {
    const rows = await tx.query(
        "select 1 from webhook_calls where id = $1 and state = 'in_progress' and attempts = $2 for update",
        [id, attempts],
    )
    return rows.length > 0
}

/** Ends a call. Of ended calls, a webhook keeps the newest. */
export async function endCall(tx: Tx, { id, webhook }: CallRow, state: "sent" | "failed" | "dropped"): Promise<void> {
    await tx.query("update webhook_calls set state = $2 where id = $1", [id, state])
    await tx.query(
        "delete from webhook_calls where webhook_id = $1 and id <> $2 and state in ('sent', 'failed', 'dropped')",
        [webhook, id],
    )
}

/** Postpones a call, or drops it where another call of the webhook is due meanwhile. */
export async function postponeCall(tx: Tx, { id, webhook, wave }: CallRow, nextAt: Instant): Promise<void> {
    await tx.query(
        `update webhook_calls set next_at = $4, state = case when exists (select 1 from webhook_calls
             where webhook_id = $2 and state = 'due' and wave_id is not distinct
             from $3::uuid) then 'failed' else 'due' end
         where id = $1`,
        [id, webhook, wave, new Date(nextAt)],
    )
}

/** Ends all due calls of one webhook. */
export async function endDueCalls(tx: Tx, webhook: string, state: "failed" | "dropped"): Promise<void> {
    await tx.query("update webhook_calls set state = $2 where webhook_id = $1 and state = 'due'", [webhook, state])
}

/** Finds the last or next call, and locks it until the transaction ends. */
export async function findNewestCall(tx: Tx, webhook: string): Promise<{ id: string; state: string } | undefined> {
    const rows = await tx.query<{ id: string; state: string }>(
        `select id, state from webhook_calls where webhook_id = $1
         order by state in ('due', 'in_progress') desc, created_at desc limit 1 for update`,
        [webhook],
    )
    return rows[0]
}

/** Makes the same call due again with the same id and no attempts. */
export async function requeueCall(tx: Tx, id: string, nextAt: Instant): Promise<void> {
    await tx.query("update webhook_calls set state = 'due', attempts = 0, next_at = $2 where id = $1", [
        id,
        new Date(nextAt),
    ])
}

// --- All partners

export interface WebhookState extends Pick<Webhook, "partner" | "lastAt" | "failingSince" | "disabledAt"> {}

/** Lists the state of every webhook, without its address. */
export async function listWebhookStates(tx: Tx): Promise<WebhookState[]> {
    return await tx.query<WebhookState>(
        `select partner_id as partner, last_at as "lastAt", first_failed_at as "failingSince",
         disabled_at as "disabledAt" from webhooks order by created_at, id`,
    )
}
