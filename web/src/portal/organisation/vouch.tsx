/** Vouches for an applicant by its reference. It shows only that the voucher counts. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { referencePattern, longTextLength } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { hasControls } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Notice } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import { useMe, useWhyNot } from "../viewer.ts"
import { t } from "../../messages/message.ts"

export function Vouching() {
    const { partner } = useMe()
    const lacks = useWhyNot()("vouch:write")
    const [done, setDone] = useState(false)
    const disabledReason = lacks ?? (hasCaseAccess(partner.status) ? null : t("only active partners can vouch"))
    return (
        <Section
            title={t("Vouch for an applicant")}
            aside={<VouchDialog disabledReason={disabledReason} onDone={() => setDone(true)} />}
        >
            <p className="caution">
                {t(
                    "A lead can vouch once for an applicant that you know and that gave you its reference. The operator sees who vouched; the applicant does not. You cannot vouch for an organisation with your own domain.",
                )}
            </p>
            {done && <Notice tone="good">{t("Your vouch is saved.")}</Notice>}
        </Section>
    )
}

function VouchDialog({ disabledReason, onDone }: { disabledReason: string | null; onDone: () => void }) {
    return (
        <FormDialog
            button={t("Vouch…")}
            title={t("Vouch for an applicant")}
            submit={t("Vouch")}
            disabledReason={disabledReason}
            requests={[
                {
                    name: "reference",
                    label: t("Reference"),
                    kind: "line",
                    hint: t("22 letters and digits from the applicant. Never ask for its secret."),
                    check: (value) =>
                        referencePattern.test(value.trim()) ? null : t("a reference has 22 letters and digits"),
                },
                {
                    name: "text",
                    label: t("Why you vouch"),
                    kind: "text",
                    length: longTextLength,
                    hint: t("How you know them, since when, and what work of theirs you saw."),
                    check: (value) => (hasControls(value) ? t("the text contains control characters") : null),
                },
            ]}
            write={({ reference, text }) =>
                writeTo("POST", "/api/vouches", { reference: reference.trim(), text: text.trim() })
            }
            onDone={onDone}
        />
    )
}
