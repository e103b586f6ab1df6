/** Correcting a published advisory: edit, difference, sign, published. The state of its requests decides the step. */
import { useState } from "react"
import { Button } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Empty, Failed, Loaded } from "../../../kit/notice.tsx"
import type { Approval, Case } from "../../answers.ts"
import { useCan } from "../../artifacts/viewer.tsx"
import { useRead } from "../../api.ts"
import { CasePage } from "../../cases/case-page.tsx"
import { useCaseArtifacts } from "../../cases/case-reads.ts"
import { WouldBeRefused, usePublicationRead } from "../../cases/publication.tsx"
import { Signers } from "../waves/signature-card.tsx"
import { usePreview } from "./correction-draft.ts"
import { useCorrections } from "./correction-reads.ts"
import { Difference } from "./difference.tsx"
import { EditCorrection } from "./edit-correction.tsx"
import { SignCorrection } from "./sign-correction.tsx"
import { StepLine } from "./step-line.tsx"
import { rich, t } from "../../../messages/message.ts"

export function CorrectionScreen({ id }: { id: string }) {
    return (
        <Loaded query={useRead(`/api/cases/${id}`)}>
            {(subject) => (
                <CasePage subject={subject} tab="release" part={t("Correction")}>
                    <CorrectionOfCase subject={subject} />
                </CasePage>
            )}
        </Loaded>
    )
}

function CorrectionOfCase({ subject }: { subject: Case }) {
    return (
        <Loaded query={usePublicationRead(subject.id)}>
            {({ advisory }) =>
                advisory === null ? (
                    <Empty title={t("No advisory yet.")}>
                        {t("Tocsin publishes the advisory when the embargo ends. Then you can correct it here.")}
                    </Empty>
                ) : (
                    <Correction subject={subject} advisory={advisory} />
                )
            }
        </Loaded>
    )
}

function Correction({ subject, advisory }: { subject: Case; advisory: string }) {
    const { open, last } = useCorrections(subject.id)
    const artifacts = useCaseArtifacts(subject.id)
    const [begunAfter, setBegunAfter] = useState<string | null>(null)
    if (open.length > 0) return <SignCorrection subject={subject} advisory={advisory} parts={open} />
    if (last !== null && begunAfter !== last.id) {
        return <Published subject={subject} advisory={advisory} last={last} onAgain={() => setBegunAfter(last.id)} />
    }
    return (
        <Loaded query={artifacts}>
            {({ artifacts }) => <EditCorrection subject={subject} advisory={advisory} artifacts={artifacts} />}
        </Loaded>
    )
}

interface PublishedProps {
    subject: Case
    advisory: string
    /** The request that was applied last. */
    last: Approval
    onAgain: () => void
}

const nothing = { texts: [] }

function Published({ subject, advisory, last, onAgain }: PublishedProps) {
    const can = useCan()("case:write")
    const { preview, error } = usePreview(subject.id, can ? nothing : null)
    const rail = (
        <section className="panel pad signature" aria-label={t("Published")}>
            <h2>
                {preview === null ? t("Published") : t("Revision {revision} is public", { revision: preview.revision })}
            </h2>
            <Signers approval={last} />
            <p className="muted small">{rich("Published {when}", { when: <When at={last.appliedAt} short /> })}</p>
            {preview !== null && (
                <a className="button main" href={preview.address} target="_blank" rel="noreferrer">
                    {t("Open the public page")}
                </a>
            )}
            {can && <Button onPress={onAgain}>{t("Correct again")}</Button>}
        </section>
    )
    return (
        <Columns rail={rail}>
            <div>
                <h2 className="page-question">{rich("Correction of {advisory}", { advisory })}</h2>
                <StepLine step="published" />
            </div>
            <WouldBeRefused caseId={subject.id} />
            <Failed error={error} />
            {preview !== null && <Difference correction={preview} />}
        </Columns>
    )
}
