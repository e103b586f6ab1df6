/** Request and answer types of the routes of canaries. */
import { Type } from "typebox"
import { codeOf, closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import type { CanaryKind } from "@tocsin/marks/canary"
import { type Channel, type LikelySource, guessReasonCodes } from "./touch.ts"

const count = Type.Integer({ minimum: 0 })

const canaryVersionAnswer = Type.Object({
    artifact: id,
    version: Type.Integer(),
    /** `host`, `url`, `address`, `credential`, `hash`. */
    kind: enumOf<CanaryKind>(),
    /** Whether the name belongs to a copy that was never handed out. */
    decoy: Type.Boolean(),
    names: count,
})

const touchAnswer = Type.Object({
    id,
    case: id,
    artifact: id,
    version: Type.Integer(),
    kind: enumOf<CanaryKind>(),
    /** The author's text in the braces. */
    what: Type.String(),
    /** The recipient of the copy; both null for a decoy. */
    partner: orNull(id),
    person: orNull(id),
    decoy: Type.Boolean(),
    /** `dns`, `http`. */
    channel: enumOf<Channel>(),
    /** `resolver`, `link_preview`, `scanner`, `tool`, `browser`. */
    likelySource: enumOf<LikelySource>(),
    reasons: Type.Array(
        Type.Object({
            code: codeOf(guessReasonCodes),
            /** Of `other_method`. */
            method: textOrNull,
            /** Of `many_names` and `many_paths`. */
            count: orNull(count),
        }),
    ),
    /** The number of touches from one network, or, after too many, from all networks since. */
    times: count,
    firstAt: Type.String(),
    lastAt: Type.String(),
    /** The source of the first touch: address (empty where the row counts many networks) and user agent. */
    source: Type.String(),
    agent: Type.String(),
})

const backgroundAnswer = Type.Object({
    likelySource: enumOf<LikelySource>(),
    decoys: count,
    touched: count,
    /** The upper bound, with 95 % confidence, of the share of names touched without a copy. */
    max: Type.Number(),
    names: count,
    namesTouched: count,
    expectedMax: Type.Number(),
})

export const canariesQuery = Type.Object({ case: Type.Optional(id) }, closed)

export const canariesAnswer = Type.Object({
    /** Null where no host names can be issued. */
    zone: textOrNull,
    versions: Type.Array(canaryVersionAnswer),
    /** Newest first, 500 at most. */
    touches: Type.Array(touchAnswer),
    background: Type.Array(backgroundAnswer),
    /** Unknown names by day. `formed`: the name has our form. */
    unknownNames: Type.Array(
        Type.Object({ day: Type.String(), channel: enumOf<Channel>(), formed: Type.Boolean(), times: count }),
    ),
})
