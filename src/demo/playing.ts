/**
 * The demonstration's clock runs in steps: from one instant at which something falls to the next. At each the waves
 * that are due are released, and the partners that play fetch and acknowledge by themselves.
 */
import { type Instant, formatInstant } from "../lib/instant.ts"
import { Refusal } from "../lib/refusal.ts"
import { demoTarget, moveDemoClock, stopDemoClock } from "../platform/clock.ts"
import type { Doors } from "../platform/doors.ts"
import { type Chore, runNext } from "../platform/worker.ts"
import { flow } from "../flow.ts"
import type { Act } from "../trust/audit/actions.ts"
import { standingOf } from "../trust/partners/actions/facts.ts"
import { reachesCases } from "../trust/partners/partner.ts"
import { lockToRead } from "../platform/locks.ts"
import { publicationOf } from "../share/cases/actions.ts"
import { acknowledge, fetchCopy } from "../share/delivery/actions/copies.ts"
import { warningsFor } from "../share/delivery/actions/projection.ts"
import { mailing } from "../share/delivery/actions/notices.ts"
import { releasing } from "../share/release/actions.ts"
import { wavesOf } from "../share/waves/actions.ts"
import { plannedAt } from "../share/waves/wave.ts"
import { type Seeded, type SeededPartner, idsOf, memberActor, seedCase, storyOf } from "./seed.ts"
import { bypass } from "./toolshell.ts"

const minuteMs = 60_000

export interface Coming {
    readonly at: Instant
    readonly what: string
}

/** What falls after this instant, the next first: waves by plan, and the second case. */
export async function comingAfter(act: Act): Promise<Coming[]> {
    const coming: Coming[] = [{ at: bypass.openedAt, what: "the bypass is reported" }]
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
                const to = Math.min(target, ...(await instantsOf(act, seeded)))
                await moveDemoClock(tx, to)
                return to
            })
            if (next === null) return false
            await happenAt(doors, seeded, next)
            return true
        },
    }
}

/** The instants after now at which something is to happen. */
async function instantsOf(act: Act, seeded: Seeded): Promise<Instant[]> {
    const waves = []
    for (const wave of await wavesOf(act, null)) {
        const at = plannedAt(wave, await publicationOf(act, wave.case))
        if (at !== null) waves.push(at)
    }
    const plays = seeded.partners.filter(({ cast }) => cast.plays === "prompt").map(({ cast }) => cast.minutesAfterWave)
    const after = plays.flatMap(({ fetch, acknowledge: confirm }) => [fetch, confirm])
    const all = [bypass.openedAt, ...waves, ...waves.flatMap((at) => after.map((minutes) => at + minutes * minuteMs))]
    return all.filter((at) => at > act.now)
}

async function happenAt(doors: Doors, seeded: Seeded, at: Instant): Promise<void> {
    if (at >= bypass.openedAt) {
        const opened = await storyOf(doors)(at, { kind: "system", step: "demonstration" }, (act) =>
            idsOf(act, "bypass"),
        )
        if (opened.length === 0) await seedCase(doors, seeded.operators, bypass)
    }
    await releasing.run(doors)
    while (await runNext(doors, flow)) continue
    while (await mailing.run(doors)) continue
    for (const partner of seeded.partners) {
        if (partner.cast.plays === "prompt") await play(doors, partner, at)
    }
}

/** Fetches and acknowledges what this partner is due to by now; refused like anybody else. */
async function play(doors: Doors, partner: SeededPartner, at: Instant): Promise<void> {
    const actor = memberActor(partner.id, partner.persons, "analyst")
    const acting = <T>(work: (act: Act) => Promise<T>) =>
        doors.db.transaction(async (tx) => {
            await lockToRead(tx, partner.id)
            return await work({ tx, now: at, actor, doors })
        })
    const { fetch, acknowledge: confirm } = partner.cast.minutesAfterWave
    const warnings = await acting(async (act) =>
        reachesCases(await standingOf(act, partner.id)) ? await warningsFor(act, partner.id) : [],
    )
    for (const warning of warnings) {
        const due = (minutes: number) => (one: { from: Instant }) => one.from + minutes * minuteMs <= at
        const open = warning.artifacts.filter((one) => one.version !== null && one.fetchedAt === null)
        for (const one of open.filter(due(fetch))) await attempt(acting((act) => fetchCopy(act, one.id)))
        const held = warning.artifacts.filter((one) => one.fetchedAt !== null && one.acknowledgedAt === null)
        if (held.some(due(confirm))) await attempt(acting((act) => acknowledge(act, warning.id)))
    }
}

async function attempt(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error
    })
}

export const told = (coming: Coming) => ({ at: formatInstant(coming.at), what: coming.what })
