/** A question with several rows of the same fields, like a list of vulnerabilities. */
import { Button } from "./button.tsx"
import { InScope, useDraft } from "./draft-scope.tsx"
import { type Choice, Field } from "./field.tsx"
import { t } from "../messages/message.ts"

export interface RowField {
    readonly name: string
    readonly label: string
    readonly kind?: "line" | "number"
    readonly optional?: boolean
    /** The options. An empty answer means the first. */
    readonly from?: readonly Choice[]
}

/** The kind of one row. */
export type RowNoun =
    | "criterion"
    | "day"
    | "filing"
    | "jurisdiction"
    | "obligation"
    | "owner"
    | "product"
    | "vulnerability"

export type Row = Readonly<Record<string, string>>

interface RowsProps {
    /** The label of all rows: "Vulnerabilities". */
    many: string
    singular: RowNoun
    fields: readonly RowField[]
    rows: readonly Row[]
    onChange: (rows: readonly Row[]) => void
    hint?: string
}

export function Rows({ many, singular, fields, rows, onChange, hint }: RowsProps) {
    useDraft({
        label: many,
        value: JSON.stringify(rows),
        onChange: (kept) => onChange(JSON.parse(kept) as readonly Row[]),
    })
    const turn = (n: number, name: string, value: string) =>
        onChange(rows.map((row, m) => (m === n ? { ...row, [name]: value } : row)))
    return (
        <fieldset className="field rows">
            <legend>{many}</legend>
            {hint !== undefined && <span className="hint">{hint}</span>}
            {rows.map((row, n) => (
                <fieldset key={n} className="field rows-row" aria-label={rowName(singular, n + 1)}>
                    <InScope scope={null}>
                        {fields.map((field) => (
                            <Field
                                key={field.name}
                                kind={field.from === undefined ? (field.kind ?? "line") : "choice"}
                                label={field.label}
                                optional={field.optional ?? false}
                                {...(field.from !== undefined && { from: field.from })}
                                value={row[field.name] ?? ""}
                                onChange={(value) => turn(n, field.name, value)}
                            />
                        ))}
                    </InScope>
                    <Button
                        look="quiet"
                        label={removal(singular, n + 1)}
                        onPress={() => onChange(rows.filter((_, m) => m !== n))}
                    >
                        ✕
                    </Button>
                </fieldset>
            ))}
            <span className="row">
                <Button onPress={() => onChange([...rows, {}])}>
                    {rows.length === 0 ? addition(singular) : furtherAddition(singular)}
                </Button>
            </span>
        </fieldset>
    )
}

const rowName = (noun: RowNoun, number: number): string =>
    t(
        "{noun, select, criterion {criterion} day {day} filing {filing} jurisdiction {jurisdiction} " +
            "obligation {obligation} owner {owner} product {product} other {vulnerability}} {number}",
        { noun, number },
    )

const removal = (noun: RowNoun, number: number): string =>
    t(
        "{noun, select, criterion {Take criterion {number} out} day {Take day {number} out} " +
            "filing {Take filing {number} out} jurisdiction {Take jurisdiction {number} out} " +
            "obligation {Take obligation {number} out} owner {Take owner {number} out} " +
            "product {Take product {number} out} other {Take vulnerability {number} out}}",
        { noun, number },
    )

const addition = (noun: RowNoun): string =>
    t(
        "{noun, select, criterion {Add a criterion} day {Add a day} filing {Add a filing} " +
            "jurisdiction {Add a jurisdiction} obligation {Add an obligation} owner {Add an owner} " +
            "product {Add a product} other {Add a vulnerability}}",
        { noun },
    )

const furtherAddition = (noun: RowNoun): string =>
    t(
        "{noun, select, criterion {Another criterion} day {Another day} filing {Another filing} " +
            "jurisdiction {Another jurisdiction} obligation {Another obligation} owner {Another owner} " +
            "product {Another product} other {Another vulnerability}}",
        { noun },
    )

/** Drops empty rows. */
export function written(rows: readonly Row[]): readonly Row[] {
    return rows.filter((row) => Object.values(row).some((value) => value.trim() !== ""))
}
