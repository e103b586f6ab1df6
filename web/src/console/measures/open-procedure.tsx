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

interface OpenProps {
    inquiry: string
    finding: string
}

export function OpenProcedure(openProps: OpenProps) {
    return (
        <Opens button="Open a procedure…" title="Open a procedure" wide disabledReason={useWhyNot()("inquiry:write")}>
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
                submit="Send it, and open the procedure"
                onBack={() => setWritten(false)}
                write={(letter) => writeTo("POST", "/api/procedures", { ...subject, ...letter, reason })}
                onDone={(answer) => {
                    onDone()
                    void navigate({ to: `/leaks/procedures/${answer.procedure}` })
                }}
            >
                <p>The letter is sent to the partner at once, and from then on its time for an answer runs.</p>
            </LetterForm>
        )
    }
    return (
        <div className="form">
            <p>
                What the inquiry has found leaves it with this, for those who decide: its conclusion, its confidence and
                the obligation. The partner reads the obligation, and the letter.
            </p>
            <Field label="Days for the answer" kind="number" value={days} onChange={setDays} />
            <Field label="Reason" kind="text" value={reason} onChange={setReason} hint="kept sealed" />
            <div className="row end">
                <Button
                    look="main"
                    disabledReason={reason.trim() === "" ? "a reason is not given" : null}
                    onPress={() => setWritten(true)}
                >
                    Go on to the letter
                </Button>
            </div>
        </div>
    )
}
