/** Loads what `marksFor` needs of a version, while its master is still being read. */
import { holdKeys } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

export async function findManifestFor(
    { tx, services }: ActionContext,
    artifact: string,
    version: number,
): store.ManifestRead {
    const [manifest] = await Promise.all([
        store.findManifest(tx, artifact, version),
        holdKeys(tx, services.keys, ["marks"]),
    ])
    return manifest
}
