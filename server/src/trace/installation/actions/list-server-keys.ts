/** Lists the keys that the server holds, with their public parts only. */
import { formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listRootKeys } from "../../../platform/crypto/root-key.ts"
import { countMarkSecrets } from "../../../share/marking/actions/load-mark-keys.ts"
import { findFirstCheckpointAt } from "../../../trust/audit-log/actions/export-log.ts"
import { findMailKey } from "../../../trust/mail/actions/sign-mail.ts"
import { listPublisherKeys } from "../../../trust/publisher-keys/actions/publisher-key.ts"
import { listedKeys } from "../../../trust/publisher-keys/publisher-key.ts"
import { findFirstBatchAt } from "../../../trust/receipts/actions/load-receipts.ts"
import { loadLogKeys } from "../../../trust/signing-keys/actions/load-log-keys.ts"
import type { LogName } from "../../../trust/signing-keys/log-keys.ts"
import type { KeyPurpose, ServerKey } from "../server-key.ts"

const encryption = "AES-256-GCM"
const openPgp = "OpenPGP, Ed25519"

export async function listServerKeys(ctx: ActionContext): Promise<ServerKey[]> {
    const marks = await countMarkSecrets(ctx)
    const opening = await listRootKeys(ctx.tx)
    return [
        {
            ...secret("key_encryption", encryption),
            place: "key_file",
            fingerprint: opening.at(-1)?.id ?? null,
            count: opening.length,
        },
        ...(await listLogKeys(ctx, "audit_log", await findFirstCheckpointAt(ctx))),
        ...(await listLogKeys(ctx, "receipt_log", await findFirstBatchAt(ctx))),
        ...(await listAdvisoryKeys(ctx)),
        openPgpKey("mail", await findMailKey(ctx)),
        { ...secret("marks", "HKDF, HMAC-SHA256"), place: "database", since: marks.since, count: marks.count },
        { ...secret("data", encryption), place: "database", count: null },
        { ...secret("hashes", "HMAC-SHA256"), place: "derived" },
    ]
}

/** Lists the keys that sign a log, oldest first. `firstAt`: when the first key of the log first signed. */
async function listLogKeys(ctx: ActionContext, log: LogName, firstAt: Instant | null): Promise<ServerKey[]> {
    const { active } = await loadLogKeys(ctx, log)
    return active.map((key) => ({
        ...secret(log, "Ed25519"),
        place: key.addedAt === null ? "derived" : "database",
        fingerprint: formatVerifierKey(key),
        since: key.addedAt ?? firstAt,
    }))
}

/** Lists the key that signs advisories, and former ones that readers still accept, oldest first: no revoked one. */
async function listAdvisoryKeys(ctx: ActionContext): Promise<ServerKey[]> {
    const listed = listedKeys(await listPublisherKeys(ctx), ctx.now)
    const [newest = null, ...former] = listed.filter(({ revokedAt }) => revokedAt === null)
    return [...former.toReversed(), newest].map((key) => openPgpKey("advisories", key))
}

const secret = (purpose: KeyPurpose, algorithm: string) => ({
    purpose,
    algorithm,
    fingerprint: null,
    since: null,
    count: 1,
})

function openPgpKey(
    purpose: KeyPurpose,
    key: { readonly fingerprint: string; readonly createdAt: number } | null,
): ServerKey {
    return {
        ...secret(purpose, openPgp),
        place: "database",
        fingerprint: key?.fingerprint ?? null,
        since: key?.createdAt ?? null,
        count: key === null ? 0 : 1,
    }
}
