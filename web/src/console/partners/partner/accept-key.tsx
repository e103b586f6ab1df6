/** Accepts a key that waits: one person requests, a second signs. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { recipientText } from "@tocsin/client/recipient"
import { hasCaseAccess } from "../../../../../server/src/trust/partners/partner.ts"
import { laterKeyDelayMs } from "../../../../../server/src/trust/partners/keys/key.ts"
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { wordsOf } from "../../../kit/instant.tsx"
import type { Key, Partner } from "../../answers.ts"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

export function AcceptKey({ partner, subject }: { partner: Partner; subject: Key }) {
    const now = parseInstant(useNow())
    const disabledReason = useWhyNot()("partner:write")
    const hasStarted = (key: Key) => key.usableFrom !== null && parseInstant(key.usableFrom) <= now
    const isEnded = (key: Key) => key.revokedAt !== null || parseInstant(key.expiresAt) <= now
    const atOnce = subject.testedAt !== null && !partner.keys.some((key) => hasStarted(key) && !isEnded(key))
    const isPending = subject.usableFrom === null || (atOnce && !hasStarted(subject))
    if (!hasCaseAccess(partner.status) || isEnded(subject) || !isPending) return null
    const start = parseInstant(subject.addedAt) + laterKeyDelayMs
    return (
        <FormDialog
            button={t("Accept key…")}
            title={t("Accept a new key of {partner}", { partner: partner.name })}
            submit={t("Request approval")}
            disabledReason={disabledReason}
            requests={[]}
            write={() => writeTo("POST", `/api/partners/${partner.id}/keys/${subject.id}/accept`, { atOnce })}
        >
            <p>
                {t(
                    "An attacker in a lead's session would ask for this. Call the partner at a number that you know from another source, and have it read the key aloud:",
                )}
            </p>
            <p>
                <code className="hash">{recipientText(subject.recipient)}</code>
            </p>
            <p>
                {atOnce
                    ? t(
                          "The key becomes usable at once, because the partner has no usable key. Needs a second signature.",
                      )
                    : start <= now
                      ? t(
                            "The key becomes usable at once, because it was added more than 24 hours ago. Needs a second signature.",
                        )
                      : t("The key becomes usable at {start} at the earliest. Needs a second signature.", {
                            start: wordsOf(formatInstant(start)),
                        })}
            </p>
        </FormDialog>
    )
}
