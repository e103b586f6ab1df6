/** Whether a letter still needs an answer. Pure. */
import type { Letter } from "../answers.ts"

export function needsAnswer({ answer, procedure }: Letter): boolean {
    return procedure === null ? answer === null : procedure.mayAnswer || procedure.mayAppeal
}

/** When the answer or the appeal is due; null: no deadline. */
export function answerDueAt({ procedure }: Letter): string | null {
    if (procedure === null) return null
    return procedure.mayAnswer ? procedure.answerBy : procedure.mayAppeal ? procedure.appealBy : null
}
