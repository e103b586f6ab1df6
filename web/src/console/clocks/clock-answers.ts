/** Answers of the API of regulatory clocks, as far as these screens read them. */
import type { Owed, Turn } from "../../../../server/src/trace/regulatory-clocks/filing.ts"
import type { Regime } from "../../../../server/src/trace/regulatory-clocks/regime.ts"
import { useMayRead } from "../artifacts/viewer.tsx"

export interface FilingRow {
    readonly id: string
    readonly title: string
    readonly due: string | null
    readonly filedAt: string | null
    readonly state: Owed["state"]
}

export interface ClockTurn extends Pick<Turn, "kind" | "by" | "filing"> {
    readonly source: NonNullable<Turn["source"]>["kind"] | null
    readonly at: string
    readonly since: string | null
    readonly words: string
    readonly reference: string
}

export interface ClockRow {
    readonly id: string
    readonly case: string
    readonly version: number
    readonly terms: Regime
    readonly awareAt: string
    readonly closed: boolean
    readonly filings: readonly FilingRow[]
    readonly turns: readonly ClockTurn[]
}

export interface RegimeRow {
    readonly id: string
    readonly version: number
    readonly regime: Regime
    readonly by: string | null
    readonly at: string | null
}

/** Reads the clocks of a case; null: of all cases. */
export function useClocks(subject: string | null) {
    const path = subject === null ? "/api/regulatory-clocks" : `/api/regulatory-clocks?case=${subject}`
    return useMayRead<{ clocks: readonly ClockRow[] }>("filing:read", path)
}

export const useRegimes = () => useMayRead<{ regimes: readonly RegimeRow[] }>("filing:read", "/api/regimes")
