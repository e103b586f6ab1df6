/**
 * The guard of the clocks. While they cannot be trusted nothing is released; what was released stays to be read.
 *
 * It looks again and again, and each release asks it once more in its own transaction. Clocks that agree again for a
 * minute are trusted again; what no agreement can show (that a jump was right) two people attest.
 */
import type { Json } from "@tocsin/base/canonical"
import { type Doubt, type Memory, attested, backwardMsMax, judge, next } from "../../../models/clock-trust.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { findClockMemory, saveClockMemory, lockClockMemory } from "../../../platform/time/clock-baseline.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { approval, requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"

/** How old what is kept may be: a look that changes nothing is not written down each time. */
const keptMsMax = 5_000

/** Looks at the clocks whether or not anything is due, so that a doubt is known before it matters. */
export const watchClocksJob: BackgroundJob = {
    name: "watching",
    run: async (services) => {
        await services.db.transaction(async (tx) => {
            const before = await findClockMemory(tx)
            const { memory, change } = next(before, await services.sources.read(tx))
            if (before !== null && change === null && !isNews(memory, before)) return
            await look({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: "watching" } })
        })
        return false
    },
}

function isNews(memory: Memory, before: Memory): boolean {
    return (
        memory.frozen?.doubt !== before.frozen?.doubt ||
        (memory.agreedSince === null) !== (before.agreedSince === null) ||
        Object.keys(memory.anchors).length !== Object.keys(before.anchors).length ||
        Math.abs(memory.reading.database - before.reading.database) >= keptMsMax
    )
}

/**
 * Whether anything may be released in this transaction. What is seen now is kept with it. The program's time was read
 * before: in service it may not be ahead of what the database says by now.
 */
export async function mayRelease(ctx: ActionContext): Promise<boolean> {
    if (ctx.services.highWater.isQuarantined()) return false
    const { frozen, reading } = await look(ctx)
    const isMoved = ctx.services.clock.isMoved === true
    return frozen === null && (isMoved || ctx.now <= reading.database + backwardMsMax)
}

/** For whatever lets somebody read something under a signature, now. */
export async function assertClocksTrusted(ctx: ActionContext): Promise<void> {
    if (ctx.services.highWater.isQuarantined()) {
        refuse("unavailable", "release.quarantined", "the database is quarantined: two people must reconcile it first")
    }
    if (await mayRelease(ctx)) return
    refuse("conflict", "release.clocks_distrusted", "the clocks cannot be trusted: attest them first")
}

/** For whoever only wants to know whether to try; the answer binds nobody. */
export async function isFrozen(ctx: ActionContext): Promise<boolean> {
    return ((await findClockMemory(ctx.tx))?.frozen ?? null) !== null
}

/** One reading, judged by what is remembered at this moment, and its change on record. */
async function look(ctx: ActionContext): Promise<Memory> {
    const before = await lockClockMemory(ctx.tx)
    const { memory, change } = next(before, await ctx.services.sources.read(ctx.tx))
    await saveClockMemory(ctx.tx, memory)
    const { application, database } = memory.reading
    if (change === "frozen" && memory.frozen !== null) {
        const { doubt } = memory.frozen
        await record(ctx, { kind: "clock.distrusted", doubt, application, database })
        ctx.services.log.error("releases are frozen: the clocks cannot be trusted", { code: doubt })
    }
    if (change === "thawed") {
        await record(ctx, { kind: "clock.trusted", how: "agreement", application, database, approval: null })
        ctx.services.log.warn("the clocks are trusted again", { code: "agreement" })
    }
    return memory
}

/** What the operator is shown; null before anybody has looked. */
export async function clockState(ctx: ActionContext): Promise<Memory | null> {
    return await findClockMemory(ctx.tx)
}

/** Done, or the approval that waits for its signature. */
export interface Attestation {
    readonly done: boolean
    readonly approval: string | null
}

/**
 * Two people attest that the database's clock was right at the latest reading: the first call asks for the second
 * signature, the next one, with the signed approval, lets releases go on. It holds for that reading: clocks that
 * have moved since freeze again at the next look.
 */
export async function attestClock(ctx: ActionContext, signed: string | undefined): Promise<Attestation> {
    const memory = await lockClockMemory(ctx.tx)
    const frozen = memory?.frozen ?? null
    if (memory === null || frozen === null) refuse("conflict", "clock.not_distrusted", "the clocks are trusted")
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effectsOf(memory, frozen)) }
    const { effects } = await approval(ctx, signed)
    const reading = readingIn(effects)
    if (reading?.since !== frozen.since) {
        refuse("conflict", "clock.distrust_mismatch", "this is no attestation of the freeze that lasts now: ask anew")
    }
    await useApproval(ctx, signed, effects)
    await saveClockMemory(ctx.tx, attested(memory, { ...memory.reading, ...reading }))
    const { application, database } = reading
    await record(ctx, { kind: "clock.trusted", how: "attestation", application, database, approval: signed })
    ctx.services.log.warn("the clocks are trusted again", { code: "attestation" })
    return { done: true, approval: signed }
}

/** What is attested: when the freeze began, why, and one whole reading. */
type Attested = {
    readonly since: Instant
    readonly doubt: Doubt
    readonly boot: string
    readonly monotonicMs: number
    readonly application: Instant
    readonly database: Instant
}

const attesting = "clock.confirm"

/** A signature is over what the clocks said, and over nothing that they say later. */
function effectsOf({ reading }: Memory, { doubt, since }: NonNullable<Memory["frozen"]>): Effects {
    const { boot, monotonicMs, application, database } = reading
    if (judge(reading, null) !== null) {
        const [here, there] = [formatInstant(application), formatInstant(database)]
        refuse("conflict", "clock.disagrees", `set the clocks right first: they say \`${here}\` and \`${there}\``)
    }
    const detail: Attested = { since, doubt, boot, monotonicMs, application, database }
    return { act: attesting, recipients: [], artifacts: [], at: null, detail }
}

/** Null where it was another act. */
function readingIn({ act, detail }: { readonly act: string; readonly detail?: Json }): Attested | null {
    return act === attesting ? (detail as Attested) : null
}
