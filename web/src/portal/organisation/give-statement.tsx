/** Submits a requirement in few clicks: a report, usually without exceptions, and the mailbox verification. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { useMe, useWhyNot } from "../viewer.ts"

const path = "/api/regular-reports"
const reportMax = 8000

export function Report() {
    const disabledReason = useWhyNot()("own:report")
    return (
        <>
            <Opens button="Nothing to report…" title="Report nothing?" disabledReason={disabledReason}>
                {(close) => (
                    <>
                        <p>
                            You report that since the last report nothing was built from warnings, seen or found. It is
                            kept, in your name, and cannot be taken back.
                        </p>
                        <div className="row end">
                            <Do look="main" write={writeTo("POST", path, { nothing: true, text: "" })} onDone={close}>
                                Report nothing
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <FormDialog
                button="Report…"
                title="Report"
                submit="Give the report"
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "text",
                        label: "What there is",
                        kind: "text",
                        length: { min: 1, max: reportMax },
                        hint: "What you built from warnings, saw or found since the last report, and when. It is kept.",
                    },
                ]}
                write={({ text }) => writeTo("POST", path, { nothing: false, text: text.trim() })}
            />
        </>
    )
}

export function MailboxProof() {
    const { mail } = useMe().partner
    const disabledReason = useWhyNot()("own:lead")
    const [sent, setSent] = useState(false)
    return (
        <>
            <Do
                disabledReason={disabledReason}
                write={writeTo("POST", "/api/mailbox/send-code")}
                onDone={() => setSent(true)}
            >
                {sent ? "Send another code" : "Send a code"} <span className="unseen">to {mail}</span>
            </Do>
            <FormDialog
                button="Enter the code…"
                title="Enter the code"
                submit="Prove it"
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "code",
                        label: "Code",
                        kind: "line",
                        check: faultOfCode,
                        hint: `Four groups of five, from the message to ${mail}. Only the last one that was sent is good, for 48 hours.`,
                    },
                ]}
                write={({ code }) => writeTo("POST", "/api/mailbox/verify", { code })}
            />
            <output className="muted">{sent && `A code is on its way to ${mail}.`}</output>
        </>
    )
}

const lettersOfCode = 20

function faultOfCode(typed: string): string | null {
    const letters = typed.replaceAll(/[^A-Za-z0-9]/g, "").length
    return letters === lettersOfCode ? null : `a code has ${lettersOfCode} letters and digits; these are ${letters}`
}
