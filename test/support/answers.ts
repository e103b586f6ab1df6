/**
 * Checks that an answer matches the schema of its route. In production, an answer is cut to its schema, so that a
 * mismatch fails late or drops data. Here a mismatch or an undeclared field fails at once.
 */
import { type TSchema, Type } from "typebox"
import { Compile } from "typebox/compile"
import type { Route } from "../../server/src/kernel/route.ts"

const emptyAnswer = Type.Object({})
const compiled = new WeakMap<object, ReturnType<typeof Compile>>()

/** Observes every answer. Throws, so that the request fails with the reason in the log. */
export function assertAnswerMatchesSchema(
    { method, path, answer }: Pick<Route<never>, "method" | "path" | "answer">,
    body: unknown,
): void {
    const json: unknown = JSON.parse(JSON.stringify(body))
    const schema = answer ?? emptyAnswer
    const validator = compiled.get(schema) ?? Compile(closeSchema(schema) as TSchema)
    compiled.set(schema, validator)
    if (validator.Check(json)) return
    const faults = validator.Errors(json).map((item) => `${item.instancePath} ${item.message}`)
    throw new Error(`the answer of ${method} ${path} is not as declared: ${faults.join("; ")}`)
}

/** Closes a schema: it accepts no fields that it does not name. */
function closeSchema(schema: unknown): unknown {
    if (typeof schema !== "object" || schema === null) return schema
    if (Array.isArray(schema)) return schema.map(closeSchema)
    const copy: Record<string, unknown> = Object.fromEntries(
        Object.entries(schema).map(([name, part]) => [name, closeSchema(part)]),
    )
    const isOpen = copy["type"] === "object" && "properties" in copy && !("additionalProperties" in copy)
    return isOpen ? { ...copy, additionalProperties: false } : copy
}
