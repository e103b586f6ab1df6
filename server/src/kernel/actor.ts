/**
 * Defines who performs an action. Machines act through a person's token or as a named handler; every action has an
 * actor.
 */

export type OperatorRole = "author" | "manager" | "investigator" | "approver" | "auditor" | "admin"

/** A role of a partner's person. */
export type PartnerRole = "lead" | "analyst"

/** A staff member who acts. */
export interface OperatorActor {
    readonly kind: "operator"
    readonly person: string
    readonly roles: readonly OperatorRole[]
}

/** A partner's person who acts. */
export interface PartnerActor {
    readonly kind: "partner"
    readonly person: string
    readonly partner: string
    readonly roles: readonly PartnerRole[]
}

/** An event handler, a job, the command that creates a program, or the demonstration. `component` names it. */
export interface SystemActor {
    readonly kind: "system"
    readonly component: string
}

/** A person or the system, in whose name an action runs. */
export type Actor = OperatorActor | PartnerActor | SystemActor

/** The person's id for the audit log; null for the system. */
export function personOf(actor: Actor): string | null {
    return actor.kind === "system" ? null : actor.person
}
