/** Prepares the copies of one version: reads its master, its keys and its marks at the same time. */
import { loadKeys } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Master, loadMaster } from "../../artifacts/actions/load-artifacts.ts"
import { loadCaseKeys } from "../../cases/actions/load-case.ts"
import { makeCopyFor, prepareMarks } from "./mark-copy.ts"
import * as store from "../store.ts"

/** The copies of one version. It is equal for every partner. */
export interface Copies {
    readonly master: Master
    /** Returns the partner's copy in UTF-8, and the same bytes each time. */
    readonly makeCopyFor: (ctx: ActionContext, partner: string) => Promise<Buffer>
}

/** Prepares the copies of a version, and commits to its marks the first time. */
export async function prepareCopies(
    ctx: ActionContext,
    { case: caseId, artifact, version }: { readonly case: string; readonly artifact: string; readonly version: number },
): Promise<Copies> {
    const manifest = loadManifest(ctx, artifact, version)
    const [master] = await Promise.all([loadMaster(ctx, artifact, version), loadCaseKeys(ctx, [caseId]), manifest])
    const marks = await prepareMarks(ctx, master, manifest)
    return { master, makeCopyFor: (reader, partner) => makeCopyFor(reader, master, partner, marks) }
}

async function loadManifest({ tx }: ActionContext, artifact: string, version: number): store.ManifestPromise {
    const [manifest] = await Promise.all([store.findManifest(tx, artifact, version), loadKeys(tx, ["marks"])])
    return manifest
}
