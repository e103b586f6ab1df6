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
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const signed = recent.find((approval) => approval.state === "signed" && matches(approval))
    const waits = pending.find(matches)
    if (signed !== undefined) {
        return (
            <span className="row">
                <Badge tone="good">
                    {t("{action}: signed by {signer}", { action: name, signer: signed.signedBy?.name })}
                </Badge>
                <TakeBack approval={signed} />
                <CarryOut approval={signed} />
            </span>
        )
    }
    if (waits !== undefined) {
        return (
            <span className="row">
                <Badge tone="due">
                    {t("{action}: requested by {requester}", { action: name, requester: waits.requestedBy.name })}
                </Badge>
                <TakeBack approval={waits} />
                <SignDialog approval={waits} />
            </span>
        )
    }
    return children
}
