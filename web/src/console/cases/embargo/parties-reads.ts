/** Reads of a case's external parties for its screens. */
import { useMayRead } from "../../artifacts/viewer.tsx"
import type { AnswerTo } from "../../api.ts"

export type Party = AnswerTo<"/api/cases/{id}/parties">["parties"][number]

/** `caseId` null: sends no request. */
export function useParties(caseId: string | null) {
    const path = caseId === null ? null : (`/api/cases/${caseId}/parties` as const)
    return useMayRead("case:read", path)
}
