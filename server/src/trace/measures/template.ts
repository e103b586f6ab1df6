/**
 * Templates of letters: texts with named places, `[answer by]`, that are filled from the matter. What is filled in is
 * never read as a place again, and there is nothing else to a template: no condition, no expression.
 *
 * A restriction and what is for the time being find no fault, and their words are neutral. What a sanction rests on is
 * named: the obligation. No letter names a case, another partner or a suspicion.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type LetterKind, type LetterText, validateLetter } from "./letter.ts"

/** What a place is filled with, by its name. */
export type Field =
    | "partner"
    | "from"
    | "held"
    | "obligation"
    | "answer by"
    | "review by"
    | "appeal by"
    | "return from"
    | "terms"
    | "outcome"

export type Fields = Readonly<Partial<Record<Field, string>>>

const always: readonly Field[] = ["partner", "from", "held"]

/** What each kind can name besides; and what it cannot leave out. */
const namesOf: Readonly<Record<LetterKind, { readonly may: readonly Field[]; readonly must: readonly Field[] }>> = {
    restrict: { may: [], must: ["held"] },
    loosening: { may: [], must: [] },
    lift: { may: [], must: [] },
    "end by duty": { may: [], must: [] },
    "interim suspension": { may: ["review by"], must: ["review by", "held"] },
    "suspension kept": { may: ["review by"], must: ["review by", "held"] },
    reinstatement: { may: [], must: [] },
    "suspension ended": { may: [], must: [] },
    concern: { may: ["obligation", "answer by"], must: ["obligation", "answer by"] },
    "more time": { may: ["obligation", "answer by"], must: ["answer by"] },
    "no sanction": { may: ["obligation"], must: [] },
    reprimand: { may: ["obligation", "appeal by"], must: ["obligation", "appeal by"] },
    suspension: {
        may: ["obligation", "appeal by", "return from", "terms"],
        must: ["obligation", "appeal by", "return from", "terms", "held"],
    },
    termination: { may: ["obligation", "appeal by"], must: ["obligation", "appeal by", "held"] },
    "appeal stands": { may: ["obligation", "outcome"], must: [] },
    "appeal eased": { may: ["obligation", "outcome", "return from", "terms"], must: ["outcome"] },
    "appeal lifted": { may: ["obligation"], must: [] },
}

const place = /\[([a-z]+(?: [a-z]+)*)\]/g

/** The places that a letter of this kind can have. */
export function fieldsOf(kind: LetterKind): Field[] {
    return [...always, ...namesOf[kind].may]
}

/** The places that its text must have. */
export function neededBy(kind: LetterKind): readonly Field[] {
    return namesOf[kind].must
}

/** Refuses a template with a place that nothing fills, or without one that the partner has to be told. */
export function validateTemplate(kind: LetterKind, letter: LetterText): void {
    validateLetter(letter)
    const known: readonly string[] = fieldsOf(kind)
    const named = [...`${letter.subject}\n${letter.text}`.matchAll(place)].map(([, name = ""]) => name)
    const wrong = named.find((name) => !known.includes(name))
    if (wrong !== undefined) {
        refuse(
            "invalid",
            "template.field_not_found",
            `\`[${wrong.slice(0, 40)}]\` is nothing that this letter can name`,
        )
    }
    const missing = neededBy(kind).find((name) => !letter.text.includes(`[${name}]`))
    if (missing !== undefined) {
        refuse("invalid", "template.field_missing", `this letter has to name \`[${missing}]\``)
    }
}

/** The letter with its places filled; a place that is not given stays as it is written. */
export function filled({ subject, text }: LetterText, given: Fields): LetterText {
    const known: Readonly<Record<string, string | undefined>> = given
    const fill = (text: string) =>
        text.replaceAll(place, (written, name: string) =>
            Object.hasOwn(known, name) ? (known[name] ?? written) : written,
        )
    return { subject: fill(subject), text: fill(text) }
}

/** As letters write it: `2025-07-08 17:00 UTC`. */
export function dated(instant: Instant): string {
    return `${formatInstant(instant).slice(0, 16).replace("T", " ")} UTC`
}

/** One version of one artifact that the partner fetched. */
export interface Held {
    /** The title of its warning. */
    readonly warning: string
    /** The name of its file. */
    readonly file: string
    readonly version: number
    readonly at: Instant
}

const heldMax = 100
const titleMax = 64

/** What the partner holds and cannot be called back, by warning, one file a line. */
export function heldInWords(held: readonly Held[]): string {
    if (held.length === 0) return "You hold nothing that was fetched from us and is not public."
    const shown = held.slice(0, heldMax)
    const warnings = [...Map.groupBy(shown, ({ warning }) => warning)].flatMap(([warning, files]) => [
        "",
        `${shortened(warning, titleMax)}:`,
        ...files.map(
            ({ file, version, at }) => `- ${shortened(file, titleMax)}, version ${version}, fetched ${dated(at)}`,
        ),
    ])
    const more = held.length > heldMax ? ["", `And ${held.length - heldMax} more, which the portal lists.`] : []
    return [
        "You hold what you fetched, and we cannot call it back. It stays under the agreement: keep it together, and pass " +
            "it on to no other person.",
        ...warnings,
        ...more,
    ].join("\n")
}

function shortened(text: string, max: number): string {
    const line = text.replaceAll(/\p{Cc}+/gu, " ")
    return line.length <= max ? line : `${line.slice(0, max - 1).trimEnd()}…`
}
