/** Activates a waiting key early for a partner that lost its keys: one person requests, a second signs. */
import { parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import type { Key, Partner } from "../answers.ts"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"

export function HastenKey({ partner, otherKey }: { partner: Partner; otherKey: Key }) {
    const now = parseInstant(useNow())
    const disabledReason = useWhyNot()("partner:write")
    const isUsable = (key: Key) =>
        key.revokedAt === null && parseInstant(key.usableFrom) <= now && now < parseInstant(key.expiresAt)
    if (otherKey.revokedAt !== null || parseInstant(otherKey.usableFrom) <= now || partner.keys.some(isUsable))
        return null
    return (
        <FormDialog
            button="Activate new key…"
            title={`${partner.name} has lost its key`}
            submit="Ask for a signature"
            disabledReason={
                disabledReason ?? (otherKey.testedAt === null ? "it has to open a test copy with this key first" : null)
            }
            requests={[]}
            write={() => writeTo("POST", `/api/partners/${partner.id}/keys/${otherKey.id}/activate`, {})}
        >
            <p>
                This key then counts at once, and not after its 24 hours. Whoever has taken over a lead's session would
                ask for just that: call the partner by a number that you have from elsewhere, and have it read out:
            </p>
            <p>
                <code className="hash">{otherKey.recipient}</code>
            </p>
        </FormDialog>
    )
}
