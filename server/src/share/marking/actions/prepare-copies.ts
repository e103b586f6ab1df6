/** Prepares the copies of one version: reads its master, its keys and its marks at the same time. */
import { holdKeys } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Master, masterOf } from "../../artifacts/actions.ts"
import { holdCases } from "../../cases/actions.ts"
import { copyFor, marksFor } from "../actions.ts"
import * as store from "../store.ts"

/** The copies of one version. It is equal for every partner. */
export interface Copies {
    readonly master: Master
    /** Returns the partner's copy in UTF-8, and the same bytes each time. */
    readonly copyFor: (ctx: ActionContext, partner: string) => Promise<Buffer>
}

/** Prepares the copies of a version, and commits to its marks the first time. */
export async function prepareCopies(
    ctx: ActionContext,
    { case: caseId, artifact, version }: { readonly case: string; readonly artifact: string; readonly version: number },
): Promise<Copies> {
    const manifest = manifestOf(ctx, artifact, version)
    const [master] = await Promise.all([masterOf(ctx, artifact, version), holdCases(ctx, [caseId]), manifest])
    const marks = await marksFor(ctx, master, manifest)
    return { master, copyFor: (reader, partner) => copyFor(reader, master, partner, marks) }
}

async function manifestOf({ tx, services }: ActionContext, artifact: string, version: number): store.ManifestRead {
    const [manifest] = await Promise.all([
        store.findManifest(tx, artifact, version),
        holdKeys(tx, services.keys, ["marks"]),
    ])
    return manifest
}
