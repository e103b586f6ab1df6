/**
 * Parses a published catalogue of exploited vulnerabilities: CVE ids with dates. The user supplies the file; Tocsin
 * fetches nothing.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** An entry of a catalogue of exploited vulnerabilities. */
export interface Listing {
    readonly cve: string
    readonly listedAt: Instant
}

export const listingsMax = 10_000
export const cvePattern = "^CVE-\\d{4}-\\d{4,19}$"

/**
 * Parses the KEV format (`vulnerabilities`, each with `cveID` and `dateAdded`), or one CVE id and one date a line. A
 * date means its first moment in UTC. Refuses `evidence.bad_list` with the position.
 */
export function parseListings(text: string): Listing[] {
    const entries = text.trimStart().startsWith("{") ? parseCatalogue(text) : parseLines(text)
    if (entries.length === 0) refuseList("it contains no CVE id")
    if (entries.length > listingsMax) refuseList(`\`${listingsMax}\` entries is the limit: send fewer`)
    return entries.map(([place, cve, date]) => {
        const day = typeof date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null
        if (typeof cve !== "string" || !new RegExp(cvePattern).test(cve))
            return refuseList(`${place}: this is not a CVE id`)
        if (day === null) return refuseList(`${place}: write a date like \`2025-07-20\``)
        return { cve, listedAt: parseInstant(`${day}T00:00:00Z`) }
    })
}

type ListingFields = readonly [place: string, cve: unknown, date: unknown]

function parseCatalogue(text: string): ListingFields[] {
    const { vulnerabilities } = parseJson(text) as { vulnerabilities?: unknown }
    if (!Array.isArray(vulnerabilities)) return refuseList("it has no `vulnerabilities`")
    return vulnerabilities.map((vulnerability: unknown, i) => {
        const { cveID, dateAdded } = (
            typeof vulnerability === "object" && vulnerability !== null ? vulnerability : {}
        ) as Record<string, unknown>
        return [`entry ${i + 1}`, cveID, dateAdded]
    })
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return refuseList("it begins like JSON and is not valid JSON")
    }
}

function parseLines(text: string): ListingFields[] {
    return text.split("\n").flatMap((line, i): ListingFields[] => {
        const [cve, date, ...more] = line.trim().split(/[\s,;]+/)
        if (cve === "") return []
        return [[`line ${i + 1}`, cve, more.length > 0 ? null : date]]
    })
}

function refuseList(reason: string): never {
    refuse("invalid", "evidence.bad_list", `this list cannot be read: ${reason}`, { reason })
}
