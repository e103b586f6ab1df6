/** Reads what `marksFor` needs of a version, before its master is there. */
import { holdKeys } from "../../../platform/vault.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import * as store from "../store.ts"

export async function manifestFor({ tx, doors }: Act, artifact: string, version: number): store.ManifestRead {
    const [manifest] = await Promise.all([store.manifestOf(tx, artifact, version), holdKeys(tx, doors.keys, ["marks"])])
    return manifest
}
