/**
 * Edits which products each vulnerability affects, and where it is fixed: one product list, marked per vulnerability.
 */
import { productName } from "@tocsin/formats/advisory/product"
import { Field } from "../../kit/field.tsx"
import type { Row } from "../../kit/rows.tsx"
import { type DetailRows, affects, fixedIn } from "./case-rows.ts"
import { t } from "../../messages/message.ts"

interface AffectedProductsProps {
    rows: DetailRows
    onChange: (rows: DetailRows) => void
}

export function AffectedProducts({ rows, onChange }: AffectedProductsProps) {
    const { flaws, products } = rows
    const named = products.filter((row) => labelOf(row) !== "")
    if (named.length === 0) return null
    const set = (n: number, field: string, value: string) =>
        onChange({ products, flaws: flaws.map((row, m) => (m === n ? { ...row, [field]: value } : row)) })
    return flaws.map((flaw, n) => {
        const cve = (flaw["cve"] ?? "").trim()
        return (
            <fieldset key={n} className="field rows">
                <legend>
                    {cve === "" ? t("Vulnerability {n} affects", { n: n + 1 }) : t("{cve} affects", { cve })}
                </legend>
                {named.map((product) => (
                    <Affected
                        key={product["key"]}
                        flaw={flaw}
                        product={product}
                        onChange={(field, value) => set(n, field, value)}
                    />
                ))}
            </fieldset>
        )
    })
}

interface AffectedProps {
    flaw: Row
    product: Row
    onChange: (field: string, value: string) => void
}

function Affected({ flaw, product, onChange }: AffectedProps) {
    const [mark, version] = [affects(product), fixedIn(product)]
    const isAffected = flaw[mark] === "yes"
    return (
        <fieldset className="field rows-row affected" aria-label={labelOf(product)}>
            <Field
                kind="check"
                label={labelOf(product)}
                value={flaw[mark] ?? ""}
                onChange={(value) => onChange(mark, value)}
            />
            {isAffected && (
                <Field
                    kind="line"
                    label={t("Fixed in")}
                    optional
                    value={flaw[version] ?? ""}
                    onChange={(value) => onChange(version, value)}
                />
            )}
        </fieldset>
    )
}

const labelOf = ({ vendor = "", name = "" }: Row): string => productName({ vendor, name })
