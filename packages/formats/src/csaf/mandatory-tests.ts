/**
 * The mandatory tests of CSAF (2.0 and 2.1, section 6.1) that a document in the form of `schema.ts` can still fail.
 * Each line begins with the number of the test. Missing fields fail nothing here: the form requires them.
 */
import { cweName } from "../advisory/cwe.ts"
import { parseCvss, severityOf } from "../advisory/cvss.ts"

type Products = readonly string[]

interface Score {
    readonly version?: string
    readonly vectorString?: string
    readonly baseScore?: number
    readonly baseSeverity?: string
}

type Scores = Readonly<Record<string, Score>>

interface Weakness {
    readonly id: string
    readonly name: string
}

interface Vulnerability {
    readonly cve?: string
    readonly cwe?: Weakness
    readonly cwes?: readonly Weakness[]
    readonly disclosure_date?: string
    readonly product_status?: { readonly fixed?: Products; readonly known_affected?: Products }
    readonly remediations?: readonly { readonly category: string; readonly product_ids?: Products }[]
    readonly scores?: readonly { readonly cvss_v3?: Score; readonly products?: Products }[]
    readonly metrics?: readonly { readonly content?: Scores; readonly source?: string; readonly products?: Products }[]
}

interface Branch {
    readonly category: string
    readonly name: string
    readonly branches?: readonly Branch[]
}

/** A CSAF document, as far as the tests read it. Its form was checked before. */
export interface Csaf {
    readonly document: {
        readonly csaf_version: string
        readonly category: string
        readonly distribution?: {
            readonly tlp?: { readonly label: string }
            readonly sharing_group?: { readonly id: string }
        }
        readonly tracking: {
            readonly current_release_date: string
            readonly initial_release_date: string
            readonly status: string
            readonly version: string
            readonly revision_history: readonly { readonly date: string; readonly number: string }[]
        }
    }
    readonly product_tree?: { readonly branches?: readonly Branch[] }
    readonly vulnerabilities?: readonly Vulnerability[]
}

/** Lists the failed tests; empty for a document that passes. */
export function mandatoryIssues(csaf: Csaf): string[] {
    const { document, vulnerabilities = [] } = csaf
    return [
        ...productTests(csaf),
        ...repeated(vulnerabilities.flatMap(({ cve }) => cve ?? [])).map((cve) => `6.1.23: ${cve} stands twice`),
        ...vulnerabilities.flatMap((vulnerability) => [
            ...statusTests(vulnerability),
            ...scoreTests(vulnerability),
            ...weaknessTests(vulnerability),
            ...remediationTests(vulnerability),
            ...disclosureTests(vulnerability, document),
        ]),
        ...profileTests(csaf),
    ]
}

/** Returns the names that occur earlier in the list, once for each repetition. */
export function repeated(names: readonly string[]): string[] {
    return names.filter((name, n) => names.indexOf(name) !== n)
}

function branchesUnder(branch: Branch): Branch[] {
    return [branch, ...(branch.branches ?? []).flatMap(branchesUnder)]
}

/** Lists all texts under these fields, at any depth. */
function textsUnder(node: unknown, fields: readonly string[], isUnder = false): string[] {
    if (typeof node === "string") return isUnder ? [node] : []
    if (Array.isArray(node)) return node.flatMap((item) => textsUnder(item, fields, isUnder))
    if (typeof node !== "object" || node === null) return []
    return Object.entries(node).flatMap(([field, value]) => textsUnder(value, fields, fields.includes(field)))
}

const productFields = ["product_ids", "products", "fixed", "known_affected"]

const rangeWords = /[<>]|(?<![\w-])(?:after|all|before|earlier|later|prior|versions)(?![\w-])/i

function productTests({ product_tree: tree, vulnerabilities = [] }: Csaf): string[] {
    const branches = (tree?.branches ?? []).flatMap(branchesUnder)
    const ids = textsUnder(tree, ["product_id"])
    const defined = new Set(ids)
    const named = new Set(textsUnder(vulnerabilities, productFields))
    return [
        ...[...named].filter((id) => !defined.has(id)).map((id) => `6.1.1: the product ${id} is not defined`),
        ...repeated(ids).map((id) => `6.1.2: the product ${id} is defined twice`),
        ...branches
            .filter(({ category, name }) => category === "product_version" && rangeWords.test(name))
            .map(({ name }) => `6.1.31: the version ${name} is a range`),
    ]
}

function statusTests({ product_status: { fixed = [], known_affected: affected = [] } = {} }: Vulnerability): string[] {
    return fixed.filter((id) => affected.includes(id)).map((id) => `6.1.6: the product ${id} is affected and fixed`)
}

interface ScoredProducts {
    readonly kind: string
    readonly score: Score
    readonly source: string
    readonly products: Products
}

function scoresIn({ scores = [], metrics = [] }: Vulnerability): ScoredProducts[] {
    const split = (content: Scores, source: string, products: Products): ScoredProducts[] =>
        Object.entries(content).map(([kind, score]) => ({ kind, score, source, products }))
    return [
        ...scores.flatMap(({ products = [], ...content }) => split(content, "", products)),
        ...metrics.flatMap(({ content = {}, source = "", products = [] }) => split(content, source, products)),
    ].filter(({ kind }) => kind === "cvss_v3" || kind === "cvss_v4")
}

function scoreTests(vulnerability: Vulnerability): string[] {
    const scored = scoresIn(vulnerability)
    const keys = scored.flatMap(({ kind, score, source, products }) =>
        products.map((id) => [kind, score.version, source, id].join(" ")),
    )
    return [
        ...repeated(keys).map((key) => `6.1.7: two scores of ${key}`),
        ...scored.flatMap(({ score }) => vectorTests(score)),
    ]
}

/**
 * Compares the score with the vector. The base score of CVSS 4.0 counts all metrics, that of 3.x only the base
 * metrics.
 */
function vectorTests({ version, vectorString = "", baseScore, baseSeverity }: Score): string[] {
    const cvss = parseCvss(vectorString)
    if (typeof cvss === "string") return [`6.1.8: ${cvss}`]
    if (cvss.version !== version || baseScore === undefined || baseSeverity === undefined) {
        return [`6.1.8: ${vectorString} lacks its version, score or severity`]
    }
    const computed = cvss.version === "4.0" ? cvss.score : cvss.baseScore
    const isSame = computed === baseScore && severityOf(baseScore) === baseSeverity
    return isSame ? [] : [`6.1.9: the score of ${vectorString} is another one`]
}

/** Accepts only weaknesses whose names are known here. */
function weaknessTests({ cwe, cwes = [] }: Vulnerability): string[] {
    return [...(cwe ? [cwe] : []), ...cwes].flatMap(({ id, name }) => {
        const known = cweName(id)
        if (known === name) return []
        return [known === null ? `6.1.11: ${id} is not known here` : `6.1.11: ${id} has another name`]
    })
}

/** A fixed product needs no remediation, and a product with a fix cannot be without one. */
function remediationTests({ remediations = [], product_status: { fixed = [] } = {} }: Vulnerability): string[] {
    const idsOf = (wanted: string) =>
        remediations.flatMap(({ category, product_ids: ids = [] }) => (category === wanted ? ids : []))
    const [vendorFix, noneAvailable] = [idsOf("vendor_fix"), idsOf("none_available")]
    const remedied = new Set([...vendorFix, ...noneAvailable])
    return [
        ...new Set(
            vendorFix
                .filter((id) => noneAvailable.includes(id))
                .map((id) => `6.1.35: remediations of ${id} contradict`),
        ),
        ...fixed
            .filter((id) => remedied.has(id))
            .map((id) => `6.1.36: the product ${id} is fixed, which its remediation contradicts`),
    ]
}

/** The vulnerabilities of a public document are disclosed by its last revision. */
function disclosureTests(
    { disclosure_date: at }: Vulnerability,
    { distribution, tracking }: Csaf["document"],
): string[] {
    const isPublic =
        distribution?.tlp?.label === "CLEAR" && (tracking.status === "final" || tracking.status === "interim")
    const newest = Math.max(...tracking.revision_history.map(({ date }) => Date.parse(date)))
    return at !== undefined && isPublic && Date.parse(at) > newest
        ? ["6.1.45: it is disclosed after it was released"]
        : []
}

/** A security advisory says which products are affected. */
function profileTests({ document, product_tree: tree, vulnerabilities = [] }: Csaf): string[] {
    if (document.category !== "csaf_security_advisory") return []
    const isComplete = vulnerabilities.every((vulnerability) => vulnerability.product_status !== undefined)
    return [
        ...(tree === undefined ? ["6.1.27.4: there is no product tree"] : []),
        ...(isComplete ? [] : ["6.1.27.6: a vulnerability is of no product"]),
    ]
}
