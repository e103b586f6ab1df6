/**
 * What could be wrong with a CSAF document that this program has built: the mandatory tests (6.1) that are about more than
 * one place of a document, looked at before it goes out. It asks nobody for anything.
 *
 * That what is built is sound also by the schema, and by every other mandatory test, the tests of this project ask of a
 * validator that is not its own.
 */
import { parseCvss } from "../cvss.ts"

interface Product {
    readonly product_id?: string
}

interface Branch {
    readonly category?: string
    readonly name?: string
    readonly branches?: readonly Branch[]
    readonly product?: Product
}

interface Score {
    readonly version?: string
    readonly vectorString?: string
    readonly baseScore?: number
}

interface Vulnerability {
    readonly cve?: string
    readonly product_status?: Readonly<Record<string, readonly string[]>>
    readonly remediations?: readonly { readonly product_ids?: readonly string[] }[]
    readonly scores?: readonly { readonly cvss_v3?: Score; readonly products?: readonly string[] }[]
    readonly metrics?: readonly {
        readonly content?: { readonly cvss_v3?: Score; readonly cvss_v4?: Score }
        readonly products?: readonly string[]
    }[]
}

interface Csaf {
    readonly document: {
        readonly csaf_version: string
        readonly title: string
        readonly distribution: {
            readonly tlp: { readonly label: string }
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
    readonly vulnerabilities: readonly Vulnerability[]
}

/** For everybody, once the case is public; or before that, for a group of readers. */
export type Readers = "everybody" | "group"

/** One line each; none for a document that may go out to these readers. */
export function csafFaults(text: string, readers: Readers = "everybody"): string[] {
    const csaf = JSON.parse(text) as Csaf
    const branches = (csaf.product_tree?.branches ?? []).flatMap(withAllUnder)
    const ids = branches.flatMap(({ product }) => product?.product_id ?? [])
    return [
        ...readerFaults(csaf.document, readers),
        ...(csaf.document.title.trim() === "" ? ["it has no title"] : []),
        ...repeated(ids).map((id) => `6.1.2: the product ${id} is defined twice`),
        ...repeated(csaf.vulnerabilities.flatMap(({ cve }) => cve ?? [])).map((cve) => `6.1.23: ${cve} stands twice`),
        ...branches.filter(isRange).map(({ name }) => `6.1.31: the version ${name} is a range`),
        ...csaf.vulnerabilities.flatMap((one) => vulnerabilityFaults(one, new Set(ids))),
        ...historyFaults(csaf.document.tracking, readers),
    ]
}

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function readerFaults({ csaf_version: version, distribution }: Csaf["document"], readers: Readers): string[] {
    const { tlp, sharing_group: group } = distribution
    const isOpen = tlp.label === "WHITE" || tlp.label === "CLEAR"
    if (readers === "everybody") return isOpen ? [] : ["it is not for everybody"]
    return [
        ...(isOpen || tlp.label === "GREEN" ? ["it is for more than its readers"] : []),
        ...(version === "2.0" || uuid4.test(group?.id ?? "") ? [] : ["it names no group"]),
    ]
}

function withAllUnder(branch: Branch): Branch[] {
    return [branch, ...(branch.branches ?? []).flatMap(withAllUnder)]
}

function isRange({ category, name = "" }: Branch): boolean {
    return category === "product_version" && /[<>]|\b(?:after|all|before|earlier|later|prior|versions)\b/i.test(name)
}

function repeated(names: readonly string[]): string[] {
    return names.filter((name, n) => names.indexOf(name) !== n)
}

const affectedStates = ["known_affected", "first_affected", "last_affected"]
const fixedStates = ["fixed", "first_fixed"]

function vulnerabilityFaults(its: Vulnerability, defined: ReadonlySet<string>): string[] {
    const { product_status: status = {}, remediations = [], scores = [], metrics = [] } = its
    const of = (states: readonly string[]) => states.flatMap((state) => status[state] ?? [])
    const scored = [
        ...scores.map(({ cvss_v3: score, products }) => ({ score, products })),
        ...metrics.map(({ content, products }) => ({ score: content?.cvss_v3 ?? content?.cvss_v4, products })),
    ]
    const named = [
        ...Object.values(status).flat(),
        ...remediations.flatMap(({ product_ids: ids = [] }) => ids),
        ...scored.flatMap(({ products = [] }) => products),
    ]
    const once = scored.flatMap(({ score, products = [] }) => products.map((id) => `${score?.version} ${id}`))
    return [
        ...named.filter((id) => !defined.has(id)).map((id) => `6.1.1: the product ${id} is not defined`),
        ...of(fixedStates)
            .filter((id) => of(affectedStates).includes(id))
            .map((id) => `6.1.6: the product ${id} is affected and fixed`),
        ...repeated(once).map((one) => `6.1.7: two scores of ${one}`),
        ...scored.flatMap(({ score }) => scoreFaults(score)),
        ...remediations
            .filter(({ product_ids: ids = [] }) => ids.length === 0)
            .map(() => "6.1.29: a remediation is for no product"),
    ]
}

function scoreFaults(score: Score | undefined): string[] {
    const read = parseCvss(score?.vectorString ?? "")
    if (typeof read === "string") return [`6.1.8: ${read}`]
    const same = read.version === score?.version && read.baseScore === score.baseScore
    return same ? [] : [`6.1.9: the score of ${score?.vectorString} is another one`]
}

function historyFaults(tracking: Csaf["document"]["tracking"], readers: Readers): string[] {
    const { revision_history: history, version, status } = tracking
    const dates = history.map(({ date }) => Date.parse(date))
    const wanted = readers === "everybody" ? "final" : "interim"
    return [
        ...(dates.every((date, n) => n === 0 || date >= (dates[n - 1] ?? Number.NaN)) ? [] : ["6.1.14: out of order"]),
        ...(history.at(-1)?.number === version ? [] : ["6.1.16: the version is not the newest revision"]),
        ...(status === wanted ? [] : [`6.1.17: it is ${status}, and not ${wanted}`]),
        ...(isNumbered(history, readers) ? [] : ["6.1.21: a revision is missing"]),
        ...repeated(history.map(({ number }) => number)).map((number) => `6.1.22: two revisions ${number}`),
        ...(history[0]?.date === tracking.initial_release_date ? [] : ["it began at another time"]),
        ...(history.at(-1)?.date === tracking.current_release_date ? [] : ["it was released at another time"]),
    ]
}

/** In whole numbers without a gap; for a group, whose versions are counted in several places, below one major version. */
function isNumbered(history: readonly { readonly number: string }[], readers: Readers): boolean {
    if (readers === "everybody") return history.every(({ number }, n) => number === String(n + 1))
    return history.length > 0 && history.every(({ number }) => /^1\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/.test(number))
}
