/** Checks membership of an inquiry. For non-members, an inquiry does not exist. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type InquiryStatus, statusOf, assertStatus } from "../history.ts"
import * as store from "../store/inquiries.ts"
import { listHistory } from "../store/history.ts"

/**
 * Locks and returns the inquiry until the transaction ends. Refuses `inquiry.not_found` for non-members and for unknown
 * ids alike.
 */
export async function lockInquiryAsMember(ctx: ActionContext, id: string): Promise<store.InquiryRow> {
    const row = await store.lockInquiry(ctx.tx, id, assertOperator(ctx))
    return row ?? refuse("missing", "inquiry.not_found", "no such inquiry")
}

/** Returns the inquiry for a change. Refuses `inquiry.not_found`, and `inquiry.closed` for a closed inquiry. */
export async function lockOpenInquiryAsMember(ctx: ActionContext, id: string): Promise<store.InquiryRow> {
    const row = await lockInquiryAsMember(ctx, id)
    assertStatus("open", await loadStatus(ctx, id))
    return row
}

/** Loads the status of an inquiry, open or closed. */
export async function loadStatus(ctx: ActionContext, id: string): Promise<InquiryStatus> {
    return statusOf((await listHistory(ctx.tx, id)).at(-1)?.kind ?? null)
}

/** Returns the acting staff member's id. Refuses `inquiry.staff_only` for all other actors. */
export function assertOperator(ctx: ActionContext): string {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "inquiry.staff_only", "only staff can use inquiries")
    return ctx.actor.person
}

/** Names the vault scope of an inquiry, which has a data key of its own. */
export const inquiryScope = (id: string): string => `inquiry:${id}`
