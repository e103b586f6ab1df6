/** Shapes that the schemas of many routes share. */
import { type Static, type TSchema, Type } from "typebox"

/** Refuses fields that the schema does not name. */
export const closed = { additionalProperties: false }

export const id = Type.String({ format: "uuid" })

export const byId = Type.Object({ id }, closed)

/** Returns a schema that also allows null. */
export const orNull = <Shape extends TSchema>(schema: Shape) => Type.Union([schema, Type.Null()])

export const textOrNull = orNull(Type.String())

/** A value of a closed list that a model declares as a type. */
export const enumOf = <Value extends string>() => Type.Unsafe<Value>(Type.String())

/** A code of a closed list. The screens have a sentence for each code, in a table that its type makes complete. */
export const codeOf = <const Codes extends readonly string[]>(codes: Codes) =>
    Type.Unsafe<Codes[number]>({ ...Type.Enum([...codes]), hasSentence: true })

export const emptyAnswer = Type.Object({})

/** Whether an action was applied, and its approval; null where one person is enough. */
export const doneAnswer = Type.Object({ done: Type.Boolean(), approval: orNull(id) })

/** An answer as its schema describes it. Handlers and screens only read it. */
export type Answer<Shape extends TSchema> = DeepReadonly<Static<Shape>>

export type DeepReadonly<T> = unknown extends T ? T : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
