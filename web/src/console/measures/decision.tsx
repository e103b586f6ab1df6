/** Decisions of two people in a procedure: one requests with reason and letter, another signs, then one applies. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import type { LetterText } from "../../../../server/src/trace/measures/letter.ts"
import { type Outcome, appealDays, outcomes } from "../../../../server/src/trace/measures/procedure.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import { Badge } from "../../kit/table.tsx"
import { useApprovals } from "../release/approval-reads.ts"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import { detailOf } from "../release/effect-parts.tsx"
import { FoldedLetter, LetterForm } from "./letter-editor.tsx"
import { type Procedure, outcomeNames } from "./procedure-answers.ts"
import { useMe, useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

export function MoreTime({ procedure }: { procedure: Procedure }) {
    const [letter, setLetter] = useState<LetterText | null>(null)
    const path = `/api/procedures/${procedure.id}/extend` as const
    return (
        <FormDialog
            button={t("Extend…")}
            title={t("Extend the time for an answer")}
            submit={t("Extend and notify the partner")}
            disabledReason={useWhyNot()("measure:suspend")}
            requests={[
                { name: "answerBy", label: t("Answer until"), kind: "instant", initial: procedure.answerBy ?? "" },
                { ...reasonField, hint: t("kept encrypted") },
            ]}
            write={({ answerBy, reason }) =>
                writeTo("POST", path, { answerBy, reason, ...(letter !== null && { letter }) })
            }
            below={({ answerBy }) => (
                <FoldedLetter
                    draft={{ path: `/api/procedures/${procedure.id}/draft-extension`, body: { answerBy } }}
                    letter={letter}
                    onChange={setLetter}
                />
            )}
        />
    )
}

/** Requests, signs and applies a decision on the same screen. */
export function Decide({ procedure }: { procedure: Procedure }) {
    const isAppeal = procedure.phase === "appeal_to_decide"
    const action = isAppeal ? "measure.appeal" : "measure.sanction"
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const waits = pending.find(
        (approval) => approval.action === action && detailOf(approval).procedure === procedure.id,
    )
    const signed = recent.find(
        (approval) =>
            approval.state === "signed" && approval.action === action && detailOf(approval).procedure === procedure.id,
    )
    const disabledReason = useDecisionBlock(procedure)
    if (procedure.phase === "open_to_appeal") return null
    if (signed !== undefined) return <CarryOut approval={signed} />
    if (waits !== undefined) {
        return (
            <>
                <Badge tone="due">{t("waits for a signature")}</Badge>
                {waits.maySign && <SignDialog approval={waits} />}
            </>
        )
    }
    return (
        <Opens
            button={isAppeal ? t("Decide the appeal…") : t("Decide…")}
            title={isAppeal ? t("Decide the appeal") : t("Decide the procedure")}
            look="main"
            wide
            disabledReason={disabledReason}
        >
            {(close) => <DecisionForm procedure={procedure} onDone={close} />}
        </Opens>
    )
}

function useDecisionBlock(procedure: Procedure): string | null {
    const lacks = useWhyNot()("measure:decide")
    const me = useMe()
    if (procedure.phase === "answer_awaited") return t("the partner can still answer")
    const decided = procedure.history.some(({ kind, by }) => kind === "decided" && by.includes(me.id))
    return decided ? t("you took part in the first decision") : lacks
}

interface Draft {
    readonly outcome: Outcome
    readonly reason: string
    readonly returnFrom: string
    readonly terms: string
    readonly days: string
}

function DecisionForm({ procedure, onDone }: { procedure: Procedure; onDone: () => void }) {
    const before = procedure.history.find(({ kind }) => kind === "decided")
    const isAppeal = procedure.phase === "appeal_to_decide"
    const [draft, setDraft] = useState<Draft>({
        outcome: before?.outcome ?? "none",
        reason: "",
        returnFrom: before?.returnFrom ?? "",
        terms: before?.texts?.terms ?? "",
        days: String(appealDays.usual),
    })
    const [isWritten, setWritten] = useState(false)
    const isSuspension = draft.outcome === "suspension"
    const subject = {
        outcome: draft.outcome,
        ...(isSuspension && { returnFrom: draft.returnFrom, terms: draft.terms }),
    }
    if (!isWritten) {
        return <Questions procedure={procedure} draft={draft} onChange={setDraft} onNext={() => setWritten(true)} />
    }
    return (
        <LetterForm
            draft={{ path: `/api/procedures/${procedure.id}/draft-decision`, body: subject }}
            submit={t("Request a second signature")}
            onBack={() => setWritten(false)}
            onDone={onDone}
            write={(letter) =>
                writeTo("POST", `/api/procedures/${procedure.id}/${isAppeal ? "decide-appeal" : "decide"}`, {
                    ...subject,
                    ...letter,
                    reason: draft.reason,
                    ...(!isAppeal && draft.outcome !== "none" && { appealDays: Number(draft.days) }),
                })
            }
        >
            <p>
                {t("Decision: {outcome}. It takes effect after a second signature, with this letter.", {
                    outcome: outcomeNames[draft.outcome],
                })}
            </p>
        </LetterForm>
    )
}

interface QuestionsProps {
    procedure: Procedure
    draft: Draft
    onChange: (draft: Draft) => void
    onNext: () => void
}

function Questions({ procedure, draft, onChange, onNext }: QuestionsProps) {
    const isAppeal = procedure.phase === "appeal_to_decide"
    const before = procedure.history.find(({ kind }) => kind === "decided")?.outcome ?? "termination"
    const open = outcomes.filter((outcome) => !isAppeal || outcomes.indexOf(outcome) <= outcomes.indexOf(before))
    const change = (name: keyof Draft) => (value: string) => onChange({ ...draft, [name]: value })
    const isSuspension = draft.outcome === "suspension"
    const missing = draft.reason.trim() === "" || (isSuspension && (draft.terms.trim() === "" || !draft.returnFrom))
    return (
        <div className="form">
            <p>
                {isAppeal
                    ? t(
                          "Two people decide who took no part in the first decision. The new decision cannot be stricter.",
                      )
                    : t(
                          "The partner has answered, or its time has passed. Two people decide, and the partner can appeal.",
                      )}
            </p>
            <Field
                label={t("Decision")}
                kind="choice"
                value={draft.outcome}
                from={open.map((value) => ({ value, name: outcomeNames[value] }))}
                onChange={change("outcome")}
            />
            {isSuspension && (
                <>
                    <Field
                        label={t("Return from")}
                        kind="instant"
                        value={draft.returnFrom}
                        onChange={change("returnFrom")}
                    />
                    <Field label={t("Terms of return")} kind="text" value={draft.terms} onChange={change("terms")} />
                </>
            )}
            {!isAppeal && draft.outcome !== "none" && (
                <Field label={t("Days for an appeal")} kind="number" value={draft.days} onChange={change("days")} />
            )}
            <Field
                label={t("Reason")}
                kind="text"
                value={draft.reason}
                onChange={change("reason")}
                hint={t("kept encrypted; the partner reads only the letter")}
            />
            <div className="row end">
                <Button look="main" disabledReason={missing ? t("fill in all fields") : null} onPress={onNext}>
                    {t("Continue to the letter")}
                </Button>
            </div>
        </div>
    )
}
