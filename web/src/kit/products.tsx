/** A vulnerability in a table row: its name and its affected products. */
import { type Product, productLine } from "@tocsin/formats/advisory/product"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import { Lines } from "./table.tsx"
import { t } from "../messages/message.ts"

export function AffectedProducts({ products }: { products: readonly Product[] }) {
    return products.length === 0 ? (
        <span className="muted">{t("none known")}</span>
    ) : (
        <Lines items={products.map(productLine)} />
    )
}

/** Pairs each with its name. */
export function labelled<One extends { readonly cve: string }>(list: readonly One[]): (One & { label: string })[] {
    const labels = vulnerabilityLabels(list)
    return list.map((item, n) => ({ ...item, label: labels[n] ?? "" }))
}
