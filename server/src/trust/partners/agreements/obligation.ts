/**
 * What an agreement binds its partners to, in a form that can be checked. The text says the same for people to read.
 *
 * Two kinds fall due again and again: `attestation` and `regular reports`. The others are looked into when an inquiry
 * asks which of them was breached.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"

const idField = Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,39}$" })
const textField = Type.String({ minLength: 1, maxLength: 2000 })
const closed = { additionalProperties: false }
const plain = ["no offensive use", "no onward disclosure before publication", "in-house protections only"] as const
const base = { id: idField, text: textField }
const daysField = Type.Integer({ minimum: 7, maximum: 3660 })

export const obligationShape = Type.Union([
    Type.Object({ ...base, kind: Type.Enum([...plain]) }, closed),
    Type.Object(
        {
            ...base,
            kind: Type.Literal("report a suspected leak"),
            withinHours: Type.Integer({ minimum: 1, maximum: 720 }),
        },
        closed,
    ),
    /** Zero reports are owed just as much. */
    Type.Object({ ...base, kind: Type.Literal("regular reports"), everyDays: daysField }, closed),
    Type.Object({ ...base, kind: Type.Literal("attestation"), everyDays: daysField }, closed),
])

export type Obligation = Readonly<Static<typeof obligationShape>>

/** The kinds that fall due again and again. */
export type PeriodicKind = "attestation" | "regular reports"

/** Of an agreement, what falls due and how often: in clear beside the sealed text, for it is read with each decision. */
export interface Period {
    readonly kind: PeriodicKind
    readonly everyDays: number
}

const obligationsMax = 40

/** Refuses an id twice, and a periodic kind twice: it would be owed in two ways. */
export function validateObligations(obligations: readonly Obligation[]): void {
    if (!(obligations.length <= obligationsMax)) {
        refuse("invalid", "obligation.too_many", `an agreement has \`${obligationsMax}\` obligations at most`)
    }
    const ids = obligations.map(({ id }) => id)
    const twice = ids.find((id, i) => ids.indexOf(id) !== i)
    if (twice !== undefined)
        refuse("invalid", "obligation.duplicate_id", `the obligation \`${twice}\` stands there twice`)
    const kinds = periodsOf(obligations).map(({ kind }) => kind)
    if (new Set(kinds).size !== kinds.length) {
        refuse("invalid", "obligation.duplicate_period", "attestation and regular reports each have one period")
    }
    for (const { id, text } of obligations) {
        if (text.trim() === "" || hasControls(text)) {
            refuse("invalid", "obligation.bad_text", `the obligation \`${id}\` has no readable text`)
        }
    }
}

export function periodsOf(obligations: readonly Obligation[]): Period[] {
    return obligations.flatMap((obligation) =>
        obligation.kind === "attestation" || obligation.kind === "regular reports"
            ? [{ kind: obligation.kind, everyDays: obligation.everyDays }]
            : [],
    )
}

/** Control characters other than a line's end or a tab. */
export function hasControls(text: string): boolean {
    return /[^\P{Cc}\n\t]/u.test(text)
}
