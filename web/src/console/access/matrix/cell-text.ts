/** What a cell says: in the grid in few characters, to screen readers in full. Pure. */
import { parseInstant } from "@tocsin/base/instant"
import { wordsOf } from "../../../kit/instant.tsx"
import type { Decision } from "../../answers.ts"
import { outcomeWords } from "../../words.ts"
import { locale, t } from "../../../messages/message.ts"

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })
const days = new Map<string, string>()

/** The day of an instant in UTC, like "3 Jul". Formatting is slow and the grid asks often for few instants. */
export function dayOf(at: string): string {
    const known = days.get(at)
    if (known !== undefined) return known
    const text = day.format(parseInstant(at))
    days.set(at, text)
    return text
}

/** How access stands at the instant of the matrix. `planned`: it opens by then, if the wave is released as planned. */
export type CellState = "open" | "planned" | "later" | "none"

export function stateOf(decision: Decision, at: string, now: string): CellState {
    if (decision.outcome === "withheld") return "none"
    if (decision.available) return "open"
    const isReached = decision.from !== null && parseInstant(decision.from) <= parseInstant(at)
    return isReached && parseInstant(at) > parseInstant(now) && !decision.recalled ? "planned" : "later"
}

const sentences = new Map<string, string>()

/** Like "reduced, from 8 Jul 2025 17:00 UTC, not yet released". Thousands of cells share few sentences. */
export function sentenceOf(decision: Decision, state: CellState): string {
    const key = `${decision.outcome} ${state} ${decision.from}`
    const known = sentences.get(key)
    if (known !== undefined) return known
    const sentence = composeSentence(decision, state)
    sentences.set(key, sentence)
    return sentence
}

function composeSentence(decision: Decision, state: CellState): string {
    const outcome = outcomeWords[decision.outcome]
    if (state === "none") return outcome
    if (decision.from === null) {
        return t(
            "{outcome}, no instant planned, {state, select, open {released} planned {released by then if signed} other {not yet released}}",
            { outcome, state },
        )
    }
    return t(
        "{outcome}, from {since}, {state, select, open {released} planned {released by then if signed} other {not yet released}}",
        { outcome, since: wordsOf(decision.from).replace(/^0/, ""), state },
    )
}
