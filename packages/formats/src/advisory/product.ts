/** Products that a vulnerability affects: how they are named, compared and written on one line. */
import { packageUrl } from "./package-url.ts"

/** A product that a vulnerability affects. */
export interface Product {
    readonly vendor: string
    /** A name, or a package URL without a version (`pkg:npm/name`). */
    readonly name: string
    /** The first version without the vulnerability; null where none is known. */
    readonly fixedIn: string | null
}

/** A vulnerability as far as its products are concerned. */
export interface AffectedProducts {
    readonly products: readonly Product[]
}

/** Vendor and name as one text. The vendor is left out where the name begins with it; a package has its name alone. */
export function productName({ vendor, name }: Pick<Product, "vendor" | "name">): string {
    const [maker, label] = [vendor.trim(), packageUrl(name)?.name ?? name.trim()]
    const rest = label.slice(maker.length)
    const isRepeated = label.toLowerCase().startsWith(maker.toLowerCase()) && !/^[\p{L}\p{N}]/u.test(rest)
    return maker === "" || isRepeated ? label : `${maker} ${label}`
}

/** The name, and where it is fixed. */
export function productLine(product: Product): string {
    return product.fixedIn === null ? productName(product) : `${productName(product)}, fixed in ${product.fixedIn}`
}

/** Each product once. */
export function distinctProducts(products: readonly Product[]): Product[] {
    const found = new Map<string, Product>()
    for (const product of products) {
        const key = productKey(product)
        if (!found.has(key)) found.set(key, product)
    }
    return [...found.values()]
}

/** Returns a key that is equal for products that differ only in spaces around the names. */
export function productKey({ vendor, name, fixedIn }: Product): string {
    return JSON.stringify([vendor.trim(), name.trim(), fixedIn])
}

/** The products of all these vulnerabilities, each once. */
export function productsOf(vulnerabilities: readonly AffectedProducts[]): Product[] {
    return distinctProducts(vulnerabilities.flatMap(({ products }) => products))
}
