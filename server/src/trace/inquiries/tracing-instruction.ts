/**
 * A provision: what a member of an inquiry chose for the next release of a class, and another signed. It is provisional: it ends
 * when the inquiry is closed, unless whoever closes it carries it on until a day, as two have signed, and somebody answers for it.
 */
import type { Colluders } from "@tocsin/marks/code"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"
import { validateReason } from "./history.ts"

export interface Chosen {
    readonly case: string
    readonly class: ArtifactClass
    /** The words are drawn for so many who put their copies together. */
    readonly colluders: Colluders
    readonly reason: string
    /** How many that was thought to be when it was chosen, and how many bits more the release was expected to tell. */
    readonly together: number
    readonly gain: number
}

/** Why, by whom and until when a provision goes on after its inquiry is closed. */
export interface Carrying {
    readonly reason: string
    /** Who answers for it: a member. */
    readonly owner: string
    /** Half-open. */
    readonly until: Instant
}

/** What was asked for with two hands. */
export interface Asked {
    readonly id: string
    readonly salt: string
    readonly approval: string
    readonly state: ApprovalState
    readonly askedBy: string
    readonly askedAt: Instant
}

export interface Carried extends Carrying, Asked {
    /** Null until the inquiry was closed with it. */
    readonly carriedAt: Instant | null
}

export interface Provision extends Chosen, Asked {
    /** Null until the signature was used for it. */
    readonly inForceAt: Instant | null
    /** Null while it is in force, or was never. */
    readonly endedAt: Instant | null
    /** Oldest first. */
    readonly carryings: readonly Carried[]
}

export const carryDaysMax = 180

export function validateCarrying({ reason, owner, until }: Carrying, members: readonly string[], now: Instant): void {
    validateReason(reason)
    if (!members.includes(owner)) refuse("invalid", "inquiry.bad_owner", "a member answers for what is carried on")
    if (!(until > now && until <= now + carryDaysMax * dayMs)) {
        refuse(
            "invalid",
            "inquiry.bad_end",
            `it is carried on for \`${carryDaysMax}\` days at most, and to an instant to come`,
        )
    }
}

/** By its day, where that has come, or by a closing. */
export function endOf(
    closedAt: Instant | null,
    carryings: readonly Pick<Carried, "carriedAt" | "until">[],
    now: Instant,
): Instant | null {
    const until = carryings.findLast((carried) => carried.carriedAt !== null)?.until ?? Infinity
    const end = Math.min(closedAt ?? Infinity, until)
    return end <= now ? end : null
}

export const isInForce = ({ inForceAt, endedAt }: Pick<Provision, "inForceAt" | "endedAt">): boolean =>
    inForceAt !== null && endedAt === null
