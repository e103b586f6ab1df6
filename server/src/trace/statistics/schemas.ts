/** Request and answer types of the routes of statistics. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { figureIds } from "./figures.ts"

const count = orNull(Type.Integer())

/** Digits only, because a path segment is text. */
const year = Type.String({ pattern: "^[0-9]{4}$" })

export const byYear = Type.Object({ year }, closed)

export const quarterQuery = Type.Object({ quarter: Type.Optional(Type.String({ pattern: "^[1-4]$" })) }, closed)

const figure = Type.Object({
    id: Type.Enum([...figureIds]),
    category: textOrNull,
    about: Type.Enum(["cases", "partners"]),
    count,
    quartiles: Type.Union([
        Type.Object({ first: Type.Integer(), median: Type.Integer(), third: Type.Integer() }),
        Type.Null(),
    ]),
    unit: orNull(Type.Enum(["days", "hours"])),
})

export const statisticsAnswer = Type.Object({
    published: Type.Array(Type.Object({ year: Type.Integer(), by: id, at: Type.String() })),
})

export const statisticAnswer = Type.Object({ groupMin: Type.Integer(), figures: Type.Array(figure) })

export const publishStatisticBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const publishStatisticAnswer = Type.Object({ done: Type.Boolean(), approval: id })
