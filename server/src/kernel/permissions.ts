/**
 * Lists which roles have each permission, on which side, and whether the partner needs case access. Unlisted
 * permissions are refused.
 */
import type { Actor, OperatorRole, PartnerRole } from "./actor.ts"

/** The roles that a permission is granted to. */
export interface Permission {
    readonly operators: readonly OperatorRole[]
    readonly partners: readonly PartnerRole[]
    /** `cases`: only with case access. `in`: only while active, restricted or onboarding. `any`: in every status. */
    readonly status: "any" | "in" | "cases"
    /** Open without sign-in. */
    readonly open?: true
}

const allOperatorRoles: readonly OperatorRole[] = ["author", "manager", "investigator", "approver", "auditor", "admin"]
const contentRoles: readonly OperatorRole[] = ["author", "manager", "investigator", "approver"]
const allPartnerRoles: readonly PartnerRole[] = ["lead", "analyst"]

const operators = (roles: readonly OperatorRole[]): Permission => ({ operators: roles, partners: [], status: "any" })
const partners = (roles: readonly PartnerRole[], status: Permission["status"]): Permission => ({
    operators: [],
    partners: roles,
    status,
})

/** The facts of a person that permissions depend on. */
interface PersonFacts {
    readonly id: string
    readonly partner: string | null
    readonly leftAt: number | null
    readonly roles: readonly (OperatorRole | PartnerRole)[]
}

/** Maps each permission to the roles that have it. */
export const permissions: Readonly<Record<string, Permission>> = {
    public: { operators: allOperatorRoles, partners: allPartnerRoles, status: "any", open: true },
    "self:read": { operators: allOperatorRoles, partners: allPartnerRoles, status: "any" },
    // A suspended partner's people make no tokens and no machine clients, which an intruder could use after its return.
    "self:extend": { operators: allOperatorRoles, partners: allPartnerRoles, status: "in" },
    "event_stream:read": operators(allOperatorRoles),
    "audit_log:read": operators(["auditor", "manager", "investigator", "admin", "approver"]),
    "checkpoint:read": operators(allOperatorRoles),
    "staff:read": operators(["admin", "auditor"]),
    "staff:write": operators(["admin"]),
    // Names and roles only: staff must know who decided, and to whom they can assign work.
    "staff_name:read": operators(allOperatorRoles),
    "task:read": operators(allOperatorRoles),
    "deputy:write": operators(allOperatorRoles),
    "approval:read": operators(allOperatorRoles),
    // The text behind a hash can name a partner's person, so only people who sign or apply it read it.
    "approval:text": operators(["manager", "approver"]),
    "approval:sign": operators(["approver"]),
    "approval:void": operators(["author", "manager", "investigator", "approver"]),
    "partner:read": operators(["manager", "investigator", "approver", "author", "admin"]),
    "partner:write": operators(["manager"]),
    // An applicant's own statements, for the staff who assess them.
    "application:read": operators(["manager", "approver", "investigator"]),
    "application:score": operators(["manager", "approver", "investigator"]),
    "agreement:read": { operators: contentRoles, partners: allPartnerRoles, status: "any" },
    "agreement:write": operators(["manager"]),
    "case:read": operators(contentRoles),
    "case:write": operators(["author"]),
    // Placing a legal hold takes one person. Lifting it and deleting content need a second signature.
    "case:hold": operators(["manager", "approver"]),
    "case:delete": operators(["manager"]),
    "artifact:read": operators(["author", "approver"]),
    "artifact:write": operators(["author"]),
    // The same roles freeze a wave: any of them can stop an artifact at once.
    "artifact:recall": operators(["author", "manager", "approver", "admin"]),
    "test_result:read": operators(["author", "manager", "approver"]),
    "recall:read": operators(contentRoles),
    "recall:lift": operators(["author", "manager"]),
    "wave:read": operators(contentRoles),
    "wave:write": operators(["author", "manager"]),
    "default_schedule:write": operators(["manager"]),
    "wave:freeze": operators(["author", "manager", "approver", "admin"]),
    "policy:read": operators([...contentRoles, "auditor"]),
    "policy:write": operators(["manager"]),
    "entitlement:read": operators(contentRoles),
    "delivery:read": operators(["manager", "investigator", "auditor"]),
    "sighting:read": operators(contentRoles),
    "warning_question:read": operators(contentRoles),
    "warning_question:answer": operators(["author", "manager"]),
    // Shows which copy holds which name. This measure is secret from other staff.
    "canary:read": operators(["investigator", "admin"]),
    "statistics:read": operators(["manager", "approver", "auditor"]),
    "statistics:publish": operators(["manager"]),
    "filing:read": operators(contentRoles),
    "exploitation:dismiss": operators(["manager"]),
    // A draft shows content of the case, so its author must be able to read cases. It also shows since when
    // exploitation is known.
    "filing:write": operators(["author", "manager"]),
    "regime:write": operators(["manager"]),
    "evidence:read": operators(["investigator"]),
    "evidence:write": operators(["investigator"]),
    // Discloses a document's key, and so every copy. Needs a second signature.
    "marks:disclose": operators(["investigator"]),
    // A signatory reads what it signs. Either way only members of the inquiry have access.
    "inquiry:read": operators(["investigator", "approver"]),
    "inquiry:write": operators(["investigator"]),
    // Only the question to this partner, not the rest of the inquiry. Like letters, in every status.
    "question:own": partners(["lead"], "any"),
    "exposure:read": operators(["investigator"]),
    "measure:read": operators(["manager", "investigator", "approver"]),
    "measure:suspend": operators(["manager", "investigator"]),
    "measure:restrict": operators(["manager"]),
    "measure:reinstate": operators(["manager"]),
    // Any part of a decision by two people. The second signature needs an approver.
    "measure:decide": operators(["manager", "approver"]),
    "letter:mark_read": operators(["manager", "investigator"]),
    "letter:write": operators(["manager"]),
    "clock:read": operators(allOperatorRoles),
    // Counts and jobs only, which alarms tell each role. The next release needs `wave:read` too.
    "health:read": operators(allOperatorRoles),
    "server_key:read": operators(["admin"]),
    // Names the partners whose mail or webhooks fail.
    "channel:read": operators(["manager", "investigator", "admin"]),
    "clock:confirm": operators(["manager", "approver", "admin"]),
    "quarantine:read": operators(allOperatorRoles),
    "quarantine:reconcile": operators(["manager", "approver", "admin"]),
    "clock:move": operators(allOperatorRoles),
    "warning:read": partners(allPartnerRoles, "cases"),
    "warning:acknowledge": partners(allPartnerRoles, "cases"),
    "consent:answer": partners(["lead"], "cases"),
    "access_list:write": partners(["lead"], "cases"),
    "copy:read": partners(allPartnerRoles, "cases"),
    // Locked-out partners can see and delete webhooks. Tocsin does not call them meanwhile.
    "webhook:own": partners(["lead"], "any"),
    "webhook:write": partners(["lead"], "cases"),
    "notice_filter:write": partners(["lead"], "cases"),
    "recall:own": partners(allPartnerRoles, "cases"),
    "test_result:own": partners(allPartnerRoles, "cases"),
    "sighting:own": partners(allPartnerRoles, "cases"),
    "protection:own": partners(allPartnerRoles, "cases"),
    "warning_question:own": partners(allPartnerRoles, "cases"),
    "receipt:read": partners(allPartnerRoles, "any"),
    "own:read": partners(allPartnerRoles, "any"),
    "own:lead": partners(["lead"], "any"),
    // A suspended partner adds no people and no keys: an intruder could use them after the partner's return.
    "own:extend": partners(["lead"], "in"),
    "own:report": partners(allPartnerRoles, "any"),
    "vouch:write": partners(["lead"], "cases"),
    "letter:read": partners(allPartnerRoles, "any"),
    "letter:answer": partners(["lead"], "any"),
}

/** Whether this actor has a permission. Check the partner's `status` separately. */
export function hasPermission(actor: Actor | null, permission: string): boolean {
    const rule = permissions[permission]
    if (rule === undefined) return false
    if (rule.open) return true
    if (actor === null || actor.kind === "system") return false
    if (actor.kind === "operator") return rule.operators.some((role) => actor.roles.includes(role))
    return rule.partners.some((role) => actor.roles.includes(role))
}

/** Whether this actor may know of reported exploitation of a case. */
export const mayReadReports = (actor: Actor): boolean =>
    actor.kind === "system" || hasPermission(actor, "sighting:read")

/**
 * Maps each approval action to the permission that its requester needs and the person who applies it. Signing needs
 * `approval:sign`.
 */
export const permissionByAction: Readonly<Record<string, string>> = {
    "wave.release": "wave:write",
    "wave.unfreeze": "wave:write",
    "wave.late_release": "wave:write",
    "embargo.terminate": "wave:write",
    "consent.invite": "case:write",
    "case.link": "case:write",
    "case.amend": "case:write",
    "case.delete_content": "case:delete",
    "case.lift_hold": "case:hold",
    "case.dismiss_reports": "exploitation:dismiss",
    "recall.lift": "recall:lift",
    "policy.activate": "policy:write",
    "partner.change_tier": "partner:write",
    "partner.activate": "partner:write",
    "partner.relax_duties": "partner:write",
    "partner.add_person": "partner:write",
    "partner.import": "partner:write",
    "partner.renew_link": "partner:write",
    "partner.accept_key": "partner:write",
    "program_rules.relax_requirements": "partner:write",
    "program_rules.share_aggregates": "partner:write",
    "annual_report.publish": "statistics:publish",
    "agreement.lengthen": "agreement:write",
    "partner.reinstate": "measure:reinstate",
    "partner.relax_restriction": "measure:reinstate",
    "measure.extend": "measure:decide",
    "measure.sanction": "measure:decide",
    "measure.appeal": "measure:decide",
    "finding.confirm": "inquiry:write",
    "tracing_instruction.activate": "inquiry:write",
    "tracing_instruction.extend": "inquiry:write",
    "evidence.lift_hold": "evidence:write",
    "evidence.delete": "evidence:write",
    "evidence.attribute": "evidence:write",
    "marks.disclose_keys": "marks:disclose",
    "person.join": "staff:write",
    "person.recover": "staff:write",
    "person.add_roles": "staff:write",
    "clock.confirm": "clock:confirm",
    "artifact.read_master": "artifact:read",
    "quarantine.reconcile": "quarantine:reconcile",
}

/** Whether this person is a present staff member with the permission. */
export function isStaffWithPermission(person: PersonFacts | null, permission: string): boolean {
    if (person === null || person.partner !== null || person.leftAt !== null) return false
    return hasPermission({ kind: "operator", person: person.id, roles: person.roles as OperatorRole[] }, permission)
}
