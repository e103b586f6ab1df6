/** The reference of the HTTP API, from the OpenAPI documents that the server makes. */
import { permissions } from "../../server/src/kernel/permissions.ts"
import type { Side } from "../../server/src/kernel/route.ts"
import { generatedNote, tableOf } from "./markdown.ts"
import { type Schema, typeOf } from "./schema.ts"

/** What this page reads of an OpenAPI document. */
export interface ApiDocument {
    readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
    readonly summary?: string
    readonly parameters?: readonly {
        readonly name: string
        readonly in: string
        readonly required?: boolean
        readonly schema?: Schema
    }[]
    readonly requestBody?: Content
    readonly responses?: Readonly<Record<string, Content>>
}

interface Content {
    readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

/** The feature that declares a route, and the permission that it needs. */
export interface DeclaredRoute {
    readonly feature: string
    readonly permission: string
}

interface Row extends DeclaredRoute {
    readonly side: Side
    readonly method: string
    readonly path: string
    readonly operation: Operation
}

/**
 * The pages of `docs/reference/http-api/`, by their names.
 *
 * `declared`: routes by side, method and path. `codes`: the objects of each feature's error codes.
 */
export function renderHttpApi(
    declared: ReadonlyMap<string, DeclaredRoute>,
    documents: Readonly<Record<Side, ApiDocument>>,
    codes: ReadonlyMap<string, readonly string[]>,
): Map<string, string> {
    const rows = (["console", "portal"] as const).flatMap((side) => rowsOf(side, documents[side], declared))
    const features = [...Map.groupBy(rows, ({ feature }) => feature)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const list = features.map(([feature, routes]) => {
        const sides = [...new Set(routes.map(({ side }) => side))].join(", ")
        const count = routes.length === 1 ? "1 route" : `${routes.length} routes`
        return `- [${titleOf(feature)}](${feature}.md): ${count}, ${sides}\n`
    })
    const pages = features.map(([feature, routes]): [string, string] => [
        `${feature}.md`,
        pageOf(feature, routes, codes.get(feature) ?? []),
    ])
    return new Map([["index.md", head + list.join("")], ...pages])
}

const head = `# HTTP API

${generatedNote}
Console and portal each describe their routes as OpenAPI 3.1 at \`/api/openapi.json\`. These pages show the same, by
feature.

- **Sign in** with \`Authorization: Bearer TOKEN\`. A partner makes its token in the portal.
- **Send JSON** as \`application/json\`. Unknown fields, and keys that occur twice, are refused.
- **Retry safely.** A \`POST\` that creates takes an \`Idempotency-Key\` header: a second request with the same key
gets the first answer.
- **Errors** are problem documents (RFC 9457) with a stable \`code\`. The values in
  the text are in \`values\`. See [errors](../errors.md). What you may not
see answers 404
  \`request.not_found\`. A role that may not call a route gets 403 \`request.not_allowed\`.

In the types below, \`?\` marks a field that can be missing. \`uuid\` is a string.

`

function pageOf(feature: string, routes: readonly Row[], codes: readonly string[]): string {
    const overview = routes.map(({ side, method, path, permission, operation }) => [
        `\`${method} ${path}\``,
        operation.summary ?? "",
        `${side}: ${whoMay(side, permission)}`,
    ])
    const sections = routes.map((row) => sectionOf(row)).join("")
    const errors = codes.map((object) => `[${object}](../errors.md#${object})`)
    const note = errors.length === 0 ? "" : `Errors of this feature: ${errors.join(", ")}.\n\n`
    const table = tableOf(["route", "what it does", "who may call it"], overview)
    return `# HTTP API: ${titleOf(feature)}\n\n${generatedNote}\n${note}${table}${sections}`
}

function sectionOf({ side, method, path, permission, operation }: Row): string {
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query")
    const request = schemaIn(operation.requestBody)
    const answer = schemaIn(operation.responses?.["200"])
    const types = [
        ...(query.length === 0 ? [] : [`query: ${typeOf(objectFrom(query))}`]),
        ...(request === null ? [] : [`request: ${typeOf(request)}`]),
        ...(answer === null ? [] : [`answer: ${typeOf(answer)}`]),
    ]
    const text = types.length === 0 ? "" : `\n\`\`\`ts\n${types.join("\n")}\n\`\`\`\n`
    const summary = sentence(operation.summary ?? "")
    return `\n## \`${method} ${path}\`\n\n${summary} On the ${side}. Permission \`${permission}\`.\n${text}`
}

function objectFrom(parameters: NonNullable<Operation["parameters"]>): Schema {
    return {
        type: "object",
        properties: Object.fromEntries(parameters.map(({ name, schema = {} }) => [name, schema])),
        required: parameters.filter(({ required }) => required).map(({ name }) => name),
    }
}

const schemaIn = (part: Content | undefined): Schema | null => part?.content?.["application/json"]?.schema ?? null

const sentence = (text: string): string => (text.endsWith(".") ? text : `${text}.`)

function whoMay(side: Side, permission: string): string {
    const row = permissions[permission]
    if (row === undefined) return permission
    if (row.open) return "without sign-in"
    return (side === "console" ? row.operators : row.partners).join(", ")
}

const titleOf = (feature: string): string => feature.replaceAll("-", " ")

function rowsOf(side: Side, document: ApiDocument, declared: ReadonlyMap<string, DeclaredRoute>): Row[] {
    return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([name, operation]): Row[] => {
            const method = name.toUpperCase()
            const route = declared.get(`${side} ${method} ${path}`)
            return route === undefined || method === "HEAD" ? [] : [{ side, method, path, operation, ...route }]
        }),
    )
}
