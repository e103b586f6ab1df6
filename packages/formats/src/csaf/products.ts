/** Builds the product tree of a CSAF document, and the ids by which vulnerabilities name its products. */
import type { Json } from "@tocsin/base/canonical"
import { packageUrl } from "../advisory/package-url.ts"
import { type Product, productKey, productName } from "../advisory/product.ts"

/** The field of package URLs: 2.1 takes several, 2.0 takes one. */
export type PurlField = "purl" | "purls"

/** A product with the ids of its affected and its fixed version in the product tree. */
export interface StatedProduct {
    readonly product: Product
    readonly affected: string
    /** Null where no fixed version is known, or none that the tree can hold. */
    readonly fixed: string | null
}

/** Gives each product its ids by its position. */
export function statedProducts(products: readonly Product[]): StatedProduct[] {
    return products.map((product, n) => ({
        product,
        affected: `P${n + 1}`,
        fixed: product.fixedIn !== null && isOneVersion(product.fixedIn) ? `P${n + 1}-FIXED` : null,
    }))
}

/** Returns those of the stated products that a vulnerability affects. */
export function affectedStated(stated: readonly StatedProduct[], affected: readonly Product[]): StatedProduct[] {
    const keys = new Set(affected.map(productKey))
    return stated.filter(({ product }) => keys.has(productKey(product)))
}

/**
 * Returns whether a text is one version. CSAF takes no range as a version (test 6.1.31); the remediation names
 * ranges.
 */
function isOneVersion(text: string): boolean {
    return /\S/.test(text) && !/[<>]|\b(?:after|all|before|earlier|later|prior|versions)\b/i.test(text)
}

/** Returns the product tree (CSAF 3.2.2): vendors, their products, and the versions of each. */
export function productTree(products: readonly Product[], purlField: PurlField): Json {
    const vendors = Map.groupBy(statedProducts(products), ({ product }) => product.vendor)
    return {
        branches: [...vendors].map(([vendor, statedProducts]) => ({
            category: "vendor",
            name: nameOrUnnamed(vendor),
            branches: [...Map.groupBy(statedProducts, ({ product }) => product.name)].map(([name, same]) => ({
                category: "product_name",
                name: packageUrl(name)?.name ?? nameOrUnnamed(name),
                branches: same.flatMap((statedProduct) => versionBranches(statedProduct, purlField)),
            })),
        })),
    }
}

function versionBranches(stated: StatedProduct, purlField: PurlField): Json[] {
    const { product, affected, fixed } = stated
    const { fixedIn } = product
    const pkg = packageUrl(product.name)
    const name = productName(product)
    const leaf = (id: string, suffix: string, purl: string | undefined): Json => ({
        name: `${name} ${suffix}`,
        product_id: id,
        ...(purl !== undefined && {
            product_identification_helper: { [purlField]: purlField === "purl" ? purl : [purl] },
        }),
    })
    const isKnown = fixedIn !== null && /\S/.test(fixedIn)
    return [
        {
            category: "product_version_range",
            name: isKnown ? `<${encodeVersion(fixedIn)}` : "vers:all/*",
            product: leaf(affected, isKnown ? `<${fixedIn}` : "(all versions)", pkg?.text),
        },
        ...(fixed === null || fixedIn === null
            ? []
            : [
                  {
                      category: "product_version",
                      name: fixedIn,
                      product: leaf(
                          fixed,
                          fixedIn,
                          pkg === null ? undefined : `${pkg.text}@${encodeURIComponent(fixedIn)}`,
                      ),
                  },
              ]),
    ]
}

/** Returns a version in the percent encoding of `vers`. A range in 2.1 takes nothing else (test 6.1.50). */
function encodeVersion(text: string): string {
    const percent = (sign: string) => `%${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`
    return encodeURIComponent(text.toWellFormed()).replaceAll(/[!'()*]/g, percent)
}

/** A branch has a name that is not empty. */
function nameOrUnnamed(text: string): string {
    return text.trim() === "" ? "unnamed" : text
}
