/**
 * The mandatory tests of CSAF (2.0 and 2.1, section 6.1) that hold several places of a document against each other, or that
 * ask more of one than its form. Each line that they give begins with the test's number. They read any document of the
 * standard; what is not there breaks nothing.
 */
import { cweName } from "../advisory/cwe.ts"
import { parseCvss, severityOf } from "../advisory/cvss.ts"
import { historyTests } from "./history.ts"

type Products = readonly string[]

interface Score {
    readonly version?: string
    readonly vectorString?: string
    readonly baseScore?: number
    readonly baseSeverity?: string
}

interface Weakness {
    readonly id: string
    readonly name: string
}

interface Remediation {
    readonly category: string
    readonly product_ids?: Products
    readonly group_ids?: readonly string[]
}

interface Vulnerability {
    readonly cve?: string
    readonly cwe?: Weakness
    readonly cwes?: readonly Weakness[]
    readonly disclosure_date?: string
    readonly notes?: readonly unknown[]
    readonly product_status?: Readonly<Record<string, Products>>
    readonly remediations?: readonly Remediation[]
    readonly scores?: readonly (Readonly<Record<string, unknown>> & { readonly products?: Products })[]
    readonly metrics?: readonly {
        readonly content?: Readonly<Record<string, unknown>>
        readonly source?: string
        readonly products?: Products
    }[]
}

/** A branch of a product tree, as far as the tests read it. */
export interface Branch {
    readonly category: string
    readonly name: string
    readonly branches?: readonly Branch[]
}

/** A CSAF document, as far as the tests read it. Its form was checked before. */
export interface Csaf {
    readonly document: {
        readonly csaf_version: string
        readonly category: string
        readonly title: string
        readonly distribution?: {
            readonly tlp?: { readonly label: string }
            readonly sharing_group?: { readonly id: string; readonly name?: string }
        }
        readonly tracking: {
            readonly current_release_date: string
            readonly initial_release_date: string
            readonly status: string
            readonly version: string
            readonly revision_history: readonly { readonly date: string; readonly number: string }[]
        }
    }
    readonly product_tree?: {
        readonly branches?: readonly Branch[]
        readonly product_groups?: readonly { readonly group_id: string; readonly product_ids: Products }[]
    }
    readonly vulnerabilities?: readonly Vulnerability[]
}

/** None for a document that passes what is tested here. */
export function mandatoryFaults(csaf: Csaf): string[] {
    const { document, vulnerabilities = [] } = csaf
    return [
        ...productTests(csaf),
        ...repeated(vulnerabilities.flatMap(({ cve }) => cve ?? [])).map((cve) => `6.1.23: ${cve} stands twice`),
        ...vulnerabilities.flatMap((vulnerability) => [
            ...statusTests(vulnerability),
            ...scoreTests(vulnerability),
            ...weaknessTests(vulnerability),
            ...remediationTests(vulnerability, groupsOf(csaf)),
            ...disclosureTests(vulnerability, document),
        ]),
        ...historyTests(document.tracking),
        ...profileTests(csaf),
        ...groupTests(document),
    ]
}

/** Returns the names that occur earlier in the list, once for each repetition. */
export function repeated(names: readonly string[]): string[] {
    return names.filter((name, n) => names.indexOf(name) !== n)
}

const naming = ["product_ids", "products", "product_reference", "relates_to_product_reference"]
const naming21 = ["beginning_product_reference", "next_product_reference"]

/** All texts under these fields, wherever they stand. */
function textsUnder(input: unknown, fields: readonly string[], isUnder = false): string[] {
    if (typeof input === "string") return isUnder ? [input] : []
    if (Array.isArray(input)) return input.flatMap((item) => textsUnder(item, fields, isUnder))
    if (typeof input !== "object" || input === null) return []
    return Object.entries(input).flatMap(([field, value]) => textsUnder(value, fields, fields.includes(field)))
}

function branchesUnder(branch: Branch): Branch[] {
    return [branch, ...(branch.branches ?? []).flatMap(branchesUnder)]
}

const rangeWords = /[<>]|(?<![\w-])(?:after|all|before|earlier|later|prior|versions)(?![\w-])/i

function productTests(csaf: Csaf): string[] {
    const { product_tree: tree, vulnerabilities = [] } = csaf
    const ids = textsUnder(tree, ["product_id"])
    const defined = new Set(ids)
    const statuses = vulnerabilities.flatMap(({ product_status: status = {} }) => Object.values(status).flat())
    const named = new Set([...textsUnder(csaf, [...naming, ...naming21]), ...statuses])
    const branches = (tree?.branches ?? []).flatMap(branchesUnder)
    return [
        ...[...named].filter((id) => !defined.has(id)).map((id) => `6.1.1: the product ${id} is not defined`),
        ...repeated(ids).map((id) => `6.1.2: the product ${id} is defined twice`),
        ...branches
            .filter(({ category, name }) => category === "product_version" && rangeWords.test(name))
            .map(({ name }) => `6.1.31: the version ${name} is a range`),
    ]
}

const states: Readonly<Record<string, string>> = {
    ...{ first_affected: "affected", known_affected: "affected", last_affected: "affected" },
    ...{ known_not_affected: "not affected", first_fixed: "fixed", fixed: "fixed" },
    ...{ under_investigation: "under investigation", unknown: "unknown" },
}

/** What a product is said to be, without a word twice. */
function statesOf({ product_status: status = {} }: Vulnerability): Map<string, string[]> {
    const inputs = Object.entries(status).flatMap(([field, ids]) =>
        ids.flatMap((id) => (states[field] === undefined ? [] : [{ id, state: states[field] }])),
    )
    return new Map(
        [...Map.groupBy(inputs, ({ id }) => id)].map(([id, entries]) => [
            id,
            [...new Set(entries.map(({ state }) => state))],
        ]),
    )
}

function statusTests(vulnerability: Vulnerability): string[] {
    return [...statesOf(vulnerability)].flatMap(([id, entries]) =>
        entries.length > 1 ? [`6.1.6: the product ${id} is ${entries.join(" and ")}`] : [],
    )
}

interface Scored {
    readonly kind: string
    readonly score: Score
    readonly source: string
    readonly products: Products
}

/** By whom, of which kind and version, for which products. */
function scoredIn({ scores = [], metrics = [] }: Vulnerability): Scored[] {
    const pick = (content: Readonly<Record<string, unknown>>, source: string, products: Products): Scored[] =>
        Object.entries(content).map(([kind, score]) => ({ kind, score: score as Score, source, products }))
    return [
        ...scores.flatMap(({ products = [], ...content }) => pick(content, "", products)),
        ...metrics.flatMap(({ content = {}, source = "", products = [] }) => pick(content, source, products)),
    ]
}

function scoreTests(vulnerability: Vulnerability): string[] {
    const scored = scoredIn(vulnerability)
    const once = scored.flatMap(({ kind, score, source, products }) =>
        products.map((id) => [kind, typeof score === "object" ? score.version : "", source, id].join(" ")),
    )
    return [
        ...repeated(once).map((value) => `6.1.7: two scores of ${value}`),
        ...scored
            .filter(({ kind }) => kind === "cvss_v3" || kind === "cvss_v4")
            .flatMap(({ score }) => vectorTests(score)),
    ]
}

/** What 4.0 calls the base score is that of all metrics there are; in 3.0 and 3.1 those beyond the base have their own. */
function vectorTests({ version, vectorString = "", baseScore, baseSeverity }: Score): string[] {
    const read = parseCvss(vectorString)
    if (typeof read === "string") return [`6.1.8: ${read}`]
    if (read.version !== version || baseScore === undefined || baseSeverity === undefined) {
        return [`6.1.8: ${vectorString} lacks its version, score or severity`]
    }
    const computed = read.version === "4.0" ? read.score : read.baseScore
    const same = computed === baseScore && severityOf(baseScore) === baseSeverity
    return same ? [] : [`6.1.9: the score of ${vectorString} is another one`]
}

/** Only names that are known here are written. */
function weaknessTests({ cwe, cwes = [] }: Vulnerability): string[] {
    return [...(cwe ? [cwe] : []), ...cwes].flatMap(({ id, name }) => {
        const known = cweName(id)
        if (known === name) return []
        return [known === null ? `6.1.11: ${id} is not known here` : `6.1.11: ${id} has another name`]
    })
}

type Groups = ReadonlyMap<string, Products>

function groupsOf({ product_tree: tree }: Csaf): Groups {
    return new Map((tree?.product_groups ?? []).map(({ group_id: id, product_ids: ids }) => [id, ids]))
}

/** Of these no two are for one product, unless they are the same. */
const excluding = ["fix_planned", "no_fix_planned", "none_available", "optional_patch"]
const remedies = ["vendor_fix", "workaround", "mitigation"]
/** What says that a product is vulnerable, and what says that it will be. */
const notFor: Readonly<Record<string, readonly string[]>> = {
    "not affected": ["vendor_fix", "workaround", "mitigation", "fix_planned", "no_fix_planned", "none_available"],
    fixed: ["vendor_fix", "fix_planned", "no_fix_planned", "none_available", "workaround", "mitigation"],
    affected: ["optional_patch"],
    "under investigation": [],
    unknown: [],
}

function remediationTests(vulnerability: Vulnerability, groups: Groups): string[] {
    const { remediations = [] } = vulnerability
    const inputs = remediations.flatMap(({ category, product_ids: ids = [], group_ids: items = [] }) =>
        [...ids, ...items.flatMap((id) => groups.get(id) ?? [])].map((id) => ({ id, category })),
    )
    const byProduct = Map.groupBy(inputs, ({ id }) => id)
    const states = statesOf(vulnerability)
    return [
        ...remediations
            .filter(({ product_ids: ids = [], group_ids: items = [] }) => ids.length + items.length === 0)
            .map(() => "6.1.29: a remediation is for no product"),
        ...[...byProduct].flatMap(([id, list]) => {
            const categories = new Set(list.map(({ category }) => category))
            return [
                ...(isContradicting(categories) ? [`6.1.35: remediations of ${id} contradict each other`] : []),
                ...(states.get(id) ?? [])
                    .filter((state) => notFor[state]?.some((category) => categories.has(category)))
                    .map((state) => `6.1.36: the product ${id} is ${state}, which its remediation contradicts`),
            ]
        }),
    ]
}

function isContradicting(categories: ReadonlySet<string>): boolean {
    const alone = excluding.filter((item) => categories.has(item))
    const withFix = categories.has("vendor_fix") && alone.length > 0
    const withNone = categories.has("none_available") && remedies.some((remedy) => categories.has(remedy))
    const optional = categories.has("optional_patch") && remedies.some((remedy) => categories.has(remedy))
    return alone.length > 1 || withFix || withNone || optional
}

/** Whoever reads a public document knows of what it tells since then at the latest. */
function disclosureTests(
    { disclosure_date: at }: Vulnerability,
    { distribution, tracking }: Csaf["document"],
): string[] {
    const isOut = distribution?.tlp?.label === "CLEAR" && (tracking.status === "final" || tracking.status === "interim")
    const newest = Math.max(...tracking.revision_history.map(({ date }) => Date.parse(date)))
    return at !== undefined && isOut && Date.parse(at) > newest ? ["6.1.45: it is disclosed after it was released"] : []
}

/** What a security advisory has besides. */
function profileTests({ document, product_tree: tree, vulnerabilities }: Csaf): string[] {
    if (document.category !== "csaf_security_advisory") return []
    const list = vulnerabilities ?? []
    return [
        ...(tree === undefined ? ["6.1.27.4: there is no product tree"] : []),
        ...(list.every(({ notes = [] }) => notes.length > 0) ? [] : ["6.1.27.5: a vulnerability has no notes"]),
        ...(list.every((vulnerability) => vulnerability.product_status !== undefined)
            ? []
            : ["6.1.27.6: a vulnerability is of no product"]),
        ...(vulnerabilities === undefined ? ["6.1.27.11: there is no vulnerability"] : []),
        ...(document.csaf_version === "2.1" ? list.flatMap(affectedTests) : []),
    ]
}

/** A vulnerability affects something; and what is fixed was affected before. */
function affectedTests(vulnerability: Vulnerability): string[] {
    const flats = [...statesOf(vulnerability).values()].flat()
    if (flats.includes("affected")) return []
    return [
        "6.1.27.12: a vulnerability affects nothing",
        ...(flats.includes("fixed") ? ["6.1.27.13: what is fixed was never affected"] : []),
    ]
}

const everybody = "ffffffff-ffff-ffff-ffff-ffffffffffff"
const nobody = "00000000-0000-0000-0000-000000000000"

function groupTests({ distribution, tracking }: Csaf["document"]): string[] {
    const { sharing_group: group, tlp } = distribution ?? {}
    if (group === undefined) return []
    const isPublic = tlp?.label === "CLEAR"
    const wanted = group.id === everybody ? "Public" : group.id === nobody ? "No sharing allowed" : null
    const isReserved = group.name === "Public" || group.name === "No sharing allowed"
    return [
        ...(group.id === everybody && !isPublic ? ["6.1.38: the group of everybody is for CLEAR"] : []),
        ...(isPublic && group.id !== everybody && !(group.id === nobody && tracking.status === "draft")
            ? ["6.1.39: CLEAR is for everybody"]
            : []),
        ...(isReserved && wanted !== group.name ? ["6.1.40: the name of the group is another one's"] : []),
        ...(wanted !== null && group.name !== wanted ? [`6.1.41: the group is named ${wanted}`] : []),
    ]
}
