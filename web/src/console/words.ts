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
import { t } from "../messages/message.ts"

export const waveWords: Words<WaveState> = {
    released: { name: t("released"), tone: "good" },
    approved: { name: t("approved"), tone: "good" },
    requested: { name: t("waits for a signature"), tone: "due" },
    planned: { name: t("planned"), tone: "plain" },
    approval_voided: { name: t("approval voided"), tone: "bad" },
    due: { name: t("overdue"), tone: "bad" },
    no_recipients: { name: t("no recipients"), tone: "plain" },
    frozen: { name: t("frozen"), tone: "bad" },
    cancelled: { name: t("cancelled"), tone: "plain" },
}

export const phaseWords: Words<Phase | Closure["kind"]> = {
    cancelled: { name: t("cancelled"), tone: "plain" },
    withdrawn: { name: t("withdrawn"), tone: "plain" },
    none: { name: t("no embargo"), tone: "plain" },
    proposed: { name: t("proposed"), tone: "plain" },
    running: { name: t("under embargo"), tone: "due" },
    due: { name: t("publication due"), tone: "bad" },
    terminated: { name: t("embargo terminated"), tone: "bad" },
    ended: { name: t("public"), tone: "good" },
}

export const consentWords: Words<Consent> = {
    none: { name: t("not asked"), tone: "plain" },
    invited: { name: t("asked"), tone: "due" },
    signatory: { name: t("signatory"), tone: "good" },
    expired: { name: t("expired"), tone: "bad" },
    declined: { name: t("declined"), tone: "bad" },
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
    full: t("full"),
    reduced: t("reduced"),
    at_publication: t("at publication"),
    withheld: t("withheld"),
}

export const tierNames: Readonly<Record<WaveTier, string>> = {
    validate: t("Validate"),
    advance: t("Advance"),
    entry: t("Entry"),
    publication: t("Publication"),
}

/** The purpose of each role, in a few words. */
export const roleNames: Readonly<Record<OperatorRole, string>> = {
    author: t("writes cases and artifacts"),
    manager: t("partners, agreements, waves"),
    investigator: t("evidence and inquiries"),
    approver: t("signs as the second person"),
    auditor: t("reads the audit log, no content"),
    admin: t("staff and settings"),
}

export const measureNames: Readonly<Record<MeasureKind, string>> = {
    restrict_by_reporting_duty: t("restriction by duty"),
    restrict: t("restriction"),
    lift: t("restriction lifted"),
    interim_suspension: t("interim suspension"),
    reinstatement: t("reinstatement"),
    reprimand: t("reprimand"),
    suspension: t("suspension"),
    termination: t("end of membership"),
}

export const approvalWords: Words<ApprovalState> = {
    requested: { name: t("waits for a signature"), tone: "due" },
    signed: { name: t("signed"), tone: "good" },
    applied: { name: t("applied"), tone: "good" },
    voided: { name: t("void"), tone: "plain" },
    expired: { name: t("not signed in time"), tone: "bad" },
}

export const voidWords: Readonly<Record<VoidReason, string>> = {
    withdrawn: t("withdrawn by a person"),
    changed: t("what it was for has changed"),
    superseded: t("requested again"),
    requester_left: t("the requester left or lost the permission"),
    signer_left: t("the signer left or lost the permission"),
}

/** The purpose of an approval, in words. */
export const actNames: Readonly<Record<string, string>> = {
    "wave.release": t("Release a wave"),
    "wave.unfreeze": t("Unfreeze a released wave"),
    "embargo.terminate": t("Emergency release"),
    "policy.activate": t("Put a policy in force"),
    "recall.lift": t("Lift a recall"),
    "wave.late_release": t("Release a newer version late"),
    "consent.invite": t("Invite a partner to an embargo"),
    "case.link": t("Link a case to another"),
    "case.amend": t("Amend a case"),
    "case.delete_content": t("Delete the content of a case"),
    "case.lift_hold": t("Lift the legal hold of a case"),
    "case.dismiss_reports": t("Dismiss reports of exploitation"),
    "partner.change_tier": t("Change a partner's tier"),
    "partner.activate": t("Admit a partner"),
    "partner.reinstate": t("Reinstate a partner"),
    "partner.relax_restriction": t("Lift or relax a restriction"),
    "measure.extend": t("Extend an interim suspension"),
    "measure.sanction": t("Decide a procedure"),
    "measure.appeal": t("Decide an appeal"),
    "finding.confirm": t("Confirm a finding"),
    "tracing_instruction.activate": t("Activate a tracing instruction"),
    "tracing_instruction.extend": t("Extend a tracing instruction after the closure"),
    "evidence.lift_hold": t("Lift a legal hold"),
    "evidence.delete": t("Delete evidence"),
    "evidence.attribute": t("Attribute a leak at a larger error"),
    "marks.disclose_keys": t("Disclose mark keys to an expert"),
    "partner.add_person": t("Add a person to a roster"),
    "partner.import": t("Import partners and people"),
    "artifact.read_master": t("Consent to one read of a master"),
    "partner.renew_link": t("Send a partner's person a new link"),
    "partner.accept_key": t("Accept a partner's new key"),
    "person.join": t("Add a staff member"),
    "person.recover": t("Restore a staff member's sign-in"),
    "person.add_roles": t("Give a staff member more roles"),
    "partner.relax_duties": t("Relax reporting duties"),
    "program_rules.relax_requirements": t("Relax grace periods"),
    "annual_report.publish": t("Publish an annual report"),
    "program_rules.share_aggregates": t("Tell partners what others reported"),
    "agreement.lengthen": t("Let the agreement consent to longer embargoes"),
    "clock.confirm": t("Confirm the clock"),
    "quarantine.reconcile": t("Reconcile a restored database"),
}

/** Why the clocks are distrusted. */
export const doubtWords: Readonly<Record<Doubt, string>> = {
    disagree: t("the clocks of the program and of its database do not agree"),
    service: t("the program's clock is off by the time service of its machine"),
    forward: t("a clock has run ahead of the time that has passed"),
    backward: t("a clock is behind what was seen already"),
    alone: t("after a restart there is one clock alone, and nothing to hold it to"),
}

/** Counts filtered partners. Their names and filters are confidential. */
export const unwanted = (count: number): string => t("{count} not notified by their own filter", { count })
