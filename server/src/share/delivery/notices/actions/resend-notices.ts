/** Computes which released waves are fully notified, lists partners still to notify, and resends notices. */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { partnersWithoutPersons } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { type Entitlement, matrixOf } from "../../../entitlement/actions/decide-access.ts"
import { opensFor } from "../../../release/actions.ts"
import { openedBy, waveOf, wavesOf } from "../../../waves/actions.ts"
import type { Wave } from "../../../waves/wave.ts"
import { listNotices } from "../store/notices.ts"
import { type Told, nobodyYet, toldOf } from "../notification.ts"
import { notifyOfWave } from "./filter-notices.ts"

/** Returns the notification status of the case's waves, by wave id. */
export async function toldByWaves(ctx: ActionContext, caseId: string): Promise<Map<string, Told>> {
    const waves = await wavesOf(ctx, caseId)
    const released = await releasedAmong(ctx, caseId, waves)
    return new Map(waves.map(({ id }) => [id, released.get(id)?.told ?? nobodyYet]))
}

interface Released {
    readonly told: Told
    /** Partners that may have something by the wave now. */
    readonly entitled: readonly string[]
}

async function releasedAmong(
    ctx: ActionContext,
    caseId: string,
    waves: readonly Wave[],
): Promise<Map<string, Released>> {
    const found = new Map<string, Released>()
    const fallen = waves.filter((wave) => wave.releasedAt !== null)
    if (fallen.length === 0) return found
    const { entitlements } = await matrixOf(ctx, caseId)
    const opened = Map.groupBy(await openedBy(ctx, caseId), (item) => item.wave)
    const ids = fallen.map(({ id }) => id)
    const notices = Map.groupBy(await listNotices(ctx.tx, ids), (notified) => notified.wave)
    for (const wave of fallen) {
        const handed = new Set((opened.get(wave.id) ?? []).map((item) => item.artifact))
        const entitled = entitledBy(wave, handed, entitlements)
        const notified = notices.get(wave.id) ?? []
        const reached = new Set(
            notified.filter(({ state }) => state === "sent" || state === "due").map((notified) => notified.partner),
        )
        const unreached = entitled.filter((item) => !reached.has(item))
        const withoutPersons = await partnersWithoutPersons(ctx, unreached, caseId)
        const notification = toldOf({ entitled, withoutPersons, isFrozen: wave.frozenAt !== null }, notified)
        found.set(wave.id, { told: notification, entitled })
    }
    return found
}

function entitledBy(wave: Wave, handed: ReadonlySet<string>, entitlements: readonly Entitlement[]): string[] {
    const entries = entitlements.filter(
        (entitlement) =>
            handed.has(entitlement.artifact) && !entitlement.decision.recalled && opensFor(entitlement, wave),
    )
    return [...new Set(entries.map((entitlement) => entitlement.partner))].toSorted()
}

/**
 * Resends a wave's notices: creates missing ones and retries those that could not be sent. Refuses
 * `delivery.not_released`.
 */
export async function notifyAgain(ctx: ActionContext, id: string): Promise<Told> {
    await lockToChangeProgram(ctx.tx)
    const wave = await waveOf(ctx, id)
    if (wave.releasedAt === null)
        refuse("conflict", "delivery.not_released", "this wave is not released: release it before you notify partners")
    const { waiting } = (await toldByWaves(ctx, wave.case)).get(id) ?? nobodyYet
    const recipients = waiting.filter(({ why }) => why !== "no_address").map((item) => item.partner)
    const notifies = await notifyOfWave(ctx, { case: wave.case, wave: id }, recipients)
    if (notifies.length > 0) {
        await record(ctx, { kind: "notice.resent", case: wave.case, wave: id, recipients: notifies })
    }
    return (await toldByWaves(ctx, wave.case)).get(id) ?? nobodyYet
}

/** Notifies partners whose filters kept a notice back and match the case's new products. */
export async function notifyConcerned(ctx: ActionContext, caseId: string): Promise<void> {
    for (const [wave, { told: notification, entitled }] of await releasedAmong(
        ctx,
        caseId,
        await wavesOf(ctx, caseId),
    )) {
        const may = notification.filtered.filter((partner) => entitled.includes(partner))
        await notifyOfWave(ctx, { case: caseId, wave }, may)
    }
}
