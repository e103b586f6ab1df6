/** A vulnerability in a table row: its name and its affected products. */
import { type Product, productName } from "@tocsin/formats/advisory/product"
import { Lines } from "./table.tsx"
import { t } from "../messages/message.ts"

export function AffectedProducts({ products }: { products: readonly Product[] }) {
    return products.length === 0 ? (
        <span className="muted">{t("none known")}</span>
    ) : (
        <Lines items={products.map(productText)} />
    )
}

/** The name, and where it is fixed. */
export function productText(product: Product): string {
    const name = productName(product)
    return product.fixedIn === null ? name : t("{name}, fixed in {version}", { name, version: product.fixedIn })
}

/** Names each by its CVE id, or else by its place among several. */
export function vulnerabilityNames(list: readonly { readonly cve: string }[]): string[] {
    return list.map(({ cve }, n) => {
        if (cve !== "") return cve
        return list.length === 1
            ? t("CVE id not assigned yet")
            : t("vulnerability {number} (CVE id not assigned yet)", { number: n + 1 })
    })
}

/** Pairs each with its name. */
export function labelled<One extends { readonly cve: string }>(list: readonly One[]): (One & { label: string })[] {
    const labels = vulnerabilityNames(list)
    return list.map((item, n) => ({ ...item, label: labels[n] ?? "" }))
}
