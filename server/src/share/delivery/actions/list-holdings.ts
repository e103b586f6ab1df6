/** Lists what one partner holds: each version that it fetched without confirming its deletion since. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import * as store from "../store/deliveries.ts"
import { aliasFor } from "./resolve-alias.ts"

export interface HeldCopy {
    /** The id for the operator. */
    readonly artifact: string
    readonly case: string
    /** The partner's alias of the artifact. */
    readonly alias: string
    readonly class: ArtifactClass
    readonly version: number
    readonly at: Instant
}

/** Lists the versions that this partner holds. */
export async function listHoldings(ctx: ActionContext, partner: string): Promise<HeldCopy[]> {
    return (await store.listHoldings(ctx.tx, partner)).map((holding) => ({
        ...holding,
        alias: aliasFor(ctx.services.keys, partner, "artifact", holding.artifact),
    }))
}
