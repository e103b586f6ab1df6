/** Reads and appends the history of a procedure. Texts of entries are encrypted with the partner's key. */
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Procedure, answer } from "../procedure.ts"
import * as store from "../store/procedures.ts"

export interface OpenProcedure {
    readonly id: string
    readonly partner: string
    readonly turns: Procedure
}

/** Texts of an entry. */
export interface TurnWords {
    readonly reason?: string
    readonly terms?: string | null
    readonly text?: string
}

/** Locks a procedure until the transaction ends. Refuses `procedure.not_found`. */
export async function lockedProcedure(ctx: ActionContext, id: string): Promise<OpenProcedure> {
    const row = (await store.lockProcedure(ctx.tx, id)) ?? unknownProcedure()
    return { id, partner: row.partner, turns: (await store.listTurns(ctx.tx, [id])).map(({ turn }) => turn) }
}

/** Returns the partner of a procedure. Refuses `procedure.not_found`. */
export async function subjectOf(ctx: ActionContext, id: string): Promise<string> {
    return ((await store.findProcedure(ctx.tx, id)) ?? unknownProcedure()).partner
}

/** Refuses `procedure.not_found`. */
export function unknownProcedure(): never {
    refuse("missing", "procedure.not_found", "no such procedure")
}

/** Appends the last entry of `after`, which the model has validated. */
export async function addTurn(
    ctx: ActionContext,
    { id, partner }: Pick<OpenProcedure, "id" | "partner">,
    after: Procedure,
    beside: { readonly approval?: string; readonly words?: TurnWords } = {},
): Promise<void> {
    const n = after.length - 1
    const turn = after[n]
    if (!turn) throw new Error("the procedure has no new entry")
    const text = beside.words && JSON.stringify(beside.words)
    await store.insertTurn(ctx.tx, {
        procedure: id,
        n,
        turn,
        approval: beside.approval ?? null,
        text_ciphertext: text
            ? await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(id, n), text)
            : null,
    })
}

/** Decrypts the texts of each entry, null where there are none. */
export async function wordsOfTurns(
    ctx: ActionContext,
    partner: string,
    rows: readonly store.TurnRow[],
): Promise<(TurnWords | null)[]> {
    const turnWords: (TurnWords | null)[] = []
    for (const { procedure, n, text_ciphertext: box } of rows) {
        const place = placeOf(procedure, n)
        const text = box && (await unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, place, box))
        turnWords.push(text === null ? null : (JSON.parse(text) as TurnWords))
    }
    return turnWords
}

const placeOf = (id: string, n: number): string => `procedure_turns.words:${id}:${n}`

/** Records that the partner answered the opening letter. */
export async function addAnswer(ctx: ActionContext, id: string, person: string): Promise<void> {
    const procedure = await lockedProcedure(ctx, id)
    await addTurn(ctx, procedure, answer(procedure.turns, person, ctx.now))
    await record(ctx, { kind: "procedure.answered", procedure: id, partner: procedure.partner })
}
