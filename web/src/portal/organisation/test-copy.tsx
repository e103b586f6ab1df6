/** The test copy of a key: saved sealed, opened on the partner's machine, and confirmed by its code. */
import { useState } from "react"
import { recipientText } from "@tocsin/client/recipient"
import { writeTo } from "../api.ts"
import { ask } from "../../kit/api.ts"
import { Button, Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Failed } from "../../kit/notice.tsx"
import { saveAs } from "../../kit/save-file.ts"
import type { Key } from "../answers.ts"
import { whyNoPasskey } from "../copies-passkey/passkey.ts"
import { openTestCopy } from "../copies-passkey/open-test-copy.ts"
import { rich, t } from "../../messages/message.ts"

export function TestCopy({ subject }: { subject: Key }) {
    return (
        <Opens
            button={
                <>
                    {rich("Test… {recipient}", {
                        recipient: <span className="unseen">{subject.recipient.slice(0, 20)}</span>,
                    })}
                </>
            }
            title={t("Open a test copy")}
        >
            {(close) => <Steps subject={subject} onDone={close} />}
        </Opens>
    )
}

function Steps({ subject, onDone }: { subject: Key; onDone: () => void }) {
    const [wrong, setWrong] = useState<Error | null>(null)
    const path = `/api/keys/${subject.id}/test` as const
    const save = async () => {
        setWrong(null)
        try {
            saveAs("test-copy.txt.age", new Uint8Array(await (await ask("GET", path)).arrayBuffer()))
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <>
            <p>
                {rich(
                    "Save a test copy. It is sealed to this key like a real copy and contains only a code. Open it with <code>tocsin open</code> or <code>age --decrypt</code> and enter the code here. Or run <code>tocsin keys test</code>, which does all of this.",
                    { code: (text) => <code>{text}</code> },
                )}
            </p>
            <code className="hash">{recipientText(subject.recipient)}</code>
            <Failed error={wrong} />
            <div className="row">
                <Button onPress={() => void save()}>{t("Save test copy")}</Button>
                <Do write={openTestCopy(subject)} onDone={onDone} disabledReason={whyNoPasskey()}>
                    {t("Open with a passkey")}
                </Do>
            </div>
            <AskForm
                submit={t("Confirm code")}
                requests={[{ name: "code", label: t("Code in the test copy"), kind: "line" }]}
                write={({ code }) => writeTo("POST", path, { code: code.trim() })}
                onDone={onDone}
            />
        </>
    )
}
