/** The third step of a correction: a second person reads the difference, signs and publishes. */
import { useState } from "react"
import { permissionByAction } from "../../../../../server/src/kernel/permissions.ts"
import { inOrder, useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Segments } from "../../../kit/layout/segments.tsx"
import { Empty, Failed } from "../../../kit/notice.tsx"
import { useLook, writeTo } from "../../api.ts"
import type { Case } from "../../answers.ts"
import { useCan, useMe, useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import type { Details } from "../../cases/case-rows.ts"
import { Exploited } from "../../cases/public-text.tsx"
import { applyWriteOf } from "../apply-approval.tsx"
import { signApprovals } from "../sign-approvals.ts"
import { Checks, Signers, useWhyNotSign } from "../waves/signature-card.tsx"
import { type Proposed, proposedBy, usePreview } from "./correction-draft.ts"
import { Changes, Notifications, checksOf } from "./correction-rail.tsx"
import type { CorrectionPart } from "./correction-state.ts"
import { Difference } from "./difference.tsx"
import type { Correction } from "./page-changes.ts"
import { StepLine } from "./step-line.tsx"
import { rich, t } from "../../../messages/message.ts"

interface SignCorrectionProps {
    subject: Case
    advisory: string
    /** At least one. */
    parts: readonly CorrectionPart[]
}

export function SignCorrection({ subject, advisory, parts }: SignCorrectionProps) {
    const [chosen, setChosen] = useState(parts[0]?.approval.id)
    const [opened, setOpened] = useState<readonly string[]>([])
    const part = parts.find(({ approval }) => approval.id === chosen) ?? parts[0]
    const isUnread = parts.some(({ approval: { id } }) => id !== part?.approval.id && !opened.includes(id))
    const choose = (id: string) => {
        if (part !== undefined) setOpened([...opened, part.approval.id])
        setChosen(id)
    }
    const { correction, exploited, error } = useCorrectionToRead(subject.id, part)
    const recipients = [...new Set(parts.flatMap(({ approval }) => approval.effects.recipients))]
    const rail = (
        <>
            <SignCard parts={parts} correction={correction} isUnread={isUnread} />
            <Changes correction={correction} others={t("You cannot read the changes here.")} />
            <Notifications subject={subject} correction={correction} recipients={recipients} />
        </>
    )
    return (
        <Columns rail={rail}>
            <div>
                <h2 className="page-question">{rich("Correction of {advisory}", { advisory })}</h2>
                <StepLine step="sign" />
            </div>
            {parts.length > 1 && <PartChoice parts={parts} chosen={part} onChoose={choose} />}
            <Failed error={error} />
            {exploited !== null && <Exploited denials={exploited} />}
            {correction !== null && <Difference correction={correction} />}
            {correction === null && error === null && (
                <Empty title={t("The difference is for the author and the signer.")}>
                    {t("The author reads it before the request, and the second person before the signature.")}
                </Empty>
            )}
        </Columns>
    )
}

interface PartChoiceProps {
    parts: readonly CorrectionPart[]
    chosen: CorrectionPart | undefined
    onChoose: (approval: string) => void
}

function PartChoice({ parts, chosen, onChoose }: PartChoiceProps) {
    const names = useNames()
    return (
        <Segments
            label={t("Part")}
            choices={parts.map(({ approval, artifact }) => ({
                id: approval.id,
                name: artifact === null ? t("Facts") : names.artifact(artifact),
            }))}
            chosen={chosen?.approval.id}
            onChoose={onChoose}
        />
    )
}

/** Reads the changes of a request: to sign it, which is recorded, or for its author from the author's own master. */
function useCorrectionToRead(caseId: string, part: CorrectionPart | undefined) {
    const can = useCan()
    const approval = part?.approval
    const signs = approval?.maySign === true && approval.state === "requested"
    const signed = useLook(signs ? (`/api/approvals/${approval.id}/publication` as const) : null)
    const isAuthor = !signs && can("case:write")
    const artifact = part?.artifact ?? null
    const master = useLook(isAuthor && artifact !== null ? (`/api/artifacts/${artifact}` as const) : null).data
    const proposed = isAuthor ? proposedAgain(part, master) : null
    const own = usePreview(caseId, proposed)
    const text = signed.data?.text ?? null
    return {
        correction: text?.correction ?? (proposed === null ? null : own.preview),
        exploited: text?.exploited === true ? text.denials : null,
        error: signed.error ?? own.error,
    }
}

/** The request as a question to the preview; null: the viewer cannot read its text. */
function proposedAgain(
    part: CorrectionPart | undefined,
    master: { readonly textKind: string; readonly content: string } | undefined,
): Proposed | null {
    if (part === undefined) return null
    if (part.artifact === null) {
        const amendment = part.approval.text as { readonly after: { readonly details?: Details } } | null
        const details = amendment?.after.details
        return details === undefined ? null : proposedBy({ texts: {}, facts: null }, details)
    }
    return master === undefined || master.textKind === "staff_copy"
        ? null
        : { texts: [{ artifact: part.artifact, content: master.content }] }
}

interface SignCardProps {
    parts: readonly CorrectionPart[]
    correction: Correction | null
    /** The viewer did not open every part. */
    isUnread: boolean
}

function SignCard({ parts, correction, isUnread }: SignCardProps) {
    const can = useCan()
    const first = parts.find(({ approval }) => approval.state === "requested") ?? parts[0]
    if (first === undefined) return null
    const lacking = parts.find(({ approval }) => !can(permissionByAction[approval.action] ?? ""))
    return (
        <section className="panel pad signature" aria-label={t("Two signatures")}>
            <h2>{t("Two signatures")}</h2>
            <Signers approval={first.approval} />
            {correction !== null && <Checks checks={checksOf(correction)} />}
            <SignAndPublish parts={parts} first={first} canApply={lacking === undefined} isUnread={isUnread} />
            <Decline parts={parts} />
            <details className="folded">
                <summary>{t("Effects hash")}</summary>
                {parts.map(({ approval }) => (
                    <code key={approval.id} className="hash">
                        {approval.effectsHash}
                    </code>
                ))}
            </details>
            <p className="muted small">
                {lacking === undefined
                    ? t(
                          "Published at once: page, CSAF, CVE records and feeds. Readers can see that it was revised. You cannot undo this.",
                      )
                    : t("After your signature, an author publishes the correction.")}
            </p>
        </section>
    )
}

interface SignAndPublishProps {
    parts: readonly CorrectionPart[]
    /** The first request without a signature, or any. */
    first: CorrectionPart
    canApply: boolean
    isUnread: boolean
}

/** Signs every request and, if the viewer may, applies all of them: texts first, then the facts. */
function SignAndPublish({ parts, first, canApply, isUnread }: SignAndPublishProps) {
    const whyNot = useWhyNot()
    const whyNotSign = useWhyNotSign(first.approval)
    const doing = useWrite()
    const unsigned = parts.filter(({ approval }) => approval.state === "requested")
    const isSigned = unsigned.length === 0
    const { signsWithPasskeys } = useMe()
    const signature = signApprovals(
        unsigned.map(({ approval }) => approval),
        signsWithPasskeys,
    )
    const applied = canApply ? parts.flatMap(({ approval }) => applyWriteOf(approval) ?? []) : []
    const lacks = canApply ? null : whyNot("case:write")
    return (
        <>
            <Failed error={doing.error} />
            <Button
                look="main"
                busy={doing.isPending}
                disabledReason={isSigned ? lacks : (whyNotSign ?? (isUnread ? t("read each part first") : null))}
                onPress={() => doing.mutate(inOrder([...(isSigned ? [] : [signature]), ...applied]))}
            >
                {isSigned ? t("Publish") : canApply ? t("Sign and publish") : t("Sign")}
            </Button>
        </>
    )
}

function Decline({ parts }: { parts: readonly CorrectionPart[] }) {
    const me = useMe()
    const isOwn = parts.every(({ approval }) => approval.requestedBy.id === me.id)
    const declining = useWrite()
    const writes = parts.map(({ approval }) => writeTo("DELETE", `/api/approvals/${approval.id}`))
    return (
        <Opens
            button={isOwn ? t("Withdraw…") : t("Decline…")}
            title={isOwn ? t("Withdraw the correction") : t("Decline the correction")}
            disabledReason={useWhyNot()("approval:void")}
        >
            {(close) => (
                <>
                    <p>{t("The public text stays as it is. The new version of the text stays in the case.")}</p>
                    <Failed error={declining.error} />
                    <div className="row end">
                        <Button
                            look="danger"
                            busy={declining.isPending}
                            onPress={() => declining.mutate(inOrder(writes), { onSuccess: close })}
                        >
                            {isOwn ? t("Withdraw correction") : t("Decline correction")}
                        </Button>
                    </div>
                </>
            )}
        </Opens>
    )
}
