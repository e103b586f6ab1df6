/**
 * Defines obligations of an agreement in a form that can be checked. The text states the same for people.
 *
 * `attestation` and `regular_reports` are periodic. The others matter when an inquiry asks which obligation was
 * breached.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { closed } from "../../../kernel/schemas.ts"

const idField = Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,39}$" })
const textField = Type.String({ minLength: 1, maxLength: 2000 })
const unscheduledKinds = [
    "no_offensive_use",
    "no_onward_disclosure_before_publication",
    "in_house_protections_only",
] as const
const commonFields = { id: idField, text: textField }
const daysField = Type.Integer({ minimum: 7, maximum: 3660 })

export const obligationShape = Type.Union([
    Type.Object({ ...commonFields, kind: Type.Enum([...unscheduledKinds]) }, closed),
    Type.Object(
        {
            ...commonFields,
            kind: Type.Literal("report_suspected_leak"),
            withinHours: Type.Integer({ minimum: 1, maximum: 720 }),
        },
        closed,
    ),
    /** Zero reports are required as well. */
    Type.Object({ ...commonFields, kind: Type.Literal("regular_reports"), everyDays: daysField }, closed),
    Type.Object({ ...commonFields, kind: Type.Literal("attestation"), everyDays: daysField }, closed),
])

/** An obligation of an agreement. */
export type Obligation = Readonly<Static<typeof obligationShape>>

/** The periodic kinds. */
export type PeriodicKind = "attestation" | "regular_reports"

/** A periodic obligation. Stored in clear next to the encrypted text, because every decision reads it. */
export interface Period {
    readonly kind: PeriodicKind
    readonly everyDays: number
}

const obligationsMax = 40

/** Refuses duplicate ids and duplicate periodic kinds, which would conflict. */
export function validateObligations(obligations: readonly Obligation[]): void {
    if (!(obligations.length <= obligationsMax)) {
        refuse("invalid", "obligation.too_many", `too many obligations: use at most \`${obligationsMax}\``, {
            max: obligationsMax,
        })
    }
    const ids = obligations.map(({ id }) => id)
    const duplicate = ids.find((id, i) => ids.indexOf(id) !== i)
    if (duplicate !== undefined)
        refuse(
            "invalid",
            "obligation.duplicate_id",
            `the obligation id \`${duplicate}\` is listed twice: use different ids`,
            { duplicate },
        )
    const kinds = periodsOf(obligations).map(({ kind }) => kind)
    if (new Set(kinds).size !== kinds.length) {
        refuse("invalid", "obligation.duplicate_period", "a periodic kind is listed twice: use one period for each")
    }
    for (const { id, text } of obligations) {
        if (text.trim() === "" || hasControls(text)) {
            refuse("invalid", "obligation.bad_text", `the obligation \`${id}\` has no readable text`, { id })
        }
    }
}

/** Returns how often partners must submit each kind of statement, in days. */
export function periodsOf(obligations: readonly Obligation[]): Period[] {
    return obligations.flatMap((obligation) =>
        obligation.kind === "attestation" || obligation.kind === "regular_reports"
            ? [{ kind: obligation.kind, everyDays: obligation.everyDays }]
            : [],
    )
}

/** Whether the text has control characters except line breaks and tabs. */
export function hasControls(text: string): boolean {
    return /[^\P{Cc}\n\t]/u.test(text)
}
