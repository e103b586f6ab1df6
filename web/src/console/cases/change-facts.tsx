/** Changing the facts of a case: one window with the form and the difference. Its address is the page with `?change`. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo } from "../api.ts"
import { useSearchTexts } from "../../kit/address.ts"
import { Window } from "../../kit/dialog.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { WaitsForSecond, waits } from "../../kit/notice.tsx"
import type { Approval, Case } from "../answers.ts"
import { useCan } from "../artifacts/viewer.tsx"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import { detailOf } from "../release/effect-parts.tsx"
import { useRequest } from "../release/request-state.tsx"
import { FactsDifference, AmendmentNotice } from "./amendment-diff.tsx"
import { CaseForm } from "./case-form.tsx"
import { usePublication } from "./publication.tsx"
import { t } from "../../messages/message.ts"

/** Opens the window on the page that shows this link. A published case is corrected on its own page. */
export function ChangeFacts({ caseId }: { caseId: string }) {
    const isPublished = (usePublication(caseId)?.advisory ?? null) !== null
    if (!useCan()("case:write")) return null
    return isPublished ? (
        <Link className="button plain" to={`/cases/${caseId}/release/correction`}>
            {t("Correct the advisory")}
        </Link>
    ) : (
        <Link className="button plain" to="." search={{ change: "facts" } as never} resetScroll={false}>
            {t("Change…")}
        </Link>
    )
}

/** Returns whether the address opens the window, and opens or closes it. */
export function useFactsWindow(): readonly [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
    const [texts, change] = useSearchTexts()
    return [texts["change"] === "facts", (isOpen) => change({ change: isOpen ? "facts" : null })]
}

export function FactsWindow({ subject }: { subject: Case }) {
    const [isOpen, setOpen] = useFactsWindow()
    const [isRequested, setRequested] = useState(false)
    const mayChange = useCan()("case:write")
    const close = () => {
        setRequested(false)
        setOpen(false)
    }
    return (
        <Window title={t("Facts of {title}", { title: subject.title })} wide open={isOpen && mayChange} onClose={close}>
            {isRequested ? (
                <WaitsForSecond />
            ) : (
                <>
                    <AmendmentNotice subject={subject} />
                    <CaseForm
                        from={subject}
                        submit={t("Save changes")}
                        write={(body) => writeTo("PUT", `/api/cases/${subject.id}`, body)}
                        onDone={(answer) => (waits(answer) ? setRequested(true) : close())}
                        below={(details) => <FactsDifference before={subject} after={details} />}
                    />
                </>
            )}
        </Window>
    )
}

/** Returns the request to change the facts of this case that waits, or is signed and not applied. */
export const useAmendment = (caseId: string): Approval | undefined =>
    useRequest((approval) => approval.action === "case.amend" && detailOf(approval).case === caseId)

/** A row of what needs attention: the change is signed or applied here. */
export function AmendmentRow({ amendment }: { amendment: Approval }) {
    const isSigned = amendment.state === "signed"
    return (
        <li>
            <span className="square due">
                <Icon name="sign" />
            </span>
            <div className="grow">
                <div className="title">
                    {isSigned
                        ? t("The change of the facts is signed: apply it")
                        : t("The change of the facts needs a second signature")}
                </div>
                <div className="why">{t("requested by {requester}", { requester: amendment.requestedBy.name })}</div>
            </div>
            {isSigned ? <CarryOut approval={amendment} /> : <SignDialog approval={amendment} />}
        </li>
    )
}
