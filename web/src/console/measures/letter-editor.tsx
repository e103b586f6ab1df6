/** The letter with a decision: drafted from its template, edited by the decider, and reviewed before sending. */
import { type ReactNode, useState } from "react"
import type { LetterText } from "../../../../server/src/trace/measures/letter.ts"
import type { BodyAt } from "../../answer-at.ts"
import { type Write, useWrite } from "../../kit/api.ts"
import { useAnswer } from "../api.ts"
import { Button, type Look } from "../../kit/button.tsx"
import { Field } from "../../kit/field.tsx"
import { Failed, Loaded } from "../../kit/notice.tsx"
import { t } from "../../messages/message.ts"

/** The source of the draft. */
export type DraftOf = DraftAt<
    | "/api/letters/draft"
    | "/api/procedures/draft"
    | `/api/procedures/${string}/draft-decision`
    | `/api/procedures/${string}/draft-extension`
>

type DraftAt<Path extends string> = Path extends string
    ? { readonly path: Path; readonly body: BodyAt<"console", "POST", Path> }
    : never

interface EditorProps {
    draft: DraftOf
    /** The text that replaces the draft; null: the draft is sent unchanged. */
    letter: LetterText | null
    onChange: (letter: LetterText) => void
}

/** Edits the letter's two fields and previews the letter as the partner sees it. */
export function LetterEditor({ draft, letter, onChange }: EditorProps) {
    const drafted = useAnswer(draft.path, draft.body)
    return (
        <Loaded query={drafted}>
            {(text) => {
                const now = letter ?? text
                return (
                    <div className="letter-editor">
                        <div className="form">
                            <Field
                                label={t("Subject")}
                                kind="line"
                                value={now.subject}
                                onChange={(subject) => onChange({ ...now, subject })}
                            />
                            <Field
                                label={t("Letter")}
                                kind="text"
                                value={now.text}
                                onChange={(text) => onChange({ ...now, text })}
                                hint={t(
                                    "Tocsin fills the fields in square brackets when it sends the letter: [held] lists what the partner has fetched",
                                )}
                            />
                        </div>
                        <article className="card" aria-label={t("Preview for the partner")}>
                            <p className="kind">{t("Preview for the partner")}</p>
                            <h3>{now.subject}</h3>
                            <p className="letter">{now.text}</p>
                        </article>
                    </div>
                )
            }}
        </Loaded>
    )
}

/** Collapses the editor, because most people send the template unchanged. */
export function FoldedLetter(props: EditorProps) {
    const [isOpen, setOpen] = useState(false)
    return (
        <details className="folded" onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>
                {props.letter === null ? t("Letter to the partner") : t("Letter to the partner (edited)")}
            </summary>
            {isOpen && <LetterEditor {...props} />}
        </details>
    )
}

interface LetterFormProps<Answer> {
    draft: DraftOf
    submit: string
    look?: Look
    /** Omits `letter` if the draft was not changed. */
    write: (letter: { readonly letter?: LetterText }) => Write<Answer>
    onDone: (answer: Answer) => void
    onBack?: () => void
    children?: ReactNode
}

/** The last step of a decision: the letter and the submit button. */
export function LetterForm<Answer>(props: LetterFormProps<Answer>) {
    const { draft, submit, look = "main", write, onDone, onBack, children } = props
    const [letter, setLetter] = useState<LetterText | null>(null)
    const doing = useWrite(onDone)
    return (
        <div className="form">
            {children}
            <LetterEditor draft={draft} letter={letter} onChange={setLetter} />
            <Failed error={doing.error} />
            <div className="row end">
                {onBack !== undefined && (
                    <Button look="quiet" onPress={onBack}>
                        {t("Back")}
                    </Button>
                )}
                <Button
                    look={look}
                    busy={doing.isPending}
                    onPress={() => doing.mutate(write(letter === null ? {} : { letter }))}
                >
                    {submit}
                </Button>
            </div>
        </div>
    )
}
