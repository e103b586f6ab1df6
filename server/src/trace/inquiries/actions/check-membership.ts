/** Who is let in: members, and for all others an inquiry does not exist. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Course, courseOf, assertCourse } from "../history.ts"
import * as store from "../store.ts"
import { listTurns } from "../store/history.ts"

/** The inquiry, held until the transaction ends; for whoever is no member the same answer as where there is none. */
export async function memberOf(ctx: ActionContext, id: string): Promise<store.InquiryRow> {
    const row = await store.lockInquiry(ctx.tx, id, assertOperator(ctx))
    return row ?? refuse("missing", "inquiry.not_found", "no such inquiry")
}

/** The same, for whoever changes it: what is closed stays as it is. */
export async function memberOfOpen(ctx: ActionContext, id: string): Promise<store.InquiryRow> {
    const row = await memberOf(ctx, id)
    assertCourse("open", await courseNow(ctx, id))
    return row
}

export async function courseNow(ctx: ActionContext, id: string): Promise<Course> {
    return courseOf((await listTurns(ctx.tx, id)).at(-1)?.kind ?? null)
}

export function assertOperator(ctx: ActionContext): string {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "inquiry.staff_only", "inquiries are the operator's")
    return ctx.actor.person
}

/** The vault's scope: an inquiry has a data key of its own. */
export const sealedWith = (id: string): string => `inquiry:${id}`
