/** Meets a requirement in few clicks: a regular report, and the mailbox verification. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { useMe, useWhyNot } from "../viewer.ts"

const path = "/api/regular-reports"
const reportMax = 8000

export function RegularReport() {
    const disabledReason = useWhyNot()("own:report")
    return (
        <>
            <Opens button="Nothing to report…" title="Nothing to report?" disabledReason={disabledReason}>
                {(close) => (
                    <>
                        <p>
                            You report in your name that you built, saw and found nothing since the last report. You
                            cannot undo this.
                        </p>
                        <div className="row end">
                            <Do look="main" write={writeTo("POST", path, { nothing: true, text: "" })} onDone={close}>
                                Submit report
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <FormDialog
                button="Report…"
                title="Regular report"
                submit="Submit report"
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "text",
                        label: "Report",
                        kind: "text",
                        length: { min: 1, max: reportMax },
                        hint: "What you built from warnings, saw or found since the last report, with dates.",
                    },
                ]}
                write={({ text }) => writeTo("POST", path, { nothing: false, text: text.trim() })}
            />
        </>
    )
}

export function MailboxVerification() {
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
                {sent ? "Send new code" : "Send code"} <span className="unseen">to {mail}</span>
            </Do>
            <FormDialog
                button="Enter code…"
                title="Enter the code"
                submit="Verify mailbox"
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "code",
                        label: "Code",
                        kind: "line",
                        check: faultOfCode,
                        hint: `Four groups of five characters, sent to ${mail}. Only the newest code is valid, for 48 hours.`,
                    },
                ]}
                write={({ code }) => writeTo("POST", "/api/mailbox/verify", { code })}
            />
            <output className="muted">{sent && `Code sent to ${mail}.`}</output>
        </>
    )
}

const lettersOfCode = 20

function faultOfCode(typed: string): string | null {
    const letters = typed.replaceAll(/[^A-Za-z0-9]/g, "").length
    return letters === lettersOfCode ? null : `a code has ${lettersOfCode} letters and digits; you entered ${letters}`
}
