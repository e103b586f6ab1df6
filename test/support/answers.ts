/**
 * Checks that an answer matches the schema of its route. In production, an answer is cut to its schema, so that a
 * mismatch fails late or drops data. Here a mismatch or an undeclared field fails at once.
 */
import { type TSchema, Type } from "typebox"
import { Compile } from "typebox/compile"
import type { Route } from "../../server/src/kernel/route.ts"

const nothing = Type.Object({})
const compiled = new WeakMap<object, ReturnType<typeof Compile>>()

/** Observes every answer. Throws, so that the request fails with the reason in the log. */
export function mustAnswerAsDeclared(
    { method, path, answer }: Pick<Route<never>, "method" | "path" | "answer">,
    given: unknown,
): void {
    const notified: unknown = JSON.parse(JSON.stringify(given))
    const schema = answer ?? nothing
    const validator = compiled.get(schema) ?? Compile(closed(schema) as TSchema)
    compiled.set(schema, validator)
    if (validator.Check(notified)) return
    const faults = validator.Errors(notified).map((item) => `${item.instancePath} ${item.message}`)
    throw new Error(`the answer of ${method} ${path} is not as declared: ${faults.join("; ")}`)
}

/** Closes a schema: it accepts no fields that it does not name. */
function closed(schema: unknown): unknown {
    if (typeof schema !== "object" || schema === null) return schema
    if (Array.isArray(schema)) return schema.map(closed)
    const input: Record<string, unknown> = Object.fromEntries(
        Object.entries(schema).map(([name, part]) => [name, closed(part)]),
    )
    const isOpen = input["type"] === "object" && "properties" in input && !("additionalProperties" in input)
    return isOpen ? { ...input, additionalProperties: false } : input
}
