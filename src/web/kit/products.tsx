/** The products that one vulnerability affects, in a cell of a table. */
import { type Product, productLine } from "../../lib/product.ts"
import { Lines } from "./table.tsx"

export function AffectedProducts({ of: products }: { of: readonly Product[] }) {
    return products.length === 0 ? <span className="muted">none known</span> : <Lines of={products.map(productLine)} />
}
