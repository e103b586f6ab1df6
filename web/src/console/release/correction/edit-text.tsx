/** Edits one public text of an advisory. The text is kept as a draft on this device. */
import { useEffect, useState } from "react"
import { Button } from "../../../kit/button.tsx"
import { useDraft } from "../../../kit/draft-scope.tsx"
import { Failed, Loaded, Waiting } from "../../../kit/notice.tsx"
import { useLook } from "../../api.ts"
import type { Artifact } from "../../answers.ts"
import { useDraftCheck } from "../../artifacts/draft-check.ts"
import { Consent, asksForConsent } from "../../artifacts/master-consent.tsx"
import { SlotEditor } from "../../artifacts/slot-editor.tsx"
import { t } from "../../../messages/message.ts"

export interface EditedText {
    /** The newest version as stored. */
    readonly content: string
    readonly text: string
}

interface EditTextProps {
    artifact: Artifact
    /** Undefined: not opened yet. */
    edited: EditedText | undefined
    /** Merges into the newest state. */
    onEdit: (change: (edited: EditedText | undefined) => EditedText) => void
}

/** An editor who did not write the version reads the master first; this can take a second person's consent. */
export function EditText({ artifact, edited, onEdit }: EditTextProps) {
    const [readsMaster, setReadsMaster] = useState(false)
    const [consented, setConsented] = useState<string | null>(null)
    const path = readsMaster
        ? (`/api/artifacts/${artifact.id}/master` as const)
        : (`/api/artifacts/${artifact.id}` as const)
    const found = useLook(path)
    const editor = (content: string) => (
        <TextEditor artifact={artifact} content={content} edited={edited} onEdit={onEdit} />
    )
    if (consented !== null) return editor(consented)
    if (asksForConsent(found.error)) {
        return (
            <div className="pad flow">
                <Failed error={found.error} />
                <Consent artifact={artifact} onRead={({ content }) => setConsented(content)} />
            </div>
        )
    }
    return (
        <Loaded query={found}>
            {({ textKind, content, version }) =>
                // After a save, the text of the version before is still in memory until the new one arrives.
                version < artifact.version ? (
                    <Waiting error={null} />
                ) : textKind === "staff_copy" ? (
                    <div className="pad">
                        <Button look="main" onPress={() => setReadsMaster(true)}>
                            {t("Read the master to edit")}
                        </Button>
                    </div>
                ) : (
                    editor(content)
                )
            }
        </Loaded>
    )
}

interface TextEditorProps extends EditTextProps {
    content: string
}

function TextEditor({ artifact, content, edited, onEdit }: TextEditorProps) {
    const text = edited?.text ?? content
    const check = useDraftCheck(artifact, text)
    const change = (value: string) => onEdit(() => ({ content, text: value }))
    useDraft({ label: artifact.name, value: text, onChange: change })
    useEffect(() => {
        // A kept draft may have come first.
        onEdit((newest) => newest ?? { content, text: content })
        // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the text is opened
    }, [content])
    return (
        <SlotEditor
            artifact={artifact}
            text={text}
            check={check}
            state={text === content ? t("no changes yet") : t("kept on this device")}
            onChange={change}
        />
    )
}
