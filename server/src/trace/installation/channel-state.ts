/** A way by which content or notices leave the installation, and what is wrong with it. */
import { type Instant, dayMs } from "@tocsin/base/instant"

export const channelNames = ["portal", "taxii", "csaf", "misp", "webhooks", "mail", "advisories"] as const

export type ChannelName = (typeof channelNames)[number]

export const channelProblems = ["webhook_disabled", "webhook_failing", "mail_undelivered", "mail_waiting"] as const

export interface ChannelProblem {
    readonly problem: (typeof channelProblems)[number]
    /** Null where it concerns no single partner. */
    readonly partner: string | null
    readonly count: number
    readonly since: Instant | null
}

export interface ChannelState {
    readonly channel: ChannelName
    /** Null where the channel has no address of its own. */
    readonly address: string | null
    /** Partners that used it in the counted period. Null: it is public. */
    readonly partners: number | null
    readonly lastAt: Instant | null
    readonly problems: readonly ChannelProblem[]
}

/** The period in which use counts. */
export const countedPeriodMs = 90 * dayMs
