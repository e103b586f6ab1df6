/** Records a partner's questions about a warning, and lists what the partner may read. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToReport } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { encryptForCase } from "../../cases/actions/load-case.ts"
import { idOfAlias } from "../../delivery/actions/resolve-alias.ts"
import { listWarnings, partnerOf } from "../../delivery/actions/project-warnings.ts"
import { type WarningQuestion, questionsMax, validateText } from "../question.ts"
import * as store from "../store.ts"
import { decryptQuestion, textPlace } from "./answer-question.ts"

/**
 * Asks the operator about a case that the actor can see, and returns the question's id. Refuses
 * `warning_question.too_many`.
 */
export async function askOperator(ctx: ActionContext, caseId: string, text: string): Promise<string> {
    validateText(text)
    const { partner, person } = partnerOf(ctx)
    await lockToReport(ctx.tx, partner)
    if (!((await store.countQuestions(ctx.tx, partner, caseId)) < questionsMax)) {
        refuse(
            "conflict",
            "warning_question.too_many",
            `a warning can have \`${questionsMax}\` of your questions at most`,
            { max: questionsMax },
        )
    }
    const id = ctx.services.newId()
    const event = await record(ctx, { kind: "warning_question.asked", question: id, case: caseId, partner }, true)
    const ciphertext = await encryptForCase(ctx, caseId, textPlace(id), text.trim())
    const row = { id, case: caseId, partner, person, text_ciphertext: ciphertext, asked_at: ctx.now }
    await store.insertQuestion(ctx.tx, event, row)
    return id
}

/** A question as a partner reads it. Of another partner's question it shows only what was answered to all. */
export interface PartnerQuestion {
    readonly id: string
    readonly warning: string
    /** This partner asked it. Otherwise `person` and `askedAt` are null. */
    readonly isOwn: boolean
    readonly person: string | null
    readonly text: string
    readonly askedAt: Instant | null
    readonly answer: string | null
    readonly answeredAt: Instant | null
    readonly toAll: boolean
}

/** Hides who asked, when, and in which words from all other partners. */
function projectFor(partner: string, warning: string, question: WarningQuestion): PartnerQuestion {
    const { id, answer } = question
    const answered = {
        answer: answer?.text ?? null,
        answeredAt: answer?.at ?? null,
        toAll: answer?.audience === "recipients",
    }
    if (question.partner === partner) {
        const { person, text, askedAt } = question
        return { id, warning, isOwn: true, person, text, askedAt, ...answered }
    }
    return { id, warning, isOwn: false, person: null, text: answer?.question ?? "", askedAt: null, ...answered }
}

/**
 * Lists the own questions about visible warnings, and the answers to all recipients, newest first. The place of an
 * answer to another partner's question depends on the answer only, so that it does not tell when it was asked.
 */
export async function listQuestionsForPartner(ctx: ActionContext): Promise<PartnerQuestion[]> {
    const { partner } = partnerOf(ctx)
    const warnings = await listWarnings(ctx, partner)
    const aliases = new Map(warnings.map(({ id }) => [idOfAlias(ctx.services.keys, partner, "warning", id), id]))
    const questions: PartnerQuestion[] = []
    for (const row of await store.listQuestionsForPartner(ctx.tx, partner, [...aliases.keys()])) {
        const warning = aliases.get(row.case)
        if (warning !== undefined) questions.push(projectFor(partner, warning, await decryptQuestion(ctx, row)))
    }
    const shownAt = ({ askedAt, answeredAt }: PartnerQuestion) => askedAt ?? answeredAt ?? 0
    return questions.toSorted((a, b) => shownAt(b) - shownAt(a))
}
