/** Routes of letters. Partners read theirs in every status. Staff read drafts, templates and answers. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { appealLetter } from "../actions/decide-procedure.ts"
import { measureOf } from "../actions/record-measure.ts"
import { answerLetter, noteAnswer, ownLetter, ownLetters } from "../actions/send-letter.ts"
import { ownProcedure } from "../actions/measures-for-partner.ts"
import { draftToSend, setTemplate, templateNow, templatesNow } from "../actions/set-template.ts"
import { type Letter } from "../letter.ts"
import { reviewWithinMs } from "../measure.ts"
import { dated, fieldsOf, neededBy } from "../template.ts"
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
    ownLetterAnswer,
    setLetterTemplateAnswer,
    setLetterTemplateParams,
} from "../schemas.ts"

const console = { side: "console" as const }
const portal = { side: "portal" as const }

async function presentOwn(ctx: ActionContext, letter: Letter) {
    const procedure = await ownProcedure(ctx, letter)
    return {
        ...letterPartsOf(letter),
        about: await aboutOf(ctx, letter),
        procedure: procedure && {
            ...procedure,
            answerBy: formatOrNull(procedure.answerBy),
            appealBy: formatOrNull(procedure.appealBy),
            returnFrom: formatOrNull(procedure.returnFrom),
            appealedAt: formatOrNull(procedure.appealedAt),
        },
    }
}

async function aboutOf(ctx: ActionContext, { measure, kind, sentAt }: Letter) {
    if (measure === null) return { kind, takenAt: formatInstant(sentAt), reviewBy: null, endedAt: null }
    const input = await measureOf(ctx, measure)
    return {
        kind: input.kind,
        takenAt: formatInstant(input.takenAt),
        reviewBy: formatOrNull(input.reviewBy),
        endedAt: formatOrNull(input.endedAt),
    }
}

export const ownLetterRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/letters",
            permission: "letter:read",
            summary: "Lists the letters to this partner, newest first, in every status",
            answer: lettersAnswer,
        },
        async (ask) => {
            const letters = []
            for (const letter of await ownLetters(ask)) letters.push(await presentOwn(ask, letter))
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
            answer: ownLetterAnswer,
        },
        async (ask) => await presentOwn(ask, await ownLetter(ask, ask.params.id)),
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
        async (ask) => {
            await answerLetter(ask, ask.params.id, ask.body.text)
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
        async (ask) => {
            await appealLetter(ask, ask.params.id, ask.body.text)
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
            if (body.partner === undefined) return await templateNow(ctx, body.kind)
            const reviewBy = body.reviewBy === undefined ? ctx.now + reviewWithinMs : parseInstant(body.reviewBy)
            return await draftToSend(ctx, body.kind, body.partner, { review_by: dated(reviewBy) })
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
        async (ask) => {
            await noteAnswer(ask, ask.params.id)
            return { noted: true }
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
        async (ask) => ({
            templates: (await templatesNow(ask)).map((template) => ({
                ...template,
                since: formatOrNull(template.since),
                fields: fieldsOf(template.kind),
                needed: neededBy(template.kind),
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
        async (ask) => ({ version: await setTemplate(ask, ask.params.kind, ask.body) }),
    ),
]
