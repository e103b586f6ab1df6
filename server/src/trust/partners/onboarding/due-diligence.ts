/**
 * Defines due diligence: owners and jurisdictions of a partner, each with source and date.
 *
 * It decides nothing: policy asks about reporting duties, never countries. Entries are not overwritten; of the valid
 * ones the last counts.
 */
import { type Static, Type } from "typebox"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { closed, orNull } from "../../../kernel/schemas.ts"

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
/** Source, or the person who established the fact, with the day. */
const sourceFields = { source: text(400), date: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }) }
/** An ISO 3166-1 two-letter code. */
const countryField = Type.String({ pattern: "^[A-Z]{2}$" })

export const ownerShape = Type.Object(
    {
        name: text(200),
        /** Null where unknown. */
        percent: orNull(Type.Number({ minimum: 0, maximum: 100 })),
        seat: orNull(countryField),
        ...sourceFields,
    },
    closed,
)
export const jurisdictionKinds = ["registered", "headquarters", "people_with_access", "data_stored"] as const
export const jurisdictionShape = Type.Object(
    { place: countryField, kind: Type.Enum([...jurisdictionKinds]), ...sourceFields },
    closed,
)

/** An owner of a partner, with its share. */
export type Owner = Readonly<Static<typeof ownerShape>>

/** A jurisdiction that a partner is subject to. */
export type Jurisdiction = Readonly<Static<typeof jurisdictionShape>>

/** The known owners and jurisdictions of a partner. They decide nothing. */
export interface DueDiligence {
    readonly ownership: readonly Owner[]
    readonly jurisdictions: readonly Jurisdiction[]
}

/** The name of a fact of due diligence. */
export type DueDiligenceFact = keyof DueDiligence

/** A recorded value of a fact. The newest value counts. */
export type DueDiligenceRow = {
    [Fact in DueDiligenceFact]: {
        readonly fact: Fact
        readonly value: DueDiligence[Fact]
        readonly seq: number
        readonly from: Instant
        readonly by: string | null
    }
}[DueDiligenceFact]

/** Due diligence at this instant; empty where nothing was entered. The order of `rows` does not matter. */
export function dueDiligenceAt(rows: readonly DueDiligenceRow[], instant: Instant): DueDiligence {
    const valid = rows.filter(({ from }) => from <= instant).toSorted((a, b) => a.seq - b.seq)
    let known: DueDiligence = { ownership: [], jurisdictions: [] }
    for (const { fact, value } of valid) known = { ...known, [fact]: value }
    return known
}

const entriesMax = 50

/** Refuses invalid or future days, shares of more than the whole, and control characters. */
export function validateDueDiligence({ ownership, jurisdictions }: DueDiligence, now: Instant): void {
    const list = [...ownership, ...jurisdictions]
    if (!(ownership.length <= entriesMax && jurisdictions.length <= entriesMax)) {
        refuse("invalid", "due_diligence.too_many", `too many entries: use at most \`${entriesMax}\` of each kind`, {
            max: entriesMax,
        })
    }
    for (const { date, source } of list) {
        if (!isPastDay(date, now))
            refuse("invalid", "due_diligence.bad_date", `\`${date}\` is not a past day: use \`2025-07-08\``, { date })
        if (!isText(source)) refuse("invalid", "due_diligence.no_source", "a fact has no source: name its source")
    }
    if (!ownership.every(({ name }) => isText(name))) {
        refuse("invalid", "due_diligence.bad_owner", "an owner's name is empty or not readable: enter the name")
    }
    // Shares are rounded, so a sum slightly over 100 is accepted.
    if (!(ownership.reduce((sum, { percent }) => sum + (percent ?? 0), 0) <= 101)) {
        refuse("invalid", "due_diligence.shares_exceed_total", "the owners' shares exceed 100 %: correct the shares")
    }
}

function isPastDay(date: string, now: Instant): boolean {
    const at = Date.parse(`${date}T00:00:00Z`)
    return at <= now && new Date(at).toISOString().startsWith(date)
}

function isText(input: string): boolean {
    return input.trim().length > 0 && !/\p{Cc}/u.test(input)
}
