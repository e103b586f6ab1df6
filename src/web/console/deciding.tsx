/** What two decide in a procedure: one asks, with the reason and the letter; another signs; then it is carried out. */
import { useState } from "react"
import type { LetterText } from "../../trace/measures/letter.ts"
import { type Outcome, appealDays, outcomes } from "../../trace/measures/procedure.ts"
import { Button } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { Field } from "../kit/field.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Badge } from "../kit/table.tsx"
import { SignDialog, useApprovals } from "./approvals.tsx"
import { CarryOut } from "./carrying.tsx"
import { detailOf } from "./effects.tsx"
import { FoldedLetter, LetterForm } from "./letter-editor.tsx"
import { reasonField } from "./measure-actions.tsx"
import { type Procedure, outcomeNames } from "./procedure-answers.ts"
import { useMe, useWhyNot } from "./viewer.tsx"

export function MoreTime({ of }: { of: Procedure }) {
    const [letter, setLetter] = useState<LetterText | null>(null)
    const path = `/api/procedures/${of.id}/extend`
    return (
        <FormDialog
            button="Extend…"
            title="Give more time for the answer"
            submit="Give it, and tell the partner"
            not={useWhyNot()("measure:suspend")}
            asked={[
                { name: "answerBy", label: "Answer until", kind: "instant", initial: of.answerBy },
                { ...reasonField, hint: "kept sealed" },
            ]}
            write={({ answerBy, reason }) => ({
                method: "POST",
                path,
                body: { answerBy, reason, ...(letter !== null && { letter }) },
            })}
            below={({ answerBy }) => (
                <FoldedLetter
                    draft={{ path: `${path}/draft`, body: { answerBy } }}
                    letter={letter}
                    onChange={setLetter}
                />
            )}
        />
    )
}

/** Asked for, signed and carried out in the place where it was asked for. */
export function Decide({ of }: { of: Procedure }) {
    const isAppeal = of.phase === "appeal to decide"
    const act = isAppeal ? "measure.appeal" : "measure.sanction"
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const waits = pending.find((one) => one.act === act && detailOf(one).procedure === of.id)
    const signed = recent.find((one) => one.state === "signed" && one.act === act && detailOf(one).procedure === of.id)
    const not = useNot(of)
    if (of.phase === "open to appeal") return null
    if (signed !== undefined) return <CarryOut of={signed} />
    if (waits !== undefined) {
        return (
            <>
                <Badge tone="due">asked for, waits for a second person</Badge>
                {waits.maySign && <SignDialog of={waits} />}
            </>
        )
    }
    return (
        <Opens
            button={isAppeal ? "Decide the appeal…" : "Decide…"}
            title={isAppeal ? "Decide the appeal" : "Decide the procedure"}
            look="main"
            wide
            not={not}
        >
            {(close) => <DecisionForm of={of} onDone={close} />}
        </Opens>
    )
}

function useNot(of: Procedure): string | null {
    const lacks = useWhyNot()("measure:decide")
    const me = useMe()
    if (of.phase === "answer awaited") return "the partner has time to answer"
    const decided = of.turns.some(({ kind, by }) => kind === "decided" && by.includes(me.id))
    return decided ? "you decided before" : lacks
}

interface Draft {
    readonly outcome: Outcome
    readonly reason: string
    readonly returnFrom: string
    readonly terms: string
    readonly days: string
}

function DecisionForm({ of, onDone }: { of: Procedure; onDone: () => void }) {
    const before = of.turns.find(({ kind }) => kind === "decided")
    const isAppeal = of.phase === "appeal to decide"
    const [draft, setDraft] = useState<Draft>({
        outcome: before?.outcome ?? "none",
        reason: "",
        returnFrom: before?.returnFrom ?? "",
        terms: before?.words?.terms ?? "",
        days: String(appealDays.usual),
    })
    const [isWritten, setWritten] = useState(false)
    const isSuspension = draft.outcome === "suspension"
    const what = {
        outcome: draft.outcome,
        ...(isSuspension && { returnFrom: draft.returnFrom, terms: draft.terms }),
    }
    if (!isWritten) {
        return <Questions of={of} draft={draft} onChange={setDraft} onNext={() => setWritten(true)} />
    }
    return (
        <LetterForm
            draft={{ path: `/api/procedures/${of.id}/draft-decision`, body: what }}
            submit="Ask a second person to sign"
            onBack={() => setWritten(false)}
            onDone={onDone}
            write={(letter) => ({
                method: "POST",
                path: `/api/procedures/${of.id}/${isAppeal ? "appeal/decision" : "decision"}`,
                body: {
                    ...what,
                    ...letter,
                    reason: draft.reason,
                    ...(!isAppeal && draft.outcome !== "none" && { appealDays: Number(draft.days) }),
                },
            })}
        >
            <p>{outcomeNames[draft.outcome]}: a second person signs it with this letter, and only then does it hold.</p>
        </LetterForm>
    )
}

interface QuestionsProps {
    of: Procedure
    draft: Draft
    onChange: (draft: Draft) => void
    onNext: () => void
}

function Questions({ of, draft, onChange, onNext }: QuestionsProps) {
    const isAppeal = of.phase === "appeal to decide"
    const before = of.turns.find(({ kind }) => kind === "decided")?.outcome ?? "termination"
    const open = outcomes.filter((one) => !isAppeal || outcomes.indexOf(one) <= outcomes.indexOf(before))
    const change = (name: keyof Draft) => (value: string) => onChange({ ...draft, [name]: value })
    const isSuspension = draft.outcome === "suspension"
    const missing = draft.reason.trim() === "" || (isSuspension && (draft.terms.trim() === "" || !draft.returnFrom))
    return (
        <div className="form">
            <p>
                {isAppeal
                    ? "Two persons decide who did not decide before. It never becomes harder than it was."
                    : "The partner has answered, or let its time pass. Two persons decide; the partner may appeal."}
            </p>
            <Field
                label="Decision"
                kind="choice"
                value={draft.outcome}
                from={open.map((value) => ({ value, name: outcomeNames[value] }))}
                onChange={change("outcome")}
            />
            {isSuspension && (
                <>
                    <Field
                        label="Return from"
                        kind="instant"
                        value={draft.returnFrom}
                        onChange={change("returnFrom")}
                    />
                    <Field label="Terms of return" kind="text" value={draft.terms} onChange={change("terms")} />
                </>
            )}
            {!isAppeal && draft.outcome !== "none" && (
                <Field label="Days for an appeal" kind="number" value={draft.days} onChange={change("days")} />
            )}
            <Field
                label="Reason"
                kind="text"
                value={draft.reason}
                onChange={change("reason")}
                hint="kept sealed; the partner reads the letter"
            />
            <div className="row end">
                <Button look="main" not={missing ? "something is not filled in" : null} onPress={onNext}>
                    Go on to the letter
                </Button>
            </div>
        </div>
    )
}
