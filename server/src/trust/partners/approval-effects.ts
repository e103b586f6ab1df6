/**
 * Decides which changes give a partner more and so need two people, and builds the effects that the second person
 * signs.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonical, canonicalBytes } from "@tocsin/base/canonical"
import { formatInstant } from "@tocsin/base/instant"
import { recipientText } from "@tocsin/client/recipient"
import type { Effects } from "../approvals/approval.ts"
import type { PartnerRole } from "../../kernel/actor.ts"
import type { Person } from "../identity/person.ts"
import type { Duty } from "./reporting-duties/reporting-duties.ts"
import { reportingOf, reportings } from "./reporting-duties/reporting-duties.ts"
import type { RequirementRules } from "./requirements/requirement.ts"
import type { FactChange, Facts, Restriction } from "./facts.ts"
import { type PartnerKey, laterKeyDelayMs } from "./keys/key.ts"
import { isOnboarding, peopleNeeded } from "./partner.ts"
import type { Rules } from "./program-rules.ts"

/**
 * Whether the change could give the partner more. Refuses impossible status changes. Any tier change counts, because a
 * lower tier's wave or policy can give what a higher tier does not get.
 */
export function canGiveMore(before: Facts, change: FactChange): boolean {
    switch (change.fact) {
        case "tier":
            return change.value !== before.tier
        case "status":
            return before.status !== change.value && peopleNeeded(before.status, change.value) === 2
        case "duties":
            return relaxesDuties(before.duties, change.value)
        case "restriction":
            return !isAsRestrictive(before, change.value)
    }
}

/** Whether new duties relax: they require a report before publication less often, or lose a regime. */
function relaxesDuties(before: readonly Duty[], after: readonly Duty[]): boolean {
    const regimes = new Set(after.map((duty) => duty.regime))
    const requiresFewer = reportings.indexOf(reportingOf(after)) < reportings.indexOf(reportingOf(before))
    return requiresFewer || before.some((duty) => !regimes.has(duty.regime))
}

function isAsRestrictive({ status, restriction: before }: Facts, after: Restriction | null): boolean {
    // A restricted partner without a restriction gets nothing, so any restriction gives it more.
    if (before === null) return status !== "restricted" || after === null
    if (after === null) return false
    const casesBefore = before.cases
    const cases =
        after.cases === null || (casesBefore !== null && casesBefore.every((caseId) => after.cases?.includes(caseId)))
    const classes = before.withhold.every((caseId) => after.withhold.includes(caseId))
    return cases && classes && (after.notBeforePublication || !before.notBeforePublication)
}

/**
 * The effects of a change that gives more. A reinstatement also covers a return with a restriction. An admission lists
 * the roster, because all of its people get access, and the keys, because copies are then sealed to them.
 */
export function changeEffects(
    partner: string,
    before: Facts,
    change: FactChange,
    roster: readonly RosterMember[],
    recipients: readonly string[],
): Effects {
    const common = { recipients: [partner], artifacts: [], at: null }
    switch (change.fact) {
        case "tier":
            return { action: "partner.change_tier", ...common, detail: { tier: change.value } }
        case "status":
            if (!isOnboarding(before.status)) return { action: "partner.reinstate", ...common }
            return { action: "partner.activate", ...common, detail: admissionOf(roster, recipients) }
        case "duties":
            return {
                action: "partner.relax_duties",
                ...common,
                detail: { regimes: change.value.map((duty) => duty.regime), duties: hashOf(change.value) },
            }
        case "restriction":
            return { action: "partner.relax_restriction", ...common, detail: { restriction: canonical(change.value) } }
    }
}

/** `details`: keyed hash of name and address, which are in the approval's text. */
export interface RosterMember extends Pick<Person, "id" | "roles"> {
    readonly details: string
}

const signedMember = ({ id, roles, details }: RosterMember) => ({ person: id, roles: [...roles].toSorted(), details })

const rosterOf = (roster: readonly RosterMember[]) =>
    roster.map(signedMember).toSorted((a, b) => (a.person < b.person ? -1 : 1))

const admissionOf = (roster: readonly RosterMember[], recipients: readonly string[]) => ({
    roster: rosterOf(roster),
    recipients: recipients.map(recipientText).toSorted(),
})

/** The approval actions that give more, by fact. */
export const givingActions: Readonly<Record<FactChange["fact"], readonly string[]>> = {
    tier: ["partner.change_tier"],
    status: ["partner.activate", "partner.reinstate"],
    duties: ["partner.relax_duties"],
    restriction: ["partner.relax_restriction"],
}

/** The effects of a new person of a partner that receives warnings. `details`: keyed hash of name and address. */
export function personEffects(partner: string, roles: readonly PartnerRole[], details: string): Effects {
    const detail = { roles: [...roles], details }
    return { action: "partner.add_person", recipients: [partner], artifacts: [], at: null, detail }
}

/** The effects of a new sign-in link, which goes to the person's mailbox now or a day later. */
export function linkEffects(partner: string, person: RosterMember, isUrgent: boolean): Effects {
    const detail = { ...signedMember(person), urgent: isUrgent }
    return { action: "partner.renew_link", recipients: [partner], artifacts: [], at: null, detail }
}

/** The effects of an accepted key: later copies are sealed to this recipient, at once or from an instant on. */
export function acceptanceEffects(key: PartnerKey, atOnce: boolean): Effects {
    const { id, partner, recipient, addedAt } = key
    return {
        action: "partner.accept_key",
        recipients: [partner],
        artifacts: [],
        at: null,
        detail: {
            key: id,
            recipient: recipientText(recipient),
            atOnce,
            usableFrom: formatInstant(addedAt + laterKeyDelayMs),
        },
    }
}

/** The effects of an agreement with longer advance consent, which can open released waves. */
export function agreementEffects(longestEmbargoDays: number, terms: object): Effects {
    const detail = { longestEmbargoDays, terms: hashOf(terms) }
    return { action: "agreement.lengthen", recipients: [], artifacts: [], at: null, detail }
}

const hashOf = (value: unknown): string => bytesToHex(sha256(canonicalBytes(value)))

/** The effects of rules by which a partner could keep access longer. */
export function requirementRulesEffects(rules: RequirementRules): Effects {
    return {
        action: "program_rules.relax_requirements",
        recipients: [],
        artifacts: [],
        at: null,
        detail: { rules: hashOf(rules) },
    }
}

/** The effects of rules that show partners more about other partners' reports. */
export function aggregatesRulesEffects(rules: Rules["aggregates"]): Effects {
    return { action: "program_rules.share_aggregates", recipients: [], artifacts: [], at: null, detail: { ...rules } }
}
