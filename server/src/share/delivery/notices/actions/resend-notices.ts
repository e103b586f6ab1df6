/** Computes which released waves are fully notified, lists partners still to notify, and resends notices. */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { listPartnersWithoutPeople } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { type Entitlement, loadMatrix } from "../../../entitlement/actions/decide-access.ts"
import { opensFor } from "../../../release/actions/compute-effects.ts"
import { listOpenedVersions, loadWave, listWaves } from "../../../waves/actions.ts"
import type { Wave } from "../../../waves/wave.ts"
import { listNotices } from "../store/notices.ts"
import { type NotificationStatus, statusBeforeRelease, notificationStatusOf } from "../notification.ts"
import { notifyOfWave } from "./filter-notices.ts"

/** Returns the notification status of the case's waves, by wave id. */
export async function listNotificationStatuses(
    ctx: ActionContext,
    caseId: string,
): Promise<Map<string, NotificationStatus>> {
    const waves = await listWaves(ctx, caseId)
    const released = await loadReleasedWaves(ctx, caseId, waves)
    return new Map(waves.map(({ id }) => [id, released.get(id)?.status ?? statusBeforeRelease]))
}

interface ReleasedWave {
    readonly status: NotificationStatus
    /** Partners that can have an artifact by the wave now. */
    readonly entitled: readonly string[]
}

async function loadReleasedWaves(
    ctx: ActionContext,
    caseId: string,
    waves: readonly Wave[],
): Promise<Map<string, ReleasedWave>> {
    const found = new Map<string, ReleasedWave>()
    const releasedWaves = waves.filter((wave) => wave.releasedAt !== null)
    if (releasedWaves.length === 0) return found
    const { entitlements } = await loadMatrix(ctx, caseId)
    const opened = Map.groupBy(await listOpenedVersions(ctx, caseId), (item) => item.wave)
    const ids = releasedWaves.map(({ id }) => id)
    const notices = Map.groupBy(await listNotices(ctx.tx, ids), (waveNotices) => waveNotices.wave)
    for (const wave of releasedWaves) {
        const openedArtifacts = new Set((opened.get(wave.id) ?? []).map((item) => item.artifact))
        const entitled = entitledBy(wave, openedArtifacts, entitlements)
        const waveNotices = notices.get(wave.id) ?? []
        const reached = new Set(
            waveNotices
                .filter(({ state }) => state === "sent" || state === "due")
                .map((waveNotices) => waveNotices.partner),
        )
        const unreached = entitled.filter((item) => !reached.has(item))
        const withoutPeople = await listPartnersWithoutPeople(ctx, unreached, caseId)
        const status = notificationStatusOf({ entitled, withoutPeople, isFrozen: wave.frozenAt !== null }, waveNotices)
        found.set(wave.id, { status, entitled })
    }
    return found
}

function entitledBy(wave: Wave, openedArtifacts: ReadonlySet<string>, entitlements: readonly Entitlement[]): string[] {
    const entries = entitlements.filter(
        (entitlement) =>
            openedArtifacts.has(entitlement.artifact) && !entitlement.decision.recalled && opensFor(entitlement, wave),
    )
    return [...new Set(entries.map((entitlement) => entitlement.partner))].toSorted()
}

/**
 * Resends a wave's notices: creates missing ones and retries those that could not be sent. Refuses
 * `delivery.not_released`.
 */
export async function resendNotices(ctx: ActionContext, id: string): Promise<NotificationStatus> {
    await lockToChangeProgram(ctx.tx)
    const wave = await loadWave(ctx, id)
    if (wave.releasedAt === null)
        refuse("conflict", "delivery.not_released", "this wave is not released: release it before you notify partners")
    const { unnotified } = (await listNotificationStatuses(ctx, wave.case)).get(id) ?? statusBeforeRelease
    const recipients = unnotified.filter(({ reason }) => reason !== "no_address").map((item) => item.partner)
    const notified = await notifyOfWave(ctx, { case: wave.case, wave: id }, recipients)
    if (notified.length > 0) {
        await record(ctx, { kind: "notice.resent", case: wave.case, wave: id, recipients: notified })
    }
    return (await listNotificationStatuses(ctx, wave.case)).get(id) ?? statusBeforeRelease
}

/** Notifies partners whose filters kept a notice back and match the case's new products. */
export async function notifyNewlyMatching(ctx: ActionContext, caseId: string): Promise<void> {
    for (const [wave, { status, entitled }] of await loadReleasedWaves(ctx, caseId, await listWaves(ctx, caseId))) {
        const recipients = status.filtered.filter((partner) => entitled.includes(partner))
        await notifyOfWave(ctx, { case: caseId, wave }, recipients)
    }
}
