/** Activates a waiting key early for a partner that lost its keys: one person requests, a second signs. */
import { parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import type { Key, Partner } from "../../answers.ts"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

export function ActivateKey({ partner, otherKey }: { partner: Partner; otherKey: Key }) {
    const now = parseInstant(useNow())
    const disabledReason = useWhyNot()("partner:write")
    const isUsable = (key: Key) =>
        key.revokedAt === null && parseInstant(key.usableFrom) <= now && now < parseInstant(key.expiresAt)
    if (otherKey.revokedAt !== null || parseInstant(otherKey.usableFrom) <= now || partner.keys.some(isUsable))
        return null
    return (
        <FormDialog
            button={t("Activate new key…")}
            title={t("Activate a new key of {partner}", { partner: partner.name })}
            submit={t("Request approval")}
            disabledReason={
                disabledReason ?? (otherKey.testedAt === null ? t("the partner must test this key first") : null)
            }
            requests={[]}
            write={() => writeTo("POST", `/api/partners/${partner.id}/keys/${otherKey.id}/activate`, {})}
        >
            <p>
                {t(
                    "The key becomes usable at once instead of after 24 hours. An attacker in a lead's session would ask for this. Call the partner at a number that you know from another source, and have it read the key aloud:",
                )}
            </p>
            <p>
                <code className="hash">{otherKey.recipient}</code>
            </p>
        </FormDialog>
    )
}
