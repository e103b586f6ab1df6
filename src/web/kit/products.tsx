/** A vulnerability in a row of a table: how it is named, and the products that it affects. */
import { type Product, productLine } from "../../lib/product.ts"
import { vulnerabilityLabels } from "../../lib/vulnerability.ts"
import { Lines } from "./table.tsx"

export function AffectedProducts({ of: products }: { of: readonly Product[] }) {
    return products.length === 0 ? <span className="muted">none known</span> : <Lines of={products.map(productLine)} />
}

/** Each with its name. */
export function labelled<One extends { readonly cve: string }>(all: readonly One[]): (One & { label: string })[] {
    const labels = vulnerabilityLabels(all)
    return all.map((one, n) => ({ ...one, label: labels[n] ?? "" }))
}
