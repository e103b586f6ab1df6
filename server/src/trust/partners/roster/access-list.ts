/**
 * Defines the access list of a case: which of a partner's people see the warning.
 *
 * Without one, everyone on the roster sees it. Leads always see it; a later member is outside until a lead adds it.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** One setting of the list; the newest is valid. */
export interface AccessListEntry {
    /** Null: everyone on the roster. */
    readonly people: readonly string[] | null
    readonly from: Instant
}

/** A person's time on the roster. */
export interface RosterMembership {
    readonly person: string
    readonly isLead: boolean
    readonly from: Instant
    /** Half-open; null: still on the roster. */
    readonly until: Instant | null
}

/** Whether a person sees the case. `accessList`: null where no list is set. */
export function hasAccess(
    accessList: Pick<AccessListEntry, "people"> | null,
    stay: Pick<RosterMembership, "person" | "isLead">,
): boolean {
    const people = accessList?.people ?? null
    return stay.isLead || people === null || people.includes(stay.person)
}

/** Refuses a list with a person who is not on the roster, or without a lead. Returns it sorted, without duplicates. */
export function validateAccessList(people: readonly string[], roster: readonly RosterMembership[]): string[] {
    const present = new Map(roster.filter((stay) => stay.until === null).map((stay) => [stay.person, stay]))
    if (!people.every((person) => present.has(person))) {
        refuse("missing", "partner.person_not_found", "no person with this id on the roster")
    }
    if (!people.some((person) => present.get(person)?.isLead)) {
        refuse(
            "invalid",
            "access_list.no_lead",
            "the access list has no lead: add one, because leads always see the warning",
        )
    }
    return [...new Set(people)].toSorted()
}

/** People with access at some moment of this time while on the roster. `entries` in order; `before` is half-open. */
export function peopleWithAccess(
    roster: readonly RosterMembership[],
    entries: readonly AccessListEntry[],
    from: Instant,
    before: Instant,
): string[] {
    const spans = [{ people: null, from: -Infinity }, ...entries].map((entry, i) => ({
        ...entry,
        until: entries[i]?.from ?? Infinity,
    }))
    const hadAccess = (stay: RosterMembership): boolean => {
        const [first, last] = [Math.max(from, stay.from), Math.min(before, stay.until ?? Infinity)]
        return spans.some((span) => hasAccess(span, stay) && Math.max(first, span.from) < Math.min(last, span.until))
    }
    return roster.filter(hadAccess).map((stay) => stay.person)
}
