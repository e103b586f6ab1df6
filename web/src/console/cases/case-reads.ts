/** Reads of a case that several screens share. */
import { useEntitlements } from "../access/matrix-reads.ts"
import { useCan } from "../artifacts/viewer.tsx"
import { useRead } from "../api.ts"

export const useWaves = (id: string) => useRead(`/api/cases/${id}/waves`)

export const useCaseArtifacts = (id: string) => useRead(`/api/cases/${id}/artifacts`)

export function useMatrix(id: string) {
    return useEntitlements(useCan()("entitlement:read") ? { case: id } : null)
}

export type CaseTab = "overview" | "access" | "artifacts" | "release" | "reports" | "embargo" | "questions" | "history"
