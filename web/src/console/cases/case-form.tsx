/** The form for the facts of a case, at its opening and at each change. Collects CVE ids one by one. */
import { type SyntheticEvent, useState } from "react"
import { type Write, useWrite } from "../../kit/api.ts"
import { Button } from "../../kit/button.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed } from "../../kit/notice.tsx"
import { type RowField, Rows } from "../../kit/rows.tsx"
import { AffectedProducts } from "./affected-products.tsx"
import { type Begun, type Details, addProducts, detailRows, vulnerabilitiesIn } from "./case-rows.ts"

interface CaseFormProps<Answer> {
    from: Begun | null
    submit: string
    write: (details: Details) => Write<Answer>
    onDone: (answer: Answer) => void
}

const flawFields: readonly RowField[] = [
    { name: "cve", label: "CVE id", optional: true },
    { name: "cwe", label: "Weakness", optional: true },
    { name: "score", label: "CVSS score", kind: "number", optional: true },
    { name: "vector", label: "CVSS vector", optional: true },
]

const productFields: readonly RowField[] = [
    { name: "vendor", label: "Vendor" },
    { name: "name", label: "Product" },
]

export function CaseForm<Answer>({ from, submit, write, onDone }: CaseFormProps<Answer>) {
    const [title, setTitle] = useState(from?.title ?? "")
    const [finder, setFinder] = useState(from?.finder ?? "")
    const [credit, setCredit] = useState(from?.credit ?? "")
    const [rows, setRows] = useState(() => detailRows(from))
    const [wrong, setWrong] = useState<Error | null>(null)
    const doing = useWrite(onDone)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        if (doing.isPending) return
        try {
            const vulnerabilities = vulnerabilitiesIn(rows)
            setWrong(null)
            doing.mutate(write({ title, finder, credit, vulnerabilities }))
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            <Field kind="line" label="Title" value={title} onChange={setTitle} />
            <Rows
                many="Vulnerabilities"
                singular="vulnerability"
                fields={flawFields}
                rows={rows.flaws}
                onChange={(flaws) => setRows({ ...rows, flaws })}
                hint="like CVE-2025-49704, CWE-94, 8.8, CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H. You can add all of them later; publication needs them."
            />
            <Rows
                many="Products"
                singular="product"
                fields={productFields}
                rows={rows.products}
                onChange={(products) => setRows(addProducts(rows, products))}
                hint="Name each product once. Name it again if another version line has its own fix."
            />
            <AffectedProducts rows={rows} onChange={setRows} />
            <Field kind="line" label="Found by" optional value={finder} onChange={setFinder} />
            <Field
                kind="line"
                label="Public credit"
                optional
                value={credit}
                onChange={setCredit}
                hint="Only what the finder agreed to. Empty: the advisory names no finder."
            />
            <Failed error={wrong ?? doing.error} />
            <div className="row end">
                <Button type="submit" look="main" busy={doing.isPending}>
                    {submit}
                </Button>
            </div>
        </form>
    )
}
