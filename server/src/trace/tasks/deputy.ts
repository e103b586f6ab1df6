/**
 * Deputies: a person names another of the operator for a span of time, who is then told of what waits for the first, and
 * may act in the roles that it holds itself. It acts as itself and under its own name: a deputy never makes one person
 * two, and whoever may not sign may not sign as a deputy either.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { OperatorRole } from "../../kernel/actor.ts"
import type { Person } from "./task.ts"

export interface Deputy {
    readonly id: string
    readonly person: string
    readonly deputy: string
    readonly from: Instant
    /** Half-open: at this instant it is over. */
    readonly until: Instant
    readonly endedAt: Instant | null
}

const spanDaysMax = 92
const aheadDaysMax = 366

export function holds({ from, until, endedAt }: Deputy, now: Instant): boolean {
    return from <= now && now < until && endedAt === null
}

/** In which roles a deputy stands in: those that both hold. An auditor reads, and nothing waits for one. */
export function rolesInCommon(
    operatorRoles: readonly OperatorRole[],
    deputys: readonly OperatorRole[],
): OperatorRole[] {
    return operatorRoles.filter((role) => role !== "auditor" && deputys.includes(role))
}

/** As `rolesInCommon`, by those who are here; none: the deputy does not count. */
export function rolesOf({ person, deputy }: Deputy, here: readonly Person[]): OperatorRole[] {
    const held = (id: string) => here.find((person) => person.id === id)?.roles ?? []
    return rolesInCommon(held(person), held(deputy))
}

/** For whom this person stands in now. Deputies of deputies are none. */
export function standsInFor(
    deputies: readonly Deputy[],
    here: readonly Person[],
    person: string,
    now: Instant,
): string[] {
    return deputies
        .filter((deputy) => deputy.deputy === person && holds(deputy, now) && rolesOf(deputy, here).length > 0)
        .map((deputy) => deputy.person)
}

export function validateDeputy({ person, deputy, from, until }: Omit<Deputy, "id" | "endedAt">, now: Instant): void {
    if (person === deputy) refuse("invalid", "deputy.own_deputy", "nobody is their own deputy")
    if (!(from >= now && from <= now + aheadDaysMax * dayMs)) {
        refuse("invalid", "deputy.bad_period", `it begins now or within \`${aheadDaysMax}\` days`)
    }
    if (!(until > from && until <= from + spanDaysMax * dayMs)) {
        refuse("invalid", "deputy.bad_period", `it ends after it begins, and within \`${spanDaysMax}\` days`)
    }
}
