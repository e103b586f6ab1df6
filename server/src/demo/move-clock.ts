/**
 * Moves the demonstration's clock from one event to the next. At each, due waves are released, and automatic partners
 * fetch, acknowledge and report.
 */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { findDemoTarget, moveDemoClock, stopDemoClock } from "../platform/time/clock.ts"
import type { Services } from "../kernel/services.ts"
import { PendingWork } from "../kernel/route.ts"
import { type BackgroundJob, handleNextEvent } from "../kernel/worker.ts"
import { eventHandlers } from "../event-handlers.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import { loadPartnerStatus } from "../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../trust/partners/partner.ts"
import { lockToRead } from "../kernel/locks.ts"
import { findEmbargoEnd } from "../share/cases/actions/load-case.ts"
import { acknowledge, fetchCopy } from "../share/delivery/actions/fetch-copy.ts"
import { idOfAlias } from "../share/delivery/actions/resolve-alias.ts"
import { listWarnings } from "../share/delivery/actions/project-warnings.ts"
import { sendNoticesJob } from "../share/delivery/notices/actions/create-notices.ts"
import { releaseWavesJob } from "../share/release/actions/release-wave.ts"
import { listWaves } from "../share/waves/actions.ts"
import { type WaveTier, plannedAt } from "../share/waves/wave.ts"
import { listOpenFollowUpsForPartner } from "../trace/sightings/actions/list-follow-ups.ts"
import { reportProtection } from "../trace/sightings/actions/report-protection.ts"
import { reportSighting } from "../trace/sightings/actions/report-sighting.ts"
import { type ExtraPartner, type SeededProgram, listCaseIds, memberActor, seedCase, storyOf } from "./seed.ts"
import { writePublicTexts } from "./public-text.ts"
import { bypass, demoCases, toolshell } from "./toolshell.ts"

const minuteMs = 60_000

type PartnerBehaviour = Pick<ExtraPartner["cast"], "minutesAfterWave" | "reports">

export const upcomingEventKinds = [
    "wave",
    "bypass_reported",
    "public_text_signed",
    "bypass_public_text_signed",
] as const

/** The next step of the demonstration. */
export type UpcomingEventKind = (typeof upcomingEventKinds)[number]

export interface UpcomingEvent {
    readonly at: Instant
    readonly kind: UpcomingEventKind
    /** The tier of a wave; null of other events. */
    readonly tier: WaveTier | null
}

/** Lists the events after this instant, the next first: planned waves, public texts and the second case. */
export async function listUpcomingEvents(ctx: ActionContext): Promise<UpcomingEvent[]> {
    const events: UpcomingEvent[] = [
        { at: bypass.openedAt, kind: "bypass_reported", tier: null },
        { at: toolshell.publicTextAt, kind: "public_text_signed", tier: null },
        { at: bypass.publicTextAt, kind: "bypass_public_text_signed", tier: null },
    ]
    for (const wave of await listWaves(ctx, null)) {
        const at = plannedAt(wave, await findEmbargoEnd(ctx, wave.case))
        if (at !== null && wave.releasedAt === null) events.push({ at, kind: "wave", tier: wave.tier })
    }
    return events.filter(({ at }) => at > ctx.now).toSorted((a, b) => a.at - b.at)
}

/** Moves the clock towards its target, one step a run. */
export function makeClockJob(seeded: SeededProgram): BackgroundJob {
    return {
        name: "ticking",
        run: async (services) => {
            const next = await services.db.transaction(async (tx) => {
                const now = await services.clock.now(tx)
                const target = await findDemoTarget(tx)
                if (target === null) return null
                if (target <= now) {
                    await stopDemoClock(tx)
                    return null
                }
                const ctx: ActionContext = { tx, now, services, actor: { kind: "system", component: "demonstration" } }
                const stops = await listStops(ctx, seeded)
                const to = Math.min(target, ...stops.keys())
                await moveDemoClock(tx, to)
                return { to, minutes: to === target ? null : (stops.get(to) ?? new Set<number>()) }
            })
            if (next === null) return false
            await runEventsAt(services, seeded, next.to)
            for (const partner of promptPartners(seeded)) {
                const isDue = minutesOf(partner.cast).some((minute) => next.minutes?.has(minute))
                if (next.minutes === null || isDue) await actAsPartner(services, partner, next.to)
            }
            return true
        },
    }
}

/** Lists the next instants with an event, and the minutes since the wave for each. */
async function listStops(ctx: ActionContext, seeded: SeededProgram): Promise<Map<Instant, Set<number>>> {
    const publicTextTimes = demoCases.map(({ publicTextAt }) => publicTextAt)
    const stops = new Map([bypass.openedAt, ...publicTextTimes].map((at) => [at, new Set<number>()]))
    const minutes = new Set([0, ...promptPartners(seeded).flatMap(({ cast }) => minutesOf(cast))])
    for (const wave of await listWaves(ctx, null)) {
        const releaseAt = plannedAt(wave, await findEmbargoEnd(ctx, wave.case))
        if (releaseAt === null) continue
        for (const minute of minutes) {
            const at = releaseAt + minute * minuteMs
            stops.set(at, (stops.get(at) ?? new Set()).add(minute))
        }
    }
    return new Map([...stops].filter(([at]) => at > ctx.now))
}

async function runEventsAt(services: Services, seeded: SeededProgram, at: Instant): Promise<void> {
    if (at >= bypass.openedAt) {
        const cases = await storyOf(services)(at, { kind: "system", component: "demonstration" }, (ctx) =>
            listCaseIds(ctx, "bypass"),
        )
        if (cases.length === 0) await seedCase(services, seeded.operators, bypass)
    }
    await writePublicTexts(services, seeded, at)
    await releaseWavesJob.run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.sendNext(services)) continue
}

const promptPartners = ({ partners, extras = [] }: SeededProgram): ExtraPartner[] =>
    [...partners, ...extras].filter(({ cast }) => cast.pace === "prompt")

/** Lists the minutes after a wave at which this partner acts. */
const minutesOf = ({ minutesAfterWave: { fetch, acknowledge }, reports }: PartnerBehaviour): number[] =>
    reports === null ? [fetch, acknowledge] : [fetch, acknowledge, reports.minutes]

/** Fetches, acknowledges and reports for this partner what is due, with the usual refusals. */
async function actAsPartner(services: Services, partner: ExtraPartner, at: Instant): Promise<void> {
    const { minutesAfterWave, reports } = partner.cast
    const actor = memberActor(partner.id, partner.people, "analyst")
    const runAsPartner = <T>(work: (ctx: ActionContext) => Promise<T>) =>
        services.db.transaction(async (tx) => {
            await lockToRead(tx, partner.id)
            return await work({ tx, now: at, actor, services })
        })
    const warnings = await runAsPartner(async (ctx) =>
        hasCaseAccess(await loadPartnerStatus(ctx, partner.id)) ? await listWarnings(ctx, partner.id) : [],
    )
    for (const warning of warnings) {
        const isDueAfter = (minutes: number) => (item: { from: Instant }) => item.from + minutes * minuteMs <= at
        const open = warning.artifacts.filter((artifact) => artifact.version !== null && artifact.fetchedAt === null)
        for (const artifact of open.filter(isDueAfter(minutesAfterWave.fetch)))
            await attempt(() => runAsPartner((ctx) => fetchCopy(ctx, artifact.id)))
        const held = warning.artifacts.filter(
            (artifact) => artifact.fetchedAt !== null && artifact.acknowledgedAt === null,
        )
        if (held.some(isDueAfter(minutesAfterWave.acknowledge)))
            await attempt(() => runAsPartner((ctx) => acknowledge(ctx, warning.id)))
    }
    if (reports !== null) await attempt(() => runAsPartner((ctx) => reportOnWarnings(ctx, partner.id, reports)))
}

/** Reports the protection status and a zero report on each warning. */
export async function reportOnWarnings(
    ctx: ActionContext,
    partner: string,
    behaviour: NonNullable<PartnerBehaviour["reports"]>,
): Promise<void> {
    if (!hasCaseAccess(await loadPartnerStatus(ctx, partner))) return
    for (const { warning, since, protectionAt, sightingAt } of await listOpenFollowUpsForPartner(ctx, null)) {
        if (since + behaviour.minutes * minuteMs > ctx.now) continue
        const caseId = idOfAlias(ctx.services.keys, partner, "warning", warning)
        const isSafe = behaviour.protection === "protected"
        const protection = { state: behaviour.protection, since: isSafe ? ctx.now : ctx.now + 3 * dayMs, note: "" }
        if (protectionAt === null) await reportProtection(ctx, caseId, protection)
        if (sightingAt !== null) continue
        await reportSighting(ctx, caseId, ctx.services.newId(), {
            observedAt: ctx.now,
            zeroReportSince: since,
            clock: "synchronised",
            product: "",
            indicators: [],
            confidence: null,
            note: "",
        })
    }
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
    try {
        await work()
    } catch (error) {
        if (error instanceof PendingWork) {
            await error.work
            await attempt(work)
        } else if (!(error instanceof Refusal)) throw error
    }
}

/** Presents a coming event. */
export const presentUpcomingEvent = (event: UpcomingEvent) => ({
    ...event,
    at: formatInstant(event.at),
})
