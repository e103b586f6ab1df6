/** A case: a vulnerability, or several, under coordination. */
import { refuse } from "../../lib/refusal.ts"

export interface Product {
    readonly vendor: string
    readonly name: string
    /** The first version without the vulnerability, where one is known. */
    readonly fixedIn: string | null
}

export interface Vulnerability {
    readonly cve: string
    readonly cwe: string
    /** CVSS base score, with the version of the standard: `3.1`. */
    readonly score: number
    readonly vector: string
}

/** What is ciphertext in the database. */
export interface CaseDetails {
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly products: readonly Product[]
    readonly finder: string
}

export type LinkKind = "bypass of" | "variant of"

export interface CaseLink {
    readonly from: string
    readonly to: string
    readonly kind: LinkKind
}

const titleMax = 200
const listMax = 50
const cvePattern = /^CVE-\d{4}-\d{4,19}$/

export function mustBeCase(details: CaseDetails): void {
    const { title, vulnerabilities, products } = details
    if (!(title.trim().length > 0 && title.length <= titleMax)) {
        refuse("invalid", "case.bad_title", `a title has 1 to ${titleMax} characters`)
    }
    if (!(vulnerabilities.length > 0 && vulnerabilities.length <= listMax && products.length <= listMax)) {
        refuse("invalid", "case.bad_lists", `a case has 1 to ${listMax} vulnerabilities, and as many products at most`)
    }
    const wrong = vulnerabilities.find(({ cve }) => !cvePattern.test(cve))
    if (wrong) refuse("invalid", "case.bad_cve", `\`${wrong.cve.slice(0, 40)}\` is no CVE id`)
    if (new Set(vulnerabilities.map(({ cve }) => cve)).size !== vulnerabilities.length) {
        refuse("invalid", "case.cve_twice", "a CVE id stands twice")
    }
    const unscored = vulnerabilities.find(({ score }) => !(score >= 0 && score <= 10))
    if (unscored) refuse("invalid", "case.bad_score", "a CVSS score lies between 0 and 10")
}

/** Every case that this one descends from by `bypass of` and `variant of`, however far back; each once. */
export function originsOf(id: string, links: readonly CaseLink[]): string[] {
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
