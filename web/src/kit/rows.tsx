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

export type Row = Readonly<Record<string, string>>

interface RowsProps {
    /** The plural and singular labels: "Vulnerabilities", "vulnerability". */
    many: string
    singular: string
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
                <fieldset key={n} className="field rows-row" aria-label={`${singular} ${n + 1}`}>
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
                        label={t("Take {singular} {n} out", { singular, n: n + 1 })}
                        onPress={() => onChange(rows.filter((_, m) => m !== n))}
                    >
                        ✕
                    </Button>
                </fieldset>
            ))}
            <span className="row">
                <Button onPress={() => onChange([...rows, {}])}>
                    {rows.length === 0
                        ? t("Add {test, select, yes {an} other {a}} {singular}", {
                              test: /^[aeiou]/.test(singular) ? "yes" : "no",
                              singular,
                          })
                        : t("Another {singular}", { singular })}
                </Button>
            </span>
        </fieldset>
    )
}

/** Drops empty rows. */
export function written(rows: readonly Row[]): readonly Row[] {
    return rows.filter((row) => Object.values(row).some((value) => value.trim() !== ""))
}
