/** Who is on record for an act. Machines act through a person's token, or as a named step of the flow; never as nobody. */

export type OperatorRole = "author" | "manager" | "investigator" | "approver" | "auditor" | "admin"
export type PartnerRole = "lead" | "analyst"

export interface OperatorActor {
    readonly kind: "operator"
    readonly person: string
    readonly roles: readonly OperatorRole[]
}

export interface PartnerActor {
    readonly kind: "partner"
    readonly person: string
    readonly partner: string
    readonly roles: readonly PartnerRole[]
}

/** A step of the flow, the command that creates a program, the demonstration: `step` names it. */
export interface SystemActor {
    readonly kind: "system"
    readonly step: string
}

export type Actor = OperatorActor | PartnerActor | SystemActor

/** The id that goes on record: the person, or null for a step. */
export function personOf(actor: Actor): string | null {
    return actor.kind === "system" ? null : actor.person
}
