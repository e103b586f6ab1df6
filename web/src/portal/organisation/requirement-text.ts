/** A partner's requirements in words. */
import { valueText } from "@tocsin/base/value-text"
import type { RequirementKind } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import type { Words } from "../../kit/text.ts"

/** Names within a sentence. */
export const requirementNames: Readonly<Record<RequirementKind, string>> = {
    agreement: "acceptance of the agreement",
    attestation: "attestation of the agreement",
    regular_reports: "regular report",
    mailbox: "verified mailbox",
    key: "usable key",
    lead: "lead on the roster",
}

export const requirementTitles: Readonly<Record<RequirementKind, string>> = {
    agreement: "Acceptance of the agreement",
    attestation: "Attestation",
    regular_reports: "Regular report",
    mailbox: "Mailbox verification",
    key: "Usable key",
    lead: "Lead on the roster",
}

export const requirementDetails: Readonly<Record<RequirementKind, string>> = {
    agreement: "A lead accepts the agreement before your term ends, or before a newer version applies.",
    attestation: "A lead states for each obligation of the agreement whether you met it.",
    regular_reports: "Any of your people reports what you built, saw or found. “Nothing to report” counts.",
    mailbox: "A lead enters a code that the operator sends to your organisation's address.",
    key: "Copies are sealed to your keys. Without a usable key you cannot fetch copies.",
    lead: "A lead maintains keys, people and agreement. Only the operator adds a lead: ask it for one.",
}

export const requirementStates: Words<"met" | "due" | "overdue"> = {
    met: { name: "met", tone: "good" },
    due: { name: "due", tone: "due" },
    overdue: { name: "overdue", tone: "bad" },
}

/** Describes an obligation's kind and its term. */
export function kindLine(obligation: Obligation): string {
    if (obligation.kind === "report_suspected_leak")
        return `${valueText(obligation.kind)}, within ${obligation.withinHours} h`
    if (obligation.kind === "regular_reports" || obligation.kind === "attestation")
        return `${valueText(obligation.kind)}, every ${obligation.everyDays} days`
    return valueText(obligation.kind)
}
