/**
 * Templates of letters are texts with named places, such as `[answer by]`. A filled value is never read as a place.
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
    | "answer by"
    | "review by"
    | "appeal by"
    | "return from"
    | "terms"
    | "outcome"

/** The values that fill a template. */
export type Fields = Readonly<Partial<Record<Field, string>>>

const always: readonly Field[] = ["partner", "from", "held"]

/** Additional places of each kind, and its required places. */
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
