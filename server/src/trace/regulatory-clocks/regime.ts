/**
 * A regime is a law or contract that requires notifications of the operator, as data: its trigger, its filings, and
 * when their time starts. The operator sets the legal basis and whether it applies.
 */
import { type Static, Type } from "typebox"
import { type Instant, dayMs, formatInstant, hourMs, monthsAfter, parseInstant } from "@tocsin/base/instant"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { closed, textOrNull } from "../../kernel/schemas.ts"

export const triggers = ["exploited_vulnerability", "severe_incident"] as const

/** `undecided` is the built-in state. It starts clocks as `in_force` does, so that an open decision misses no duty. */
export const regimeStates = ["undecided", "in_force", "not_in_force"] as const

export const units = ["hours", "days", "months"] as const

/** Starts of a filing's time, in addition to an earlier filing of the regime. */
export const starts = ["awareness", "fix_available"] as const

const filingShape = Type.Object(
    {
        id: Type.String(),
        title: Type.String(),
        count: Type.Integer(),
        unit: Type.Enum([...units]),
        /** One of `starts`, or the id of an earlier filing: from its submission. */
        after: Type.String(),
        /** Questions of the authority that no case answers. A person answers them in the draft. */
        questions: Type.Array(Type.String()),
    },
    closed,
)

export const regimeShape = Type.Object(
    {
        title: Type.String(),
        /** The legal basis, in the operator's words. */
        basis: Type.String(),
        authority: Type.String(),
        trigger: Type.Enum([...triggers]),
        state: Type.Enum([...regimeStates]),
        /** Awareness before this instant starts no clock automatically; null for no limit. */
        appliesFrom: textOrNull,
        filings: Type.Array(filingShape),
    },
    closed,
)

/** A regime of reporting to an authority, with its filings and deadlines. */
export type Regime = Readonly<Static<typeof regimeShape>>

/** A filing that a regime requires. */
export type Filing = Regime["filings"][number]

export const filingsMax = 20
const questionsMax = 20
const nameMax = 200
const basisMax = 4000
const countMax = 10_000
/** Texts may have line ends and tabs, and no other control characters. */
const unprintable = /[^\P{Cc}\n\r\t]/u
const slug = /^[a-z0-9][a-z0-9-]{0,39}$/

/** Validates a regime: required and bounded texts, and filings that can become due. */
export function validateRegime(id: string, regime: Regime): void {
    if (!slug.test(id))
        refuse(
            "invalid",
            "regime.bad_id",
            "an id must have 1 to 40 lower-case letters, digits and hyphens, like `cra-incident`",
        )
    if (!(isLine(regime.title) && isLine(regime.authority))) {
        refuse(
            "invalid",
            "regime.bad_name",
            `a regime must have a title and an authority of ${nameMax} characters at most`,
            { max: nameMax },
        )
    }
    if (!(regime.basis.trim() !== "" && regime.basis.length <= basisMax && !unprintable.test(regime.basis))) {
        refuse("invalid", "regime.no_basis", `the legal basis must be plain text of 1 to ${basisMax} characters`, {
            max: basisMax,
        })
    }
    if (regime.appliesFrom !== null) parseInstant(regime.appliesFrom)
    if (!(regime.filings.length > 0 && regime.filings.length <= filingsMax)) {
        refuse("invalid", "regime.bad_filings", `a regime must have 1 to ${filingsMax} filings`, { max: filingsMax })
    }
    for (const [n, filing] of regime.filings.entries()) validateFiling(filing, regime.filings.slice(0, n))
}

/** Checks that a filing waits only for an earlier one, so that there is no cycle. */
function validateFiling({ id, title, count, after, questions }: Filing, before: readonly Filing[]): void {
    const ids: readonly string[] = [...starts, ...before.map((item) => item.id)]
    if (!(slug.test(id) && isLine(title) && !ids.includes(id))) {
        const shape = "small letters, digits and hyphens"
        refuse(
            "invalid",
            "regime.bad_filing",
            `a filing must have a title and its own id of ${shape}: \`${shorten(id)}\``,
            { shape, value: shorten(id) },
        )
    }
    if (!(Number.isInteger(count) && count > 0 && count <= countMax)) {
        refuse("invalid", "regime.bad_time", `\`${id}\`: a time must be a whole number from 1 to ${countMax}`, {
            id,
            max: countMax,
        })
    }
    if (!ids.includes(after)) {
        const allowedStarts = `\`${starts.join("`, `")}\` or an earlier filing`
        refuse(
            "invalid",
            "regime.bad_start",
            `\`${id}\`: the time must run from ${allowedStarts}, not from \`${shorten(after)}\``,
            { id, allowedStarts, value: shorten(after) },
        )
    }
    if (!(questions.length <= questionsMax && questions.every((question) => isLine(question)))) {
        refuse(
            "invalid",
            "regime.bad_asks",
            `\`${id}\`: \`questions\` must have ${questionsMax} entries at most, each one line`,
            { id, max: questionsMax },
        )
    }
}

/** Normalises a regime for storage. */
export function normalizeRegime(regime: Regime): Regime {
    const { appliesFrom } = regime
    return { ...regime, appliesFrom: appliesFrom === null ? null : formatInstant(parseInstant(appliesFrom)) }
}

/** Tells whether exploitation known at this instant starts a clock. */
export function isTriggeredByExploitation({ trigger, state, appliesFrom }: Regime, aware: Instant): boolean {
    if (trigger !== "exploited_vulnerability" || state === "not_in_force") return false
    return appliesFrom === null || aware >= parseInstant(appliesFrom)
}

/** Returns the deadline, exact to the start: not rounded, and not moved to a working day. */
export function deadlineAfter({ count, unit }: Pick<Filing, "count" | "unit">, from: Instant): Instant {
    if (unit === "months") return monthsAfter(from, count)
    return from + count * (unit === "hours" ? hourMs : dayMs)
}

const isLine = (text: string): boolean => text.trim() !== "" && text.length <= nameMax && !hasHiddenCharacters(text)
const shorten = (text: string): string => text.slice(0, 40)
