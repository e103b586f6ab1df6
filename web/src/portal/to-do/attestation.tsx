/** The attestation: each obligation is read and answered separately, without preselected answers. */
import { type SyntheticEvent, useState } from "react"
import type { Attestation } from "../../../../server/src/trust/partners/agreements/statement.ts"
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { useWrite } from "../../kit/api.ts"
import { useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed, Loaded, Notice } from "../../kit/notice.tsx"
import { ObligationLine } from "../organisation/obligations.tsx"
import { useMe, useWhyNot } from "../viewer.ts"
import { t } from "../../messages/message.ts"

type Answer = Attestation["obligations"][number]

export function AttestDialog() {
    const disabledReason = useWhyNot()("own:lead")
    return (
        <Opens button={t("Attest…")} title={t("Attestation")} disabledReason={disabledReason} wide>
            {(close) => <Newest onDone={close} />}
        </Opens>
    )
}

function Newest({ onDone }: { onDone: () => void }) {
    const agreements = useRead("/api/agreements")
    return (
        <Loaded query={agreements}>
            {({ agreements }) => {
                const newest = agreements.at(-1)
                if (newest === undefined) return <Notice>{t("No agreement yet.")}</Notice>
                return <AttestForm key={newest.version} obligations={newest.obligations} onDone={onDone} />
            }}
        </Loaded>
    )
}

function AttestForm({ obligations, onDone }: { obligations: readonly Obligation[]; onDone: () => void }) {
    const { partner } = useMe()
    const [inputs, setInputs] = useState<readonly Answer[]>([])
    const [tried, setTried] = useState(false)
    const attesting = useWrite(onDone)
    const inputOf = (id: string) => inputs.find((input) => input.id === id)
    const change = (item: Answer) => setInputs([...inputs.filter(({ id }) => id !== item.id), item])
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        setTried(true)
        if (attesting.isPending || obligations.some(({ id }) => faultOf(inputOf(id)) !== null)) return
        attesting.mutate(writeTo("POST", "/api/attestations", { obligations: inputs }))
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            <p className="caution">
                {t(
                    "State for each obligation whether {organisation} met it since the last attestation. Explain each exception. An exception alone is not a breach.",
                    { organisation: partner.name },
                )}
            </p>
            {obligations.map((obligation) => (
                <OneAnswer
                    key={obligation.id}
                    obligation={obligation}
                    answer={inputOf(obligation.id)}
                    wrong={tried ? faultOf(inputOf(obligation.id)) : null}
                    onChange={change}
                />
            ))}
            <Notice>
                {t("You attest this in your name for {organisation}. You cannot undo this.", {
                    organisation: partner.name,
                })}
            </Notice>
            <Failed error={attesting.error} />
            <div className="row end">
                <Button type="submit" look="main" busy={attesting.isPending}>
                    {t("Submit attestation")}
                </Button>
            </div>
        </form>
    )
}

function faultOf(input: Answer | undefined): string | null {
    if (input === undefined) return t("choose met or not met")
    return !input.kept && input.note.trim() === "" ? t("explain what was not met") : null
}

interface OneAnswerProps {
    obligation: Obligation
    answer: Answer | undefined
    wrong: string | null
    onChange: (input: Answer) => void
}

function OneAnswer({ obligation, answer: item, wrong, onChange }: OneAnswerProps) {
    const choice = (name: string, kept: boolean) => (
        <label className="check">
            <input
                type="radio"
                name={`kept-${obligation.id}`}
                checked={item?.kept === kept}
                {...(wrong !== null && item === undefined && { "aria-invalid": true })}
                onChange={() => onChange({ id: obligation.id, kept, note: kept ? "" : (item?.note ?? "") })}
            />
            {name}
        </label>
    )
    return (
        <fieldset className="field card">
            <legend className="unseen">{t("Obligation {id}", { id: obligation.id })}</legend>
            <ObligationLine obligation={obligation} />
            <div className="checks">
                {choice(t("Met"), true)}
                {choice(t("Not met"), false)}
            </div>
            {item?.kept === false && (
                <Field
                    kind="text"
                    label={t("What was not met, and since when")}
                    length={{ min: 1, max: 2000 }}
                    value={item.note}
                    wrong={wrong}
                    onChange={(note) => onChange({ ...item, note })}
                />
            )}
            {item === undefined && wrong !== null && (
                <span className="wrong" role="alert">
                    {wrong}
                </span>
            )}
        </fieldset>
    )
}
