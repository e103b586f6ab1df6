/** A requested import as the second person reads it: every line, and the signature. */
import type { ReactNode } from "react"
import { Page } from "../../../kit/layout/page.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { type AnswerTo, useRead } from "../../api.ts"
import type { Approval } from "../../answers.ts"
import { CarryOut } from "../../release/apply-approval.tsx"
import { SignDialog, TakeBack, useApprovals } from "../../release/approvals.tsx"
import { Lines, Sums } from "./plan.tsx"
import { t } from "../../../messages/message.ts"

const path = [
    { to: "/partners", name: t("Partners") },
    { to: "/partners/import", name: t("Import") },
]

export function RequestedImport({ id }: { id: string }) {
    const plan = useRead(`/api/partner-imports/${id}`)
    return (
        <Page title={t("Requested import")} path={path}>
            <Loaded query={plan}>
                {(found) => (
                    <>
                        <Sums plan={found} />
                        <p>
                            {t(
                                "Each new person gets a sign-in link by mail. Until two people admit a partner, its people see no warnings, only the partner's own data.",
                            )}
                        </p>
                        <Signature id={id} state={found.state} />
                        <Lines lines={found.lines} signed />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

type State = AnswerTo<"/api/partner-imports/{id}">["state"]

const outcomes: Partial<Readonly<Record<State, ReactNode>>> = {
    applied: <Notice tone="good">{t("This import was applied.")}</Notice>,
    voided: <Notice>{t("This import was withdrawn or voided.")}</Notice>,
    expired: <Notice>{t("This import expired: request it again.")}</Notice>,
}

function Signature({ id, state }: { id: string; state: State }) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find((item) => item.id === id)
    if (state !== "requested" && state !== "signed") return outcomes[state]
    if (approval === undefined) return null
    return (
        <>
            <p className="muted">{signatureText(approval)}</p>
            <div className="row end">
                <TakeBack approval={approval} />
                {state === "signed" ? <CarryOut approval={approval} /> : <SignDialog approval={approval} />}
            </div>
        </>
    )
}

function signatureText({ requestedBy, signedBy }: Approval): string {
    const values = { requester: requestedBy.name, signer: signedBy?.name }
    return signedBy === null
        ? t("Requested by {requester}. Needs a second signature.", values)
        : t("Requested by {requester}, signed by {signer}.", values)
}
