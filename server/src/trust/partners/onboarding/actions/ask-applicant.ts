/**
 * Asks an applicant a question, and saves the answer. Both are stored encrypted with the application. The contact gets
 * a mail without content, and reads the question with the application's secret.
 */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { queuePartnerMail } from "../../roster/actions/queue-partner-mail.ts"
import { type ApplicationQuestion, questionsMax, validateQuestionText } from "../application.ts"
import * as store from "../store/applications.ts"
import { assertStaff, lockDecidableApplication, refuseDecided } from "./admit-partner.ts"
import { asSystem, decryptApplication, encryptApplication, hashOf, unknownApplication } from "./submit-application.ts"

/**
 * Saves a question and mails the contact. Refuses `application.already_decided`, `application.question_open` while the
 * last question has no answer, `application.too_many_questions` and `application.bad_text`.
 */
export async function askApplicant(ctx: ActionContext, applicant: string, text: string): Promise<void> {
    const person = assertStaff(ctx)
    validateQuestionText(text)
    const row = await lockDecidableApplication(ctx, applicant)
    if (row.decision !== null) refuseDecided()
    const { form, questions } = await decryptApplication(ctx, row)
    if (questions.some(({ answer }) => answer === null)) {
        refuse("conflict", "application.question_open", "the last question has no answer yet: wait for it, or decide")
    }
    if (!(questions.length < questionsMax)) {
        refuse(
            "conflict",
            "application.too_many_questions",
            `the limit of \`${questionsMax}\` questions is reached: decide the application`,
            {
                max: questionsMax,
            },
        )
    }
    const id = ctx.services.newId()
    const question = { id, person, text, askedAt: ctx.now, answer: null, answeredAt: null }
    await saveQuestions(ctx, applicant, form, [...questions, question])
    await queuePartnerMail(ctx, applicant, "answered", { to: form.contact.mail, code: null })
    await record(ctx, { kind: "application.question_asked", partner: applicant, question: id })
}

/**
 * Saves the applicant's answer to the open question. Refuses `application.not_found` for an unknown secret, and
 * `application.question_not_open` where no question waits for this answer.
 */
export async function answerAsApplicant(
    caller: ActionContext,
    { secret, question: id, text }: { readonly secret: string; readonly question: string; readonly text: string },
): Promise<void> {
    const ctx = asSystem(caller)
    validateQuestionText(text)
    const row = (await store.lockBySecret(ctx.tx, hashOf(secret))) ?? unknownApplication()
    const { form, questions } = await decryptApplication(ctx, row)
    const question = questions.find((item) => item.id === id && item.answer === null)
    if (question === undefined || row.decision !== null) {
        refuse(
            "conflict",
            "application.question_not_open",
            "this question is answered or closed: load the status again",
        )
    }
    const withAnswer = { ...question, answer: text, answeredAt: ctx.now }
    await saveQuestions(
        ctx,
        row.partner,
        form,
        questions.map((item) => (item === question ? withAnswer : item)),
    )
    await record(ctx, { kind: "application.question_answered", partner: row.partner, question: id })
}

async function saveQuestions(
    ctx: ActionContext,
    partner: string,
    form: Parameters<typeof encryptApplication>[2]["form"],
    questions: readonly ApplicationQuestion[],
): Promise<void> {
    await store.setForm(ctx.tx, partner, await encryptApplication(ctx, partner, { form, questions }))
}
