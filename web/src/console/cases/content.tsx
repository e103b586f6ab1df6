/** The content of a case: its deletion by two people, and its legal hold. */
import type { ReactNode } from "react"
import { reasonLength } from "../../../../server/src/share/cases/hold.ts"
import type { Obstacle } from "../../../../server/src/trace/case-content/case-content.ts"
import { useRead, writeTo } from "../api.ts"
import { FormWindow, reasonField } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Notice } from "../../kit/notice.tsx"
import { stillLoading } from "../../kit/text.ts"
import type { Case } from "../answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { listText, rich, t } from "../../messages/message.ts"

export const useContent = (id: string) => useRead(`/api/cases/${id}/content`)

const obstacleTexts: Readonly<Record<Obstacle, string>> = {
    on_hold: t("the case is under legal hold"),
    not_ended: t("the case is neither published nor closed"),
    wave_open: t("a wave waits for its release"),
    filing_open: t("a regulatory clock is open"),
    question_open: t("a question is open"),
    recall_open: t("a partner has not confirmed a recall"),
    approval_open: t("an approval about the case is open"),
}

/** Returns why this viewer cannot request the deletion now; null: it can. */
export function useWhyNotDelete({ id }: Case): string | null {
    const lacks = useWhyNot()("case:delete")
    const content = useContent(id).data
    const [obstacle] = content?.obstacles ?? []
    return lacks ?? (content === undefined ? stillLoading : obstacle === undefined ? null : obstacleTexts[obstacle])
}

/** Says that the content was deleted, and that the case is under legal hold. */
export function ContentNotice({ subject: { id } }: { subject: Case }) {
    const names = useNames()
    const content = useContent(id).data
    if (content === undefined) return null
    const { deletion, hold } = content
    return (
        <>
            {deletion !== null && <DeletionNotice {...deletion} />}
            {hold !== null && (
                <Notice tone="due">
                    <span>
                        {rich("Legal hold since {since}, {person}: {reason}", {
                            since: <When at={hold.setAt} />,
                            person: names.person(hold.setBy),
                            reason: hold.reason,
                        })}
                    </span>
                </Notice>
            )}
        </>
    )
}

function DeletionNotice({ at, people: ids }: { at: string; people: readonly string[] }) {
    const names = useNames()
    const when = <When at={at} />
    const people = listText(ids.map(names.person), "and")
    return (
        <Notice tone="due">
            <span>
                {ids.length === 0
                    ? rich("Content deleted, {when}. A restored backup deleted it again.", { when })
                    : rich("Content deleted by {people}, {when}.", { people, when })}{" "}
                {t("The audit log, receipts and the public advisory stay.")}
            </span>
        </Notice>
    )
}

interface WindowProps {
    subject: Case
    open: boolean
    onClose: () => void
}

const reasonRequest = { ...reasonField, length: reasonLength, hint: t("kept encrypted") }

export function HoldWindow({ subject, open, onClose }: WindowProps) {
    return (
        <FormWindow
            title={t("Place a legal hold")}
            submit={t("Place the legal hold")}
            open={open}
            onClose={onClose}
            requests={[reasonRequest]}
            write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/hold`, { reason })}
        >
            <p>
                {t(
                    "From now on, neither the content of the case nor its evidence can be deleted, even if a deletion is signed. Lifting the hold needs a second signature.",
                )}
            </p>
        </FormWindow>
    )
}

export function LiftHoldWindow({ subject, open, onClose }: WindowProps) {
    return (
        <FormWindow
            title={t("Lift the legal hold")}
            submit={t("Request a second signature")}
            open={open}
            onClose={onClose}
            requests={[reasonRequest]}
            write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/hold/lift`, { reason })}
        >
            <p>{t("Needs a second signature. Then two people can delete the content of the case and its evidence.")}</p>
        </FormWindow>
    )
}

export function DeleteContentWindow({ subject, open, onClose }: WindowProps) {
    return (
        <FormWindow
            title={t("Delete the content")}
            submit={t("Request a second signature")}
            look="danger"
            open={open}
            onClose={onClose}
            requests={[reasonRequest]}
            write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/delete-content`, { reason })}
        >
            <p>{t("Needs a second signature.")}</p>
            <DeletionText />
        </FormWindow>
    )
}

/** Tells the requester and the signer which parts a deletion destroys. */
export function DeletionText(): ReactNode {
    return (
        <>
            <p>
                {t(
                    "Deletion destroys the case's key, and with it the title, facts, artifacts and samples, embargo reasons, parties, reports, test results, questions and filings. Marks in copies that leak later cannot be read. Partners can no longer fetch or read anything of the case.",
                )}
            </p>
            <p>
                {t(
                    "The public advisory, the audit log, receipts and who received what stay. Evidence and inquiries have keys of their own, and stay. Partners keep fetched copies. Backups from before the deletion hold the key until you delete them. You cannot undo this.",
                )}
            </p>
        </>
    )
}
