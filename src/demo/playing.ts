/**
 * The demonstration's clock runs in steps: from one instant at which something falls to the next. At each the waves
 * that are due are released, and the partners that play fetch, acknowledge and report by themselves.
 */
import { type Instant, dayMs, formatInstant } from "../lib/instant.ts"
import { Refusal } from "../lib/refusal.ts"
import { demoTarget, moveDemoClock, stopDemoClock } from "../platform/clock.ts"
import type { Doors } from "../platform/doors.ts"
import { Pending } from "../platform/http.ts"
import { type Chore, runNext } from "../platform/worker.ts"
import { flow } from "../flow.ts"
import type { Act } from "../trust/audit/actions.ts"
import { standingOf } from "../trust/partners/actions/facts.ts"
import { reachesCases } from "../trust/partners/partner.ts"
import { lockToRead } from "../platform/locks.ts"
import { publicationOf } from "../share/cases/actions.ts"
import { acknowledge, fetchCopy } from "../share/delivery/actions/copies.ts"
import { idBehind } from "../share/delivery/actions/names.ts"
import { warningsFor } from "../share/delivery/actions/projection.ts"
import { mailing } from "../share/delivery/actions/notices.ts"
import { releasing } from "../share/release/actions.ts"
import { wavesOf } from "../share/waves/actions.ts"
import { plannedAt } from "../share/waves/wave.ts"
import { ownOwed } from "../trace/sightings/actions/owed.ts"
import { reportProtection } from "../trace/sightings/actions/protecting.ts"
import { reportSighting } from "../trace/sightings/actions/reporting.ts"
import { type Seeded, type SeededPartner, idsOf, memberActor, seedCase, storyOf } from "./seed.ts"
import { writePublicTexts } from "./public-text.ts"
import { bypass, demoCases, toolshell } from "./toolshell.ts"

const minuteMs = 60_000

type Plays = Pick<SeededPartner["cast"], "minutesAfterWave" | "reports">

export interface Coming {
    readonly at: Instant
    readonly what: string
}

/** What falls after this instant, the next first: waves by plan, and the second case. */
export async function comingAfter(act: Act): Promise<Coming[]> {
    const coming: Coming[] = [
        { at: bypass.openedAt, what: "the bypass is reported" },
        { at: toolshell.publicTextAt, what: "the text for the public is signed" },
        { at: bypass.publicTextAt, what: "the bypass's text for the public is signed" },
    ]
    for (const wave of await wavesOf(act, null)) {
        const at = plannedAt(wave, await publicationOf(act, wave.case))
        if (at !== null && wave.releasedAt === null) coming.push({ at, what: `wave: ${wave.tier}` })
    }
    return coming.filter(({ at }) => at > act.now).toSorted((a, b) => a.at - b.at)
}

/** Moves the clock towards its target, one step a run. */
export function ticking(seeded: Seeded): Chore {
    return {
        name: "ticking",
        run: async (doors) => {
            const next = await doors.db.transaction(async (tx) => {
                const now = await doors.clock.now(tx)
                const target = await demoTarget(tx)
                if (target === null) return null
                if (target <= now) {
                    await stopDemoClock(tx)
                    return null
                }
                const act: Act = { tx, now, doors, actor: { kind: "system", step: "demonstration" } }
                const stops = await stopsAfter(act, seeded)
                const to = Math.min(target, ...stops.keys())
                await moveDemoClock(tx, to)
                return { to, looks: to === target ? null : (stops.get(to) ?? new Set<number>()) }
            })
            if (next === null) return false
            await happenAt(doors, seeded, next.to)
            for (const partner of playing(seeded)) {
                const looks = minutesOf(partner.cast).some((one) => next.looks?.has(one))
                if (next.looks === null || looks) await play(doors, partner, next.to)
            }
            return true
        },
    }
}

/** The instants after now at which something is to happen, and how many minutes those waves have then been open. */
async function stopsAfter(act: Act, seeded: Seeded): Promise<Map<Instant, Set<number>>> {
    const written = demoCases.map(({ publicTextAt }) => publicTextAt)
    const stops = new Map([bypass.openedAt, ...written].map((at) => [at, new Set<number>()]))
    const minutes = new Set([0, ...playing(seeded).flatMap(({ cast }) => minutesOf(cast))])
    for (const wave of await wavesOf(act, null)) {
        const falls = plannedAt(wave, await publicationOf(act, wave.case))
        if (falls === null) continue
        for (const one of minutes) {
            const at = falls + one * minuteMs
            stops.set(at, (stops.get(at) ?? new Set()).add(one))
        }
    }
    return new Map([...stops].filter(([at]) => at > act.now))
}

async function happenAt(doors: Doors, seeded: Seeded, at: Instant): Promise<void> {
    if (at >= bypass.openedAt) {
        const opened = await storyOf(doors)(at, { kind: "system", step: "demonstration" }, (act) =>
            idsOf(act, "bypass"),
        )
        if (opened.length === 0) await seedCase(doors, seeded.operators, bypass)
    }
    await writePublicTexts(doors, seeded, at)
    await releasing.run(doors)
    while (await runNext(doors, flow)) continue
    while (await mailing.next(doors)) continue
}

const playing = ({ partners }: Seeded): SeededPartner[] => partners.filter(({ cast }) => cast.plays === "prompt")

/** After a wave, when this partner does something. */
const minutesOf = ({ minutesAfterWave: { fetch, acknowledge }, reports }: Plays): number[] =>
    reports === null ? [fetch, acknowledge] : [fetch, acknowledge, reports.minutes]

/** Fetches, acknowledges and reports what this partner is due to by now; refused like anybody else. */
async function play(doors: Doors, partner: SeededPartner, at: Instant): Promise<void> {
    const { minutesAfterWave: plays, reports } = partner.cast
    const actor = memberActor(partner.id, partner.persons, "analyst")
    const acting = <T>(work: (act: Act) => Promise<T>) =>
        doors.db.transaction(async (tx) => {
            await lockToRead(tx, partner.id)
            return await work({ tx, now: at, actor, doors })
        })
    const warnings = await acting(async (act) =>
        reachesCases(await standingOf(act, partner.id)) ? await warningsFor(act, partner.id) : [],
    )
    for (const warning of warnings) {
        const due = (minutes: number) => (one: { from: Instant }) => one.from + minutes * minuteMs <= at
        const open = warning.artifacts.filter((one) => one.version !== null && one.fetchedAt === null)
        for (const one of open.filter(due(plays.fetch))) await attempt(() => acting((act) => fetchCopy(act, one.id)))
        const held = warning.artifacts.filter((one) => one.fetchedAt !== null && one.acknowledgedAt === null)
        if (held.some(due(plays.acknowledge))) await attempt(() => acting((act) => acknowledge(act, warning.id)))
    }
    if (reports !== null) await attempt(() => acting((act) => report(act, partner.id, reports)))
}

/** What is owed of each warning: how far it is with protection, and that it looked since then and saw none. */
async function report(act: Act, partner: string, its: NonNullable<Plays["reports"]>): Promise<void> {
    if (!reachesCases(await standingOf(act, partner))) return
    for (const { warning, since, protectionAt, sightingAt } of await ownOwed(act, null)) {
        if (since + its.minutes * minuteMs > act.now) continue
        const of = idBehind(act.doors.keys, partner, "warning", warning)
        const isSafe = its.protection === "protected"
        const said = { state: its.protection, since: isSafe ? act.now : act.now + 3 * dayMs, note: "" }
        if (protectionAt === null) await reportProtection(act, of, said)
        if (sightingAt !== null) continue
        await reportSighting(act, of, act.doors.newId(), {
            ...{ seenAt: act.now, lookedSince: since, clock: "synchronised", product: "" },
            ...{ indicators: [], confidence: null, note: "" },
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

export const told = (coming: Coming) => ({ at: formatInstant(coming.at), what: coming.what })
