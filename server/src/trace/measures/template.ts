/**
 * Templates of letters are texts with named places, such as `[answer_by]`. A filled value is never read as a place.
 * Templates have no conditions and no expressions. Letters about restrictions and interim suspensions find no fault and
 * are neutral. Letters about sanctions name the obligation. No letter names another partner or a suspicion.
 */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type LetterKind, type LetterText, validateLetter } from "./letter.ts"

/** Names of places. */
export type Field =
    | "partner"
    | "from"
    | "held"
    | "obligation"
    | "answer_by"
    | "review_by"
    | "appeal_by"
    | "return_from"
    | "terms"
    | "outcome"

/** The values that fill a template. */
export type Fields = Readonly<Partial<Record<Field, string>>>

const always: readonly Field[] = ["partner", "from", "held"]

/** Additional places of each kind, and its required places. */
const namesOf: Readonly<Record<LetterKind, { readonly may: readonly Field[]; readonly must: readonly Field[] }>> = {
    restrict: { may: [], must: ["held"] },
    relaxation: { may: [], must: [] },
    lift: { may: [], must: [] },
    end_by_reporting_duty: { may: [], must: [] },
    interim_suspension: { may: ["review_by"], must: ["review_by", "held"] },
    suspension_extended: { may: ["review_by"], must: ["review_by", "held"] },
    reinstatement: { may: [], must: [] },
    suspension_ended: { may: [], must: [] },
    statement_of_concern: { may: ["obligation", "answer_by"], must: ["obligation", "answer_by"] },
    extension: { may: ["obligation", "answer_by"], must: ["answer_by"] },
    no_sanction: { may: ["obligation"], must: [] },
    reprimand: { may: ["obligation", "appeal_by"], must: ["obligation", "appeal_by"] },
    suspension: {
        may: ["obligation", "appeal_by", "return_from", "terms"],
        must: ["obligation", "appeal_by", "return_from", "terms", "held"],
    },
    termination: { may: ["obligation", "appeal_by"], must: ["obligation", "appeal_by", "held"] },
    decision_upheld: { may: ["obligation", "outcome"], must: [] },
    decision_relaxed: { may: ["obligation", "outcome", "return_from", "terms"], must: ["outcome"] },
    decision_lifted: { may: ["obligation"], must: [] },
}

const place = /\[([a-z]+(?:[ _][a-z]+)*)\]/g

/** Lists the possible places of a kind. */
export function fieldsOf(kind: LetterKind): Field[] {
    return [...always, ...namesOf[kind].may]
}

/** Lists the required places of a kind. */
export function neededBy(kind: LetterKind): readonly Field[] {
    return namesOf[kind].must
}

/** Validates a template. Refuses an unknown place and, with `template.field_missing`, a missing required one. */
export function validateTemplate(kind: LetterKind, letter: LetterText): void {
    validateLetter(letter)
    const known: readonly string[] = fieldsOf(kind)
    const named = [...`${letter.subject}\n${letter.text}`.matchAll(place)].map(([, name = ""]) => name)
    const wrong = named.find((name) => !known.includes(name))
    if (wrong !== undefined) {
        refuse(
            "invalid",
            "template.field_not_found",
            `\`[${wrong.slice(0, 40)}]\` is not a place of this letter: remove it`,
        )
    }
    const missing = neededBy(kind).find((name) => !letter.text.includes(`[${name}]`))
    if (missing !== undefined) {
        refuse("invalid", "template.field_missing", `this letter must name \`[${missing}]\``)
    }
}

/** Fills the places of a letter. A place without a value stays as it is. */
export function filled({ subject, text }: LetterText, given: Fields): LetterText {
    const known: Readonly<Record<string, string | undefined>> = given
    const fill = (text: string) =>
        text.replaceAll(place, (written, name: string) =>
            Object.hasOwn(known, name) ? (known[name] ?? written) : written,
        )
    return { subject: fill(subject), text: fill(text) }
}

/** Formats an instant for letters: `2025-07-08 17:00 UTC`. */
export function dated(instant: Instant): string {
    return `${formatInstant(instant).slice(0, 16).replace("T", " ")} UTC`
}

/** One version of one artifact that the partner fetched. */
export interface Held {
    /** The title of the warning. */
    readonly warning: string
    /** The name of the file. */
    readonly file: string
    readonly version: number
    readonly at: Instant
}

const heldMax = 100
const titleMax = 64

/** Lists what the partner holds and cannot be called back, by warning, one file a line. */
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
        "You hold what you fetched, and we cannot call it back. It stays under the agreement: keep it " +
            "together, and pass " +
            "it on to no other person.",
        ...warnings,
        ...more,
    ].join("\n")
}

function shortened(text: string, max: number): string {
    const line = text.replaceAll(/\p{Cc}+/gu, " ")
    return line.length <= max ? line : `${line.slice(0, max - 1).trimEnd()}…`
}
