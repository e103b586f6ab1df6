/** Reads of a case's external parties for its screens. */
import type { PartyRole } from "../../../../server/src/share/cases/party.ts"
import { useMayRead } from "../artifacts/viewer.tsx"

export interface Party {
    readonly id: string
    readonly role: PartyRole
    readonly name: string
    readonly contact: string
    readonly addedAt: string
}

/** `caseId` null: sends no request. */
export function useParties(caseId: string | null) {
    const path = caseId === null ? null : `/api/cases/${caseId}/parties`
    return useMayRead<{ parties: readonly Party[] }>("case:read", path)
}
