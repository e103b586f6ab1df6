/** Labels and tones of a partner's states, for both apps. */
import type { AgreementState, PartnerStatus } from "../../../server/src/trust/partners/partner.ts"
import type { Verdict } from "@tocsin/client/limits"
import type { ClockQuality } from "@tocsin/client/limits"
import type { Tone } from "./notice.tsx"

export type Words<Of extends string> = Readonly<Record<Of, { readonly name: string; readonly tone: Tone }>>

export const standingWords: Words<PartnerStatus> = {
    applicant: { name: "applicant", tone: "plain" },
    invited: { name: "invited", tone: "plain" },
    active: { name: "active", tone: "good" },
    restricted: { name: "restricted", tone: "due" },
    suspended: { name: "suspended", tone: "bad" },
    terminated: { name: "terminated", tone: "bad" },
    declined: { name: "declined", tone: "plain" },
}

export const agreementWords: Words<AgreementState> = {
    accepted: { name: "accepted", tone: "good" },
    expired: { name: "expired", tone: "bad" },
    none: { name: "not accepted", tone: "due" },
}

export const verdictWords: Words<Verdict> = {
    works: { name: "works", tone: "good" },
    does_not_work: { name: "does not work", tone: "bad" },
    false_positives: { name: "false positives", tone: "due" },
}

export const clockNames: Readonly<Record<ClockQuality, string>> = {
    synchronised: "synchronised: the instant can be relied on",
    estimated: "estimated: it may be some minutes off",
    unknown: "unknown",
}

/** Why a button is disabled while its data loads. */
export const stillLoading = "loading…"

/** Returns a name, never an id: a placeholder while names load or if the viewer may not know the name. */
export function nameOr(name: string | undefined, kind: string, isLoading: boolean): string {
    return name ?? (isLoading ? "…" : `unknown ${kind}`)
}
