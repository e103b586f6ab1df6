/** The turns of a procedure, read and added one at a time; the words that go with one are sealed with the partner. */
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { type Procedure, answer } from "../procedure.ts"
import * as store from "../store/procedures.ts"

export interface OpenProcedure {
    readonly id: string
    readonly partner: string
    readonly turns: Procedure
}

/** What is written beside a turn. */
export interface TurnWords {
    readonly reason?: string
    readonly terms?: string | null
    readonly text?: string
}

/** Held until the transaction ends. */
export async function lockedProcedure(act: Act, id: string): Promise<OpenProcedure> {
    const row = (await store.lockProcedure(act.tx, id)) ?? unknownProcedure()
    return { id, partner: row.partner, turns: (await store.turns(act.tx, [id])).map(({ turn }) => turn) }
}

/** The partner that it is about. */
export async function subjectOf(act: Act, id: string): Promise<string> {
    return ((await store.procedure(act.tx, id)) ?? unknownProcedure()).partner
}

export function unknownProcedure(): never {
    refuse("missing", "procedure.not_found", "no such procedure")
}

/** Writes what came last of `after`, which a rule has allowed. */
export async function addTurn(
    act: Act,
    { id, partner }: Pick<OpenProcedure, "id" | "partner">,
    after: Procedure,
    beside: { readonly approval?: string; readonly words?: TurnWords } = {},
): Promise<void> {
    const n = after.length - 1
    const turn = after[n]
    if (!turn) throw new Error("no turn was taken")
    const words = beside.words && JSON.stringify(beside.words)
    await store.insertTurn(act.tx, {
        ...{ procedure: id, n, turn, approval: beside.approval ?? null },
        text_ciphertext: words ? await seal(act.tx, act.doors.keys, `partner:${partner}`, placeOf(id, n), words) : null,
    })
}

/** The words beside each turn, null where there are none. */
export async function wordsOfTurns(
    act: Act,
    partner: string,
    rows: readonly store.TurnRow[],
): Promise<(TurnWords | null)[]> {
    const all: (TurnWords | null)[] = []
    for (const { procedure, n, text_ciphertext: box } of rows) {
        const place = placeOf(procedure, n)
        const text = box && (await unseal(act.tx, act.doors.keys, `partner:${partner}`, place, box))
        all.push(text === null ? null : (JSON.parse(text) as TurnWords))
    }
    return all
}

const placeOf = (id: string, n: number): string => `procedure_turns.words:${id}:${n}`

/** The partner has answered the letter that opened it. */
export async function addAnswer(act: Act, id: string, person: string): Promise<void> {
    const its = await lockedProcedure(act, id)
    await addTurn(act, its, answer(its.turns, person, act.now))
    await record(act, { kind: "procedure.answered", procedure: id, partner: its.partner })
}
