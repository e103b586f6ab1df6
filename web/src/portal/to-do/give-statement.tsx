/** Meets a requirement in few clicks: a regular report, and the mailbox verification. */
import { type ReactNode, useState } from "react"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { useMe, useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

const path = "/api/regular-reports"
const reportMax = 8000

export function RegularReport() {
    const disabledReason = useWhyNot()("own:report")
    return (
        <>
            <Opens button={t("Nothing to report…")} title={t("Nothing to report?")} disabledReason={disabledReason}>
                {(close) => (
                    <>
                        <p>
                            {t(
                                "You report in your name that you built, saw and found nothing since the last report. You cannot undo this.",
                            )}
                        </p>
                        <div className="row end">
                            <Do look="main" write={writeTo("POST", path, { nothing: true, text: "" })} onDone={close}>
                                {t("Submit report")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <FormDialog
                button={t("Report…")}
                title={t("Regular report")}
                submit={t("Submit report")}
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "text",
                        label: t("Report"),
                        kind: "text",
                        length: { min: 1, max: reportMax },
                        hint: t("What you built from warnings, saw or found since the last report, with dates."),
                    },
                ]}
                write={({ text }) => writeTo("POST", path, { nothing: false, text: text.trim() })}
            />
        </>
    )
}

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

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
                {sent
                    ? rich("Send new code <unseen>to {mail}</unseen>", { mail, unseen })
                    : rich("Send code <unseen>to {mail}</unseen>", { mail, unseen })}
            </Do>
            {disabledReason === null && <EnterCode mail={mail} />}
            <output className="muted">{sent && t("Code sent to {mail}.", { mail })}</output>
        </>
    )
}

function EnterCode({ mail }: { mail: string }) {
    return (
        <FormDialog
            button={t("Enter code…")}
            title={t("Enter the code")}
            submit={t("Verify mailbox")}
            requests={[
                {
                    name: "code",
                    label: t("Code"),
                    kind: "line",
                    check: faultOfCode,
                    hint: t(
                        "Four groups of five characters, sent to {mail}. Only the newest code is valid, for 48 hours.",
                        { mail },
                    ),
                },
            ]}
            write={({ code }) => writeTo("POST", "/api/mailbox/verify", { code })}
        />
    )
}

const lettersOfCode = 20

function faultOfCode(typed: string): string | null {
    const letters = typed.replaceAll(/[^A-Za-z0-9]/g, "").length
    return letters === lettersOfCode
        ? null
        : t("a code has {length} letters and digits; you entered {entered}", {
              length: lettersOfCode,
              entered: letters,
          })
}
