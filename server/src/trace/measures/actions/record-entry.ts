/** Reads and appends the history of a procedure. Texts of entries are encrypted with the partner's key. */
import { refuse } from "@tocsin/base/refusal"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type ProcedureHistory, answer } from "../procedure.ts"
import * as store from "../store/procedures.ts"

export interface LockedProcedure {
    readonly id: string
    readonly partner: string
    readonly history: ProcedureHistory
}

/** Texts of an entry. */
export interface EntryTexts {
    readonly reason?: string
    readonly terms?: string | null
    readonly text?: string
}

/** Locks a procedure until the transaction ends. Refuses `procedure.not_found`. */
export async function lockProcedure(ctx: ActionContext, id: string): Promise<LockedProcedure> {
    const row = (await store.lockProcedure(ctx.tx, id)) ?? refuseUnknownProcedure()
    return {
        id,
        partner: row.partner,
        history: (await store.listEntries(ctx.tx, [id])).map(({ entry }) => entry),
    }
}

/** Returns the partner of a procedure. Refuses `procedure.not_found`. */
export async function loadPartnerOfProcedure(ctx: ActionContext, id: string): Promise<string> {
    return ((await store.findProcedure(ctx.tx, id)) ?? refuseUnknownProcedure()).partner
}

/** Refuses `procedure.not_found`. */
export function refuseUnknownProcedure(): never {
    refuse("missing", "procedure.not_found", "no such procedure")
}

/** Appends the last entry of `history`, which the model has validated. */
export async function appendEntry(
    ctx: ActionContext,
    { id, partner }: Pick<LockedProcedure, "id" | "partner">,
    history: ProcedureHistory,
    details: { readonly approval?: string; readonly texts?: EntryTexts } = {},
): Promise<void> {
    const n = history.length - 1
    const entry = history[n]
    if (!entry) throw new Error("the procedure has no new entry")
    const text = details.texts && JSON.stringify(details.texts)
    await store.insertEntry(ctx.tx, {
        procedure: id,
        n,
        entry,
        approval: details.approval ?? null,
        text_ciphertext: text
            ? await encryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(id, n), text)
            : null,
    })
}

/** Decrypts the texts of each entry, null where there are none. */
export async function decryptTexts(
    ctx: ActionContext,
    partner: string,
    rows: readonly store.ProcedureEntryRow[],
): Promise<(EntryTexts | null)[]> {
    const texts: (EntryTexts | null)[] = []
    for (const { procedure, n, text_ciphertext: ciphertext } of rows) {
        const place = placeOf(procedure, n)
        const text =
            ciphertext && (await decryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, place, ciphertext))
        texts.push(text === null ? null : (JSON.parse(text) as EntryTexts))
    }
    return texts
}

const placeOf = (id: string, n: number): string => `procedure_history.text:${id}:${n}`

/** Records that the partner answered the opening letter. */
export async function addAnswer(ctx: ActionContext, id: string, person: string): Promise<void> {
    const procedure = await lockProcedure(ctx, id)
    await appendEntry(ctx, procedure, answer(procedure.history, person, ctx.now))
    await record(ctx, { kind: "procedure.answered", procedure: id, partner: procedure.partner })
}
