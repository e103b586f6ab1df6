/** The first two steps of a correction: edit the public texts and facts, and read the difference below them. */
import { useState } from "react"
import { inOrder, useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { InScope, useNewScope } from "../../../kit/draft-scope.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Segments } from "../../../kit/layout/segments.tsx"
import { Empty, Failed } from "../../../kit/notice.tsx"
import { isPublicText } from "../../../../../server/src/share/artifacts/artifact.ts"
import type { Artifact, Case } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { FactFields, typedFacts } from "../../cases/case-form.tsx"
import { Checks } from "../waves/signature-card.tsx"
import {
    type CorrectionDraft,
    type Preview,
    changedFacts,
    proposedBy,
    requestsFor,
    usePreview,
} from "./correction-draft.ts"
import { Changes, Notifications, checksOf } from "./correction-rail.tsx"
import { Difference } from "./difference.tsx"
import { EditText } from "./edit-text.tsx"
import { StepLine } from "./step-line.tsx"
import { rich, t } from "../../../messages/message.ts"

interface EditCorrectionProps {
    subject: Case
    advisory: string
    artifacts: readonly Artifact[]
}

export function EditCorrection(props: EditCorrectionProps) {
    const scope = useNewScope(t("Correction"))
    return (
        <InScope scope={scope}>
            <Editing {...props} onRequested={scope.clear} />
        </InScope>
    )
}

const noDraft: CorrectionDraft = { texts: {}, facts: null }

/** Reads the changed facts, or why they are not valid. */
function factsIn(subject: Case, draft: CorrectionDraft) {
    try {
        return { details: changedFacts(subject, draft), wrong: null }
    } catch (error) {
        return { details: null, wrong: error as Error }
    }
}

function Editing({ subject, advisory, artifacts, onRequested }: EditCorrectionProps & { onRequested: () => void }) {
    // In the order of the public page.
    const texts = artifacts
        .filter(
            ({ class: kind, name, tlp, recalled }) =>
                (kind === "summary" || kind === "guidance") && isPublicText(name, tlp) && !recalled,
        )
        .toSorted((a, b) => b.class.localeCompare(a.class) || a.name.localeCompare(b.name))
    const [draft, setDraft] = useState(noDraft)
    const { details, wrong } = factsIn(subject, draft)
    const { preview, isCurrent, error } = usePreview(subject.id, proposedBy(draft, details))
    const changed = texts.filter(({ id }) => preview?.changed.includes(id))
    const hasChanges = details !== null || changed.length > 0
    const rail = (
        <>
            <RequestCard
                preview={preview}
                whyNot={wrong?.message ?? (hasChanges ? (isCurrent ? null : t("checking…")) : t("nothing is changed"))}
                write={inOrder(requestsFor(subject, draft, changed, details))}
                onDone={onRequested}
            />
            <Changes
                correction={preview}
                {...(details !== null && { others: t("Facts that the page does not show.") })}
            />
            <Notifications subject={subject} correction={preview} recipients={null} />
        </>
    )
    return (
        <Columns rail={rail}>
            <div>
                <h2 className="page-question">{rich("Correction of {advisory}", { advisory })}</h2>
                <StepLine step={hasChanges ? "difference" : "edit"} />
            </div>
            <EditPanel subject={subject} texts={texts} draft={draft} onChange={setDraft} />
            <Failed error={wrong ?? error} />
            {preview !== null && <Difference correction={preview} />}
        </Columns>
    )
}

interface RequestCardProps {
    preview: Preview | null
    whyNot: string | null
    write: ReturnType<typeof inOrder>
    onDone: () => void
}

function RequestCard({ preview, whyNot, write, onDone }: RequestCardProps) {
    const lacks = useWhyNot()("case:write")
    const request = useWrite(onDone)
    const isFaulty = preview !== null && preview.faults.length > 0
    return (
        <section className="panel pad signature" aria-label={t("Request")}>
            <h2>{t("Request")}</h2>
            {preview !== null && <Checks checks={checksOf(preview)} />}
            <Failed error={request.error} />
            <Button
                look="main"
                busy={request.isPending}
                disabledReason={lacks ?? whyNot ?? (isFaulty ? t("the documents have errors") : null)}
                onPress={() => request.mutate(write)}
            >
                {t("Request correction")}
            </Button>
            <p className="muted small">{t("Needs a second signature, by a person who wrote no part of it.")}</p>
        </section>
    )
}

interface EditPanelProps {
    subject: Case
    texts: readonly Artifact[]
    draft: CorrectionDraft
    onChange: (change: (draft: CorrectionDraft) => CorrectionDraft) => void
}

const facts = "facts"

function EditPanel({ subject, texts, draft, onChange }: EditPanelProps) {
    const [chosen, setChosen] = useState(texts[0]?.id ?? facts)
    const text = texts.find(({ id }) => id === chosen)
    const whyNot = useWhyNot()("artifact:write")
    if (whyNot !== null)
        return <Empty title={t("You cannot edit the advisory.")}>{t("Reason: {reason}.", { reason: whyNot })}</Empty>
    return (
        <section className="editor-frame" aria-label={t("Edit")}>
            <div className="editor-bar">
                <Segments
                    label={t("Part")}
                    choices={[...texts, { id: facts, name: t("Facts") }]}
                    chosen={chosen}
                    onChoose={setChosen}
                />
            </div>
            {text !== undefined ? (
                <EditText
                    key={`${text.id} ${text.version}`}
                    artifact={text}
                    edited={draft.texts[text.id]}
                    onEdit={(change) =>
                        onChange((before) => ({
                            ...before,
                            texts: { ...before.texts, [text.id]: change(before.texts[text.id]) },
                        }))
                    }
                />
            ) : (
                <div className="pad form">
                    <FactFields
                        facts={draft.facts ?? typedFacts(subject)}
                        onChange={(change) =>
                            onChange((before) => ({
                                ...before,
                                facts: { ...(before.facts ?? typedFacts(subject)), ...change },
                            }))
                        }
                    />
                </div>
            )}
        </section>
    )
}
