/** Reads a master with a second person's consent: the request, and the one read that the signature allows. */
import { useState } from "react"
import { Refused } from "../../kit/api.ts"
import { useRead, writeTo, type AnswerTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import type { Artifact } from "../answers.ts"
import { useMe } from "./viewer.tsx"
import { t } from "../../messages/message.ts"

const codes = new Set(["mark.needs_consent", "mark.too_many_reads"])

export const asksForConsent = (error: Error | null): boolean => error instanceof Refused && codes.has(error.code)

type Master = NonNullable<AnswerTo<"/api/artifacts/{id}/read-master", "POST">["master"]>

interface ConsentProps {
    artifact: Artifact
    onRead: (master: Master) => void
}

export function Consent({ artifact: subject, onRead }: ConsentProps) {
    const me = useMe()
    const path = `/api/artifacts/${subject.id}/read-master` as const
    const approvals = useRead("/api/approvals")
    const [isOver, setOver] = useState(false)
    const signed = approvals.data?.recent.find(
        ({ action, state, requestedBy, effects }) =>
            action === "artifact.read_master" &&
            state === "signed" &&
            requestedBy.id === me.id &&
            effects.artifacts.some(({ artifact }) => artifact === subject.id),
    )
    if (signed !== undefined && !isOver) {
        return (
            <Do
                look="main"
                write={writeTo("POST", path, { approval: signed.id })}
                onDone={({ master }) => {
                    setOver(true)
                    if (master !== null) onRead(master)
                }}
            >
                {t("Read the master once")}
            </Do>
        )
    }
    return (
        <FormDialog
            button={t("Request consent…")}
            title={t("Request consent to read {name}", { name: subject.name })}
            submit={t("Request consent")}
            requests={[{ ...reasonField, hint: t("the second person reads it") }]}
            write={({ reason }) => writeTo("POST", path, { reason })}
        >
            <p className="muted">{t("Needs a second signature. The signature allows one read of this version.")}</p>
        </FormDialog>
    )
}
