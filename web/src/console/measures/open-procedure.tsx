/** Opens a procedure on a confirmed finding: the letter that names the obligation, and the deadline for an answer. */
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo } from "../api.ts"
import { answerDays } from "../../../../server/src/trace/measures/procedure.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { LetterForm } from "./letter-editor.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

interface OpenProps {
    inquiry: string
    finding: string
}

export function OpenProcedure(openProps: OpenProps) {
    return (
        <Opens
            button={t("Open a procedure…")}
            title={t("Open a procedure")}
            wide
            disabledReason={useWhyNot()("inquiry:write")}
        >
            {(close) => <OpeningForm {...openProps} onDone={close} />}
        </Opens>
    )
}

function OpeningForm({ inquiry, finding, onDone }: OpenProps & { onDone: () => void }) {
    const navigate = useNavigate()
    const [reason, setReason] = useState("")
    const [days, setDays] = useState(String(answerDays.usual))
    const [isWritten, setWritten] = useState(false)
    const subject = { inquiry, finding, answerDays: Number(days) }
    if (isWritten) {
        return (
            <LetterForm
                draft={{ path: "/api/procedures/draft", body: subject }}
                submit={t("Open the procedure and send the letter")}
                onBack={() => setWritten(false)}
                write={(letter) => writeTo("POST", "/api/procedures", { ...subject, ...letter, reason })}
                onDone={(answer) => {
                    onDone()
                    void navigate({ to: `/leaks/procedures/${answer.procedure}` })
                }}
            >
                <p>{t("The partner gets the letter at once. Then its time to answer starts.")}</p>
            </LetterForm>
        )
    }
    return (
        <div className="form">
            <p>
                {t(
                    "The people who decide see the finding, its confidence and the obligation. They see nothing else of the inquiry. The partner sees the obligation and the letter.",
                )}
            </p>
            <Field label={t("Days for the answer")} kind="number" value={days} onChange={setDays} />
            <Field label={t("Reason")} kind="text" value={reason} onChange={setReason} hint={t("kept encrypted")} />
            <div className="row end">
                <Button
                    look="main"
                    disabledReason={reason.trim() === "" ? t("enter a reason") : null}
                    onPress={() => setWritten(true)}
                >
                    {t("Continue to the letter")}
                </Button>
            </div>
        </div>
    )
}
