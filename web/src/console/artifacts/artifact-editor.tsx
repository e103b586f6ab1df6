/** Writes the next version of an artifact. The text is kept as a draft until it is saved or discarded. */
import { useState } from "react"
import { InScope, useDraft, useNewScope } from "../../kit/draft-scope.tsx"
import { Button } from "../../kit/button.tsx"
import { useWrite } from "../../kit/api.ts"
import { useSettled } from "../../kit/form/typing-pause.ts"
import { Failed } from "../../kit/notice.tsx"
import { Markdown } from "../../kit/markdown/markdown.tsx"
import { Reading } from "../../kit/scroll.tsx"
import type { Artifact } from "../answers.ts"
import { type AnswerTo, useAnswer, writeTo } from "../api.ts"
import { TextDifference } from "../cases/text-difference.tsx"
import { CodeEditor } from "./code-editor.tsx"
import { Issues } from "./issues.tsx"
import { slotAt, slotMarks, slotSentence, whyNoAlternative, withAlternative } from "./slot-marks.ts"
import { t } from "../../messages/message.ts"

interface ArtifactEditorProps {
    artifact: Artifact
    /** The text of the newest version. */
    content: string
    onClose: () => void
}

type Tab = "edit" | "preview" | "changes"

export function ArtifactEditor(props: ArtifactEditorProps) {
    const scope = useNewScope(t("A new version of {name}", { name: props.artifact.name }))
    return (
        <InScope scope={scope}>
            <Editor {...props} onClear={scope.clear} />
        </InScope>
    )
}

function Editor({ artifact, content, onClose, onClear }: ArtifactEditorProps & { onClear: () => void }) {
    const [text, setText] = useState(content)
    const [tab, setTab] = useState<Tab>("edit")
    const [isSure, setSure] = useState(false)
    useDraft({ label: t("Content"), value: text, onChange: setText })
    const save = useWrite(() => {
        onClear()
        onClose()
    })
    const isChanged = text !== content
    const body = { content: text, colluders: artifact.colluders }
    return (
        <div className="editor-frame">
            <div className="editor-bar">
                <b className="mono">{artifact.name}</b>
                <span className="badge acc">{t("version {version}, draft", { version: artifact.version + 1 })}</span>
                <span className="muted small">{isChanged ? t("kept on this device") : t("no changes yet")}</span>
                <span className="row push">
                    <TabChoice tab={tab} version={artifact.version} onChange={setTab} />
                    <Button
                        look="quiet"
                        onPress={() => {
                            if (isChanged && !isSure) return setSure(true)
                            onClear()
                            onClose()
                        }}
                    >
                        {isChanged
                            ? isSure
                                ? t("Delete the draft: you cannot undo this")
                                : t("Discard changes")
                            : t("Close")}
                    </Button>
                    <Button
                        look="main"
                        busy={save.isPending}
                        disabledReason={isChanged ? null : t("the text is unchanged")}
                        onPress={() => save.mutate(writeTo("PUT", `/api/artifacts/${artifact.id}`, body))}
                    >
                        {t("Save version {version}", { version: artifact.version + 1 })}
                    </Button>
                </span>
            </div>
            <Failed error={save.error} />
            <EditorBody artifact={artifact} content={content} text={text} tab={tab} onChange={setText} />
        </div>
    )
}

interface TabChoiceProps {
    tab: Tab
    version: number
    onChange: (tab: Tab) => void
}

function TabChoice({ tab, version, onChange }: TabChoiceProps) {
    const names = { edit: t("Master"), preview: t("Public text"), changes: t("Changes to {version}", { version }) }
    return (
        <fieldset className="segments" aria-label={t("Views")}>
            {(["edit", "preview", "changes"] as const).map((name) => (
                <button key={name} type="button" aria-pressed={tab === name} onClick={() => onChange(name)}>
                    {names[name]}
                </button>
            ))}
        </fieldset>
    )
}

interface EditorBodyProps {
    artifact: Artifact
    content: string
    text: string
    tab: Tab
    onChange: (text: string) => void
}

function EditorBody({ artifact, content, text, tab, onChange }: EditorBodyProps) {
    const [selection, setSelection] = useState({ start: 0, end: 0 })
    const [goTo, setGoTo] = useState<{ readonly line: number } | null>(null)
    const check = useCheck(artifact, text)
    const { slots = [], findings = [] } = check ?? {}
    const isCurrent = check !== undefined
    const whyNot = whyNoAlternative(text, selection)
    const slot = isCurrent ? slotAt(slots, selection.start) : null
    return (
        <>
            {tab === "edit" && (
                <CodeEditor
                    label={t("Text of {name}", { name: artifact.name })}
                    name={artifact.name}
                    value={text}
                    marks={slotMarks(slots)}
                    lines={findings.map(({ line, severity }) => ({ line, look: `line-${severity}` }))}
                    goTo={goTo}
                    onChange={onChange}
                    onSelect={setSelection}
                />
            )}
            {tab === "preview" && <Preview name={artifact.name} text={check?.unmarked ?? null} />}
            {tab === "changes" && <TextDifference before={content} after={text} />}
            <div className="editor-status">
                <span>{t("{count, plural, one {# line} other {# lines}}", { count: text.split("\n").length })}</span>
                <span>
                    {isCurrent
                        ? t("{count, plural, one {# slot} other {# slots}}", { count: slots.length })
                        : t("checking…")}
                </span>
                <span className="grow clip">{slot === null ? "" : slotSentence(slot)}</span>
                {tab === "edit" && (
                    <button
                        type="button"
                        className="link"
                        disabled={whyNot !== null}
                        title={whyNot ?? t("Write another form of the selected words")}
                        onClick={() => onChange(withAlternative(text, selection))}
                    >
                        {t("Add alternative")}
                    </button>
                )}
            </div>
            <Issues findings={findings} onLine={(line) => setGoTo({ line })} />
        </>
    )
}

type Check = AnswerTo<"/api/artifacts/check", "POST">

const checkAfterMs = 600

/** The check of the text as it is; undefined while the text changes or is checked. Nothing is stored by it. */
function useCheck({ name, class: kind, tlp, pap }: Artifact, text: string): Check | undefined {
    const checked = useSettled(text, checkAfterMs)
    const answer = useAnswer("/api/artifacts/check", { name, class: kind, tlp, pap, content: checked })
    return checked === text ? answer.data : undefined
}

/** The text as everybody reads it after publication: each slot in its first form. */
function Preview({ name, text }: { name: string; text: string | null }) {
    if (text === null) return <p className="muted">{t("Checking…")}</p>
    if (!/\.(md|markdown)$/i.test(name)) return <Reading label={t("Public text")} text={text} />
    return (
        <div className="editor-preview">
            <Markdown text={text} />
        </div>
    )
}
