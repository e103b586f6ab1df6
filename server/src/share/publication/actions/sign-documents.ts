/** Signs published documents again after the publisher's key was replaced. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { listPublisherKeys, signTexts } from "../../../trust/publisher-keys/actions/publisher-key.ts"
import * as store from "../store.ts"

/** Keeps transactions short. */
const batchSize = 50

/**
 * Signs a batch of documents that a former key signed. Signatures are dated the creation of the key, so that each try
 * writes the same bytes. Returns whether there may be more.
 */
export async function signDocuments(ctx: ActionContext): Promise<boolean> {
    const former = (await listPublisherKeys(ctx)).filter(({ replacedAt }) => replacedAt !== null)
    if (former.length === 0) return false
    const fingerprints = former.map(({ fingerprint }) => fingerprint)
    const rows = await store.lockSignedBy(ctx.tx, fingerprints, batchSize)
    if (rows.length === 0) return false
    const bodies = rows.map(({ body }) => body)
    await store.setSignatures(ctx.tx, rows, await signTexts(ctx, bodies, 0))
    return rows.length === batchSize
}

export const signDocumentsJob: BackgroundJob = {
    name: "signing-documents",
    runsSeldom: true,
    // Public documents are served in quarantine too, and the metadata list the new key.
    runsInQuarantine: true,
    run: async (services) =>
        await services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            return await signDocuments({ tx, now, services, actor: { kind: "system", component: "signing-documents" } })
        }),
}
