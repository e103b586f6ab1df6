/** Labels of glossary terms on screens, with the tone of each. */
import type { Doubt } from "../../../server/src/models/clock-trust.ts"
import type { Outcome } from "../../../server/src/share/entitlement/ruling.ts"
import type { WaveTier } from "../../../server/src/share/waves/wave.ts"
import type { Consent } from "../../../server/src/share/cases/consent.ts"
import type { Closure } from "../../../server/src/share/cases/case.ts"
import type { Phase } from "../../../server/src/share/cases/embargo.ts"
import type { OperatorRole } from "../../../server/src/kernel/actor.ts"
import type { MeasureKind } from "../../../server/src/trace/measures/measure.ts"
import type { ApprovalState, VoidReason } from "../../../server/src/trust/approvals/approval.ts"
import type { Words } from "../kit/text.ts"
import type { WaveState } from "./answers.ts"

export const waveWords: Words<WaveState> = {
    released: { name: "released", tone: "good" },
    approved: { name: "approved", tone: "good" },
    requested: { name: "waits for a signature", tone: "due" },
    planned: { name: "planned", tone: "plain" },
    approval_voided: { name: "approval voided", tone: "bad" },
    due: { name: "overdue", tone: "bad" },
    no_recipients: { name: "no recipients", tone: "plain" },
    frozen: { name: "frozen", tone: "bad" },
    cancelled: { name: "cancelled", tone: "plain" },
}

export const phaseWords: Words<Phase | Closure["kind"]> = {
    cancelled: { name: "cancelled", tone: "plain" },
    withdrawn: { name: "withdrawn", tone: "plain" },
    none: { name: "no embargo", tone: "plain" },
    proposed: { name: "proposed", tone: "plain" },
    running: { name: "under embargo", tone: "due" },
    due: { name: "publication due", tone: "bad" },
    terminated: { name: "terminated", tone: "bad" },
    ended: { name: "public", tone: "good" },
}

export const consentWords: Words<Consent> = {
    none: { name: "not asked", tone: "plain" },
    invited: { name: "asked", tone: "due" },
    signatory: { name: "signatory", tone: "good" },
    expired: { name: "expired", tone: "bad" },
    declined: { name: "declined", tone: "bad" },
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
    full: "full",
    reduced: "reduced",
    at_publication: "at publication",
    withheld: "withheld",
}

export const tierNames: Readonly<Record<WaveTier, string>> = {
    validate: "Validate",
    advance: "Advance",
    entry: "Entry",
    publication: "Publication",
}

/** The purpose of each role, in a few words. */
export const roleNames: Readonly<Record<OperatorRole, string>> = {
    author: "writes cases and artifacts",
    manager: "partners, agreements, waves",
    investigator: "evidence and inquiries",
    approver: "signs as the second person",
    auditor: "reads the audit log, no content",
    admin: "staff and settings",
}

export const measureNames: Readonly<Record<MeasureKind, string>> = {
    restrict_by_reporting_duty: "restriction by duty",
    restrict: "restriction",
    lift: "restriction lifted",
    interim_suspension: "interim suspension",
    reinstatement: "reinstatement",
    reprimand: "reprimand",
    suspension: "suspension",
    termination: "end of membership",
}

export const approvalWords: Words<ApprovalState> = {
    requested: { name: "waits for a signature", tone: "due" },
    signed: { name: "signed", tone: "good" },
    applied: { name: "applied", tone: "good" },
    voided: { name: "void", tone: "plain" },
    expired: { name: "not signed in time", tone: "bad" },
}

export const voidWords: Readonly<Record<VoidReason, string>> = {
    withdrawn: "withdrawn by a person",
    changed: "what it was for has changed",
    superseded: "requested again",
    requester_left: "the requester left or lost the permission",
    signer_left: "the signer left or lost the permission",
}

/** The purpose of an approval, in words. */
export const actNames: Readonly<Record<string, string>> = {
    "wave.release": "Release a wave",
    "wave.unfreeze": "Unfreeze a released wave",
    "embargo.terminate": "Emergency release",
    "policy.activate": "Put a policy in force",
    "recall.lift": "Lift a recall",
    "wave.late_release": "Release a newer version late",
    "consent.invite": "Invite a partner to an embargo",
    "case.link": "Link a case to another",
    "case.amend": "Amend a case",
    "case.dismiss_reports": "Dismiss reports of exploitation",
    "partner.change_tier": "Change a partner's tier",
    "partner.activate": "Admit a partner",
    "partner.reinstate": "Reinstate a partner",
    "partner.relax_restriction": "Lift or relax a restriction",
    "measure.extend": "Extend an interim suspension",
    "measure.sanction": "Decide a procedure",
    "measure.appeal": "Decide an appeal",
    "finding.confirm": "Confirm a finding",
    "tracing_instruction.activate": "Activate a tracing instruction",
    "tracing_instruction.extend": "Extend a tracing instruction after the closure",
    "evidence.lift_hold": "Lift a legal hold",
    "evidence.delete": "Delete evidence",
    "evidence.attribute": "Attribute a leak at a larger error",
    "marks.disclose_keys": "Disclose mark keys to an expert",
    "partner.add_person": "Add a person to a roster",
    "artifact.read_master": "Consent to one read of a master",
    "partner.renew_link": "Send a partner's person a new link",
    "partner.activate_key": "Activate a partner's new key early",
    "person.join": "Add a staff member",
    "person.renew_link": "Send a staff member a new link",
    "person.add_roles": "Give a staff member more roles",
    "partner.relax_duties": "Relax reporting duties",
    "program_rules.relax_requirements": "Relax grace periods",
    "annual_report.publish": "Publish an annual report",
    "program_rules.share_aggregates": "Tell partners what others reported",
    "agreement.lengthen": "Let the agreement consent to longer embargoes",
    "clock.confirm": "Confirm the clock",
    "quarantine.reconcile": "Reconcile a restored database",
}

/** Why the clocks are distrusted. */
export const doubtWords: Readonly<Record<Doubt, string>> = {
    disagree: "the clocks of the program and of its database do not agree",
    service: "the program's clock is off by the time service of its machine",
    forward: "a clock has run ahead of the time that has passed",
    backward: "a clock is behind what was seen already",
    alone: "after a restart there is one clock alone, and nothing to hold it to",
}

/** Counts filtered partners. Their names and filters are confidential. */
export const unwanted = (count: number): string => `${count} not notified by their own filter`
