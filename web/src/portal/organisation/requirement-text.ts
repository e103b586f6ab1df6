/** A partner's requirements in words. */
import { valueText } from "@tocsin/base/value-text"
import type { RequirementKind } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import type { Words } from "../../kit/text.ts"

/** Names within a sentence. */
export const dueNames: Readonly<Record<RequirementKind, string>> = {
    agreement: "the agreement, to be accepted anew",
    attestation: "the attestation that your agreement asks",
    regular_reports: "the report that your agreement asks, if only that there is nothing",
    mailbox: "the proof that your address is read",
    key: "a key that copies can be sealed for",
    lead: "a lead on your roster",
}

export const dueTitles: Readonly<Record<RequirementKind, string>> = {
    agreement: "The agreement, accepted",
    attestation: "Attestation",
    regular_reports: "Regular report",
    mailbox: "Proof that your address is read",
    key: "A usable key",
    lead: "A lead",
}

export const dueWhat: Readonly<Record<RequirementKind, string>> = {
    agreement: "A lead accepts it before your term ends, or before a newer version applies.",
    attestation: "A lead says of each obligation of your agreement whether it was kept.",
    regular_reports: "Each of your people can report what you built, saw or found. A report of nothing counts too.",
    mailbox: "A code is sent to your organisation's address and entered here, so that notices do not go unread.",
    key: "Copies are sealed to your keys. Without a usable one nothing can be sealed for you.",
    lead: "Keys, roster and agreement are kept by a lead. A lead comes by the program alone: ask it for one.",
}

export const dueStates: Words<"met" | "due" | "overdue"> = {
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
