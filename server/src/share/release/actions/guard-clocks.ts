/**
 * The clock guard: while the clocks are distrusted, nothing is released. Released content stays readable.
 *
 * It checks repeatedly, and each release checks again in its own transaction. Clocks that agree for a minute are
 * trusted again. Two people confirm a clock where agreement proves nothing, such as after a correct jump.
 */
import type { Json } from "@tocsin/base/canonical"
import {
    type Doubt,
    type ClockMemory,
    confirmedMemory,
    backwardMsMax,
    doubtOf,
    nextMemory,
} from "../../../models/clock-trust.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { findClockMemory, saveClockMemory, lockClockMemory } from "../../../platform/time/clock-baseline.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"

/** The maximum age of the stored reading. A check that changes nothing is written only when the reading is older. */
const readingAgeMsMax = 5_000

/** Checks the clocks even when no wave is due, so that a doubt is known before it matters. */
export const watchClocksJob: BackgroundJob = {
    name: "watching",
    run: async (services) => {
        await services.db.transaction(async (tx) => {
            const before = await findClockMemory(tx)
            const { memory, change } = nextMemory(before, await services.clockSources.read(tx))
            if (before !== null && change === null && !hasChanged(memory, before)) return
            await checkClocks({
                tx,
                now: await services.clock.now(tx),
                services,
                actor: { kind: "system", component: "watching" },
            })
        })
        return false
    },
}

function hasChanged(memory: ClockMemory, before: ClockMemory): boolean {
    return (
        memory.distrust?.doubt !== before.distrust?.doubt ||
        (memory.agreedSince === null) !== (before.agreedSince === null) ||
        Object.keys(memory.baselines).length !== Object.keys(before.baselines).length ||
        Math.abs(memory.reading.database - before.reading.database) >= readingAgeMsMax
    )
}

/**
 * Whether anything may be released in this transaction; stores the reading with it. The transaction's time was read
 * earlier, so it may not be ahead of the database's clock.
 */
export async function mayRelease(ctx: ActionContext): Promise<boolean> {
    if (ctx.services.highWater.isQuarantined()) return false
    const { distrust: frozen, reading } = await checkClocks(ctx)
    const isMoved = ctx.services.clock.isMovable === true
    return frozen === null && (isMoved || ctx.now <= reading.database + backwardMsMax)
}

/**
 * Refuses `release.quarantined`, `release.clocks_distrusted`. For every action that opens something under a signature.
 */
export async function assertClocksTrusted(ctx: ActionContext): Promise<void> {
    if (ctx.services.highWater.isQuarantined()) {
        refuse("unavailable", "release.quarantined", "the database is quarantined: reconcile it by two people first")
    }
    if (await mayRelease(ctx)) return
    refuse("conflict", "release.clocks_distrusted", "the clocks are distrusted: let two people confirm the clock first")
}

/** Whether the clocks were distrusted at the last check. Only a hint: `mayRelease` decides. */
export async function areClocksDistrusted(ctx: ActionContext): Promise<boolean> {
    return ((await findClockMemory(ctx.tx))?.distrust ?? null) !== null
}

/** Takes one reading, judges it by the stored state, and records a change. */
async function checkClocks(ctx: ActionContext): Promise<ClockMemory> {
    const before = await lockClockMemory(ctx.tx)
    const { memory, change } = nextMemory(before, await ctx.services.clockSources.read(ctx.tx))
    await saveClockMemory(ctx.tx, memory)
    const { application, database } = memory.reading
    if (change === "distrusted" && memory.distrust !== null) {
        const { doubt } = memory.distrust
        await record(ctx, { kind: "clock.distrusted", doubt, application, database })
        ctx.services.log.error("releases are paused: the clocks are distrusted", { code: doubt })
    }
    if (change === "trusted") {
        await record(ctx, { kind: "clock.trusted", how: "agreement", application, database, approval: null })
        ctx.services.log.warn("the clocks are trusted again", { code: "agreement" })
    }
    return memory
}

/** Returns the stored state; null before the first check. */
export async function findClockState(ctx: ActionContext): Promise<ClockMemory | null> {
    return await findClockMemory(ctx.tx)
}

/** The outcome: done, or an approval that waits for its signature. */
export interface ClockConfirmationOutcome {
    readonly done: boolean
    readonly approval: string | null
}

/**
 * Confirms, by two people, that the database's clock was right at the latest reading.
 *
 * Without `signed`, requests the second signature; with it, releases continue. The confirmation covers that reading:
 * clocks that moved since are distrusted at the next check. Refuses `clock.not_distrusted`, `clock.distrust_mismatch`.
 */
export async function confirmClock(ctx: ActionContext, signed: string | undefined): Promise<ClockConfirmationOutcome> {
    const memory = await lockClockMemory(ctx.tx)
    const frozen = memory?.distrust ?? null
    if (memory === null || frozen === null)
        refuse("conflict", "clock.not_distrusted", "the clocks are trusted: no confirmation is needed")
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effectsOf(memory, frozen)) }
    const { effects } = await loadApproval(ctx, signed)
    const reading = readingIn(effects)
    if (reading?.since !== frozen.since) {
        refuse(
            "conflict",
            "clock.distrust_mismatch",
            "this approval is for an earlier distrust of the clocks: request a new one",
        )
    }
    await applyApproval(ctx, signed, effects)
    await saveClockMemory(ctx.tx, confirmedMemory(memory, { ...memory.reading, ...reading }))
    const { application, database } = reading
    await record(ctx, { kind: "clock.trusted", how: "attestation", application, database, approval: signed })
    ctx.services.log.warn("the clocks are trusted again", { code: "attestation" })
    return { done: true, approval: signed }
}

/** The confirmed facts: when and why the clocks became distrusted, and one whole reading. */
type ConfirmedReading = {
    readonly since: Instant
    readonly doubt: Doubt
    readonly boot: string
    readonly monotonicMs: number
    readonly application: Instant
    readonly database: Instant
}

const confirmAction = "clock.confirm"

/** Returns the effects, which cover this reading only. Refuses `clock.disagrees`. */
function effectsOf({ reading }: ClockMemory, { doubt, since }: NonNullable<ClockMemory["distrust"]>): Effects {
    const { boot, monotonicMs, application, database } = reading
    if (doubtOf(reading, null) !== null) {
        const [here, there] = [formatInstant(application), formatInstant(database)]
        refuse("conflict", "clock.disagrees", `the clocks disagree, \`${here}\` and \`${there}\`: correct them first`, {
            here,
            there,
        })
    }
    const detail: ConfirmedReading = { since, doubt, boot, monotonicMs, application, database }
    return { action: confirmAction, recipients: [], artifacts: [], at: null, detail }
}

/** Returns the confirmed reading; null for another action. */
function readingIn({ action, detail }: { readonly action: string; readonly detail?: Json }): ConfirmedReading | null {
    return action === confirmAction ? (detail as ConfirmedReading) : null
}
