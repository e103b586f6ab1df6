/** HTTP routes of the operator for waves: planned instant, state, and notification status. */
import { formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { loadApprovals } from "../../../trust/approvals/actions/load-approvals.ts"
import { stateOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, route } from "../../../kernel/action-context.ts"
import { loadCaseFile } from "../../cases/actions/load-case.ts"
import { type WaveOfOpenCase, listWavesOfOpenCases, listOpeningWaves } from "../../release/actions/list-waves.ts"
import { listWaves } from "../../waves/actions.ts"
import { type Wave, plannedAt, type WaveState } from "../../waves/wave.ts"
import { rehearseWave, rehearseDummyWave } from "../actions/rehearse-wave.ts"
import { resendNotices, listNotificationStatuses } from "../notices/actions/resend-notices.ts"
import { type NotificationStatus, statusBeforeRelease } from "../notices/notification.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    caseWavesAnswer,
    dummyRehearsalAnswer,
    rehearsalAnswer,
    rehearseDefaultScheduleBody,
    resendNoticesWaveAnswer,
    wavesAnswer,
    wavesQuery,
} from "../schemas.ts"

const console = { side: "console" as const }

function presentNotification({ done, recipients, notified, filtered, unnotified }: NotificationStatus) {
    return { done, recipients, notified, filtered: filtered.length, unnotified: [...unnotified] }
}

function presentWave(wave: Wave, at: number | null, state: WaveState) {
    return {
        id: wave.id,
        tier: wave.tier,
        hoursBefore: 0 - wave.offsetMs / hourMs,
        at: at === null ? null : formatInstant(at),
        state,
        approval: wave.approval,
        releasedAt: wave.releasedAt === null ? null : formatInstant(wave.releasedAt),
    }
}

/**
 * Returns a function from a wave to its state. The number of statements does not depend on the number of waves.
 *
 * `due`: the instant has passed, and the wave waits for a signature. `no_recipients`: it would open nothing.
 * `approval_voided`: its approval is void or expired. A new request takes the place of `frozen`.
 */
async function loadWaveStates(
    ctx: ActionContext,
    waves: readonly WaveOfOpenCase[],
): Promise<(openWave: WaveOfOpenCase) => WaveState> {
    const unreleased = waves.filter(({ wave }) => wave.releasedAt === null)
    const approvals = await loadApprovals(
        ctx,
        unreleased.flatMap(({ wave }) => wave.approval ?? []),
    )
    const stateBefore = ({ wave, at }: WaveOfOpenCase): WaveState => {
        if (wave.releasedAt !== null) return wave.frozenAt === null ? "released" : "frozen"
        const approval = wave.approval === null ? undefined : approvals.get(wave.approval)
        const approvalState = approval && stateOf(approval, ctx.now)
        if (approvalState === "signed") return "approved"
        if (approvalState === "requested") return "requested"
        if (wave.frozenAt !== null) return "frozen"
        if (at === null || at > ctx.now) return approvalState === undefined ? "planned" : "approval_voided"
        return "due"
    }
    const due = unreleased.filter((openWave) => stateBefore(openWave) === "due").map(({ wave }) => wave)
    const opening = await listOpeningWaves(ctx, due)
    return (openWave) => {
        const state = stateBefore(openWave)
        return state === "due" && !opening.has(openWave.wave.id) ? "no_recipients" : state
    }
}

/** Lists the waves of open cases that are not released and planned before this instant. */
async function listWavesAhead(ctx: ActionContext, before: number) {
    const ahead = (await listWavesOfOpenCases(ctx)).filter(
        ({ wave, at }) => wave.releasedAt === null && at !== null && at < before,
    )
    const stateIn = await loadWaveStates(ctx, ahead)
    return ahead.flatMap((openWave) => {
        const { wave, at } = openWave
        if (at === null) return []
        return [{ case: wave.case, ...presentWave(wave, at, stateIn(openWave)), at: formatInstant(at) }]
    })
}

export const waveRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/waves",
            permission: "wave:read",
            summary: "Lists the unreleased waves of all cases that are planned before an instant, with their states",
            query: wavesQuery,
            answer: wavesAnswer,
        },
        async (ask) => ({ waves: await listWavesAhead(ask, parseInstant(ask.query.before)) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/waves",
            permission: "wave:read",
            summary: "Lists a case's waves: planned instant, state, and whether all entitled partners were notified",
            params: byId,
            answer: caseWavesAnswer,
        },
        async (ask) => {
            const { publication, closure } = await loadCaseFile(ask, ask.params.id)
            const statuses = await listNotificationStatuses(ask, ask.params.id)
            const waves = (await listWaves(ask, ask.params.id)).map((wave) => ({
                wave,
                at: plannedAt(wave, publication),
            }))
            const states = await loadWaveStates(ask, waves)
            // A closed case releases no further waves.
            const stateIn = (openWave: WaveOfOpenCase) =>
                closure !== null && openWave.wave.releasedAt === null ? "cancelled" : states(openWave)
            return {
                waves: waves.map((wave) => ({
                    ...presentWave(wave.wave, wave.at, stateIn(wave)),
                    ...presentNotification(statuses.get(wave.wave.id) ?? statusBeforeRelease),
                })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/resend-notices",
            permission: "wave:write",
            summary: "Resends notices to partners that a released wave entitles and that were not notified",
            params: byId,
            answer: resendNoticesWaveAnswer,
        },
        async (ask) => presentNotification(await resendNotices(ask, ask.params.id)),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/rehearse",
            permission: "wave:write",
            summary:
                "Rehearses a wave: what it would open, for which partners, and what would stop it; nothing is " +
                "stored or sent",
            params: byId,
            answer: rehearsalAnswer,
        },
        async (ask) => {
            const { at, artifacts, recipients, obstacles, ms } = await rehearseWave(ask, ask.params.id)
            return {
                at: formatInstant(at),
                artifacts: [...artifacts],
                recipients: recipients.map((reader) => ({ ...reader, artifacts: [...reader.artifacts] })),
                obstacles: [...obstacles],
                ms,
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/default-schedule/rehearse",
            permission: "wave:write",
            summary: "Rehearses a wave of a dummy case with today's partners and policy; nothing is stored or sent",
            body: rehearseDefaultScheduleBody,
            answer: dummyRehearsalAnswer,
        },
        async (ask) => {
            const { at, classes, recipients, obstacles, ms } = await rehearseDummyWave(ask, ask.body.tier)
            return {
                at: formatInstant(at),
                classes: [...classes],
                recipients: recipients.map((recipient) => ({ ...recipient, classes: [...recipient.classes] })),
                obstacles: [...obstacles],
                ms,
            }
        },
    ),
]
