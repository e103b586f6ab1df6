/**
 * Templates of letters are texts with named places, such as `[answer_by]`. A filled value is never read as a place.
 * Templates have no conditions and no expressions. Letters about restrictions and interim suspensions find no fault and
 * are neutral. Letters about sanctions name the obligation. No letter names another partner or a suspicion.
 */
import { type Instant, instantInWords } from "@tocsin/base/instant"
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

const commonFields: readonly Field[] = ["partner", "from", "held"]

/** Additional places of each kind, and its required places. */
const fieldsByKind: Readonly<
    Record<LetterKind, { readonly optional: readonly Field[]; readonly required: readonly Field[] }>
> = {
    restrict: { optional: [], required: ["held"] },
    relaxation: { optional: [], required: [] },
    lift: { optional: [], required: [] },
    end_by_reporting_duty: { optional: [], required: [] },
    interim_suspension: { optional: ["review_by"], required: ["review_by", "held"] },
    suspension_extended: { optional: ["review_by"], required: ["review_by", "held"] },
    reinstatement: { optional: [], required: [] },
    suspension_ended: { optional: [], required: [] },
    statement_of_concern: { optional: ["obligation", "answer_by"], required: ["obligation", "answer_by"] },
    extension: { optional: ["obligation", "answer_by"], required: ["answer_by"] },
    no_sanction: { optional: ["obligation"], required: [] },
    reprimand: { optional: ["obligation", "appeal_by"], required: ["obligation", "appeal_by"] },
    suspension: {
        optional: ["obligation", "appeal_by", "return_from", "terms"],
        required: ["obligation", "appeal_by", "return_from", "terms", "held"],
    },
    termination: { optional: ["obligation", "appeal_by"], required: ["obligation", "appeal_by", "held"] },
    decision_upheld: { optional: ["obligation", "outcome"], required: [] },
    decision_relaxed: { optional: ["obligation", "outcome", "return_from", "terms"], required: ["outcome"] },
    decision_lifted: { optional: ["obligation"], required: [] },
}

const fieldPattern = /\[([a-z]+(?:[ _][a-z]+)*)\]/g

/** Lists the possible places of a kind. */
export function fieldsOf(kind: LetterKind): Field[] {
    return [...commonFields, ...fieldsByKind[kind].optional]
}

/** Lists the required places of a kind. */
export function requiredFieldsOf(kind: LetterKind): readonly Field[] {
    return fieldsByKind[kind].required
}

/** Validates a template. Refuses an unknown place and, with `template.field_missing`, a missing required one. */
export function validateTemplate(kind: LetterKind, letter: LetterText): void {
    validateLetter(letter)
    const known: readonly string[] = fieldsOf(kind)
    const usedFields = [...`${letter.subject}\n${letter.text}`.matchAll(fieldPattern)].map(([, name = ""]) => name)
    const unknown = usedFields.find((name) => !known.includes(name))
    if (unknown !== undefined) {
        refuse(
            "invalid",
            "template.field_not_found",
            `\`[${unknown.slice(0, 40)}]\` is not a place of this letter: remove it`,
            { unknown: unknown.slice(0, 40) },
        )
    }
    const missing = requiredFieldsOf(kind).find((name) => !letter.text.includes(`[${name}]`))
    if (missing !== undefined) {
        refuse("invalid", "template.field_missing", `this letter must name \`[${missing}]\``, { missing })
    }
}

/** Fills the places of a letter. A place without a value stays as it is. */
export function fillFields({ subject, text }: LetterText, values: Fields): LetterText {
    const known: Readonly<Record<string, string | undefined>> = values
    const fill = (text: string) =>
        text.replaceAll(fieldPattern, (placeholder, name: string) =>
            Object.hasOwn(known, name) ? (known[name] ?? placeholder) : placeholder,
        )
    return { subject: fill(subject), text: fill(text) }
}

/** One version of one artifact that the partner fetched. */
export interface HeldFile {
    /** The title of the warning. */
    readonly warning: string
    /** The name of the file. */
    readonly file: string
    readonly version: number
    readonly at: Instant
}

const heldFilesMax = 100
const titleMax = 64

/** Lists the files that the partner fetched and must protect, by warning, one file a line. */
export function heldFilesText(heldFiles: readonly HeldFile[]): string {
    if (heldFiles.length === 0) return "You hold nothing that was fetched from us and is not public."
    const shown = heldFiles.slice(0, heldFilesMax)
    const warnings = [...Map.groupBy(shown, ({ warning }) => warning)].flatMap(([warning, files]) => [
        "",
        `${shorten(warning, titleMax)}:`,
        ...files.map(
            ({ file, version, at }) =>
                `- ${shorten(file, titleMax)}, version ${version}, fetched ${instantInWords(at)}`,
        ),
    ])
    const more =
        heldFiles.length > heldFilesMax
            ? ["", `And ${heldFiles.length - heldFilesMax} more, which the portal lists.`]
            : []
    return [
        "You hold what you fetched, and we cannot call it back. It stays under the agreement: keep it together, and " +
            "pass it on to no other person.",
        ...warnings,
        ...more,
    ].join("\n")
}

function shorten(text: string, max: number): string {
    const line = text.replaceAll(/\p{Cc}+/gu, " ")
    return line.length <= max ? line : `${line.slice(0, max - 1).trimEnd()}…`
}
