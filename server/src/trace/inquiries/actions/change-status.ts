/** Stores the history of an inquiry: closed and reopened, each with a reason. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type HistoryEntry, statusOf, assertStatus, validateReason } from "../history.ts"
import * as store from "../store/history.ts"
import { lockInquiryAsMember, assertOperator } from "./check-membership.ts"
import { encryptTexts, decryptTexts } from "./encrypt-texts.ts"

type EntryTexts = Pick<HistoryEntry, "outcome" | "reason">

/** Appends an entry to the inquiry's history. */
export async function changeStatus(
    ctx: ActionContext,
    id: string,
    kind: HistoryEntry["kind"],
    texts: EntryTexts,
): Promise<void> {
    await lockInquiryAsMember(ctx, id)
    const history = await store.listHistory(ctx.tx, id)
    assertStatus(kind === "closed" ? "open" : "closed", statusOf(history.at(-1)?.kind ?? null))
    validateReason(texts.reason)
    const n = history.length
    const { ciphertext, commitment } = await encryptTexts(ctx, id, placeOf(id, n), {
        outcome: texts.outcome,
        reason: texts.reason,
    })
    await store.insertEntry(ctx.tx, id, n, { kind, by: assertOperator(ctx), at: ctx.now, text_ciphertext: ciphertext })
    await record(
        ctx,
        { kind: kind === "closed" ? "inquiry.closed" : "inquiry.reopened", inquiry: id, text: commitment },
        true,
    )
}

/** Lists the history, oldest first. The caller has checked membership. */
export async function listHistory(ctx: ActionContext, id: string): Promise<HistoryEntry[]> {
    const entries: HistoryEntry[] = []
    for (const [n, { kind, by, at, text_ciphertext: ciphertext }] of (await store.listHistory(ctx.tx, id)).entries()) {
        entries.push({ ...(await decryptTexts<EntryTexts>(ctx, id, placeOf(id, n), ciphertext)), kind, by, at })
    }
    return entries
}

const placeOf = (id: string, n: number): string => `inquiry_history.text:${id} ${n}`
