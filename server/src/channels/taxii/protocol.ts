/** Implements the protocol of TAXII 2.1 (OASIS): its media type, query parameters, errors and instants. */
import type { Dialect } from "../../platform/http/machine-routes.ts"
import { TextAnswer } from "../../kernel/route.ts"

export const mediaType = "application/taxii+json;version=2.1"
export const stixType = "application/stix+json;version=2.1"
const pathPrefix = "/taxii2/"

/** Media ranges that include TAXII, from the least to the most specific. */
const ranges = ["*/*", "application/*", "application/taxii+json"]

/**
 * Tells whether Accept allows TAXII. Clients omit the version, quote it, add blanks, and send lists in which only a
 * wildcard fits. The most specific range decides (RFC 9110, 12.5.1).
 */
export function acceptsTaxii(accept: string | undefined): boolean {
    if (accept === undefined || accept.trim() === "") return true
    const fitting = accept.split(",").flatMap((range) => {
        const { type, parameters } = readMediaType(range)
        const [exactness, version] = [ranges.indexOf(type), parameters.get("version")]
        if (exactness < 0 || !(version === undefined || version === "2.1")) return []
        const isWanted = !/^0(\.0*)?$/.test(parameters.get("q") ?? "")
        return { exactness: 2 * exactness + (version === undefined ? 0 : 1), isWanted }
    })
    const exactest = Math.max(...fitting.map(({ exactness }) => exactness))
    return fitting.some(({ exactness, isWanted }) => exactness === exactest && isWanted)
}

/** Tells whether a Content-Type is TAXII 2.1. */
export function isTaxiiType(contentType: string): boolean {
    const { type, parameters } = readMediaType(contentType)
    return type === "application/taxii+json" && (parameters.get("version") ?? "2.1") === "2.1"
}

function readMediaType(header: string): { readonly type: string; readonly parameters: ReadonlyMap<string, string> } {
    const [type = "", ...rest] = header.split(";").map((part) => part.trim().toLowerCase())
    const pairs = rest.map((parameter) => {
        const [name = "", value = ""] = parameter.split("=").map((part) => part.trim())
        return [name, value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value] as const
    })
    return { type, parameters: new Map(pairs) }
}

export const taxii: Dialect = {
    pathPrefix,
    acceptsAnswer: acceptsTaxii,
    readsType: isTaxiiType,
    formatError: (title, { status, code, detail }) =>
        new TextAnswer(
            JSON.stringify({ title, description: detail, error_code: code, http_status: String(status) }),
            mediaType,
        ),
}

/** Formats an instant with six digits: `2025-07-08T17:00:00.000001Z`. */
export function formatMicros(micros: number): string {
    const millis = Math.floor(micros / 1000)
    return new Date(millis).toISOString().replace("Z", `${String(micros - millis * 1000).padStart(3, "0")}Z`)
}
