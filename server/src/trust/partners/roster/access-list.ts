/**
 * Defines the access list of a case: which of its people a partner lets see the warning.
 *
 * Without one, everyone on the roster sees it. Leads always see it; a later member is outside until a lead adds it.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** One setting of the list; the newest is valid. */
export interface CircleTurn {
    /** Null: everyone on the roster. */
    readonly persons: readonly string[] | null
    readonly from: Instant
}

/** A person's time on the roster. */
export interface Stay {
    readonly person: string
    readonly isLead: boolean
    readonly from: Instant
    /** Half-open; null: still on the roster. */
    readonly until: Instant | null
}

/** Whether a person sees the case. `circle`: null where no list is set. */
export function isInside(circle: Pick<CircleTurn, "persons"> | null, stay: Pick<Stay, "person" | "isLead">): boolean {
    const persons = circle?.persons ?? null
    return stay.isLead || persons === null || persons.includes(stay.person)
}

/** Refuses a list with a person who is not on the roster, or without a lead. Returns it sorted, without duplicates. */
export function validateCircle(persons: readonly string[], roster: readonly Stay[]): string[] {
    const here = new Map(roster.filter((stay) => stay.until === null).map((stay) => [stay.person, stay]))
    if (!persons.every((person) => here.has(person))) {
        refuse("missing", "partner.person_not_found", "no person with this id on the roster")
    }
    if (!persons.some((person) => here.get(person)?.isLead)) {
        refuse(
            "invalid",
            "access_list.no_lead",
            "the access list has no lead: add one, because leads always see the warning",
        )
    }
    return [...new Set(persons)].toSorted()
}

/** People with access at some moment of this time while on the roster. `turns` in order; `before` is half-open. */
export function insideWithin(
    roster: readonly Stay[],
    turns: readonly CircleTurn[],
    from: Instant,
    before: Instant,
): string[] {
    const spans = [{ persons: null, from: -Infinity }, ...turns].map((turn, i) => ({
        ...turn,
        until: turns[i]?.from ?? Infinity,
    }))
    const couldSee = (stay: Stay): boolean => {
        const [first, last] = [Math.max(from, stay.from), Math.min(before, stay.until ?? Infinity)]
        return spans.some((span) => isInside(span, stay) && Math.max(first, span.from) < Math.min(last, span.until))
    }
    return roster.filter(couldSee).map((stay) => stay.person)
}
