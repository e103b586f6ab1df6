/** The form for the facts of a case, at its opening and at each change. Collects CVE ids one by one. */
import { type ReactNode, type SyntheticEvent, useState } from "react"
import { type Write, useWrite } from "../../kit/api.ts"
import { Button } from "../../kit/button.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed } from "../../kit/notice.tsx"
import { type RowField, Rows } from "../../kit/rows.tsx"
import { AffectedProducts } from "./affected-products.tsx"
import { type Begun, type DetailRows, type Details, addProducts, detailRows, vulnerabilitiesIn } from "./case-rows.ts"
import { t } from "../../messages/message.ts"

interface CaseFormProps<Answer> {
    from: Begun | null
    submit: string
    write: (details: Details) => Write<Answer>
    onDone: (answer: Answer) => void
    /** Content above the button, for the facts so far; nothing while a field is not valid. */
    below?: (details: Details) => ReactNode
}

const flawFields: readonly RowField[] = [
    { name: "cve", label: t("CVE id"), optional: true },
    { name: "cwe", label: t("Weakness"), optional: true },
    { name: "score", label: t("CVSS score"), kind: "number", optional: true },
    { name: "vector", label: t("CVSS vector"), optional: true },
]

const productFields: readonly RowField[] = [
    { name: "vendor", label: t("Vendor") },
    { name: "name", label: t("Product") },
]

/** The facts as one types them. */
export interface TypedFacts {
    readonly title: string
    readonly finder: string
    readonly credit: string
    readonly rows: DetailRows
}

export const typedFacts = (from: Begun | null): TypedFacts => ({
    title: from?.title ?? "",
    finder: from?.finder ?? "",
    credit: from?.credit ?? "",
    rows: detailRows(from),
})

/** Throws where a field is not valid. */
export function detailsOf({ rows, ...texts }: TypedFacts): Details {
    return { ...texts, vulnerabilities: vulnerabilitiesIn(rows) }
}

function validDetails(facts: TypedFacts): Details | null {
    try {
        return detailsOf(facts)
    } catch {
        return null
    }
}

export function CaseForm<Answer>({ from, submit, write, onDone, below }: CaseFormProps<Answer>) {
    const [facts, setFacts] = useState(() => typedFacts(from))
    const [wrong, setWrong] = useState<Error | null>(null)
    const doing = useWrite(onDone)
    const valid = below === undefined ? null : validDetails(facts)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        if (doing.isPending) return
        try {
            const details = detailsOf(facts)
            setWrong(null)
            doing.mutate(write(details))
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            <FactFields facts={facts} onChange={(change) => setFacts((typed) => ({ ...typed, ...change }))} />
            {valid !== null && below?.(valid)}
            <Failed error={wrong ?? doing.error} />
            <div className="row end">
                <Button type="submit" look="main" busy={doing.isPending}>
                    {submit}
                </Button>
            </div>
        </form>
    )
}

interface FactFieldsProps {
    facts: TypedFacts
    /** Two fields can change at once, so each change is merged into the newest facts. */
    onChange: (change: Partial<TypedFacts>) => void
}

export function FactFields({ facts: { title, finder, credit, rows }, onChange }: FactFieldsProps) {
    return (
        <>
            <Field kind="line" label={t("Title")} value={title} onChange={(value) => onChange({ title: value })} />
            <Rows
                many={t("Vulnerabilities")}
                singular="vulnerability"
                fields={flawFields}
                rows={rows.flaws}
                onChange={(flaws) => onChange({ rows: { ...rows, flaws } })}
                hint={t(
                    "like CVE-2025-49704, CWE-94, 8.8, CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H. You can add all of them later; publication needs them.",
                )}
            />
            <Rows
                many={t("Products")}
                singular="product"
                fields={productFields}
                rows={rows.products}
                onChange={(products) => onChange({ rows: addProducts(rows, products) })}
                hint={t("Name each product once. Name it again if another version line has its own fix.")}
            />
            <AffectedProducts rows={rows} onChange={(changed) => onChange({ rows: changed })} />
            <Field
                kind="line"
                label={t("Found by")}
                optional
                value={finder}
                onChange={(value) => onChange({ finder: value })}
            />
            <Field
                kind="line"
                label={t("Public credit")}
                optional
                value={credit}
                onChange={(value) => onChange({ credit: value })}
                hint={t("Only what the finder agreed to. Empty: the advisory names no finder.")}
            />
        </>
    )
}
