/** A partner's requirements in words. */
import type { RequirementKind } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import type { Words } from "../../kit/text.ts"
import { t, valueText } from "../../messages/message.ts"

/** Names within a sentence. */
export const requirementNames: Readonly<Record<RequirementKind, string>> = {
    agreement: t("acceptance of the agreement"),
    attestation: t("attestation of the agreement"),
    regular_reports: t("regular report"),
    mailbox: t("verified mailbox"),
    key: t("usable key"),
    lead: t("lead on the roster"),
}

export const requirementTitles: Readonly<Record<RequirementKind, string>> = {
    agreement: t("Acceptance of the agreement"),
    attestation: t("Attestation"),
    regular_reports: t("Regular report"),
    mailbox: t("Mailbox verification"),
    key: t("Usable key"),
    lead: t("Lead on the roster"),
}

export const requirementDetails: Readonly<Record<RequirementKind, string>> = {
    agreement: t("A lead accepts the agreement before your term ends, or before a newer version applies."),
    attestation: t("A lead states for each obligation of the agreement whether you met it."),
    regular_reports: t("Any of your people reports what you built, saw or found. “Nothing to report” counts."),
    mailbox: t("A lead enters a code that the operator sends to your organisation's address."),
    key: t("Copies are sealed to your keys. Without a usable key you cannot fetch copies."),
    lead: t("A lead maintains keys, people and agreement. Only the operator adds a lead: ask it for one."),
}

export const requirementStates: Words<"met" | "due" | "overdue"> = {
    met: { name: t("met"), tone: "good" },
    due: { name: t("due"), tone: "due" },
    overdue: { name: t("overdue"), tone: "bad" },
}

/** Describes an obligation's kind and its term. */
export function kindLine(obligation: Obligation): string {
    if (obligation.kind === "report_suspected_leak")
        return t("{kind}, within {hours} h", {
            kind: valueText(obligation.kind),
            hours: obligation.withinHours,
        })
    if (obligation.kind === "regular_reports" || obligation.kind === "attestation")
        return t("{kind}, every {days, plural, one {day} other {# days}}", {
            kind: valueText(obligation.kind),
            days: obligation.everyDays,
        })
    return valueText(obligation.kind)
}
