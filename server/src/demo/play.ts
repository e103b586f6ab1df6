/**
 * Moves the demonstration's clock from one event to the next. At each, due waves are released, and automatic partners
 * fetch, acknowledge and report.
 */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { findDemoTarget, moveDemoClock, stopDemoClock } from "../platform/time/clock.ts"
import type { Services } from "../kernel/services.ts"
import { Pending } from "../kernel/route.ts"
import { type BackgroundJob, handleNextEvent } from "../kernel/worker.ts"
import { eventHandlers } from "../event-handlers.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import { standingOf } from "../trust/partners/actions/load-facts.ts"
import { reachesCases } from "../trust/partners/partner.ts"
import { lockToRead } from "../kernel/locks.ts"
import { publicationOf } from "../share/cases/actions.ts"
import { acknowledge, fetchCopy } from "../share/delivery/actions/fetch-copy.ts"
import { idOfAlias } from "../share/delivery/actions/aliases.ts"
import { warningsFor } from "../share/delivery/actions/projection.ts"
import { sendNoticesJob } from "../share/delivery/notices/actions/create-notices.ts"
import { releaseWavesJob } from "../share/release/actions.ts"
import { wavesOf } from "../share/waves/actions.ts"
import { plannedAt } from "../share/waves/wave.ts"
import { ownOwed } from "../trace/sightings/actions/list-follow-ups.ts"
import { reportProtection } from "../trace/sightings/actions/report-protection.ts"
import { reportSighting } from "../trace/sightings/actions/report-sighting.ts"
import { type Seeded, type SeededPartner, idsOf, memberActor, seedCase, storyOf } from "./seed.ts"
import { writePublicTexts } from "./public-text.ts"
import { bypass, demoCases, toolshell } from "./toolshell.ts"

const minuteMs = 60_000

type Plays = Pick<SeededPartner["cast"], "minutesAfterWave" | "reports">

export interface Coming {
    readonly at: Instant
    readonly what: string
}

/** Lists what comes after this instant, the next first: planned waves, public texts and the second case. */
export async function comingAfter(ctx: ActionContext): Promise<Coming[]> {
    const coming: Coming[] = [
        { at: bypass.openedAt, what: "the bypass is reported" },
        { at: toolshell.publicTextAt, what: "the text for the public is signed" },
        { at: bypass.publicTextAt, what: "the bypass's text for the public is signed" },
    ]
    for (const wave of await wavesOf(ctx, null)) {
        const at = plannedAt(wave, await publicationOf(ctx, wave.case))
        if (at !== null && wave.releasedAt === null) coming.push({ at, what: `wave: ${wave.tier}` })
    }
    return coming.filter(({ at }) => at > ctx.now).toSorted((a, b) => a.at - b.at)
}

/** Moves the clock towards its target, one step a run. */
export function ticking(seeded: Seeded): BackgroundJob {
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
                const ctx: ActionContext = { tx, now, services, actor: { kind: "system", step: "demonstration" } }
                const stops = await stopsAfter(ctx, seeded)
                const to = Math.min(target, ...stops.keys())
                await moveDemoClock(tx, to)
                return { to, looks: to === target ? null : (stops.get(to) ?? new Set<number>()) }
            })
            if (next === null) return false
            await happenAt(services, seeded, next.to)
            for (const partner of playing(seeded)) {
                const looks = minutesOf(partner.cast).some((minute) => next.looks?.has(minute))
                if (next.looks === null || looks) await play(services, partner, next.to)
            }
            return true
        },
    }
}

/** Lists the next instants with an event, and the minutes since the wave for each. */
async function stopsAfter(ctx: ActionContext, seeded: Seeded): Promise<Map<Instant, Set<number>>> {
    const written = demoCases.map(({ publicTextAt }) => publicTextAt)
    const stops = new Map([bypass.openedAt, ...written].map((at) => [at, new Set<number>()]))
    const minutes = new Set([0, ...playing(seeded).flatMap(({ cast }) => minutesOf(cast))])
    for (const wave of await wavesOf(ctx, null)) {
        const falls = plannedAt(wave, await publicationOf(ctx, wave.case))
        if (falls === null) continue
        for (const minute of minutes) {
            const at = falls + minute * minuteMs
            stops.set(at, (stops.get(at) ?? new Set()).add(minute))
        }
    }
    return new Map([...stops].filter(([at]) => at > ctx.now))
}

async function happenAt(services: Services, seeded: Seeded, at: Instant): Promise<void> {
    if (at >= bypass.openedAt) {
        const opened = await storyOf(services)(at, { kind: "system", step: "demonstration" }, (ctx) =>
            idsOf(ctx, "bypass"),
        )
        if (opened.length === 0) await seedCase(services, seeded.operators, bypass)
    }
    await writePublicTexts(services, seeded, at)
    await releaseWavesJob.run(services)
    while (await handleNextEvent(services, eventHandlers)) continue
    while (await sendNoticesJob.next(services)) continue
}

const playing = ({ partners }: Seeded): SeededPartner[] => partners.filter(({ cast }) => cast.plays === "prompt")

/** Lists the minutes after a wave at which this partner acts. */
const minutesOf = ({ minutesAfterWave: { fetch, acknowledge }, reports }: Plays): number[] =>
    reports === null ? [fetch, acknowledge] : [fetch, acknowledge, reports.minutes]

/** Fetches, acknowledges and reports what this partner is due to, with the usual refusals. */
async function play(services: Services, partner: SeededPartner, at: Instant): Promise<void> {
    const { minutesAfterWave: plays, reports } = partner.cast
    const actor = memberActor(partner.id, partner.persons, "analyst")
    const acting = <T>(work: (ctx: ActionContext) => Promise<T>) =>
        services.db.transaction(async (tx) => {
            await lockToRead(tx, partner.id)
            return await work({ tx, now: at, actor, services })
        })
    const warnings = await acting(async (ctx) =>
        reachesCases(await standingOf(ctx, partner.id)) ? await warningsFor(ctx, partner.id) : [],
    )
    for (const warning of warnings) {
        const due = (minutes: number) => (item: { from: Instant }) => item.from + minutes * minuteMs <= at
        const open = warning.artifacts.filter((artifact) => artifact.version !== null && artifact.fetchedAt === null)
        for (const artifact of open.filter(due(plays.fetch)))
            await attempt(() => acting((ctx) => fetchCopy(ctx, artifact.id)))
        const held = warning.artifacts.filter(
            (artifact) => artifact.fetchedAt !== null && artifact.acknowledgedAt === null,
        )
        if (held.some(due(plays.acknowledge))) await attempt(() => acting((ctx) => acknowledge(ctx, warning.id)))
    }
    if (reports !== null) await attempt(() => acting((ctx) => report(ctx, partner.id, reports)))
}

/** Reports the protection status and a zero report on each warning. */
async function report(ctx: ActionContext, partner: string, input: NonNullable<Plays["reports"]>): Promise<void> {
    if (!reachesCases(await standingOf(ctx, partner))) return
    for (const { warning, since, protectionAt, sightingAt } of await ownOwed(ctx, null)) {
        if (since + input.minutes * minuteMs > ctx.now) continue
        const subject = idOfAlias(ctx.services.keys, partner, "warning", warning)
        const isSafe = input.protection === "protected"
        const item = { state: input.protection, since: isSafe ? ctx.now : ctx.now + 3 * dayMs, note: "" }
        if (protectionAt === null) await reportProtection(ctx, subject, item)
        if (sightingAt !== null) continue
        await reportSighting(ctx, subject, ctx.services.newId(), {
            seenAt: ctx.now,
            lookedSince: since,
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
        if (error instanceof Pending) {
            await error.work
            await attempt(work)
        } else if (!(error instanceof Refusal)) throw error
    }
}

/** Presents a coming event. */
export const describe = (coming: Coming) => ({ at: formatInstant(coming.at), what: coming.what })
