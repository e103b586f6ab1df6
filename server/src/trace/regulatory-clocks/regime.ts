/**
 * A regime: a law or a contract by which the operator owes somebody notifications, as data. What starts it, which filings
 * are owed, and what each one's time runs from. The operator sets the legal basis and says whether it applies.
 */
import { type Static, Type } from "typebox"
import { type Instant, dayMs, formatInstant, hourMs, monthsAfter, parseInstant } from "@tocsin/base/instant"
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"

export const triggers = ["exploited vulnerability", "severe incident"] as const

/** `undecided`: as shipped. It starts clocks as if it were in force, so that nobody misses a duty by not deciding. */
export const regimeStates = ["undecided", "in force", "not in force"] as const

export const units = ["hours", "days", "months"] as const

/** What the time of a filing runs from, besides an earlier filing of the same regime. */
export const starts = ["awareness", "fix available"] as const

const closed = { additionalProperties: false }

const filingShape = Type.Object(
    {
        id: Type.String(),
        title: Type.String(),
        count: Type.Integer(),
        unit: Type.Enum([...units]),
        /** One of `starts`, or the id of a filing that stands before this one: from when that was filed. */
        after: Type.String(),
        /** What the authority asks that no case holds: a person writes it into the draft. */
        asks: Type.Array(Type.String()),
    },
    closed,
)

export const regimeShape = Type.Object(
    {
        title: Type.String(),
        /** By what the operator holds that it owes this, in its own words. */
        basis: Type.String(),
        authority: Type.String(),
        trigger: Type.Enum([...triggers]),
        state: Type.Enum([...regimeStates]),
        /** Of what became known before, it starts nothing by itself; null: it always did. */
        appliesFrom: Type.Union([Type.String(), Type.Null()]),
        filings: Type.Array(filingShape),
    },
    closed,
)

export type Regime = Readonly<Static<typeof regimeShape>>
export type Filing = Regime["filings"][number]

export const filingsMax = 20
const asksMax = 20
const nameMax = 200
const wordsMax = 4000
const countMax = 10_000
/** Of control characters a text has line ends and tabs alone. */
const unprinted = /[^\P{Cc}\n\r\t]/u
const slug = /^[a-z0-9][a-z0-9-]{0,39}$/

/** Refuses a regime that says too little or too much, or of which a filing could never fall due. */
export function validateRegime(id: string, regime: Regime): void {
    if (!slug.test(id))
        refuse("invalid", "regime.bad_id", "an id has 1 to 40 small letters, digits and hyphens, like `cra-incident`")
    if (!(isLine(regime.title) && isLine(regime.authority))) {
        refuse("invalid", "regime.bad_name", `a regime has a title and an authority, of ${nameMax} characters at most`)
    }
    if (!(regime.basis.trim() !== "" && regime.basis.length <= wordsMax && !unprinted.test(regime.basis))) {
        refuse("invalid", "regime.no_basis", `say the legal basis, in ${wordsMax} characters at most, as plain text`)
    }
    if (regime.appliesFrom !== null) parseInstant(regime.appliesFrom)
    if (!(regime.filings.length > 0 && regime.filings.length <= filingsMax)) {
        refuse("invalid", "regime.bad_filings", `a regime has 1 to ${filingsMax} filings`)
    }
    for (const [n, filing] of regime.filings.entries()) validateFiling(filing, regime.filings.slice(0, n))
}

/** What a filing waits for stands before it: so there is no circle, and each falls due once what it waits for is there. */
function validateFiling({ id, title, count, after, asks }: Filing, before: readonly Filing[]): void {
    const ids: readonly string[] = [...starts, ...before.map((item) => item.id)]
    if (!(slug.test(id) && isLine(title) && !ids.includes(id))) {
        const shape = "small letters, digits and hyphens"
        refuse("invalid", "regime.bad_filing", `a filing has a title, and an id of its own of ${shape}: \`${cut(id)}\``)
    }
    if (!(Number.isInteger(count) && count > 0 && count <= countMax)) {
        refuse("invalid", "regime.bad_time", `\`${id}\`: a time is a whole number from 1 to ${countMax}`)
    }
    if (!ids.includes(after)) {
        const those = `\`${starts.join("`, `")}\` or a filing that stands before it`
        refuse("invalid", "regime.bad_start", `\`${id}\` runs from ${those}, and not from \`${cut(after)}\``)
    }
    if (!(asks.length <= asksMax && asks.every((ask) => isLine(ask)))) {
        refuse("invalid", "regime.bad_asks", `\`${id}\` asks ${asksMax} things at most, each a line`)
    }
}

/** The same regime as it is kept. */
export function kept(regime: Regime): Regime {
    const { appliesFrom } = regime
    return { ...regime, appliesFrom: appliesFrom === null ? null : formatInstant(parseInstant(appliesFrom)) }
}

/** Whether its clock starts by itself when exploitation becomes known at this instant. */
export function startsBySeen({ trigger, state, appliesFrom }: Regime, aware: Instant): boolean {
    if (trigger !== "exploited vulnerability" || state === "not in force") return false
    return appliesFrom === null || aware >= parseInstant(appliesFrom)
}

/** Exact, from the instant itself: neither rounded to whole hours or days nor moved to a working day. */
export function dueAfter({ count, unit }: Pick<Filing, "count" | "unit">, from: Instant): Instant {
    if (unit === "months") return monthsAfter(from, count)
    return from + count * (unit === "hours" ? hourMs : dayMs)
}

const isLine = (text: string): boolean => text.trim() !== "" && text.length <= nameMax && !hasHidden(text)
const cut = (text: string): string => text.slice(0, 40)
