/** Request and answer types of the routes of cases' content. */
import { Type } from "typebox"
import { closed, enumOf, id, orNull } from "../../kernel/schemas.ts"
import { reasonLength } from "../../share/cases/hold.ts"
import type { Obstacle } from "./case-content.ts"

const { max } = reasonLength

export const contentAnswer = Type.Object({
    deletion: orNull(Type.Object({ at: Type.String(), people: Type.Array(id) })),
    hold: orNull(Type.Object({ id, reason: Type.String(), setBy: id, setAt: Type.String() })),
    /** Why the content must stay for now. */
    obstacles: Type.Array(enumOf<Obstacle>()),
})

export const holdBody = Type.Object({ reason: Type.String({ maxLength: max }) }, closed)

export const holdAnswer = Type.Object({ hold: id })

/** Without `approval`: the reason of a request. With it: the signed request. */
export const requestBody = Type.Object(
    { reason: Type.Optional(Type.String({ maxLength: max })), approval: Type.Optional(id) },
    closed,
)

export const requestAnswer = Type.Object({ done: Type.Boolean(), approval: id })
