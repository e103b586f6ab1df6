/** An action of two people on one screen: one requests, another signs, then one applies. */
import type { ReactNode } from "react"
import { Badge } from "../../kit/table.tsx"
import type { Approval } from "../answers.ts"
import { useApprovals } from "./approval-reads.ts"
import { SignDialog, TakeBack } from "./approvals.tsx"
import { CarryOut } from "./apply-approval.tsx"
import { t } from "../../messages/message.ts"

interface AskedProps {
    /** The action, in one or two words. */
    name: string
    /** Whether an approval is for this action. */
    matches: (approval: Approval) => boolean
    /** The request form. It is hidden while a request is open. */
    children: ReactNode
}

/** Returns the open or signed request that matches. */
export function useRequest(matches: (approval: Approval) => boolean): Approval | undefined {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    return recent.find((approval) => approval.state === "signed" && matches(approval)) ?? pending.find(matches)
}

export function AskedOrSigned({ name, matches, children }: AskedProps) {
    const request = useRequest(matches)
    if (request === undefined) return children
    const isSigned = request.state === "signed"
    return (
        <span className="row">
            <Badge tone={isSigned ? "good" : "due"}>
                {isSigned
                    ? t("{action}: signed by {signer}", { action: name, signer: request.signedBy?.name })
                    : t("{action}: requested by {requester}", { action: name, requester: request.requestedBy.name })}
            </Badge>
            <TakeBack approval={request} />
            {isSigned ? <CarryOut approval={request} /> : <SignDialog approval={request} />}
        </span>
    )
}
