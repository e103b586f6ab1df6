/** Defines the state of a running installation: releases, jobs, keys and channels. */
import type { Instant } from "@tocsin/base/instant"
import type { BackupState } from "../../trust/continuity/backups/plan.ts"
import type { WitnessingState } from "../../trust/receipts/witnesses/state.ts"
import type { Doubt } from "../../models/clock-trust.ts"

/** All of them must be met for releases to run. */
export const releaseConditions = ["quarantine", "clocks", "worker", "overdue"] as const

export type ReleaseCondition = (typeof releaseConditions)[number]

export const jobStates = ["running", "late", "never_ran"] as const

/** The waves that are released together next. */
export interface NextRelease {
    readonly at: Instant
    readonly waves: number
    readonly approved: number
}

export interface JobHealth {
    readonly job: string
    readonly state: (typeof jobStates)[number]
    /** Wall-clock time since the last success; null: none yet. */
    readonly ageMs: number | null
}

export interface Health {
    readonly conditions: readonly { readonly condition: ReleaseCondition; readonly isMet: boolean }[]
    /** Why the clocks are distrusted; null where they are not. */
    readonly doubt: Doubt | null
    /** Approved waves that are due and not released. */
    readonly overdue: number
    /** Null also for a reader who may not read waves. */
    readonly next: NextRelease | null
    readonly jobs: readonly JobHealth[]
    readonly pendingEvents: number
    readonly unsentNotices: { readonly partners: number; readonly staff: number }
    readonly auditLog: {
        readonly size: number
        readonly checkpointAt: Instant | null
        readonly unsequenced: number
        readonly damagedSince: Instant | null
    }
    readonly backups: BackupState
    /** Of the receipt log. */
    readonly witnessing: WitnessingState
    readonly publicSite: { readonly advisories: number; readonly lastAt: Instant | null }
}

/** Whether releases run: every condition is met. */
export const canRelease = ({ conditions }: Pick<Health, "conditions">): boolean =>
    conditions.every(({ isMet }) => isMet)
