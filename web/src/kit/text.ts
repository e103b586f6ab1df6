/** Labels and tones of a partner's states, for both apps. */
import type { AgreementState, PartnerStatus } from "../../../server/src/trust/partners/partner.ts"
import type { Verdict } from "@tocsin/client/limits"
import type { ClockQuality } from "@tocsin/client/limits"
import type { Tone } from "./notice.tsx"
import { t, valueText } from "../messages/message.ts"

export type Words<Of extends string> = Readonly<Record<Of, { readonly name: string; readonly tone: Tone }>>

export const standingWords: Words<PartnerStatus> = {
    applicant: { name: t("applicant"), tone: "plain" },
    invited: { name: t("invited"), tone: "plain" },
    active: { name: t("active"), tone: "good" },
    restricted: { name: t("restricted"), tone: "due" },
    suspended: { name: t("suspended"), tone: "bad" },
    terminated: { name: valueText("terminated"), tone: "bad" },
    declined: { name: t("declined"), tone: "plain" },
}

export const agreementWords: Words<AgreementState> = {
    accepted: { name: t("accepted"), tone: "good" },
    expired: { name: t("expired"), tone: "bad" },
    none: { name: t("not accepted"), tone: "due" },
}

export const verdictWords: Words<Verdict> = {
    works: { name: t("works"), tone: "good" },
    does_not_work: { name: t("does not work"), tone: "bad" },
    false_positives: { name: t("false positives"), tone: "due" },
}

export const clockNames: Readonly<Record<ClockQuality, string>> = {
    synchronised: t("synchronised: the instant can be relied on"),
    estimated: t("estimated: it may be some minutes off"),
    unknown: t("unknown"),
}

/** Why a button is disabled while its data loads. */
export const stillLoading = t("loading…")

const unknownNames = {
    artifact: t("unknown artifact"),
    case: t("unknown case"),
    evidence: t("unknown evidence"),
    partner: t("unknown partner"),
    person: t("unknown person"),
    warning: t("unknown warning"),
    wave: t("unknown wave"),
} as const

/** Returns a name, never an id: a placeholder while names load or if the viewer may not know the name. */
export function nameOr(name: string | undefined, kind: keyof typeof unknownNames, isLoading: boolean): string {
    if (name !== undefined && name !== "") return name
    return isLoading ? "…" : unknownNames[kind]
}

/** The attribute for a text with versions: version 0 is shipped, and English. The operator's own has no known language. */
export const shippedLanguage = (version: number): { lang?: "en" } => (version === 0 ? { lang: "en" } : {})
