/** Opens a case, empty or prefilled from an imported document. Its author checks and corrects the facts. */
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo, type AnswerTo } from "../api.ts"
import { useWrite } from "../../kit/api.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed, Notice } from "../../kit/notice.tsx"
import { CaseForm } from "./case-form.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

type Draft = AnswerTo<"/api/cases/draft", "POST">

export function OpenCase() {
    const disabledReason = useWhyNot()("case:write")
    return (
        <Opens button={t("Open a case…")} title={t("Open a case")} look="main" wide disabledReason={disabledReason}>
            {(close) => <Opening onDone={close} />}
        </Opens>
    )
}

function Opening({ onDone }: { onDone: () => void }) {
    const navigate = useNavigate()
    const [drafts, setDrafts] = useState<readonly Draft[]>([])
    const draft = drafts.at(-1) ?? null
    return (
        <>
            <FromDocument onRead={(read) => setDrafts([...drafts, read])} />
            {draft !== null && <Remarks draft={draft} />}
            <CaseForm
                key={drafts.length}
                from={draft}
                submit={t("Open it")}
                write={(body) => writeTo("POST", "/api/cases", body)}
                onDone={(answer) => {
                    onDone()
                    void navigate({ to: `/cases/${answer.id}` })
                }}
            />
        </>
    )
}

function FromDocument({ onRead }: { onRead: (draft: Draft) => void }) {
    const [document, setDocument] = useState("")
    const reading = useWrite((draft: Draft) => {
        setDocument("")
        onRead(draft)
    })
    return (
        <details>
            <summary>{t("Fill it in from a CVE record or a CSAF document…")}</summary>
            <div className="form">
                <Field
                    kind="file"
                    label={t("Document")}
                    hint={t(
                        "CVE JSON 5.x, or CSAF 2.0 or 2.1. Nothing is kept of it, and nothing that it names is fetched.",
                    )}
                    value={document}
                    onChange={setDocument}
                />
                <Failed error={reading.error} />
                <div className="row end">
                    <Button
                        busy={reading.isPending}
                        disabledReason={document.trim() === "" ? t("no document is given") : null}
                        onPress={() => reading.mutate(writeTo("POST", "/api/cases/draft", { document }))}
                    >
                        {t("Fill the form in")}
                    </Button>
                </div>
            </div>
        </details>
    )
}

function Remarks({ draft: { remarks } }: { draft: Draft }) {
    return (
        <Notice>
            <span>{t("The form holds what the document says. Read it before you open the case.")}</span>
            {remarks.length > 0 && (
                <ul>
                    {remarks.map((remark) => (
                        <li key={remark}>{remark}</li>
                    ))}
                </ul>
            )}
        </Notice>
    )
}
