/** Answers of the API of regulatory clocks, as far as these screens read them. */
import { useMayRead } from "../artifacts/viewer.tsx"
import type { AnswerTo } from "../api.ts"

export type FilingRow = ClockRow["filings"][number]

export type ClockEntry = ClockRow["history"][number]

export type ClockRow = AnswerTo<"/api/regulatory-clocks">["clocks"][number]

export type RegimeRow = AnswerTo<"/api/regimes">["regimes"][number]

/** Reads the clocks of a case; null: of all cases. */
export function useClocks(subject: string | null) {
    const path = subject === null ? "/api/regulatory-clocks" : (`/api/regulatory-clocks?case=${subject}` as const)
    return useMayRead("filing:read", path)
}

export const useRegimes = () => useMayRead("filing:read", "/api/regimes")
