/** Stores the history of an inquiry: closed and reopened, each with a reason. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Turn, courseOf, assertCourse, validateReason } from "../history.ts"
import * as store from "../store/history.ts"
import { memberOf, assertOperator } from "./check-membership.ts"
import { saveTexts, openWords } from "./load-texts.ts"

type Words = Pick<Turn, "outcome" | "reason">

/** Appends an entry to the inquiry's history. */
export async function turn(ctx: ActionContext, id: string, kind: Turn["kind"], input: Words): Promise<void> {
    await memberOf(ctx, id)
    const before = await store.listTurns(ctx.tx, id)
    assertCourse(kind === "closed" ? "open" : "closed", courseOf(before.at(-1)?.kind ?? null))
    validateReason(input.reason)
    const n = before.length
    const { box, words: text } = await saveTexts(ctx, id, placeOf(id, n), {
        outcome: input.outcome,
        reason: input.reason,
    })
    await store.insertTurn(ctx.tx, id, n, { kind, by: assertOperator(ctx), at: ctx.now, text_ciphertext: box })
    await record(
        ctx,
        { kind: kind === "closed" ? "inquiry.closed" : "inquiry.reopened", inquiry: id, words: text },
        true,
    )
}

/** Lists the history, oldest first. The caller has checked membership. */
export async function turnsOf(ctx: ActionContext, id: string): Promise<Turn[]> {
    const entries: Turn[] = []
    for (const [n, { kind, by, at, text_ciphertext: box }] of (await store.listTurns(ctx.tx, id)).entries()) {
        entries.push({ ...(await openWords<Words>(ctx, id, placeOf(id, n), box)), kind, by, at })
    }
    return entries
}

const placeOf = (id: string, n: number): string => `inquiry_turns.words:${id} ${n}`
