/** Procedures over HTTP, for the operator: opened, given more time, decided by two, and decided again on appeal. */
import { Type } from "typebox"
import { parseInstant } from "../../../lib/instant.ts"
import { route } from "../../../trust/audit/actions.ts"
import {
    type NewDecision,
    carryOutAppealDecision,
    carryOutDecision,
    draftDecision,
    requestAppealDecision,
    requestDecision,
} from "../actions/decisions.ts"
import {
    type ProcedureState,
    type ToldTurn,
    draftConcern,
    draftMoreTime,
    giveMoreTime,
    openProcedure,
    procedures,
    wholeProcedure,
} from "../actions/procedures.ts"
import { outcomes } from "../procedure.ts"
import { byId, closed, id, letterAnswer, letterText, obligation, orNull, presentedLetter, told } from "./presenting.ts"

const console = { side: "console" as const }
const maybe = orNull(Type.String())
const instant = Type.String({ maxLength: 40 })
const outcome = Type.Enum([...outcomes])

const state = {
    id,
    partner: id,
    phase: Type.String(),
    answerBy: Type.String(),
    appealBy: maybe,
    sanction: orNull(Type.Object({ outcome, returnFrom: maybe })),
    waitsSince: maybe,
    grounds: Type.Object({ obligation, conclusion: Type.String(), confidence: Type.String() }),
}
const turn = Type.Object({
    kind: Type.String(),
    at: Type.String(),
    by: Type.Array(id),
    answerBy: maybe,
    appealBy: maybe,
    outcome: orNull(outcome),
    returnFrom: maybe,
    approval: orNull(id),
    words: orNull(
        Type.Object({
            reason: Type.Optional(Type.String()),
            terms: Type.Optional(maybe),
            text: Type.Optional(Type.String()),
        }),
    ),
})

function presented({ sanction, ...its }: ProcedureState) {
    return {
        ...{ id: its.id, partner: its.partner, phase: its.phase, grounds: its.grounds },
        ...{ answerBy: told(its.answerBy), appealBy: told(its.appealBy), waitsSince: told(its.waitsSince) },
        sanction: sanction && { ...sanction, returnFrom: told(sanction.returnFrom) },
    }
}

function presentedTurn({ turn: one, approval, words }: ToldTurn) {
    return {
        kind: one.kind,
        at: told(one.at),
        by: typeof one.by === "string" ? [one.by] : [...one.by],
        answerBy: told("answerBy" in one ? one.answerBy : null),
        appealBy: told("appealBy" in one ? one.appealBy : null),
        outcome: "outcome" in one ? one.outcome : null,
        returnFrom: told("returnFrom" in one ? one.returnFrom : null),
        ...{ approval, words },
    }
}

const whatIsDecided = { outcome, returnFrom: Type.Optional(orNull(instant)), terms: Type.Optional(maybe) }
const decisionBody = Type.Object(
    {
        ...whatIsDecided,
        reason: Type.String(),
        appealDays: Type.Optional(Type.Integer()),
        letter: Type.Optional(letterText),
    },
    closed,
)

type Decided = Pick<NewDecision, "outcome" | "returnFrom" | "terms">

function decided({ outcome: what, returnFrom = null, terms = null }: WrittenDecision): Decided {
    return { outcome: what, returnFrom: returnFrom === null ? null : parseInstant(returnFrom), terms }
}

interface WrittenDecision {
    readonly outcome: NewDecision["outcome"]
    readonly returnFrom?: string | null | undefined
    readonly terms?: string | null | undefined
}

const opening = { inquiry: id, finding: id, answerDays: Type.Optional(Type.Integer()) }

const readingRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/procedures",
            needs: "measure:read",
            does: "All procedures, or those about one partner, newest first, each with where it stands",
            query: Type.Object({ partner: Type.Optional(id) }, closed),
            answer: Type.Object({ procedures: Type.Array(Type.Object(state)) }),
        },
        async (ask) => ({ procedures: (await procedures(ask, ask.query.partner ?? null)).map(presented) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/procedures/{id}",
            needs: "measure:read",
            does: "One procedure: its turns, its letters, and the partner's answer and appeal",
            params: byId,
            answer: Type.Object({ ...state, turns: Type.Array(turn), letters: Type.Array(letterAnswer) }),
        },
        async (ask) => {
            const its = await wholeProcedure(ask, ask.params.id)
            const letters = its.letters.map(presentedLetter)
            return { ...presented(its), turns: its.turns.map(presentedTurn), letters }
        },
    ),
]

const openingRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/draft",
            needs: "inquiry:write",
            does: "The letter that would open a procedure on a confirmed finding; for members of its inquiry",
            body: Type.Object(opening, closed),
            answer: letterText,
        },
        async ({ body, ...act }) => await draftConcern(act, body),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures",
            needs: "inquiry:write",
            creates: true,
            does: "Opens a procedure on a confirmed finding of a breach: the letter is sent, and the time for an answer runs",
            body: Type.Object({ ...opening, reason: Type.String(), letter: Type.Optional(letterText) }, closed),
            answer: Type.Object({ procedure: id }),
        },
        async ({ body, ...act }) => ({ procedure: await openProcedure(act, body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/{id}/extend",
            needs: "measure:suspend",
            does: "Gives the partner more time for its answer, and tells it so",
            params: byId,
            body: Type.Object({ answerBy: instant, reason: Type.String(), letter: Type.Optional(letterText) }, closed),
            answer: Type.Object({ extended: Type.Literal(true) }),
        },
        async ({ body, params, ...act }) => {
            await giveMoreTime(act, params.id, { ...body, answerBy: parseInstant(body.answerBy) })
            return { extended: true }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/{id}/draft-extension",
            needs: "measure:suspend",
            does: "The letter that would give the partner more time",
            params: byId,
            body: Type.Object({ answerBy: instant }, closed),
            answer: letterText,
        },
        async ({ body, params, ...act }) => await draftMoreTime(act, params.id, parseInstant(body.answerBy)),
    ),
]

const asking = { ...console, method: "POST" as const, params: byId }
const asked = { body: decisionBody, answer: Type.Object({ approval: id }) }
const carrying = { body: Type.Object({ approval: id }, closed), answer: Type.Object({ measure: orNull(id) }) }

const decidingRoutes = [
    route(
        {
            ...asking,
            path: "/api/procedures/{id}/draft-decision",
            needs: "measure:decide",
            does: "The letter that a decision would be told in; the instants of its sending are still open",
            body: Type.Object(whatIsDecided, closed),
            answer: letterText,
        },
        async ({ body, params, ...act }) => await draftDecision(act, params.id, decided(body)),
    ),
    route(
        {
            ...asking,
            ...asked,
            path: "/api/procedures/{id}/decide",
            needs: "measure:decide",
            does: "Asks a second person to sign a decision, once the partner has answered or its time is over",
        },
        async ({ body, params, ...act }) => ({
            approval: await requestDecision(act, params.id, { ...body, ...decided(body) }),
        }),
    ),
    route(
        {
            ...asking,
            ...carrying,
            path: "/api/procedures/{id}/apply-decision",
            needs: "measure:decide",
            does: "Carries out the decision that a second person has signed",
        },
        async ({ body, params, ...act }) => ({ measure: await carryOutDecision(act, params.id, body.approval) }),
    ),
    route(
        {
            ...asking,
            ...asked,
            path: "/api/procedures/{id}/decide-appeal",
            needs: "measure:decide",
            does: "Asks a second person to sign the decision on an appeal; neither has decided before",
        },
        async ({ body, params, ...act }) => ({
            approval: await requestAppealDecision(act, params.id, { ...body, ...decided(body) }),
        }),
    ),
    route(
        {
            ...asking,
            ...carrying,
            path: "/api/procedures/{id}/apply-appeal-decision",
            needs: "measure:decide",
            does: "Carries out the decision on an appeal that a second person has signed",
        },
        async ({ body, params, ...act }) => ({ measure: await carryOutAppealDecision(act, params.id, body.approval) }),
    ),
]

export const procedureRoutes = [...readingRoutes, ...openingRoutes, ...decidingRoutes]
