/** Lists the keys that the server holds, with their public parts only. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listRootKeys } from "../../../platform/crypto/root-key.ts"
import { countMarkSecrets } from "../../../share/marking/actions/load-mark-keys.ts"
import { findPublisherKey } from "../../../share/publication/actions/publisher-key.ts"
import { describeAuditLogKey } from "../../../trust/audit-log/actions/export-log.ts"
import { findMailKey } from "../../../trust/mail/actions/sign-mail.ts"
import { describeReceiptLogKey } from "../../../trust/receipts/actions/load-receipts.ts"
import type { KeyPurpose, ServerKey } from "../server-key.ts"

const encryption = "AES-256-GCM"
const openPgp = "OpenPGP, Ed25519"

export async function listServerKeys(ctx: ActionContext): Promise<ServerKey[]> {
    const auditLog = await describeAuditLogKey(ctx)
    const receiptLog = await describeReceiptLogKey(ctx)
    const marks = await countMarkSecrets(ctx)
    const opening = await listRootKeys(ctx.tx)
    return [
        {
            ...secret("key_encryption", encryption),
            place: "key_file",
            fingerprint: opening.at(-1)?.id ?? null,
            count: opening.length,
        },
        {
            ...secret("audit_log", "Ed25519"),
            place: "derived",
            fingerprint: auditLog.verifierKey,
            since: auditLog.since,
        },
        {
            ...secret("receipt_log", "Ed25519"),
            place: "derived",
            fingerprint: receiptLog.verifierKey,
            since: receiptLog.since,
        },
        openPgpKey("advisories", await findPublisherKey(ctx)),
        openPgpKey("mail", await findMailKey(ctx)),
        { ...secret("marks", "HKDF, HMAC-SHA256"), place: "database", since: marks.since, count: marks.count },
        { ...secret("data", encryption), place: "database", count: null },
        { ...secret("hashes", "HMAC-SHA256"), place: "derived" },
    ]
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
