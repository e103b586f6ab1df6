/**
 * Of what the schema of CSAF allows, all that this program writes, and no more: every field, its form and its limits.
 * What fits is sound by the schema. What the mandatory tests ask of fields that are not here cannot be broken; nor
 * can those that ask for a form that is the only one here. Which tests these are stands in `faults.test.ts`, and the
 * standard's own documents are asked whether it is so.
 */
import { type TSchema, Type } from "typebox"
import { Check, Errors } from "typebox/value"
import { publisherCategories } from "../advisory/advisory.ts"
import { type CsafVersion, csafForms } from "./document.ts"
import { cweVersion } from "../advisory/cwe.ts"
import { packageTypes } from "../advisory/package-url.ts"

const only = { additionalProperties: false }
const input = Type.String({ pattern: "\\S" })
const literal = Type.Literal
const oneOf = (...values: readonly string[]) => Type.Enum([...values])
const some = <Of extends TSchema>(subject: Of, itemsMax?: number) =>
    Type.Array(subject, { minItems: 1, ...(itemsMax !== undefined && { maxItems: itemsMax }) })
const distinct = <Of extends TSchema>(subject: Of) => Type.Array(subject, { minItems: 1, uniqueItems: true })
const maybe = Type.Optional
/** RFC 3339 in UTC; no leap second is ever written. */
const instant = Type.String({
    pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3])(:[0-5]\\d){2}(\\.\\d{1,3})?Z$",
})
const address = Type.String({ pattern: "^https?://[A-Za-z0-9._:[\\]-]+(/[A-Za-z0-9._~/+%-]*)?$" })
/** Whole, or of three parts below one major version; nothing was written before its release. */
const number = Type.String({ pattern: "^([1-9]\\d*|1(\\.(0|[1-9]\\d*)){2})$" })
const uuid4 = Type.String({ pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" })
const productId = Type.String({ pattern: "^P[1-9]\\d*(-FIXED)?$" })
const product = { product_ids: distinct(productId) }
const part = "[A-Za-z0-9][A-Za-z0-9._-]*"
const purl = Type.String({ pattern: `^pkg:(${packageTypes.join("|")})(/(%40)?${part})+(@\\S+)?$` })

/** Every shape, by version. `document` first, as a reader meets it. */
function shapeOf(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    return Type.Object(
        {
            ...(is21 && { $schema: literal(csafForms["2.1"].schema) }),
            document: head(version),
            product_tree: maybe(tree(is21 ? { purls: some(purl, 1) } : { purl })),
            vulnerabilities: some(vulnerability(version)),
        },
        only,
    )
}

function head(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    const labels = is21 ? ["CLEAR", "AMBER+STRICT", "RED"] : ["WHITE", "AMBER", "RED"]
    const group = is21 ? { sharing_group: maybe(Type.Object({ id: uuid4 }, only)) } : {}
    return Type.Object(
        {
            acknowledgments: maybe(some(Type.Object({ names: some(input) }, only))),
            category: oneOf("csaf_security_advisory", "csaf_base"),
            csaf_version: literal(version),
            distribution: Type.Object(
                { text: maybe(input), ...group, tlp: Type.Object({ label: oneOf(...labels), url: address }, only) },
                only,
            ),
            lang: literal("en"),
            notes: some(note("summary", "general", "legal_disclaimer")),
            publisher: Type.Object(
                {
                    category: oneOf(
                        ...publisherCategories.filter(
                            (publisherCategory) => is21 || publisherCategory !== "multiplier",
                        ),
                    ),
                    contact_details: maybe(input),
                    name: input,
                    namespace: address,
                },
                only,
            ),
            references: some(Type.Object({ category: literal("self"), summary: input, url: address }, only)),
            title: input,
            tracking: tracking(),
        },
        only,
    )
}

const note = (...categories: readonly string[]) =>
    Type.Object({ category: oneOf(...categories), text: input, title: input }, only)

function tracking(): TSchema {
    const engine = Type.Object({ name: input }, only)
    return Type.Object(
        {
            current_release_date: instant,
            generator: Type.Object({ date: instant, engine }, only),
            id: Type.String({ pattern: "^\\S(.*\\S)?$" }),
            initial_release_date: instant,
            revision_history: some(Type.Object({ date: instant, number, summary: input }, only)),
            status: oneOf("final", "interim"),
            version: number,
        },
        only,
    )
}

/** Vendor, product, version: no deeper, and no two of them in one path. */
function tree(helper: Readonly<Record<string, TSchema>>): TSchema {
    const named = Type.Object(
        { name: input, product_id: productId, product_identification_helper: maybe(Type.Object(helper, only)) },
        only,
    )
    const leaf = (category: string, name: TSchema) =>
        Type.Object({ category: literal(category), name, product: named }, only)
    // As `vers` and what is like it write it: in 2.1 no other name is one of a range.
    const range = Type.String({ pattern: "^(vers:all/\\*|<([A-Za-z0-9._~-]|%[0-9A-F]{2})+)$" })
    const version = Type.Union([leaf("product_version_range", range), leaf("product_version", input)])
    const branch = (category: string, under: TSchema) =>
        Type.Object({ category: literal(category), name: input, branches: some(under) }, only)
    return Type.Object({ branches: some(branch("vendor", branch("product_name", version))) }, only)
}

const weakness = (version: CsafVersion): TSchema => {
    const release = version === "2.1" ? { version: literal(cweVersion) } : {}
    return Type.Object({ id: Type.String({ pattern: "^CWE-[1-9]\\d{0,5}$" }), name: input, ...release }, only)
}

function vulnerability(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    const remediation = (category: string) =>
        Type.Object({ category: literal(category), details: input, ...product }, only)
    const products = distinct(productId)
    const scores = is21
        ? {
              disclosure_date: maybe(instant),
              metrics: maybe(some(Type.Object({ content: Type.Union([score("3"), score("4")]), products }, only))),
          }
        : { scores: maybe(some(Type.Object({ cvss_v3: cvss("3"), products }, only))) }
    const weak = is21 ? { cwes: maybe(some(weakness(version), 1)) } : { cwe: maybe(weakness(version)) }
    return Type.Object(
        {
            cve: maybe(Type.String({ pattern: "^CVE-[0-9]{4}-[0-9]{4,}$" })),
            ids: maybe(some(Type.Object({ system_name: input, text: input }, only), 1)),
            ...weak,
            ...scores,
            notes: some(note("description")),
            product_status: maybe(Type.Object({ fixed: maybe(products), known_affected: products }, only)),
            remediations: maybe(some(Type.Union([remediation("none_available"), remediation("vendor_fix")]))),
        },
        only,
    )
}

const score = (major: "3" | "4") => Type.Object({ [`cvss_v${major}`]: cvss(major) }, only)

function cvss(major: "3" | "4"): TSchema {
    return Type.Object(
        {
            version: oneOf(...(major === "3" ? ["3.0", "3.1"] : ["4.0"])),
            vectorString: Type.String({ pattern: `^CVSS:${major}\\.[01]/\\S+$` }),
            baseScore: Type.Number({ minimum: 0, maximum: 10 }),
            baseSeverity: oneOf("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
        },
        only,
    )
}

const shapes: Readonly<Record<CsafVersion, TSchema>> = { "2.0": shapeOf("2.0"), "2.1": shapeOf("2.1") }

/** One line for each place that does not fit, of many the first few; none for what this program could have written. */
export function shapeFaults(document: unknown): string[] {
    const { csaf_version: version } = (document as { document?: { csaf_version?: unknown } } | null)?.document ?? {}
    if (version !== "2.0" && version !== "2.1") return ["schema: it is neither CSAF 2.0 nor CSAF 2.1"]
    if (Check(shapes[version], document)) return []
    return Errors(shapes[version], document).map((error) => {
        const extra = (error.params as { additionalProperties?: readonly string[] }).additionalProperties ?? []
        return [`schema: ${error.instancePath} ${error.message}`, ...extra].join(" ")
    })
}
