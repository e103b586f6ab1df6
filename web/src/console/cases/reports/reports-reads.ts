/** Reads of a case's reports that several views share. */
import { type UseQueryResult, useQueries } from "@tanstack/react-query"
import { isTestable } from "../../../../../server/src/share/delivery/test-result.ts"
import { read } from "../../api.ts"
import type { Artifact, TestersResult } from "../../answers.ts"
import { useCan, useMayRead } from "../../artifacts/viewer.tsx"
import { useCaseArtifacts } from "../case-reads.ts"

export type ReportsView = "protection" | "sightings" | "tests" | "filings"

export const useSightings = (caseId: string) => useMayRead("sighting:read", `/api/sightings?case=${caseId}`)

export const useFollowUps = (caseId: string) => useMayRead("sighting:read", `/api/follow-ups?case=${caseId}`)

export const useProtections = (caseId: string) => useMayRead("sighting:read", `/api/protection-statuses?case=${caseId}`)

export interface ArtifactResult {
    readonly artifact: Artifact
    readonly result: TestersResult
}

interface CaseResults {
    readonly results: readonly ArtifactResult[]
    readonly isLoading: boolean
    readonly error: Error | null
}

/** Reads the test results of all artifacts of a case, newest first. */
export function useCaseResults(caseId: string): CaseResults {
    const may = useCan()("test_result:read")
    const artifacts = useCaseArtifacts(caseId)
    const tested = may ? (artifacts.data?.artifacts ?? []).filter((artifact) => isTestable(artifact.class)) : []
    const reads = useQueries({
        queries: tested.map(({ id }) => {
            const path = `/api/artifacts/${id}/test-results` as const
            return { queryKey: [path], queryFn: () => read(path) }
        }),
    })
    const results = tested.flatMap((artifact, n) =>
        (reads[n]?.data?.results ?? []).map((result) => ({ artifact, result })),
    )
    const queries: readonly UseQueryResult<unknown, Error>[] = [artifacts, ...reads]
    return {
        results: results.toSorted((a, b) => b.result.at.localeCompare(a.result.at)),
        isLoading: queries.some(({ isLoading }) => isLoading),
        error: queries.find(({ error }) => error !== null)?.error ?? null,
    }
}
