/** Test and confirmation copies of a key: saved sealed, opened on the partner's machine, and answered by their code. */
import { type ReactNode, useState } from "react"
import { recipientText } from "@tocsin/client/recipient"
import { endings, formatOf } from "@tocsin/client/sealed-format"
import { keysForFile } from "../../../../server/src/trust/partners/keys/key.ts"
import { writeTo } from "../api.ts"
import { type Write, ask } from "../../kit/api.ts"
import { Button, Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Failed } from "../../kit/notice.tsx"
import { saveAs } from "../../kit/save-file.ts"
import type { Key } from "../answers.ts"
import { whyNoPasskey } from "../copies-passkey/passkey.ts"
import { openConfirmationCopy, openTestCopy } from "../copies-passkey/open-test-copy.ts"
import { shortRecipient } from "./key-state.ts"
import { useNameOf } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

const code = (text: ReactNode) => <code>{text}</code>

export function TestCopy({ subject }: { subject: Key }) {
    const path = `/api/keys/${subject.id}/test` as const
    const format = formatOf(subject.recipient)
    return (
        <Opens
            button={rich("Test… {recipient}", { recipient: <Unseen recipient={subject.recipient} /> })}
            title={t("Open a test copy")}
        >
            {(close) => (
                <CopySteps
                    subject={subject}
                    copies={[{ path, name: `test-copy.txt${endings[format]}`, button: t("Save test copy") }]}
                    label={t("Code in the test copy")}
                    submit={t("Confirm code")}
                    write={(code) => writeTo("POST", path, { code })}
                    passkeySubmit={t("Open with a passkey")}
                    passkeyWrite={format === "age" ? openTestCopy(subject) : null}
                    onDone={close}
                >
                    {format === "age"
                        ? rich(
                              "Save a test copy. It is sealed to this key like a real copy and contains only a code. Open it with <code>tocsin open</code> or <code>age --decrypt</code> and enter the code here. Or run <code>tocsin keys test</code>, which does all of this.",
                              { code },
                          )
                        : rich(
                              "Save a test copy. It is sealed to this key like a real copy and contains only a code. Open it with <code>gpg --decrypt</code> and enter the code here.",
                              { code },
                          )}
                </CopySteps>
            )}
        </Opens>
    )
}

/** Confirms a new key by a code that only the holder of a usable key can read. */
export function ConfirmKey({ subject, usableKeys }: { subject: Key; usableKeys: readonly Key[] }) {
    const path = `/api/keys/${subject.id}/confirm` as const
    const nameOf = useNameOf()
    const ageKeys = keysForFile(usableKeys, "age")
    const copies = usableKeys.map(({ id, recipient }) => ({
        path: `${path}?by=${id}` as const,
        name: `confirmation-copy.txt${endings[formatOf(recipient)]}`,
        button:
            usableKeys.length === 1
                ? t("Save confirmation copy")
                : t("Save confirmation copy for {key}", { key: shortRecipient(recipient) }),
    }))
    return (
        <Opens
            button={rich("Confirm with your old key… {recipient}", {
                recipient: <Unseen recipient={subject.recipient} />,
            })}
            title={t("Confirm a new key")}
        >
            {(close) => (
                <CopySteps
                    subject={subject}
                    copies={copies}
                    label={t("Code in the confirmation copy")}
                    submit={t("Confirm key")}
                    write={(code) => writeTo("POST", path, { code })}
                    passkeySubmit={t("Confirm with a passkey")}
                    passkeyWrite={ageKeys.length === 0 ? null : openConfirmationCopy(subject, ageKeys)}
                    onDone={close}
                >
                    {rich("{person} added this key: {instant}.", {
                        person: nameOf(subject.addedBy),
                        instant: <When at={subject.addedAt} />,
                    })}{" "}
                    {t(
                        "Ask that person for its recipient, and compare it with the one below. Another person in a lead's session can add a key too.",
                    )}{" "}
                    {rich(
                        "Save a confirmation copy, which is sealed to your old key only. Open it with <code>tocsin open</code> or <code>age --decrypt</code> (an OpenPGP key: <code>gpg --decrypt</code>), and enter its code here. The new key is then usable at once.",
                        { code },
                    )}
                </CopySteps>
            )}
        </Opens>
    )
}

const Unseen = ({ recipient }: { recipient: string }) => <span className="unseen">{recipient.slice(0, 20)}</span>

interface SealedCopy {
    readonly path: `/api/keys/${string}`
    readonly name: string
    readonly button: string
}

interface CopyStepsProps<Answer> {
    readonly subject: Key
    readonly copies: readonly SealedCopy[]
    readonly label: string
    readonly submit: string
    readonly write: (code: string) => Write<Answer>
    readonly passkeySubmit: string
    /** Opens the copy with the passkey that holds its identity, and enters the code; null: no passkey can. */
    readonly passkeyWrite: Write | null
    readonly onDone: () => void
    readonly children: ReactNode
}

function CopySteps<Answer>({ subject, copies, label, submit, write, passkeyWrite, ...more }: CopyStepsProps<Answer>) {
    const { passkeySubmit, onDone, children } = more
    const [wrong, setWrong] = useState<Error | null>(null)
    const save = async ({ path, name }: SealedCopy) => {
        setWrong(null)
        try {
            saveAs(name, new Uint8Array(await (await ask("GET", path)).arrayBuffer()))
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <>
            <p>{children}</p>
            <code className="hash">{recipientText(subject.recipient)}</code>
            <Failed error={wrong} />
            <div className="row">
                {copies.map((copy) => (
                    <Button key={copy.path} onPress={() => void save(copy)}>
                        {copy.button}
                    </Button>
                ))}
                {passkeyWrite !== null && (
                    <Do write={passkeyWrite} onDone={onDone} disabledReason={whyNoPasskey()}>
                        {passkeySubmit}
                    </Do>
                )}
            </div>
            <AskForm
                submit={submit}
                requests={[{ name: "code", label, kind: "line" }]}
                write={({ code }) => write(code.trim())}
                onDone={onDone}
            />
        </>
    )
}
