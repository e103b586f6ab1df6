/** The form of a policy version. It shows each error at its line. */
import { type SyntheticEvent, useRef, useState } from "react"
import { writeTo, type AnswerTo } from "../api.ts"
import { schemaText } from "../../../../server/src/share/entitlement/schema.ts"
import { Refused, useWrite } from "../../kit/api.ts"
import { Button } from "../../kit/button.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import type { Policy } from "../answers.ts"
import { RunExamples } from "./policy-test.tsx"
import { t } from "../../messages/message.ts"

interface PolicyFormProps {
    /** The version that the text starts from; null: an empty text. */
    from: Policy | null
    onDone: (answer: AnswerTo<"/api/policies", "POST">) => void
}

export function PolicyForm({ from, onDone }: PolicyFormProps) {
    const [name, setName] = useState("")
    const [text, setText] = useState(from?.text ?? "")
    const [examples, setExamples] = useState(from?.examples ?? "")
    const doing = useWrite(onDone)
    const wrong = placeOf(doing.error)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        if (doing.isPending) return
        doing.mutate(writeTo("POST", "/api/policies", { name, text, examples }))
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            {from !== null && (
                <p className="muted">
                    {t("The text starts from version {version}, “{name}”, which is active.", {
                        version: from.version,
                        name: from.name,
                    })}
                </p>
            )}
            <Field
                kind="line"
                label={t("Name")}
                value={name}
                onChange={setName}
                hint={t("what is new, like: no proofs of concept")}
            />
            <Lines
                label={t("Rules, in Cedar")}
                id={text}
                onChange={setText}
                wrong={wrong?.of === "rules" ? wrong : null}
            />
            <Lines
                label={t("Examples that must pass")}
                id={examples}
                onChange={setExamples}
                wrong={wrong?.of === "examples" ? wrong : null}
                hint={t(
                    "one example a line, like: advance with RMSV | poc | publication | withheld. Each rule must decide one.",
                )}
            />
            <RunExamples text={text} examples={examples} />
            {wrong === null && <Failed error={doing.error} />}
            <details>
                <summary>{t("What rules can use")}</summary>
                <Reading label={t("Schema of policies")} text={schemaText} />
            </details>
            <details>
                <summary>{t("How to write an example")}</summary>
                <Reading label={t("How to write an example")} text={exampleForm} />
            </details>
            <div className="row end">
                <Button type="submit" look="main" busy={doing.isPending}>
                    {t("Save draft")}
                </Button>
            </div>
        </form>
    )
}

const exampleForm = t(`tier or none, with duties | class | wave | expected result

entry                     | poc       | advance     | full, waits
advance with RMSV, CRA    | technical | publication | reduced, open
none                      | patch     | publication | at publication, open
validate                  | repro     | validate    | withheld

“reports” means any duty that can be due before publication. A # starts a comment.
Each rule must decide one example.

Add further facts to a part after a “;”:

entry; consent expired    | poc                  | entry               | withheld
entry                     | poc; bypass of CASE  | entry; frozen       | full, waits

of the partner:   status STATUS · agreement accepted, expired or none
                  consent none, invited, signatory, expired or declined
                  overdue attestation, regular reports, mailbox, key or lead
                  restricted to publication · restricted from CLASS, CLASS
of the artifact:  case CASE · bypass of CASE · variant of CASE
                  exploited · recalled · recalled and revised
of the instant:   frozen · embargo none · embargo proposed · embargo moved later
                  embargo terminated · embargo terminated and released`)

interface LinesProps {
    label: string
    id: string
    onChange: (text: string) => void
    wrong: Place | null
    hint?: string
}

/** A text field of many lines. It shows an error below the text, with a link to the line. */
function Lines({ label, id: subject, onChange, wrong, hint }: LinesProps) {
    const area = useRef<HTMLDivElement>(null)
    return (
        <div ref={area} className="form">
            <Field
                kind="file"
                label={label}
                value={subject}
                onChange={onChange}
                {...(hint !== undefined && { hint })}
            />
            {wrong !== null && (
                <Wrong place={wrong} text={subject} onShow={() => show(area.current, subject, wrong.line)} />
            )}
        </div>
    )
}

interface Place {
    readonly of: "rules" | "examples"
    readonly line: number
    readonly reason: string
}

/** Reads the line that a refusal names; null: it names none. */
function placeOf(error: Error | null): Place | null {
    if (!(error instanceof Refused)) return null
    const [, example, line, reason] = /^(example on )?line (\d+): (.*)$/s.exec(error.message) ?? []
    if (line === undefined || reason === undefined) return null
    return { of: example === undefined ? "rules" : "examples", line: Number(line), reason }
}

function Wrong({ place, text, onShow }: { place: Place; text: string; onShow: () => void }) {
    return (
        <Notice tone="bad">
            <span>{t("Line {line}: {reason}", { line: place.line, reason: place.reason })}</span>
            <code className="hash">{text.split("\n")[place.line - 1] ?? ""}</code>
            <Button onPress={onShow}>{t("Go to the line")}</Button>
        </Notice>
    )
}

/** Selects the line in its text field and scrolls to it. */
function show(within: HTMLElement | null, text: string, line: number): void {
    const area = within?.querySelector("textarea")
    if (!area) return
    const before = text.split("\n").slice(0, line - 1)
    const start = before.join("\n").length + (before.length > 0 ? 1 : 0)
    area.focus()
    area.setSelectionRange(start, start + (text.split("\n")[line - 1]?.length ?? 0))
    area.scrollTop = (area.scrollHeight * (line - 3)) / text.split("\n").length
}
