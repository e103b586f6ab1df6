/**
 * A tracing instruction is a member's choice for the next releases of a class, signed by another member. It ends when
 * the inquiry is closed. A signed extension keeps it until a set day, with a responsible member.
 */
import type { Colluders } from "@tocsin/marks/code"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"
import { validateReason } from "./history.ts"

/** The code design that an instruction sets, and why. */
export interface CodeDesignChoice {
    readonly case: string
    readonly class: ArtifactClass
    /** The number of colluders that codewords are generated for. */
    readonly colluders: Colluders
    readonly reason: string
    /** The assumed number of colluders, and the expected gain of information in bits, at the time of the choice. */
    readonly assumedColluders: number
    readonly gainBits: number
}

/** Reason, responsible member and end of an extension. */
export interface ExtensionTerms {
    readonly reason: string
    /** The responsible member. */
    readonly owner: string
    /** Exclusive end. */
    readonly until: Instant
}

/** A request that needs two people. */
export interface ApprovalRequest {
    readonly id: string
    readonly salt: string
    readonly approval: string
    readonly state: ApprovalState
    readonly requestedBy: string
    readonly requestedAt: Instant
}

/** An extension with its approval. */
export interface Extension extends ExtensionTerms, ApprovalRequest {
    /** Null until the inquiry was closed with this extension. */
    readonly extendedAt: Instant | null
}

/** A tracing instruction with its approval and its extensions. */
export interface TracingInstruction extends CodeDesignChoice, ApprovalRequest {
    /** Null until the signature is applied. */
    readonly activatedAt: Instant | null
    /** Null while it is active, or where it never was. */
    readonly endedAt: Instant | null
    /** Oldest first. */
    readonly extensions: readonly Extension[]
}

export const extensionDaysMax = 180

/** Validates an extension. Refuses `inquiry.bad_owner`, `inquiry.no_reason` and a day outside the limits. */
export function validateExtension(
    { reason, owner, until }: ExtensionTerms,
    members: readonly string[],
    now: Instant,
): void {
    validateReason(reason)
    if (!members.includes(owner))
        refuse("invalid", "inquiry.bad_owner", "the owner of an extension must be a member of the inquiry")
    if (!(until > now && until <= now + extensionDaysMax * dayMs)) {
        refuse("invalid", "inquiry.bad_end", `the end must be in the future and within \`${extensionDaysMax}\` days`, {
            max: extensionDaysMax,
        })
    }
}

/** Returns when a tracing instruction ends: at the day of its extension, or at closing. */
export function endOf(
    closedAt: Instant | null,
    extensions: readonly Pick<Extension, "extendedAt" | "until">[],
    now: Instant,
): Instant | null {
    const until = extensions.findLast((extension) => extension.extendedAt !== null)?.until ?? Infinity
    const end = Math.min(closedAt ?? Infinity, until)
    return end <= now ? end : null
}

/** Tells whether a tracing instruction is active. */
export const isActive = ({ activatedAt, endedAt }: Pick<TracingInstruction, "activatedAt" | "endedAt">): boolean =>
    activatedAt !== null && endedAt === null
