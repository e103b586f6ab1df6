/** A case: a vulnerability, or several, under coordination. */
import type { Instant } from "@tocsin/base/instant"
import { leftNotation } from "@tocsin/marks/carriers/notation"
import { parseCvss, scoreFault } from "@tocsin/formats/advisory/cvss"
import { type Product, distinctProducts } from "@tocsin/formats/advisory/product"
import { refuse } from "@tocsin/base/refusal"
import { type Identified, vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"

export interface Vulnerability extends Identified {
    /** CVSS base score: the one that follows from the vector; null where there is no vector. */
    readonly score: number | null
    /** What it affects, and where that is fixed. */
    readonly products: readonly Product[]
}

/** What is ciphertext in the database. */
export interface CaseDetails {
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly finder: string
    /** As whom the finder is named to the world, who may be; empty or absent: as nobody. */
    readonly credit?: string
}

/** As cases were written while their products hung on the case: each vulnerability was said to affect all of them. */
interface EarlierDetails extends Omit<CaseDetails, "vulnerabilities"> {
    readonly vulnerabilities: readonly Omit<Vulnerability, "products">[]
    readonly products: readonly Product[]
}

/** What was written down, whenever that was. */
export function detailsFrom(stored: CaseDetails | EarlierDetails): CaseDetails {
    if (!("products" in stored)) return stored
    const { products, vulnerabilities, ...rest } = stored
    return {
        ...rest,
        vulnerabilities: vulnerabilities.map((vulnerability) => ({
            ...vulnerability,
            products: distinctProducts(products),
        })),
    }
}

export type LinkKind = "bypass of" | "variant of"

export interface CaseLink {
    readonly from: string
    readonly to: string
    readonly kind: LinkKind
}

const titleMax = 200
/** Of the vulnerabilities of a case, and of the products of one vulnerability. */
const listMax = 50
const cvePattern = /^CVE-\d{4}-\d{4,19}$/

export function validateCase(details: CaseDetails): void {
    const { title, vulnerabilities } = details
    if (!(title.trim().length > 0 && title.length <= titleMax)) {
        refuse("invalid", "case.bad_title", `a title has 1 to ${titleMax} characters`)
    }
    const products = vulnerabilities.flatMap((vulnerability) => vulnerability.products)
    assertNoSlots([
        title,
        details.credit ?? "",
        ...products.flatMap(({ vendor, name, fixedIn }) => [vendor, name, fixedIn ?? ""]),
    ])
    const areFew = vulnerabilities.every(({ products }) => products.length <= listMax)
    if (!(vulnerabilities.length > 0 && vulnerabilities.length <= listMax && areFew)) {
        const most = `and each has at most ${listMax} products`
        refuse("invalid", "case.bad_lists", `a case has 1 to ${listMax} vulnerabilities, ${most}`)
    }
    // An id, a weakness and a vector may come later: publication asks for them.
    const assigned = vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [cve]))
    const wrong = assigned.find((cve) => !cvePattern.test(cve))
    if (wrong !== undefined) refuse("invalid", "case.bad_cve", `\`${wrong.slice(0, 40)}\` is no CVE id`)
    if (new Set(assigned).size !== assigned.length) {
        refuse("invalid", "case.duplicate_cve", "a CVE id stands twice")
    }
    const unscored = vulnerabilities.find(({ score }) => !(score === null || (score >= 0 && score <= 10)))
    if (unscored) refuse("invalid", "case.bad_score", "a CVSS score lies between 0 and 10")
    const labels = vulnerabilityLabels(vulnerabilities)
    for (const [n, vulnerability] of vulnerabilities.entries())
        assertFollows(vulnerability, `vulnerability ${n + 1}, \`${labels[n]}\``)
}

/** Each reader gets these texts as they are. */
export function assertNoSlots(texts: readonly string[]): void {
    const [left] = texts.flatMap((text) => leftNotation("text.txt", text))
    if (left === undefined) return
    const text = left.text.slice(0, 40)
    refuse("invalid", "case.contains_slots", `\`${text}\` is a slot, which only artifacts have: write one form`)
}

/** Partners judge by the score: it must be the one that the vector gives. */
function assertFollows({ vector, score }: Pick<Vulnerability, "vector" | "score">, place: string): void {
    if (vector === "" && score === null) return
    if (score === null) refuse("invalid", "case.bad_score", `${place}: a vector has a score`)
    const read = parseCvss(vector)
    if (typeof read === "string") refuse("invalid", "case.bad_vector", `${place}: ${read}`)
    const fault = scoreFault(vector, score)
    if (fault !== null) refuse("invalid", "case.score_mismatch", `${place}: ${fault}`)
}

/** A case that will not be published. `withdrawn` where some were warned of it already. It is not opened again. */
export interface Closing {
    readonly kind: "cancelled" | "withdrawn"
    readonly at: Instant
}

/** Refuses what would go on with a case that is closed. */
export function assertOpen(closing: Closing | null): void {
    if (closing) refuse("conflict", "case.closed", "this case is closed: nothing of it goes on")
}

/** Refuses a link by which a case would descend from itself, and says by which way. */
export function assertNoLoop({ from, to }: Pick<CaseLink, "from" | "to">, links: readonly CaseLink[]): void {
    const way = wayBetween(to, from, links)
    if (!way) return
    const loop = [from, ...way].map((id) => `\`${id}\``).join(" → ")
    refuse("conflict", "case.link_loop", `a case cannot descend from itself: ${loop}`)
}

/** The cases on a shortest way along the links, both ends among them; null where none leads there. */
function wayBetween(start: string, goal: string, links: readonly CaseLink[]): string[] | null {
    const ways: string[][] = [[start]]
    const seen = new Set([start])
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
        const last = way.at(-1)
        if (last === goal) return way
        for (const { from, to } of links) {
            if (from !== last || seen.has(to)) continue
            seen.add(to)
            ways.push([...way, to])
        }
    }
    return null
}

/** Every case that this one descends from by `bypass of` and `variant of`, however far back; each once. */
export function originsOf(id: string, links: readonly Pick<CaseLink, "from" | "to">[]): string[] {
    const found: string[] = []
    const ahead = [id]
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
        for (const { from, to } of links) {
            if (from !== next || to === id || found.includes(to)) continue
            found.push(to)
            ahead.push(to)
        }
    }
    return found
}
