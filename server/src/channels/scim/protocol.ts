/** Implements SCIM 2.0 (RFC 7643, RFC 7644) on the wire: its media type, errors, filters and changes. */
import { refuse } from "@tocsin/base/refusal"
import { TextAnswer } from "../../kernel/route.ts"
import type { Dialect, Problem } from "../../platform/http/machine-routes.ts"

export const mediaType = "application/scim+json"
export const pathPrefix = "/scim/v2/"
export const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User"
const messages = "urn:ietf:params:scim:api:messages:2.0"

/** Errors with a detail type (RFC 7644, 3.12), by refusal code. */
const scimTypes: Readonly<Record<string, string>> = {
    "scim.bad_filter": "invalidFilter",
    "scim.bad_request": "invalidSyntax",
    "scim.bad_value": "invalidValue",
    "scim.read_only": "mutability",
    "request.invalid": "invalidSyntax",
}

export const scim: Dialect = {
    pathPrefix,
    acceptsAnswer: () => true,
    readsType: (type) => /^application\/(?:scim\+)?json *(;|$)/i.test(type),
    formatError: (_, problem) => errorAnswer(problem),
}

/** Answers with an error. Unlike a refusal, it keeps what the request stored. */
export function errorAnswer({ status, code, detail }: Pick<Problem, "status" | "code" | "detail">): TextAnswer {
    const scimType = scimTypes[code]
    const body = { schemas: [`${messages}:Error`], status: String(status), ...(scimType && { scimType }), detail }
    return new TextAnswer(JSON.stringify(body), mediaType, {}, status)
}

export const answerOf = (resource: object): TextAnswer => new TextAnswer(JSON.stringify(resource), mediaType)

/** Answers with a list. `total` counts all resources, `from` is the number of the first one here. */
export function listAnswer(resources: readonly object[], total = resources.length, from = 1): TextAnswer {
    return answerOf({
        schemas: [`${messages}:ListResponse`],
        totalResults: total,
        startIndex: from,
        itemsPerPage: resources.length,
        Resources: resources,
    })
}

/** A condition of a search: one attribute equals one text. */
export interface Filter {
    readonly attribute: "id" | "username" | "externalid"
    readonly value: string
}

const attributes = ["id", "username", "externalid"] as const
const filterPattern = /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?([A-Za-z]+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i

/** Reads a filter. Refuses `scim.bad_filter` for each except `eq` of one attribute that identifies a user. */
export function parseFilter(text: string | undefined): Filter | null {
    if (text === undefined) return null
    const [, name = "", quoted = ""] = filterPattern.exec(text) ?? []
    const attribute = attributes.find((item) => item === name.toLowerCase())
    const value = parseText(quoted)
    if (attribute !== undefined && value !== null) return { attribute, value }
    return refuse("invalid", "scim.bad_filter", "only `eq` of `userName`, `externalId` or `id` works: filter by one")
}

function parseText(quoted: string): string | null {
    try {
        return JSON.parse(quoted) as string
    } catch {
        return null
    }
}

const pageMax = 200

/** Reads a page of a list. Too small and too large numbers are adjusted (RFC 7644, 3.4.2.4). */
export function parsePage(query: { readonly startIndex?: string; readonly count?: string }) {
    const from = Math.max(1, parseInteger(query.startIndex ?? "1"))
    return { from, count: Math.min(pageMax, Math.max(0, parseInteger(query.count ?? String(pageMax)))) }
}

function parseInteger(text: string): number {
    if (/^-?\d{1,9}$/.test(text)) return Number(text)
    return refuse("invalid", "scim.bad_value", "`startIndex` and `count` are whole numbers: correct them")
}

/** The state that a PUT sets; null where it sets none. Other attributes are read-only and ignored (RFC 7644, 3.5.1). */
export function activeInReplacement(body: unknown): boolean | null {
    const found = fieldOf(objectIn(body), "active")
    return found === undefined ? null : parseActive(found)
}

/**
 * The state that a PATCH sets. One operation that ends the access counts, whatever the others want. Refuses
 * `scim.read_only` for a PATCH that does not set the state, and `scim.bad_request` for another body.
 */
export function activeInPatch(body: unknown): boolean {
    const operations = fieldOf(objectIn(body), "operations")
    if (!Array.isArray(operations) || operations.length === 0) return refuseBody()
    const states = operations.flatMap((operation: unknown) => activeIn(objectIn(operation)))
    if (states.length === 0) {
        refuse("invalid", "scim.read_only", "only `active` can change: change other attributes in Tocsin")
    }
    return !states.includes(false)
}

const activePath = /^(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?active$/i

function activeIn(operation: JsonObject): boolean[] {
    const verb = fieldOf(operation, "op")
    const [path, value] = [fieldOf(operation, "path"), fieldOf(operation, "value")]
    if (typeof verb !== "string" || !/^(?:add|replace|remove)$/i.test(verb)) return refuseBody()
    if (/^remove$/i.test(verb)) return []
    if (typeof path === "string") return activePath.test(path) ? [parseActive(value)] : []
    if (path !== undefined) return refuseBody()
    const entry = Object.entries(objectIn(value)).find(([name]) => activePath.test(name))
    return entry === undefined ? [] : [parseActive(entry[1])]
}

/** Some providers send the boolean as text. */
function parseActive(value: unknown): boolean {
    const text = String(value).toLowerCase()
    if ((typeof value === "boolean" || typeof value === "string") && ["true", "false"].includes(text)) {
        return text === "true"
    }
    return refuse("invalid", "scim.bad_value", "`active` is true or false: send one of them")
}

type JsonObject = Readonly<Record<string, unknown>>

function objectIn(value: unknown): JsonObject {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject
    return refuseBody()
}

/** Names of attributes have no case (RFC 7643, 2.1). */
const fieldOf = (object: JsonObject, name: string): unknown =>
    Object.entries(object).find(([key]) => key.toLowerCase() === name)?.[1]

function refuseBody(): never {
    refuse("invalid", "scim.bad_request", "the body is not a SCIM request: send one as RFC 7644 defines it")
}
