/** Request and answer types of the routes of demo. */
import { Type } from "typebox"
import { closed } from "../kernel/schemas.ts"

export const demoClockAnswer = Type.Object({
    now: Type.String(),
    next: Type.Array(Type.Object({ at: Type.String(), description: Type.String() })),
})

export const clockDemoBody = Type.Object({ to: Type.String() }, closed)
