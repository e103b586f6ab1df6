/**
 * The act of release. A wave falls when its instant has come by clocks that can be trusted, a second person has signed
 * its effects, and nobody froze it since: by state, looked for again and again, never by a timer.
 *
 * What is signed is a ceiling. If it would now be wider, earlier or other (an artifact was changed, what the case says, a
 * partner was added), the approval falls and the wave waits for a new one.
 */
import type { Instant } from "../../lib/instant.ts"
import { Refusal, refuse } from "../../lib/refusal.ts"
import type { Doors } from "../../platform/doors.ts"
import { lockToChangeProgram } from "../../platform/locks.ts"
import type { Chore } from "../../platform/worker.ts"
import { approval, approvalsOf, requestApproval, voidApproval } from "../../trust/approvals/actions.ts"
import { type ArtifactVersion, type Effects, lapsesAt, stateOf } from "../../trust/approvals/approval.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { type Artifact, artifactsOf } from "../artifacts/actions.ts"
import { mustBeValid } from "../artifacts/actions/validation.ts"
import {
    closedCases,
    closingOf,
    heldPublicationOf,
    publicationOf,
    publicationsOf,
    revisionOf,
} from "../cases/actions.ts"
import { endEmbargo } from "../cases/actions/embargo.ts"
import { isKnownAsExploited } from "../cases/actions/exploitation.ts"
import { mustBeOpen } from "../cases/case.ts"
import { type Entitlement, decisionsAmong, matrixOf } from "../entitlement/actions/entitlements.ts"
import { armWave, lockFreeWave, lockWave, openWave, takeBack, thawWave, wavesOf } from "../waves/actions.ts"
import { type Wave, plannedAt } from "../waves/wave.ts"
import { isFrozen, mayRelease } from "./actions/clock.ts"
import { dueWaves, releaseJob } from "./actions/due.ts"
import { useAsRead, withDenial } from "./actions/public-texts.ts"
import { effectsOf } from "./effects.ts"

/** What the wave would do if it fell as everything stands; for one partner, or (null) for all. */
export async function effectsOfWave(act: Act, wave: Wave, partner: string | null = null): Promise<Effects> {
    const at = plannedAt(wave, await publicationOf(act, wave.case))
    if (at === null) refuse("conflict", "release.no_embargo", "agree an embargo first: a wave hangs on its end")
    const artifacts = (await artifactsOf(act, wave.case)).filter((one) => !one.recalled)
    const out = new Set(artifacts.map((one) => one.id))
    // What a partner has by its own act alone widens nothing then: whoever owes something, or may still say yes to the
    // embargo, is signed for with the others.
    const { entitlements } = await matrixOf(act, wave.case, { nothingOverdue: true, partner })
    const effects = effectsOf({
        wave: wave.id,
        tier: wave.tier,
        revision: await revisionOf(act, wave.case),
        at,
        artifacts: artifacts.map((one) => ({ artifact: one.id, version: one.version, author: one.versionBy })),
        entitled: entitlements.filter((one) => out.has(one.artifact) && opensFor(one, wave)),
    })
    return wave.tier === "publication" ? await withDenial(act, wave.case, effects) : effects
}

/** Whether the wave is one of those that hand this to this partner. */
export function opensFor(
    { decision, class: its }: Pick<Entitlement, "decision" | "class">,
    { tier }: Pick<Wave, "tier">,
): boolean {
    return decision.gives === its && decision.waves.includes(tier)
}

/**
 * Of the recipients, those that a report of exploitation does not keep from all of it now. The others are not notified: a notice
 * would tell them that there is something.
 */
export async function recipientsNow(
    act: Act,
    caseId: string,
    { recipients, artifacts }: Pick<Effects, "recipients" | "artifacts">,
    opens: (one: Entitlement) => boolean,
): Promise<readonly string[]> {
    if (!(await isKnownAsExploited(act, caseId))) return recipients
    const out = new Set(artifacts.map((one) => one.artifact))
    const { entitlements } = await matrixOf(act, caseId, { nothingOverdue: true, asReported: true })
    const reached = new Set(entitlements.filter((one) => out.has(one.artifact) && opens(one)).map((one) => one.partner))
    return recipients.filter((one) => reached.has(one))
}

/** Asks for the second signature; the wave is armed by it until its instant. */
export async function requestRelease(act: Act, id: string): Promise<string> {
    const wave = await lockWave(act, id)
    mustBeOpen(await closingOf(act, wave.case))
    if (wave.releasedAt !== null) refuse("conflict", "release.already_released", "this wave has fallen")
    const effects = await effectsOfWave(act, wave)
    if (effects.artifacts.length === 0) {
        refuse("conflict", "release.no_recipients", "nobody would get anything by this wave")
    }
    await mustBeValid(act, effects.artifacts)
    if (wave.approval !== null) await takeBack(act, wave.approval, "superseded")
    const its = await requestApproval(act, effects)
    await armWave(act, id, its)
    await record(act, { kind: "wave.approval_requested", case: wave.case, wave: id, approval: its })
    return its
}

/** Waves whose instant has come, each released in a transaction of its own. */
export const releasing: Chore = { name: releaseJob, run: releaseDue }

async function releaseDue(doors: Doors): Promise<boolean> {
    const due = await doors.db.transaction(async (tx) => {
        const act = await actOf(doors, tx)
        return (await isFrozen(act)) ? [] : await dueWaves(act, act.now)
    })
    for (const { wave } of due) {
        try {
            await doors.db.transaction(async (tx) => {
                // Before the time is read, so that nothing that others change holds from later than it.
                await lockToChangeProgram(tx)
                await release(await actOf(doors, tx), wave.id)
            })
        } catch (error) {
            if (!(error instanceof Refusal)) {
                doors.log.error("release failed", { id: wave.id, error: String(error) })
                continue
            }
            await doors.db.transaction(async (tx) => await disarm(await actOf(doors, tx), wave, error.code))
            doors.log.error("a due wave was not released: it needs a new signature", { id: wave.id, code: error.code })
        }
    }
    return false
}

async function actOf(doors: Doors, tx: Act["tx"]): Promise<Act> {
    return { tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: "releasing" } }
}

export interface Unsigned {
    readonly wave: Wave
    readonly at: Instant
    /** Since when what was asked for or signed holds no more; null where nothing was. */
    readonly fellAt: Instant | null
}

/**
 * Waves that would open something, and that nobody has signed or asked for: those that have fallen due, or will before
 * `until`, and all for which what was asked for or signed holds no more.
 */
export async function unsignedWaves(act: Act, until: Instant): Promise<Unsigned[]> {
    const open = await openWaves(act)
    const approvals = await approvalsOf(
        act,
        open.flatMap(({ wave }) => wave.approval ?? []),
    )
    const unsigned = open.flatMap(({ wave, at }) => {
        if (at === null || wave.releasedAt !== null || wave.frozenAt !== null) return []
        const its = wave.approval === null ? null : (approvals.get(wave.approval) ?? null)
        const state = its && stateOf(its, act.now)
        if (state === "signed" || state === "requested") return []
        const fellAt = its && (its.voidedAt ?? lapsesAt(its))
        return at > until && fellAt === null ? [] : [{ wave, at, fellAt }]
    })
    const opening = await wavesThatOpen(
        act,
        unsigned.map(({ wave }) => wave),
    )
    return unsigned.filter(({ wave }) => opening.has(wave.id))
}

export interface OpenWave {
    readonly wave: Wave
    /** When it is planned for; null where no end of the embargo is agreed. */
    readonly at: Instant | null
}

/** The waves of all cases that are not closed, released or not, in three statements. */
export async function openWaves(act: Act): Promise<OpenWave[]> {
    const [all, closed] = [await wavesOf(act, null), await closedCases(act)]
    const open = all.filter((wave) => !closed.has(wave.case))
    const publications = await publicationsOf(act, [...new Set(open.map((wave) => wave.case))])
    return open.map((wave) => ({ wave, at: plannedAt(wave, publications.get(wave.case) ?? null) }))
}

/** The ids of those waves that would open something for some partner as things stand; decided together. */
export async function wavesThatOpen(act: Act, waves: readonly Wave[]): Promise<ReadonlySet<string>> {
    const byCase = Map.groupBy(waves, (wave) => wave.case)
    const opening = new Set<string>()
    for (const { case: of, class: its, decisions } of await decisionsAmong(act, new Set(byCase.keys()))) {
        for (const wave of byCase.get(of) ?? []) {
            if (decisions.some((decision) => opensFor({ decision, class: its }, wave))) opening.add(wave.id)
        }
    }
    return opening
}

async function isSigned(act: Act, id: string): Promise<boolean> {
    const { signedAt, usedAt, voidedAt } = await approval(act, id)
    return signedAt !== null && usedAt === null && voidedAt === null
}

/** One wave falls, under the program's lock: all of it, or nothing. Publication ends the embargo in the same transaction. */
async function release(act: Act, id: string): Promise<void> {
    const wave = await lockFreeWave(act, id)
    if (wave === null) return
    const at = plannedAt(wave, await heldPublicationOf(act, wave.case))
    if (wave.releasedAt !== null || wave.approval === null) return
    if (at === null || at > act.now || !(await isSigned(act, wave.approval))) return
    mustBeOpen(await closingOf(act, wave.case))
    if (!(await mayRelease(act))) return
    const effects = await effectsOfWave(act, wave)
    const used = await useAsRead(act, wave.approval, effects)
    const opened = stillNewest(used.effects.artifacts, await artifactsOf(act, wave.case))
    // What was signed was asked for after the freeze, which took back all that was asked for before it.
    await thawWave(act, wave, used.id)
    await openWave(act, wave, opened)
    if (wave.tier === "publication") await endEmbargo(act, wave.case)
    await record(act, {
        kind: "wave.released",
        case: wave.case,
        wave: id,
        tier: wave.tier,
        plannedAt: at,
        approval: used.id,
        recipients: await recipientsNow(act, wave.case, effects, (one) => opensFor(one, wave)),
        artifacts: opened.map((one) => `${one.artifact}:${one.version}`),
    })
}

/**
 * What was signed, is still what it was, and is not recalled: opened also where nobody may have it now, for whoever is
 * reinstated.
 */
export function stillNewest(signed: readonly ArtifactVersion[], artifacts: readonly Artifact[]): ArtifactVersion[] {
    const newest = new Map(artifacts.filter((one) => !one.recalled).map((one) => [one.id, one.version]))
    return signed.filter((one) => newest.get(one.artifact) === one.version)
}

/**
 * The approval did not carry what the wave would have done: it falls, and the wave, which keeps it, waits for a new one. A
 * newer one stands.
 */
export async function disarm(act: Act, { id, approval: its }: Wave, code: string): Promise<void> {
    const wave = await lockFreeWave(act, id)
    if (wave === null || its === null || wave.approval !== its || wave.releasedAt !== null) return
    await voidApproval(act, its, "changed")
    await record(act, { kind: "wave.approval_voided", case: wave.case, wave: id, code })
}
