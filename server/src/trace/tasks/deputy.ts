/**
 * Deputies: a staff member names another for a period, who is notified of the first one's tasks. The deputy acts in its
 * own roles and under its own name. It never signs where it could not sign itself.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { OperatorRole } from "../../kernel/actor.ts"
import type { Person } from "./task.ts"

/** A staff member who acts on another one's tasks, for a time and in its own roles. */
export interface Deputy {
    readonly id: string
    readonly person: string
    readonly deputy: string
    readonly from: Instant
    /** Exclusive end. */
    readonly until: Instant
    readonly endedAt: Instant | null
}

const spanDaysMax = 92
const aheadDaysMax = 366

/** Tells whether a deputy is active at an instant. */
export function isActive({ from, until, endedAt }: Deputy, now: Instant): boolean {
    return from <= now && now < until && endedAt === null
}

/** Returns the roles that both have, without auditor, which has no tasks. */
export function rolesInCommon(roles: readonly OperatorRole[], deputyRoles: readonly OperatorRole[]): OperatorRole[] {
    return roles.filter((role) => role !== "auditor" && deputyRoles.includes(role))
}

/** Returns the common roles of present staff. Without any, the deputy does not count. */
export function commonRolesOf({ person, deputy }: Deputy, staff: readonly Person[]): OperatorRole[] {
    const rolesById = (id: string) => staff.find((person) => person.id === id)?.roles ?? []
    return rolesInCommon(rolesById(person), rolesById(deputy))
}

/** Lists the people whom this person stands in for now. Deputies of deputies do not count. */
export function standsInFor(
    deputies: readonly Deputy[],
    staff: readonly Person[],
    person: string,
    now: Instant,
): string[] {
    return deputies
        .filter(
            (deputy) => deputy.deputy === person && isActive(deputy, now) && commonRolesOf(deputy, staff).length > 0,
        )
        .map((deputy) => deputy.person)
}

/** Validates a deputy. Refuses `deputy.own_deputy`, `deputy.bad_start` and `deputy.bad_end`. */
export function validateDeputy({ person, deputy, from, until }: Omit<Deputy, "id" | "endedAt">, now: Instant): void {
    if (person === deputy) refuse("invalid", "deputy.own_deputy", "you cannot be your own deputy: name another person")
    if (!(from >= now && from <= now + aheadDaysMax * dayMs)) {
        refuse("invalid", "deputy.bad_start", `the start must be now or within \`${aheadDaysMax}\` days`, {
            max: aheadDaysMax,
        })
    }
    if (!(until > from && until <= from + spanDaysMax * dayMs)) {
        refuse("invalid", "deputy.bad_end", `the end must be after the start and within \`${spanDaysMax}\` days`, {
            max: spanDaysMax,
        })
    }
}
