/** Closes a case: cancelled before anyone was warned, else withdrawn. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Closure } from "../case.ts"
import { refuse } from "@tocsin/base/refusal"
import { encryptForCase, loadEmbargo, lockOpenCase } from "./load-case.ts"
import { withheldFrom } from "../../../platform/time/clock.ts"
import * as store from "../store/cases.ts"

/**
 * Closes a case that will not be published. `kind` depends on whether partners were warned. Refuses `case.closed`,
 * `case.already_published`.
 */
export async function closeCase(ctx: ActionContext, id: string, kind: Closure["kind"], reason: string): Promise<void> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can close a case")
    await lockOpenCase(ctx, id)
    if ((await loadEmbargo(ctx, id)).at(-1)?.kind === "ended") {
        refuse("conflict", "case.already_published", "this case is already published: it cannot be closed")
    }
    const reasonCiphertext = await encryptForCase(ctx, id, "case_closings.why", reason)
    const at = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    await store.insertClosure(ctx.tx, { case: id, kind, at, by: ctx.actor.person, reasonCiphertext })
    if (kind === "cancelled") await record(ctx, { kind: "case.cancelled", case: id })
    else await record(ctx, { kind: "case.withdrawn", case: id })
}
