/** How an inquiry went: closed, opened again, each with a reason. */
import { type Act, record } from "../../../trust/audit/actions.ts"
import { type Turn, courseOf, mustBe, mustBeReason } from "../course.ts"
import * as store from "../store/course.ts"
import { memberOf, mustBeOperator } from "./membership.ts"
import { keepWords, openWords } from "./words.ts"

type Words = Pick<Turn, "outcome" | "reason">

export async function turn(act: Act, id: string, kind: Turn["kind"], said: Words): Promise<void> {
    await memberOf(act, id)
    const before = await store.turns(act.tx, id)
    mustBe(kind === "closed" ? "open" : "closed", courseOf(before.at(-1)?.kind ?? null))
    mustBeReason(said.reason)
    const n = before.length
    const { box, words } = await keepWords(act, id, placeOf(id, n), { outcome: said.outcome, reason: said.reason })
    await store.insertTurn(act.tx, id, n, { kind, by: mustBeOperator(act), at: act.now, text_ciphertext: box })
    await record(act, { kind: kind === "closed" ? "inquiry.closed" : "inquiry.reopened", inquiry: id, words }, true)
}

/** For actions that have let the member in; oldest first. */
export async function turnsOf(act: Act, id: string): Promise<Turn[]> {
    const all: Turn[] = []
    for (const [n, { kind, by, at, text_ciphertext: box }] of (await store.turns(act.tx, id)).entries()) {
        all.push({ ...(await openWords<Words>(act, id, placeOf(id, n), box)), kind, by, at })
    }
    return all
}

const placeOf = (id: string, n: number): string => `inquiry_turns.words:${id} ${n}`
