/**
 * Agreements: versioned texts that a partner's lead accepts for a term.
 *
 * Only the newest version counts. Whoever accepted an older one, or whose term is over, is lapsed, and content waits.
 */
import { type Instant, dayMs } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import type { AgreementState } from "./partner.ts"

export interface Agreement {
    readonly version: number
    readonly text: string
    /** How long an acceptance holds; null: until a newer version. */
    readonly termDays: number | null
    readonly since: Instant
}

export interface Acceptance {
    readonly partner: string
    readonly version: number
    readonly person: string
    readonly at: Instant
    /** Half-open: at this instant it holds no more. */
    readonly endsAt: Instant | null
}

/** The state at an instant of one partner's acceptances; `current` is the newest version then, null where there was none. */
export function agreementState(
    current: number | null,
    acceptances: readonly Pick<Acceptance, "version" | "at" | "endsAt">[],
    instant: Instant,
): AgreementState {
    const made = acceptances.filter((one) => one.at <= instant)
    const holds = made.some((one) => one.version === current && (one.endsAt === null || instant < one.endsAt))
    if (holds) return "accepted"
    return made.length > 0 ? "lapsed" : "none"
}

/** When an acceptance ends that begins now. */
export function termEnd(termDays: number | null, now: Instant): Instant | null {
    return termDays === null ? null : now + termDays * dayMs
}

const textMax = 100_000
const termDaysMax = 3660

export function mustBeAgreement(text: string, termDays: number | null): void {
    if (!(text.trim().length > 0 && text.length <= textMax)) {
        refuse("invalid", "agreement.bad_text", `an agreement has a text of 1 to ${textMax} characters`)
    }
    if (!(termDays === null || (Number.isSafeInteger(termDays) && termDays >= 1 && termDays <= termDaysMax))) {
        refuse("invalid", "agreement.bad_term", `a term is 1 to ${termDaysMax} whole days, or without end`)
    }
}
