/**
 * Of what the schema of CSAF allows, all that this program writes, and no more: every field, its form and its limits.
 * What fits is sound by the schema. What the mandatory tests ask of fields that are not here cannot be broken; nor
 * can those that ask for a form that is the only one here. Which tests these are stands in `faults.test.ts`, and the
 * standard's own documents are asked whether it is so.
 */
import { type TSchema, Type } from "typebox"
import { Check, Errors } from "typebox/value"
import { publisherCategories } from "../advisory/advisory.ts"
import { type CsafVersion, csafConventions } from "./document.ts"
import { cweVersion } from "../advisory/cwe.ts"
import { packageTypes } from "../advisory/package-url.ts"

const closed = { additionalProperties: false }
const nonBlank = Type.String({ pattern: "\\S" })
const literal = Type.Literal
const oneOf = (...values: readonly string[]) => Type.Enum([...values])
const nonEmpty = <T extends TSchema>(schema: T, itemsMax?: number) =>
    Type.Array(schema, { minItems: 1, ...(itemsMax !== undefined && { maxItems: itemsMax }) })
const distinct = <T extends TSchema>(schema: T) => Type.Array(schema, { minItems: 1, uniqueItems: true })
const optional = Type.Optional
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
function documentSchema(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    return Type.Object(
        {
            ...(is21 && { $schema: literal(csafConventions["2.1"].schema) }),
            document: headSchema(version),
            product_tree: optional(productTreeSchema(is21 ? { purls: nonEmpty(purl, 1) } : { purl })),
            vulnerabilities: nonEmpty(vulnerabilitySchema(version)),
        },
        closed,
    )
}

function headSchema(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    const labels = is21 ? ["CLEAR", "AMBER+STRICT", "RED"] : ["WHITE", "AMBER", "RED"]
    const group = is21 ? { sharing_group: optional(Type.Object({ id: uuid4 }, closed)) } : {}
    return Type.Object(
        {
            acknowledgments: optional(nonEmpty(Type.Object({ names: nonEmpty(nonBlank) }, closed))),
            category: oneOf("csaf_security_advisory", "csaf_base"),
            csaf_version: literal(version),
            distribution: Type.Object(
                {
                    text: optional(nonBlank),
                    ...group,
                    tlp: Type.Object({ label: oneOf(...labels), url: address }, closed),
                },
                closed,
            ),
            lang: literal("en"),
            notes: nonEmpty(noteSchema("summary", "general", "legal_disclaimer")),
            publisher: Type.Object(
                {
                    category: oneOf(
                        ...publisherCategories.filter(
                            (publisherCategory) => is21 || publisherCategory !== "multiplier",
                        ),
                    ),
                    contact_details: optional(nonBlank),
                    name: nonBlank,
                    namespace: address,
                },
                closed,
            ),
            references: nonEmpty(Type.Object({ category: literal("self"), summary: nonBlank, url: address }, closed)),
            title: nonBlank,
            tracking: trackingSchema(),
        },
        closed,
    )
}

const noteSchema = (...categories: readonly string[]) =>
    Type.Object({ category: oneOf(...categories), text: nonBlank, title: nonBlank }, closed)

function trackingSchema(): TSchema {
    const engine = Type.Object({ name: nonBlank }, closed)
    return Type.Object(
        {
            current_release_date: instant,
            generator: Type.Object({ date: instant, engine }, closed),
            id: Type.String({ pattern: "^\\S(.*\\S)?$" }),
            initial_release_date: instant,
            revision_history: nonEmpty(Type.Object({ date: instant, number, summary: nonBlank }, closed)),
            status: oneOf("final", "interim"),
            version: number,
        },
        closed,
    )
}

/** Vendor, product, version: no deeper, and no two of them in one path. */
function productTreeSchema(helper: Readonly<Record<string, TSchema>>): TSchema {
    const fullProduct = Type.Object(
        { name: nonBlank, product_id: productId, product_identification_helper: optional(Type.Object(helper, closed)) },
        closed,
    )
    const leaf = (category: string, name: TSchema) =>
        Type.Object({ category: literal(category), name, product: fullProduct }, closed)
    // As `vers` and what is like it write it: in 2.1 no other name is one of a range.
    const range = Type.String({ pattern: "^(vers:all/\\*|<([A-Za-z0-9._~-]|%[0-9A-F]{2})+)$" })
    const version = Type.Union([leaf("product_version_range", range), leaf("product_version", nonBlank)])
    const branch = (category: string, under: TSchema) =>
        Type.Object({ category: literal(category), name: nonBlank, branches: nonEmpty(under) }, closed)
    return Type.Object({ branches: nonEmpty(branch("vendor", branch("product_name", version))) }, closed)
}

const weaknessSchema = (version: CsafVersion): TSchema => {
    const release = version === "2.1" ? { version: literal(cweVersion) } : {}
    return Type.Object({ id: Type.String({ pattern: "^CWE-[1-9]\\d{0,5}$" }), name: nonBlank, ...release }, closed)
}

function vulnerabilitySchema(version: CsafVersion): TSchema {
    const is21 = version === "2.1"
    const remediation = (category: string) =>
        Type.Object({ category: literal(category), details: nonBlank, ...product }, closed)
    const products = distinct(productId)
    const scores = is21
        ? {
              disclosure_date: optional(instant),
              metrics: optional(
                  nonEmpty(
                      Type.Object({ content: Type.Union([scoreSchema("3"), scoreSchema("4")]), products }, closed),
                  ),
              ),
          }
        : { scores: optional(nonEmpty(Type.Object({ cvss_v3: cvssSchema("3"), products }, closed))) }
    const weaknessField = is21
        ? { cwes: optional(nonEmpty(weaknessSchema(version), 1)) }
        : { cwe: optional(weaknessSchema(version)) }
    return Type.Object(
        {
            cve: optional(Type.String({ pattern: "^CVE-[0-9]{4}-[0-9]{4,}$" })),
            ids: optional(nonEmpty(Type.Object({ system_name: nonBlank, text: nonBlank }, closed), 1)),
            ...weaknessField,
            ...scores,
            notes: nonEmpty(noteSchema("description")),
            product_status: optional(Type.Object({ fixed: optional(products), known_affected: products }, closed)),
            remediations: optional(nonEmpty(Type.Union([remediation("none_available"), remediation("vendor_fix")]))),
        },
        closed,
    )
}

const scoreSchema = (major: "3" | "4") => Type.Object({ [`cvss_v${major}`]: cvssSchema(major) }, closed)

function cvssSchema(major: "3" | "4"): TSchema {
    return Type.Object(
        {
            version: oneOf(...(major === "3" ? ["3.0", "3.1"] : ["4.0"])),
            vectorString: Type.String({ pattern: `^CVSS:${major}\\.[01]/\\S+$` }),
            baseScore: Type.Number({ minimum: 0, maximum: 10 }),
            baseSeverity: oneOf("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
        },
        closed,
    )
}

const schemas: Readonly<Record<CsafVersion, TSchema>> = { "2.0": documentSchema("2.0"), "2.1": documentSchema("2.1") }

/** One line for each place that does not fit, of many the first few; none for what this program could have written. */
export function schemaIssues(document: unknown): string[] {
    const { csaf_version: version } = (document as { document?: { csaf_version?: unknown } } | null)?.document ?? {}
    if (version !== "2.0" && version !== "2.1") return ["schema: it is neither CSAF 2.0 nor CSAF 2.1"]
    if (Check(schemas[version], document)) return []
    return Errors(schemas[version], document).map((error) => {
        const extra = (error.params as { additionalProperties?: readonly string[] }).additionalProperties ?? []
        return [`schema: ${error.instancePath} ${error.message}`, ...extra].join(" ")
    })
}
