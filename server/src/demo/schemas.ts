/** Request and answer types of the routes of demo. */
import { Type } from "typebox"
import { codeOf, closed, orNull } from "../kernel/schemas.ts"
import { waveTiers } from "../share/waves/wave.ts"
import { upcomingEventKinds } from "./move-clock.ts"

export const demoClockAnswer = Type.Object({
    now: Type.String(),
    next: Type.Array(
        Type.Object({
            at: Type.String(),
            kind: codeOf(upcomingEventKinds),
            tier: orNull(Type.Enum([...waveTiers])),
        }),
    ),
})

export const clockDemoBody = Type.Object({ to: Type.String() }, closed)
