/** Lists the tasks of questions: to partners in inquiries, and of partners about warnings. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listUnansweredQuestions } from "../../../share/questions/actions/answer-question.ts"
import { listUnreadQuestions } from "../../inquiries/actions/ask-question.ts"
import { type Task, taskDefaults } from "../task.ts"

/** Lists answers and expired questions, for members of the inquiry only. */
export async function listQuestionTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listUnreadQuestions(ctx)).map(({ id, inquiry, partner, since, members }) => ({
        ...taskDefaults,
        kind: "question" as const,
        about: `${inquiry} ${id}`,
        partner,
        since,
        onlyFor: members,
    }))
}

/** Lists partners' questions about warnings that have no answer. */
export async function listWarningQuestionTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listUnansweredQuestions(ctx)).map(({ id, case: caseId, partner, askedAt }) => ({
        ...taskDefaults,
        kind: "warning_question" as const,
        about: id,
        case: caseId,
        partner,
        since: askedAt,
    }))
}
