/** The text of one artifact: reading it, which is recorded, and writing the next version. */
import { useState } from "react"
import { isTestable } from "../../../../server/src/share/delivery/test-result.ts"
import { Button } from "../../kit/button.tsx"
import { Failed, Loaded, Waiting } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import type { Artifact } from "../answers.ts"
import { type AnswerTo, useLook } from "../api.ts"
import { Results } from "../cases/reports/test-results.tsx"
import { ArtifactEditor } from "./artifact-editor.tsx"
import { Issues } from "./issues.tsx"
import { Consent, asksForConsent } from "./master-consent.tsx"
import { TextView, isMarkdown } from "./text-view.tsx"
import { useCan, useWhyNot } from "./viewer.tsx"
import { t } from "../../messages/message.ts"

type Read = AnswerTo<"/api/artifacts/{id}">

/**
 * Reads the staff copy or the author's own master. An editor who did not write the version reads the master before
 * writing the next one; this can take a second person's consent.
 */
export function ArtifactText({ artifact }: { artifact: Artifact }) {
    const canRead = useCan()("artifact:read")
    const [toRevise, setToRevise] = useState(false)
    const found = useLook(canRead ? `/api/artifacts/${artifact.id}${toRevise ? "/master" : ""}` : null)
    const [consented, setConsented] = useState<Read | null>(null)
    const whyNot = useWhyNot()("artifact:read")
    if (whyNot !== null) return <p className="muted">{t("You cannot read the text ({reason}).", { reason: whyNot })}</p>
    if (consented !== null) return <Shown artifact={artifact} read={consented} />
    if (asksForConsent(found.error)) {
        return (
            <div className="flow">
                <Failed error={found.error} />
                <div className="row">
                    <Consent artifact={artifact} onRead={setConsented} />
                </div>
            </div>
        )
    }
    return (
        <Loaded query={found}>
            {(read) =>
                // After a save, the text of the version before is still in memory until the new one arrives.
                read.version < artifact.version ? (
                    <Waiting error={null} />
                ) : (
                    <Shown key={read.textKind} artifact={artifact} read={read} onMaster={() => setToRevise(true)} />
                )
            }
        </Loaded>
    )
}

const readAs: Readonly<Record<Read["textKind"], string>> = {
    master: t("The master, without marks"),
    staff_copy: t("Your own marked copy: its wording identifies it if it leaks"),
    unmarked: t("No marks: the text is the same for all readers"),
}

interface ShownProps {
    artifact: Artifact
    read: Read
    onMaster?: () => void
}

function Shown({ artifact, read, onMaster }: ShownProps) {
    const disabledReason = useWhyNot()("artifact:write")
    const [isEditing, setEditing] = useState(false)
    const { content, version, textKind, findings } = read
    const isCopy = textKind === "staff_copy"
    const isMaster = textKind === "master" && disabledReason === null
    if (isMaster || (isEditing && !isCopy)) {
        return (
            <div className="flow">
                <ArtifactEditor
                    artifact={artifact}
                    content={content}
                    findings={findings}
                    {...(!isMaster && { onClose: () => setEditing(false) })}
                />
                {isTestable(artifact.class) && <Results artifact={artifact} />}
            </div>
        )
    }
    return (
        <div className="flow">
            <div className="editor-frame">
                <div className="editor-bar">
                    <b className="mono">{artifact.name}</b>
                    <span className="badge">{t("version {version}", { version })}</span>
                    <span className="muted small">{readAs[textKind]}</span>
                    <span className="push">
                        <Button
                            look="main"
                            disabledReason={disabledReason}
                            onPress={() => (isCopy ? onMaster?.() : setEditing(true))}
                        >
                            {isCopy
                                ? t("Read the master to edit")
                                : t("Edit version {version}", { version: version + 1 })}
                        </Button>
                    </span>
                </div>
                <TextOf read={read} />
            </div>
            <Issues findings={findings} />
            {findings.length > 0 && isCopy && (
                <p className="muted">{t("Line numbers are those of the master. In your copy they can differ.")}</p>
            )}
            {isTestable(artifact.class) && <Results artifact={artifact} />}
        </div>
    )
}

/** A Markdown text is shown as a page, or as written. A master is only shown as written: its slots are notation. */
function TextOf({ read: { name, textKind, content } }: { read: Read }) {
    const [isWritten, setWritten] = useState(false)
    const label = textKind === "staff_copy" ? t("Your copy") : t("Master text")
    if (textKind === "master") return <Reading label={label} text={content} />
    if (!isMarkdown(name)) return <TextView label={label} name={name} text={content} />
    return (
        <>
            {isWritten ? (
                <Reading label={label} text={content} />
            ) : (
                <TextView label={label} name={name} text={content} />
            )}
            <div className="editor-status">
                <button type="button" className="link" onClick={() => setWritten(!isWritten)}>
                    {isWritten ? t("Show as a page") : t("Show as written")}
                </button>
            </div>
        </>
    )
}
