/**
 * The circle of a warning: which persons of its own roster a partner lets see it. A lead narrows it, case by case.
 *
 * Without one everybody on the roster sees it. Leads always do; whoever joins later is outside until added.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** One setting of it; the newest holds. */
export interface CircleTurn {
    /** Null: everybody on the roster. */
    readonly persons: readonly string[] | null
    readonly from: Instant
}

/** A person's time on the roster. */
export interface Stay {
    readonly person: string
    readonly isLead: boolean
    readonly from: Instant
    /** Half-open; null while it lasts. */
    readonly until: Instant | null
}

/** `circle`: null where none is set. */
export function isInside(circle: Pick<CircleTurn, "persons"> | null, stay: Pick<Stay, "person" | "isLead">): boolean {
    const persons = circle?.persons ?? null
    return stay.isLead || persons === null || persons.includes(stay.person)
}

/** Refuses one that names somebody who is not on the roster now, or no lead. Returns it in order, each once. */
export function validateCircle(persons: readonly string[], roster: readonly Stay[]): string[] {
    const here = new Map(roster.filter((stay) => stay.until === null).map((stay) => [stay.person, stay]))
    if (!persons.every((person) => here.has(person))) {
        refuse("missing", "partner.person_not_found", "no such person on the roster")
    }
    if (!persons.some((person) => here.get(person)?.isLead)) {
        refuse("invalid", "access_list.no_lead", "a circle holds a lead: a lead sees the warning in any case")
    }
    return [...new Set(persons)].toSorted()
}

/**
 * Who was inside at some moment of this time, and on the roster at it. `turns` in their order; `before` is half-open.
 */
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
