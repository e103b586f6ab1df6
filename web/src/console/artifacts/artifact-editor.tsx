/**
 * Writes the next version of an artifact, and shows it as its readers would see it. The text is kept as a draft until
 * it is saved or discarded.
 */
import { useState } from "react"
import { InScope, useDraft, useNewScope } from "../../kit/draft-scope.tsx"
import { Button } from "../../kit/button.tsx"
import { useWrite } from "../../kit/api.ts"
import { Segments } from "../../kit/layout/segments.tsx"
import { Failed } from "../../kit/notice.tsx"
import type { Artifact } from "../answers.ts"
import { writeTo } from "../api.ts"
import { TextDifference } from "../cases/text-difference.tsx"
import { type DraftCheck, useDraftCheck } from "./draft-check.ts"
import { SlotEditor } from "./slot-editor.tsx"
import { TextView } from "./text-view.tsx"
import { t } from "../../messages/message.ts"

interface ArtifactEditorProps {
    artifact: Artifact
    /** The text of the newest version. */
    content: string
    /** The issues of that version, with its samples. */
    findings: DraftCheck["findings"]
    /** Absent: the editor stays open. */
    onClose?: () => void
}

const views = ["master", "copy", "public", "changes"] as const
type View = (typeof views)[number]

export function ArtifactEditor(props: ArtifactEditorProps) {
    const scope = useNewScope(t("A new version of {name}", { name: props.artifact.name }))
    return (
        <InScope scope={scope}>
            <Editor {...props} onClear={scope.clear} />
        </InScope>
    )
}

function Editor({ artifact, content, findings, onClose, onClear }: ArtifactEditorProps & { onClear: () => void }) {
    const [text, setText] = useState(content)
    const [view, setView] = useState<View>("master")
    useDraft({ label: t("Content"), value: text, onChange: setText })
    const [sent, setSent] = useState(content)
    // Text that was typed while the server saved the version stays, as a draft of the next one.
    const save = useWrite(() => {
        if (text !== sent) return
        onClear()
        onClose?.()
    })
    const isChanged = text !== content
    const checked = useDraftCheck(artifact, text)
    const check = isChanged ? checked : checked && { ...checked, findings }
    const body = { content: text, colluders: artifact.colluders }
    const discard = () => {
        onClear()
        setText(content)
        onClose?.()
    }
    return (
        <div className="editor-frame">
            <div className="editor-bar">
                <b className="mono">{artifact.name}</b>
                {isChanged ? (
                    <span className="badge acc">
                        {t("version {version}, draft", { version: artifact.version + 1 })}
                    </span>
                ) : (
                    <span className="badge">{t("version {version}", { version: artifact.version })}</span>
                )}
                <span className="muted small">{isChanged ? t("kept on this device") : t("no changes yet")}</span>
                <span className="row wraps push">
                    <ViewChoice view={view} version={artifact.version} onChange={setView} />
                    <Discard isChanged={isChanged} canClose={onClose !== undefined} onDiscard={discard} />
                    <Button
                        look="main"
                        busy={save.isPending}
                        disabledReason={isChanged ? null : t("the text is unchanged")}
                        onPress={() => {
                            setSent(text)
                            save.mutate(writeTo("PUT", `/api/artifacts/${artifact.id}`, body))
                        }}
                    >
                        {t("Save version {version}", { version: artifact.version + 1 })}
                    </Button>
                </span>
            </div>
            <Failed error={save.error} />
            {view === "master" && <SlotEditor artifact={artifact} text={text} check={check} onChange={setText} />}
            {view === "changes" && <TextDifference before={content} after={text} />}
            {(view === "copy" || view === "public") && (
                <ReaderView name={artifact.name} check={check} isCopy={view === "copy"} />
            )}
        </div>
    )
}

interface DiscardProps {
    isChanged: boolean
    canClose: boolean
    onDiscard: () => void
}

function Discard({ isChanged, canClose, onDiscard }: DiscardProps) {
    const [isSure, setSure] = useState(false)
    if (!isChanged && !canClose) return null
    const discard = () => {
        setSure(false)
        onDiscard()
    }
    return (
        <Button look="quiet" onPress={() => (isChanged && !isSure ? setSure(true) : discard())}>
            {!isChanged ? t("Close") : isSure ? t("Delete the draft: you cannot undo this") : t("Discard changes")}
        </Button>
    )
}

interface ViewChoiceProps {
    view: View
    version: number
    onChange: (view: View) => void
}

function ViewChoice({ view, version, onChange }: ViewChoiceProps) {
    const names = {
        master: t("Master"),
        copy: t("As a copy"),
        public: t("As public text"),
        changes: t("Changes to {version}", { version }),
    }
    return (
        <Segments
            label={t("Views")}
            choices={views.map((id) => ({ id, name: names[id] }))}
            chosen={view}
            onChoose={onChange}
        />
    )
}

interface ReaderViewProps {
    name: string
    check: DraftCheck | undefined
    /** One example of a copy, or else the public text: each slot in its first form. */
    isCopy: boolean
}

function ReaderView({ name, check, isCopy }: ReaderViewProps) {
    if (check === undefined) return <p className="pad muted">{t("Checking…")}</p>
    const label = isCopy ? t("Example copy") : t("Public text")
    return (
        <>
            <p className="editor-note">
                {!isCopy
                    ? t("All readers get this text after publication: each slot has its first form.")
                    : check.slots.length === 0
                      ? t("The text has no slots: all copies are equal.")
                      : t("An example. Its codeword belongs to no partner, and no delivery is recorded.")}
            </p>
            <TextView label={label} name={name} text={isCopy ? check.exampleCopy : check.unmarked} />
        </>
    )
}
