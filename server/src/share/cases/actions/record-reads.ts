/**
 * Records what a person read of a case: one event for each person, part and revision, in the transaction of the first
 * read.
 *
 * The event is committed before the first byte of the answer. Repeated reads write nothing.
 */
import { type ActionContext, recordAtCommit } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import * as store from "../store/cases.ts"

/**
 * `facts`: title, vulnerabilities, products or deployment permission. `public_text`: the text that a signature
 * publishes.
 */
export type CasePart = store.CaseRead["part"]

/** Records that the acting person read this part of these cases, where it is not recorded yet. */
export async function recordReads(ctx: ActionContext, part: CasePart, cases: readonly string[]): Promise<void> {
    const person = personOf(ctx.actor)
    if (person === null || cases.length === 0) return
    const partner = ctx.actor.kind === "partner" ? ctx.actor.partner : null
    for (const { case: id, revision } of await store.insertReads(ctx.tx, { person, part, at: ctx.now }, cases)) {
        recordAtCommit(ctx, { kind: "case.read", case: id, revision, part, partner })
    }
}
