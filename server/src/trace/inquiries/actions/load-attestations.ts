/** Loads attestations of partners for an inquiry: on recalls of its case, on its questions, and under the agreement. */
import type { Instant } from "@tocsin/base/instant"
import { listDeletionsOfCase } from "../../../share/delivery/recalls/actions/notify-holders.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listStatements } from "../../../trust/partners/agreements/actions/save-statement.ts"
import type { Question } from "../question.ts"

export interface Attestation {
    readonly partner: string
    /**
     * `recall`: copies of a recalled artifact are deleted. `question`: asked in the inquiry. `agreement`: its
     * obligations.
     */
    readonly kind: "recall" | "question" | "agreement"
    readonly at: Instant
    /** The id of the artifact, question or statement. */
    readonly about: string
    /** Whether the copies are deleted, or every obligation is met. */
    readonly affirmed: boolean
}

/**
 * Lists attestations. Under the agreement, takes the newest of each partner that got a question or that a finding
 * names.
 */
export async function listAttestations(
    ctx: ActionContext,
    caseId: string,
    questions: readonly Question[],
    partnersWithFindings: readonly string[],
): Promise<Attestation[]> {
    const recalls = (await listDeletionsOfCase(ctx, caseId)).map((deleted) => ({
        partner: deleted.partner,
        kind: "recall" as const,
        at: deleted.at,
        about: deleted.artifact,
        affirmed: true,
    }))
    const answers = questions.flatMap(({ id, partner, answer }) => {
        if (answer === null || answer.deleted === null) return []
        return [{ partner, kind: "question" as const, at: answer.at, about: id, affirmed: answer.deleted }]
    })
    const statements: Attestation[] = []
    for (const partner of new Set([...questions.map((question) => question.partner), ...partnersWithFindings])) {
        const newest = (await listStatements(ctx, partner)).find(({ kind }) => kind === "attestation")
        if (!newest) continue
        statements.push({ partner, kind: "agreement", at: newest.at, about: newest.id, affirmed: newest.nothing })
    }
    return [...recalls, ...answers, ...statements].toSorted((a, b) => a.at - b.at)
}
