/** What one partner holds: each version of each artifact that it fetched, and did not confirm to have deleted since. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store.ts"
import { nameFor } from "./names.ts"

export interface Held {
    /** For the operator. */
    readonly artifact: string
    readonly case: string
    /** The partner's own id of it. */
    readonly alias: string
    readonly class: ArtifactClass
    readonly version: number
    readonly at: Instant
}

export async function heldBy(act: Act, partner: string): Promise<Held[]> {
    return (await store.holdings(act.tx, partner)).map((one) => ({
        ...one,
        alias: nameFor(act.doors.keys, partner, "artifact", one.artifact),
    }))
}
