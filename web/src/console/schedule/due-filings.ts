/** Reads the filings of all cases that have a deadline and are not submitted, with their addresses. */
import { addressOf, dueFilings } from "../cases/filings/filing-rows.ts"
import { useClocks } from "../clocks/clock-answers.ts"

interface DueFiling {
    readonly title: string
    readonly caseId: string
    readonly at: string
    readonly to: string
}

export function useDueFilings(): readonly DueFiling[] {
    return dueFilings(useClocks(null).data?.clocks ?? []).map((due) => ({
        title: due.filing.title,
        caseId: due.clock.case,
        at: due.filing.dueAt,
        to: addressOf(due),
    }))
}
