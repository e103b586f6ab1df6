/**
 * Who may use what. A route says what it needs; this table says which roles have it, on which side, and whether
 * the partner's standing must reach cases. What is not listed is refused.
 */
import type { Actor, OperatorRole, PartnerRole } from "../audit/actor.ts"

export interface Access {
    readonly operators: readonly OperatorRole[]
    readonly partners: readonly PartnerRole[]
    /** `cases`: only while the partner's standing reaches cases. `any`: in every standing. */
    readonly standing: "any" | "cases"
    /** Open to those who have not signed in. */
    readonly open?: true
}

const everyone: readonly OperatorRole[] = ["author", "manager", "investigator", "approver", "auditor", "admin"]
const content: readonly OperatorRole[] = ["author", "manager", "investigator", "approver"]
const members: readonly PartnerRole[] = ["lead", "analyst"]

const operators = (roles: readonly OperatorRole[]): Access => ({ operators: roles, partners: [], standing: "any" })
const partners = (roles: readonly PartnerRole[], standing: Access["standing"]): Access => ({
    operators: [],
    partners: roles,
    standing,
})

export const access: Readonly<Record<string, Access>> = {
    nobody: { operators: everyone, partners: members, standing: "any", open: true },
    "self:read": { operators: everyone, partners: members, standing: "any" },
    "live:read": operators(everyone),
    "record:read": operators(["auditor", "manager", "investigator", "admin", "approver"]),
    "checkpoint:read": { operators: everyone, partners: members, standing: "any" },
    "person:read": operators(["admin", "auditor"]),
    "person:write": operators(["admin"]),
    "approval:read": operators(everyone),
    "approval:sign": operators(["approver"]),
    "approval:void": operators(["author", "manager", "investigator", "approver"]),
    "partner:read": operators(["manager", "investigator", "approver", "author", "admin"]),
    "partner:write": operators(["manager"]),
    "agreement:read": { operators: content, partners: members, standing: "any" },
    "agreement:write": operators(["manager"]),
    "case:read": operators(content),
    "case:write": operators(["author"]),
    "artifact:read": operators(["author", "approver"]),
    "artifact:write": operators(["author"]),
    "wave:read": operators(content),
    "wave:write": operators(["author", "manager"]),
    "wave:freeze": operators(["author", "manager", "approver", "admin"]),
    "policy:read": operators([...content, "auditor"]),
    "policy:write": operators(["manager"]),
    "entitlement:read": operators(content),
    "delivery:read": operators(["manager", "investigator", "auditor"]),
    "evidence:read": operators(["investigator"]),
    "evidence:write": operators(["investigator"]),
    // A member who only signs has to read what is signed; membership decides in either case.
    "inquiry:read": operators(["investigator", "approver"]),
    "inquiry:write": operators(["investigator"]),
    "exposure:read": operators(["investigator"]),
    "measure:read": operators(["manager", "investigator", "approver"]),
    "measure:suspend": operators(["manager", "investigator"]),
    "measure:restrict": operators(["manager"]),
    "measure:reinstate": operators(["manager"]),
    "clock:move": operators(everyone),
    "warning:read": partners(members, "cases"),
    "warning:acknowledge": partners(members, "cases"),
    "consent:answer": partners(["lead"], "cases"),
    "copy:read": partners(members, "cases"),
    "receipt:read": partners(members, "any"),
    "own:read": partners(members, "any"),
    "own:lead": partners(["lead"], "any"),
    "letter:read": partners(members, "any"),
    "letter:answer": partners(["lead"], "any"),
}

/** Whether this actor has what a route needs. A partner's standing is asked apart, by `standing`. */
export function has(actor: Actor | null, need: string): boolean {
    const rule = access[need]
    if (rule === undefined) return false
    if (rule.open) return true
    if (actor === null || actor.kind === "system") return false
    if (actor.kind === "operator") return rule.operators.some((role) => actor.roles.includes(role))
    return rule.partners.some((role) => actor.roles.includes(role))
}
