import { expect, test } from "vitest"
import { distinctProducts, productLine, productName, productsOf } from "./product.ts"

test.each([
    ["Microsoft", "Microsoft SharePoint", "Microsoft SharePoint"],
    ["Microsoft", "SharePoint", "Microsoft SharePoint"],
    ["microsoft", "Microsoft SharePoint", "Microsoft SharePoint"],
    ["Micro", "Microsoft SharePoint", "Micro Microsoft SharePoint"],
    ["", "SharePoint", "SharePoint"],
    [" Acme ", " Server ", "Acme Server"],
    ["Acme", "Acme", "Acme"],
    ["Acme", "pkg:npm/%40acme/left", "Acme @acme/left"],
])("the name of %j and %j is %j", (vendor, name, label) => {
    expect(productName({ vendor, name })).toBe(label)
})

test("a line names the fixed version, if any", () => {
    expect(productLine({ vendor: "Acme", name: "Server", fixedIn: "2" })).toBe("Acme Server, fixed in 2")
    expect(productLine({ vendor: "Acme", name: "Server", fixedIn: null })).toBe("Acme Server")
})

test("a product that several vulnerabilities affect is listed once, in order of appearance", () => {
    const named = (name: string) => ({ vendor: "Acme", name, fixedIn: "2" })
    const [a, b] = [named("a"), named("b")]
    const later = { ...a, fixedIn: "3" }
    expect(productsOf([{ products: [a, b] }, { products: [later, a] }])).toEqual([a, b, later])
    expect(distinctProducts([a, { ...a, vendor: " Acme" }])).toEqual([a])
})
