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

export function Vouching() {
    const { partner } = useMe()
    const lacks = useWhyNot()("vouch:write")
    const [done, setDone] = useState(false)
    const disabledReason = lacks ?? (hasCaseAccess(partner.status) ? null : "only whoever is in vouches for others")
    return (
        <Section title="Vouching" aside={<VouchDialog disabledReason={disabledReason} onDone={() => setDone(true)} />}>
            <p className="caution">
                Your lead can vouch for an applicant that you know and that gave you its reference, once, in words. The
                program reads who vouched, the applicant does not; nobody vouches for an organisation under a domain of
                its own.
            </p>
            {done && <Notice tone="good">Your word for that applicant is kept.</Notice>}
        </Section>
    )
}

function VouchDialog({ disabledReason, onDone }: { disabledReason: string | null; onDone: () => void }) {
    return (
        <FormDialog
            button="Vouch for an applicant…"
            title="Vouch for an applicant"
            submit="Vouch"
            disabledReason={disabledReason}
            requests={[
                {
                    name: "reference",
                    label: "Reference",
                    kind: "line",
                    hint: "22 letters and digits that the applicant gave you. Its secret is none of yours.",
                    check: (value) => (referencePattern.test(value.trim()) ? null : "a reference has 22 letters"),
                },
                {
                    name: "text",
                    label: "Your word",
                    kind: "text",
                    length: longTextLength,
                    hint: "How you know them, since when, and what you saw them do.",
                    check: (value) => (hasControls(value) ? "it holds control characters" : null),
                },
            ]}
            write={({ reference, text }) =>
                writeTo("POST", "/api/vouches", { reference: reference.trim(), text: text.trim() })
            }
            onDone={onDone}
        />
    )
}
