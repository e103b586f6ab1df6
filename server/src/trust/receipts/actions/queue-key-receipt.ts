/**
 * Queues and lists the receipts of changes of a partner's keys.
 *
 * They are numbered, and each has the commitment of the one before. So a receipt can neither be left out nor replaced
 * (docs/design/0068).
 */
import type { KeyChange } from "@tocsin/client/key-change"
import { formatInstant } from "@tocsin/base/instant"
import { commit, saltBytes } from "@tocsin/audit-log/signed-note"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

/** A change before it has its number. */
export type NewKeyChange = Pick<
    KeyChange,
    "kind" | "key" | "recipient" | "confirmedBy" | "approval" | "usableFrom" | "expiresAt"
>

/**
 * Queues the receipt of a change for the next batch. The caller has locked the partner. Returns the commitment in hex,
 * for the event that it proves.
 */
export async function queueKeyReceipt(ctx: ActionContext, partner: string, change: NewKeyChange): Promise<string> {
    const { actor, services, tx, now } = ctx
    const last = await store.findLastKeyReceipt(tx, partner)
    const id = services.newId()
    const number = (last?.number ?? 0) + 1
    const body = {
        ...change,
        at: formatInstant(now),
        receipt: id,
        partner,
        person: actor.kind === "partner" ? actor.person : null,
        number,
        previous: last === null ? null : last.commitment.toString("hex"),
    }
    const salt = services.random(saltBytes)
    const commitment = Buffer.from(commit(salt, body))
    await store.insertKeyReceipt(tx, { id, partner, salt, body, commitment }, number)
    return commitment.toString("hex")
}

/** Lists the changes of the partner's keys, oldest first. */
export async function listKeyChanges(ctx: ActionContext, partner: string): Promise<KeyChange[]> {
    return await store.listKeyChanges(ctx.tx, partner)
}

/** Counts the changes of the keys of the acting person's partner. */
export async function countKeyChanges({ actor, tx }: ActionContext): Promise<number> {
    return actor.kind === "partner" ? ((await store.findLastKeyReceipt(tx, actor.partner))?.number ?? 0) : 0
}
