/** JSON schemas of the API as short types: `{ id: uuid, end?: string | null }[]`. */

export interface Schema {
    readonly type?: string | readonly string[]
    readonly format?: string
    readonly const?: unknown
    readonly enum?: readonly unknown[]
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
    readonly allOf?: readonly Schema[]
    readonly items?: Schema
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
    readonly additionalProperties?: boolean | Schema
    readonly patternProperties?: Readonly<Record<string, Schema>>
}

const widthMax = 110

/** The type of a schema: on one line where it fits, else one field a line. */
export function typeOf(schema: Schema, indent = ""): string {
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return [...new Set(choices.map((choice) => typeOf(choice, indent)))].join(" | ")
    if (schema.allOf) return schema.allOf.map((part) => typeOf(part, indent)).join(" & ")
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ")
    if (schema.const !== undefined) return JSON.stringify(schema.const)
    if (schema.items) {
        const item = typeOf(schema.items, indent)
        return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`
    }
    if (schema.type === "object" || schema.properties) return objectOf(schema, indent)
    if (schema.format !== undefined) return schema.format
    if (schema.type === undefined) return "any"
    return typeof schema.type === "string" ? schema.type : schema.type.join(" | ")
}

function objectOf(schema: Schema, indent: string): string {
    const inner = `${indent}  `
    const fields = Object.entries(schema.properties ?? {}).map(
        ([name, value]) => `${name}${schema.required?.includes(name) ? "" : "?"}: ${typeOf(value, inner)}`,
    )
    const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null
    const others = [...Object.values(schema.patternProperties ?? {}), ...(more ? [more] : [])]
    const list = [...fields, ...others.map((value) => `[name]: ${typeOf(value, inner)}`)]
    if (list.length === 0) return "{}"
    const line = `{ ${list.join(", ")} }`
    if (line.length + indent.length <= widthMax && !line.includes("\n")) return line
    return `{\n${list.map((field) => `${inner}${field}\n`).join("")}${indent}}`
}
