/** Closes a case that will not be published. One person does this, permanently. */
import { writeTo } from "../../api.ts"
import { FormWindow, reasonField } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Notice } from "../../../kit/notice.tsx"
import type { Case } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

const whyTexts = {
    cancelled: t("this case is cancelled"),
    withdrawn: t("this case is withdrawn"),
} as const

/** Returns why a case accepts no changes; null while it is open. */
export function closedWhy({ closure: closing }: Case): string | null {
    return closing === null ? null : whyTexts[closing.kind]
}

export function ClosingNotice({ subject: { closure: closing } }: { subject: Case }) {
    if (closing === null) return null
    const when = <When at={closing.at} />
    return (
        <Notice tone="due">
            <span>
                {closing.kind === "cancelled"
                    ? rich(
                          "This case was cancelled before any partner was warned, {when}. No further wave is released.",
                          { when },
                      )
                    : rich(
                          "This case was withdrawn: the warned partners were notified, {when}. No further wave is released.",
                          { when },
                      )}
            </span>
        </Notice>
    )
}

export function useWhyNotClose(subject: Case): string | null {
    const lacks = useWhyNot()("case:write")
    return lacks ?? closedWhy(subject) ?? (subject.phase === "ended" ? t("the case is public") : null)
}

interface CloseProps {
    subject: Case
    open: boolean
    onClose: () => void
}

export function CloseWindow({ subject, open, onClose }: CloseProps) {
    return (
        <FormWindow
            title={t("Close this case: it will not be published")}
            submit={t("Close case")}
            look="danger"
            open={open}
            onClose={onClose}
            requests={[
                {
                    ...reasonField,
                    length: { min: 1, max: 2000 },
                    hint: t("encrypted; partners learn that the case is withdrawn, not why"),
                },
            ]}
            write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/close`, { reason })}
        >
            <p>
                {t(
                    "No further wave is released, and open approvals are void. Before a partner is warned, the case is cancelled. After that it is withdrawn, and warned partners are notified. You can do this alone. You cannot undo this, and you cannot call back fetched copies.",
                )}
            </p>
        </FormWindow>
    )
}
