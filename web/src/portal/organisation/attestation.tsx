/** The attestation: each obligation is read and answered separately, without preselected answers. */
import { type SyntheticEvent, useState } from "react"
import { Form } from "react-aria-components"
import type { Attestation } from "../../../../server/src/trust/partners/agreements/statement.ts"
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { useWrite } from "../../kit/api.ts"
import { useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed, Loaded, Notice } from "../../kit/notice.tsx"
import { ObligationLine } from "./obligations.tsx"
import { useMe, useWhyNot } from "../viewer.ts"

type Said = Attestation["obligations"][number]

export function AttestDialog() {
    const disabledReason = useWhyNot()("own:lead")
    return (
        <Opens button="Attest…" title="Attestation" disabledReason={disabledReason} wide>
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
                if (newest === undefined) return <Notice>There is no agreement yet.</Notice>
                return <AttestForm key={newest.version} obligations={newest.obligations} onDone={onDone} />
            }}
        </Loaded>
    )
}

function AttestForm({ obligations, onDone }: { obligations: readonly Obligation[]; onDone: () => void }) {
    const { partner } = useMe()
    const [inputs, setSaid] = useState<readonly Said[]>([])
    const [tried, setTried] = useState(false)
    const attesting = useWrite(onDone)
    const saidOf = (id: string) => inputs.find((input) => input.id === id)
    const say = (item: Said) => setSaid([...inputs.filter(({ id }) => id !== item.id), item])
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        setTried(true)
        if (attesting.isPending || obligations.some(({ id }) => faultOf(saidOf(id)) !== null)) return
        attesting.mutate(writeTo("POST", "/api/attestations", { obligations: inputs }))
    }
    return (
        <Form className="form" onSubmit={send} validationBehavior="aria">
            <p className="caution">
                Say of each obligation whether {partner.name} kept it since the last attestation. An exception is no
                breach found: it is owed like the rest, and said in words.
            </p>
            {obligations.map((obligation) => (
                <OneAnswer
                    key={obligation.id}
                    obligation={obligation}
                    said={saidOf(obligation.id)}
                    wrong={tried ? faultOf(saidOf(obligation.id)) : null}
                    onSay={say}
                />
            ))}
            <Notice>You attest this for {partner.name}, in your name. It is kept, and cannot be taken back.</Notice>
            <Failed error={attesting.error} />
            <div className="row end">
                <Button type="submit" look="main" busy={attesting.isPending}>
                    Attest
                </Button>
            </div>
        </Form>
    )
}

function faultOf(input: Said | undefined): string | null {
    if (input === undefined) return "say whether it was kept"
    return !input.kept && input.note.trim() === "" ? "say in words what was not kept" : null
}

interface OneAnswerProps {
    obligation: Obligation
    said: Said | undefined
    wrong: string | null
    onSay: (input: Said) => void
}

function OneAnswer({ obligation, said: item, wrong, onSay }: OneAnswerProps) {
    const choice = (name: string, kept: boolean) => (
        <label className="check">
            <input
                type="radio"
                name={`kept ${obligation.id}`}
                checked={item?.kept === kept}
                {...(wrong !== null && item === undefined && { "aria-invalid": true })}
                onChange={() => onSay({ id: obligation.id, kept, note: kept ? "" : (item?.note ?? "") })}
            />
            {name}
        </label>
    )
    return (
        <fieldset className="field card">
            <legend className="unseen">Obligation {obligation.id}</legend>
            <ObligationLine obligation={obligation} />
            <div className="checks">
                {choice("Kept", true)}
                {choice("Not kept", false)}
            </div>
            {item?.kept === false && (
                <Field
                    kind="text"
                    label="What was not kept, and since when"
                    length={{ min: 1, max: 2000 }}
                    value={item.note}
                    wrong={wrong}
                    onChange={(note) => onSay({ ...item, note })}
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
