/** An act of two people, in the place where it is asked for: asked by one, signed by another, carried out. */
import type { ReactNode } from "react"
import { Badge } from "../../kit/table.tsx"
import type { Approval } from "../answers.ts"
import { SignDialog, TakeBack, useApprovals } from "./approvals.tsx"
import { CarryOut } from "./apply-approval.tsx"

interface AskedProps {
    /** The act, in a word or two. */
    name: string
    /** Whether an approval is for this act. */
    matches: (approval: Approval) => boolean
    /** How it is asked for: shown where nothing of it waits. */
    children: ReactNode
}

export function AskedOrSigned({ name, matches, children }: AskedProps) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const signed = recent.find((approval) => approval.state === "signed" && matches(approval))
    const waits = pending.find(matches)
    if (signed !== undefined) {
        return (
            <span className="row">
                <Badge tone="good">{`${name}: signed by ${signed.signedBy?.name}`}</Badge>
                <TakeBack approval={signed} />
                <CarryOut approval={signed} />
            </span>
        )
    }
    if (waits !== undefined) {
        return (
            <span className="row">
                <Badge tone="due">{`${name}: asked by ${waits.requestedBy.name}`}</Badge>
                <TakeBack approval={waits} />
                <SignDialog approval={waits} />
            </span>
        )
    }
    return children
}
