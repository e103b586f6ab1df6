/** A case: one or several vulnerabilities under coordination. */
import type { Instant } from "@tocsin/base/instant"
import { assertNoSlots } from "./no-slots.ts"
import { parseCvss, scoreFault } from "@tocsin/formats/advisory/cvss"
import type { Product } from "@tocsin/formats/advisory/product"
import { refuse } from "@tocsin/base/refusal"
import { type VulnerabilityIds, vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"

/** A vulnerability of a case. */
export interface Vulnerability extends VulnerabilityIds {
    /** The CVSS base score that the vector gives; null without a vector. */
    readonly score: number | null
    /** The affected products, and the versions with a fix. */
    readonly products: readonly Product[]
}

/** The details of a case, encrypted in the database. */
export interface CaseDetails {
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly finder: string
    /** The public credit of the finder; empty or absent: none. */
    readonly credit?: string
}

/** How a case relates to an earlier one. */
export type LinkKind = "bypass_of" | "variant_of"

/** A link from a case to an earlier one. */
export interface CaseLink {
    readonly from: string
    readonly to: string
    readonly kind: LinkKind
}

const titleMax = 200
/** The maximum number of vulnerabilities of a case, and of products of a vulnerability. */
const listMax = 50
const cvePattern = /^CVE-\d{4}-\d{4,19}$/

/** Refuses invalid details: title, lists, CVE ids, scores, vectors, or slots in a text. */
export function validateCase(details: CaseDetails): void {
    const { title, vulnerabilities } = details
    if (!(title.trim().length > 0 && title.length <= titleMax)) {
        refuse("invalid", "case.bad_title", `bad title: use \`1\` to \`${titleMax}\` characters`, { max: titleMax })
    }
    const products = vulnerabilities.flatMap((vulnerability) => vulnerability.products)
    assertNoSlots([
        title,
        details.credit ?? "",
        ...products.flatMap(({ vendor, name, fixedIn }) => [vendor, name, fixedIn ?? ""]),
    ])
    const areFew = vulnerabilities.every(({ products }) => products.length <= listMax)
    if (!(vulnerabilities.length > 0 && vulnerabilities.length <= listMax && areFew)) {
        const most = `and each has at most \`${listMax}\` products`
        refuse("invalid", "case.bad_lists", `bad lists: a case has \`1\` to \`${listMax}\` vulnerabilities, ${most}`, {
            max: listMax,
        })
    }
    // Ids, weaknesses and vectors may be added later; publication requires them.
    const assigned = vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [cve]))
    const wrong = assigned.find((cve) => !cvePattern.test(cve))
    if (wrong !== undefined)
        refuse("invalid", "case.bad_cve", `\`${wrong.slice(0, 40)}\` is not a CVE id: use the form \`CVE-2026-1234\``, {
            wrong: wrong.slice(0, 40),
        })
    if (new Set(assigned).size !== assigned.length) {
        refuse("invalid", "case.duplicate_cve", "a CVE id is listed twice: remove one")
    }
    const unscored = vulnerabilities.find(({ score }) => !(score === null || (score >= 0 && score <= 10)))
    if (unscored) refuse("invalid", "case.bad_score", "bad CVSS score: use `0` to `10`")
    const labels = vulnerabilityLabels(vulnerabilities)
    for (const [n, vulnerability] of vulnerabilities.entries())
        assertScoreMatches(vulnerability, `vulnerability ${n + 1}, \`${labels[n]}\``)
}

/** Refuses a score that the vector does not give: partners rely on the score. */
function assertScoreMatches({ vector, score }: Pick<Vulnerability, "vector" | "score">, place: string): void {
    if (vector === "" && score === null) return
    if (score === null) refuse("invalid", "case.bad_score", `${place}: the score of the vector is missing`, { place })
    const read = parseCvss(vector)
    if (typeof read === "string") refuse("invalid", "case.bad_vector", `${place}: ${read}`, { place })
    const fault = scoreFault(vector, score)
    if (fault !== null) refuse("invalid", "case.score_mismatch", `${place}: ${fault}`, { place, fault })
}

/**
 * The closure of a case that will not be published: `withdrawn` where partners were warned, else `cancelled`. It is
 * permanent.
 */
export interface Closure {
    readonly kind: "cancelled" | "withdrawn"
    readonly at: Instant
}

/** Refuses `case.closed`. */
export function assertOpen(closure: Closure | null): void {
    if (closure) refuse("conflict", "case.closed", "this case is closed: it cannot be changed")
}

/** Refuses `case.link_loop` where a case would descend from itself, and names the path. */
export function assertNoLoop({ from, to }: Pick<CaseLink, "from" | "to">, links: readonly CaseLink[]): void {
    const path = pathBetween(to, from, links)
    if (!path) return
    const loop = [from, ...path].map((id) => `\`${id}\``).join(" → ")
    refuse("conflict", "case.link_loop", `a case cannot descend from itself: ${loop}`, { loop })
}

/** Returns the cases on a shortest path along the links, both ends included; null where there is none. */
function pathBetween(start: string, goal: string, links: readonly CaseLink[]): string[] | null {
    const paths: string[][] = [[start]]
    const visited = new Set([start])
    for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
        const last = path.at(-1)
        if (last === goal) return path
        for (const { from, to } of links) {
            if (from !== last || visited.has(to)) continue
            visited.add(to)
            paths.push([...path, to])
        }
    }
    return null
}

/** Lists every case from which this one descends by links, directly or through others, each once. */
export function originsOf(id: string, links: readonly Pick<CaseLink, "from" | "to">[]): string[] {
    const origins: string[] = []
    const pending = [id]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        for (const { from, to } of links) {
            if (from !== next || to === id || origins.includes(to)) continue
            origins.push(to)
            pending.push(to)
        }
    }
    return origins
}
