/**
 * Who owns a partner and under which jurisdictions it stands: facts with a source and a date, for the operator to know.
 *
 * They decide nothing by themselves: what policy asks about is the duty, never the country. Nothing is overwritten; the
 * row that was written last of those that hold counts.
 */
import { type Static, Type } from "typebox"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

const closed = { additionalProperties: false }
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
/** Where this is written, or who established it, and on which day. */
const sourced = { source: text(400), date: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }) }
/** As ISO 3166-1 writes it in two letters. */
const placeField = Type.String({ pattern: "^[A-Z]{2}$" })

export const ownerShape = Type.Object(
    {
        name: text(200),
        /** Null where it is not known. */
        percent: Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()]),
        seat: Type.Union([placeField, Type.Null()]),
        ...sourced,
    },
    closed,
)
export const jurisdictionKinds = ["registered", "headquarters", "persons with access", "data kept"] as const
export const jurisdictionShape = Type.Object(
    { place: placeField, kind: Type.Enum([...jurisdictionKinds]), ...sourced },
    closed,
)

export type Owner = Readonly<Static<typeof ownerShape>>
export type Jurisdiction = Readonly<Static<typeof jurisdictionShape>>

export interface Background {
    readonly ownership: readonly Owner[]
    readonly jurisdictions: readonly Jurisdiction[]
}

export type BackgroundFact = keyof Background

export type BackgroundRow = {
    [Fact in BackgroundFact]: {
        readonly fact: Fact
        readonly value: Background[Fact]
        readonly seq: number
        readonly from: Instant
        readonly by: string | null
    }
}[BackgroundFact]

/** What is known at this instant; where nothing was written, nothing is. The order of `rows` does not matter. */
export function backgroundAt(rows: readonly BackgroundRow[], instant: Instant): Background {
    const held = rows.filter(({ from }) => from <= instant).toSorted((a, b) => a.seq - b.seq)
    let known: Background = { ownership: [], jurisdictions: [] }
    for (const { fact, value } of held) known = { ...known, [fact]: value }
    return known
}

const entriesMax = 50

/** Refuses days that no calendar has, or that are still to come; shares of more than the whole; control characters. */
export function validateBackground({ ownership, jurisdictions }: Background, now: Instant): void {
    const list = [...ownership, ...jurisdictions]
    if (!(ownership.length <= entriesMax && jurisdictions.length <= entriesMax)) {
        refuse("invalid", "due_diligence.too_many", `of each there are \`${entriesMax}\` at most`)
    }
    for (const { date, source } of list) {
        if (!isPastDay(date, now)) refuse("invalid", "due_diligence.bad_date", `\`${date}\` is no day up to today`)
        if (!isText(source)) refuse("invalid", "due_diligence.no_source", "each fact names its source")
    }
    if (!ownership.every(({ name }) => isText(name))) {
        refuse("invalid", "due_diligence.bad_owner", "an owner has a readable name")
    }
    // What is written down is rounded; a little over the whole is no mistake.
    if (!(ownership.reduce((sum, { percent }) => sum + (percent ?? 0), 0) <= 101)) {
        refuse("invalid", "due_diligence.shares_exceed_total", "the owners hold more than the whole together")
    }
}

function isPastDay(date: string, now: Instant): boolean {
    const at = Date.parse(`${date}T00:00:00Z`)
    return at <= now && new Date(at).toISOString().startsWith(date)
}

function isText(input: string): boolean {
    return input.trim().length > 0 && !/\p{Cc}/u.test(input)
}
