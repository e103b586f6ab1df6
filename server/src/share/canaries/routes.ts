/** HTTP routes for canaries. Only investigators and admins know of this confidential measure. */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { whose } from "@tocsin/marks/recipient"
import { route } from "../../kernel/action-context.ts"
import { type Touch, canaries } from "./actions/list-canaries.ts"

const id = Type.String({ format: "uuid" })
const count = Type.Integer({ minimum: 0 })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const planted = Type.Object({
    artifact: id,
    version: Type.Integer(),
    /** `host`, `url`, `address`, `credential`, `hash`. */
    kind: Type.String(),
    /** Whether the name belongs to a copy that was never handed out. */
    decoy: Type.Boolean(),
    names: count,
})

const touch = Type.Object({
    id,
    case: id,
    artifact: id,
    version: Type.Integer(),
    kind: Type.String(),
    /** The author's text in the braces. */
    what: Type.String(),
    /** The recipient of the copy; both null for a decoy. */
    partner: orNull(id),
    person: orNull(id),
    decoy: Type.Boolean(),
    /** `dns`, `http`. */
    channel: Type.String(),
    /** `echo`, `preview`, `scanner`, `program`, `human`. */
    grade: Type.String(),
    reasons: Type.Array(Type.String()),
    /** The number of touches from one network, or, after too many, from all networks since. */
    times: count,
    firstAt: Type.String(),
    lastAt: Type.String(),
    /** The source of the first touch: address (empty where the row counts many networks) and user agent. */
    source: Type.String(),
    agent: Type.String(),
})

const background = Type.Object({
    grade: Type.String(),
    decoys: count,
    touched: count,
    /** The upper bound, with 95 % confidence, of the share of names touched without a copy. */
    upTo: Type.Number(),
    names: count,
    namesTouched: count,
    expectedUpTo: Type.Number(),
})

function presented({ name: _, recipient, firstAt, lastAt, reasons, ...rest }: Touch) {
    const holder = rest.decoy ? { partner: null, person: null } : whose(recipient)
    return { ...rest, ...holder, reasons: [...reasons], firstAt: formatInstant(firstAt), lastAt: formatInstant(lastAt) }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/canaries",
            side: "console",
            permission: "canary:read",
            summary:
                "Names that stand in copies, of one case or of all, what touched them, and how much of that " +
                "comes from whoever has no copy; the look is on record",
            query: Type.Object({ case: Type.Optional(id) }, { additionalProperties: false }),
            answer: Type.Object({
                /** Null where no host names can be issued. */
                zone: orNull(Type.String()),
                planted: Type.Array(planted),
                /** Newest first, 500 at most. */
                touches: Type.Array(touch),
                background: Type.Array(background),
                /** Unknown names by day. `formed`: the name has our form. */
                unknown: Type.Array(
                    Type.Object({ day: Type.String(), channel: Type.String(), formed: Type.Boolean(), times: count }),
                ),
            }),
        },
        async (ask) => {
            const found = await canaries(ask, ask.query.case ?? null)
            return {
                zone: ask.services.canaryZone,
                planted: [...found.planted],
                touches: found.touches.map(presented),
                background: [...found.background],
                unknown: [...found.unknown],
            }
        },
    ),
]
