/** What one partner holds: each version of each artifact that it fetched, and did not confirm to have deleted since. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store.ts"
import { aliasFor } from "./aliases.ts"

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

export async function heldBy(ctx: ActionContext, partner: string): Promise<Held[]> {
    return (await store.listHoldings(ctx.tx, partner)).map((holds) => ({
        ...holds,
        alias: aliasFor(ctx.services.keys, partner, "artifact", holds.artifact),
    }))
}
