/** Routes of letters. Partners read theirs in every status. Staff read drafts, templates and answers. */
import { formatInstant, parseInstant, instantInWords } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { appealDecision } from "../actions/decide-procedure.ts"
import { loadMeasure } from "../actions/record-measure.ts"
import { answerLetter, markAnswerRead, loadLetterForPartner, listLettersForPartner } from "../actions/send-letter.ts"
import { loadProcedureForPartner } from "../actions/load-procedure-for-partner.ts"
import { draftEditableLetter, setTemplate, loadTemplate, listTemplates } from "../actions/set-template.ts"
import { type Letter } from "../letter.ts"
import { reviewWithinMs } from "../measure.ts"
import { fieldsOf, requiredFieldsOf } from "../template.ts"
import { letterPartsOf, formatOrNull } from "./present.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    answerLetterAnswer,
    answerLetterBody,
    appealLetterAnswer,
    appealLetterBody,
    draftLetterBody,
    letterTemplatesAnswer,
    letterText,
    lettersAnswer,
    markReadLetterAnswer,
    letterForPartnerAnswer,
    setLetterTemplateAnswer,
    setLetterTemplateParams,
} from "../schemas.ts"

const console = { side: "console" as const }
const portal = { side: "portal" as const }

async function presentForPartner(ctx: ActionContext, letter: Letter) {
    const procedure = await loadProcedureForPartner(ctx, letter)
    return {
        ...letterPartsOf(letter),
        about: await loadMeasureForPartner(ctx, letter),
        procedure: procedure && {
            ...procedure,
            answerBy: formatOrNull(procedure.answerBy),
            appealBy: formatOrNull(procedure.appealBy),
            returnFrom: formatOrNull(procedure.returnFrom),
            appealedAt: formatOrNull(procedure.appealedAt),
        },
    }
}

async function loadMeasureForPartner(ctx: ActionContext, { measure, kind, sentAt }: Letter) {
    if (measure === null) return { kind, takenAt: formatInstant(sentAt), reviewBy: null, endedAt: null }
    const measureDetails = await loadMeasure(ctx, measure)
    return {
        kind: measureDetails.kind,
        takenAt: formatInstant(measureDetails.takenAt),
        reviewBy: formatOrNull(measureDetails.reviewBy),
        endedAt: formatOrNull(measureDetails.endedAt),
    }
}

export const letterRoutesForPartner = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/letters",
            permission: "letter:read",
            summary: "Lists the letters to this partner, newest first, in every status",
            answer: lettersAnswer,
        },
        async (ctx) => {
            const letters = []
            for (const letter of await listLettersForPartner(ctx)) letters.push(await presentForPartner(ctx, letter))
            return { letters }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/letters/{id}",
            permission: "letter:read",
            summary: "Returns one letter to this partner",
            params: byId,
            answer: letterForPartnerAnswer,
        },
        async (ctx) => await presentForPartner(ctx, await loadLetterForPartner(ctx, ctx.params.id)),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/letters/{id}/answer",
            permission: "letter:answer",
            summary: "Answers a letter, once, by a lead",
            params: byId,
            body: answerLetterBody,
            answer: answerLetterAnswer,
        },
        async (ctx) => {
            await answerLetter(ctx, ctx.params.id, ctx.body.text)
            return { answered: true }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/letters/{id}/appeal",
            permission: "letter:answer",
            summary: "Appeals the decision in a letter, once and within the term, by a lead",
            params: byId,
            body: appealLetterBody,
            answer: appealLetterAnswer,
        },
        async (ctx) => {
            await appealDecision(ctx, ctx.params.id, ctx.body.text)
            return { appealed: true }
        },
    ),
]

export const letterRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/letters/draft",
            permission: "measure:read",
            summary: "Drafts the letter about a measure for this partner, or returns the template for several",
            body: draftLetterBody,
            answer: letterText,
        },
        async ({ body, ...ctx }) => {
            if (body.partner === undefined) return await loadTemplate(ctx, body.kind)
            const reviewBy = body.reviewBy === undefined ? ctx.now + reviewWithinMs : parseInstant(body.reviewBy)
            return await draftEditableLetter(ctx, body.kind, body.partner, { review_by: instantInWords(reviewBy) })
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/letters/{id}/mark-read",
            permission: "letter:mark_read",
            summary: "Marks a partner's answer as read",
            params: byId,
            answer: markReadLetterAnswer,
        },
        async (ctx) => {
            await markAnswerRead(ctx, ctx.params.id)
            return { read: true }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/letter-templates",
            permission: "measure:read",
            summary: "Lists the current template of each kind, with its possible and required places",
            answer: letterTemplatesAnswer,
        },
        async (ctx) => ({
            templates: (await listTemplates(ctx)).map((template) => ({
                ...template,
                since: formatOrNull(template.since),
                fields: fieldsOf(template.kind),
                required: requiredFieldsOf(template.kind),
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "PUT",
            path: "/api/letter-templates/{kind}",
            permission: "letter:write",
            summary: "Stores a new version of a template; sent letters stay unchanged",
            params: setLetterTemplateParams,
            body: letterText,
            answer: setLetterTemplateAnswer,
        },
        async (ctx) => ({ version: await setTemplate(ctx, ctx.params.kind, ctx.body) }),
    ),
]
