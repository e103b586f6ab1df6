/** Routes of procedures, for staff: open, extend, decide and decide on appeal. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import {
    type NewDecision,
    applyAppealDecision,
    applyDecision,
    draftDecision,
    requestAppealDecision,
    requestDecision,
} from "../actions/decide-procedure.ts"
import {
    type ProcedureState,
    type EntryWithTexts,
    draftConcern,
    draftAnswerExtension,
    extendAnswerTime,
    openProcedure,
    listProcedures,
    loadProcedure,
} from "../actions/open-procedure.ts"

import { presentLetter, formatOrNull } from "./present.ts"
import { byId, closed, id, orNull } from "../../../kernel/schemas.ts"
import {
    decisionBody,
    draftExtensionProcedureBody,
    draftProcedureBody,
    extendProcedureAnswer,
    extendProcedureBody,
    letterText,
    newProcedureAnswer,
    newProcedureBody,
    proceduresAnswer,
    proceduresQuery,
    decisionFields,
    procedureDetailsAnswer,
} from "../schemas.ts"

const console = { side: "console" as const }

function presentProcedure({ sanction, ...rest }: ProcedureState) {
    return {
        id: rest.id,
        partner: rest.partner,
        phase: rest.phase,
        grounds: rest.grounds,
        answerBy: formatOrNull(rest.answerBy),
        appealBy: formatOrNull(rest.appealBy),
        decisionDueSince: formatOrNull(rest.decisionDueSince),
        sanction: sanction && { ...sanction, returnFrom: formatOrNull(sanction.returnFrom) },
    }
}

function presentEntry({ entry, approval, texts }: EntryWithTexts) {
    return {
        kind: entry.kind,
        at: formatInstant(entry.at),
        by: typeof entry.by === "string" ? [entry.by] : [...entry.by],
        answerBy: formatOrNull("answerBy" in entry ? entry.answerBy : null),
        appealBy: formatOrNull("appealBy" in entry ? entry.appealBy : null),
        outcome: "outcome" in entry ? entry.outcome : null,
        returnFrom: formatOrNull("returnFrom" in entry ? entry.returnFrom : null),
        approval,
        texts,
    }
}

type ParsedDecision = Pick<NewDecision, "outcome" | "returnFrom" | "terms">

function parseDecision({ outcome, returnFrom = null, terms = null }: DecisionBody): ParsedDecision {
    return { outcome, returnFrom: returnFrom === null ? null : parseInstant(returnFrom), terms }
}

interface DecisionBody {
    readonly outcome: NewDecision["outcome"]
    readonly returnFrom?: string | null | undefined
    readonly terms?: string | null | undefined
}

const readRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/procedures",
            permission: "measure:read",
            summary: "Lists all procedures, or those about one partner, newest first, with their phase",
            query: proceduresQuery,
            answer: proceduresAnswer,
        },
        async (ctx) => ({ procedures: (await listProcedures(ctx, ctx.query.partner ?? null)).map(presentProcedure) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/procedures/{id}",
            permission: "measure:read",
            summary: "Returns one procedure with its history, letters, answer and appeal",
            params: byId,
            answer: procedureDetailsAnswer,
        },
        async (ctx) => {
            const procedure = await loadProcedure(ctx, ctx.params.id)
            const letters = procedure.letters.map(presentLetter)
            return { ...presentProcedure(procedure), history: procedure.history.map(presentEntry), letters }
        },
    ),
]

const openRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/draft",
            permission: "inquiry:write",
            summary: "Drafts the letter that opens a procedure on a confirmed finding; for members of its inquiry",
            body: draftProcedureBody,
            answer: letterText,
        },
        async ({ body, ...ctx }) => await draftConcern(ctx, body),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures",
            permission: "inquiry:write",
            creates: true,
            summary: "Opens a procedure on a confirmed breach, sends the letter and starts the time to answer",
            body: newProcedureBody,
            answer: newProcedureAnswer,
        },
        async ({ body, ...ctx }) => ({ procedure: await openProcedure(ctx, body) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/{id}/extend",
            permission: "measure:suspend",
            summary: "Extends the partner's time to answer, and notifies the partner",
            params: byId,
            body: extendProcedureBody,
            answer: extendProcedureAnswer,
        },
        async ({ body, params, ...ctx }) => {
            await extendAnswerTime(ctx, params.id, { ...body, answerBy: parseInstant(body.answerBy) })
            return { extended: true }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/procedures/{id}/draft-extension",
            permission: "measure:suspend",
            summary: "Drafts the letter that extends the time to answer",
            params: byId,
            body: draftExtensionProcedureBody,
            answer: letterText,
        },
        async ({ body, params, ...ctx }) => await draftAnswerExtension(ctx, params.id, parseInstant(body.answerBy)),
    ),
]

const procedurePost = { ...console, method: "POST" as const, params: byId }
const requestSchemas = { body: decisionBody, answer: Type.Object({ approval: id }) }
const applySchemas = { body: Type.Object({ approval: id }, closed), answer: Type.Object({ measure: orNull(id) }) }

const decideRoutes = [
    route(
        {
            ...procedurePost,
            path: "/api/procedures/{id}/draft-decision",
            permission: "measure:decide",
            summary: "Drafts the letter of a decision; places filled at sending stay open",
            body: Type.Object(decisionFields, closed),
            answer: letterText,
        },
        async ({ body, params, ...ctx }) => await draftDecision(ctx, params.id, parseDecision(body)),
    ),
    route(
        {
            ...procedurePost,
            ...requestSchemas,
            path: "/api/procedures/{id}/decide",
            permission: "measure:decide",
            summary: "Requests a signature on a decision, after the answer or the deadline",
        },
        async ({ body, params, ...ctx }) => ({
            approval: await requestDecision(ctx, params.id, { ...body, ...parseDecision(body) }),
        }),
    ),
    route(
        {
            ...procedurePost,
            ...applySchemas,
            path: "/api/procedures/{id}/apply-decision",
            permission: "measure:decide",
            summary: "Applies a signed decision",
        },
        async ({ body, params, ...ctx }) => ({ measure: await applyDecision(ctx, params.id, body.approval) }),
    ),
    route(
        {
            ...procedurePost,
            ...requestSchemas,
            path: "/api/procedures/{id}/decide-appeal",
            permission: "measure:decide",
            summary: "Requests a signature on the decision of an appeal, from people who have not decided before",
        },
        async ({ body, params, ...ctx }) => ({
            approval: await requestAppealDecision(ctx, params.id, { ...body, ...parseDecision(body) }),
        }),
    ),
    route(
        {
            ...procedurePost,
            ...applySchemas,
            path: "/api/procedures/{id}/apply-appeal-decision",
            permission: "measure:decide",
            summary: "Applies a signed decision of an appeal",
        },
        async ({ body, params, ...ctx }) => ({ measure: await applyAppealDecision(ctx, params.id, body.approval) }),
    ),
]

export const procedureRoutes = [...readRoutes, ...openRoutes, ...decideRoutes]
