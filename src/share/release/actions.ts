/**
 * The act of release. A wave falls when its instant has come, a second person has signed its effects, and nobody
 * froze it: by state, looked for again and again, never by a timer.
 *
 * What is signed is a ceiling. If it would now be wider, earlier or other (an artifact was changed, a partner was
 * added), the approval falls and the wave waits for a new one.
 */
import { Refusal, refuse } from "../../lib/refusal.ts"
import type { Doors } from "../../platform/doors.ts"
import { lockToChangeProgram } from "../../platform/locks.ts"
import type { Chore } from "../../platform/worker.ts"
import { approval, requestApproval, useApproval, voidApproval } from "../../trust/approvals/actions.ts"
import type { ArtifactVersion, Effects } from "../../trust/approvals/approval.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { type Artifact, artifactsOf } from "../artifacts/actions.ts"
import { endEmbargo, publicationOf } from "../cases/actions.ts"
import { type Entitlement, matrixOf } from "../entitlement/actions/entitlements.ts"
import { armWave, lockFreeWave, lockWave, openWave, wavesOf } from "../waves/actions.ts"
import { type Wave, plannedAt } from "../waves/wave.ts"
import { effectsOf } from "./effects.ts"

/** What the wave would do if it fell as everything stands. */
export async function effectsOfWave(act: Act, wave: Wave): Promise<Effects> {
    const at = plannedAt(wave, await publicationOf(act, wave.case))
    if (at === null) refuse("conflict", "release.no_embargo", "agree an embargo first: a wave hangs on its end")
    const artifacts = await artifactsOf(act, wave.case)
    const { entitlements } = await matrixOf(act, wave.case)
    return effectsOf({
        wave: wave.id,
        tier: wave.tier,
        at,
        artifacts: artifacts.map((one) => ({ artifact: one.id, version: one.version, author: one.versionBy })),
        entitled: entitlements.filter((one) => opensFor(one, wave)),
    })
}

function opensFor({ decision, class: its }: Entitlement, wave: Wave): boolean {
    return decision.gives === its && decision.waves.includes(wave.tier)
}

/** Asks for the second signature; the wave is armed by it until its instant. */
export async function requestRelease(act: Act, id: string): Promise<string> {
    const wave = await lockWave(act, id)
    if (wave.releasedAt !== null) refuse("conflict", "release.released_already", "this wave has fallen")
    const effects = await effectsOfWave(act, wave)
    if (effects.artifacts.length === 0) {
        refuse("conflict", "release.nothing_to_open", "nobody would get anything by this wave")
    }
    if (wave.approval !== null) await voidIfOpen(act, wave.approval)
    const its = await requestApproval(act, effects)
    await armWave(act, id, its)
    await record(act, { kind: "release.requested", case: wave.case, wave: id, approval: its })
    return its
}

async function voidIfOpen(act: Act, id: string): Promise<void> {
    const { usedAt, voidedAt } = await approval(act, id)
    if (usedAt === null && voidedAt === null) await voidApproval(act, id, "superseded")
}

/** Waves whose instant has come, each released in a transaction of its own. */
export const releasing: Chore = { name: "releasing", run: releaseDue }

async function releaseDue(doors: Doors): Promise<boolean> {
    const due = await doors.db.transaction(async (tx) => await dueWaves(await actOf(doors, tx)))
    for (const wave of due) {
        try {
            await doors.db.transaction(async (tx) => await release(await actOf(doors, tx), wave.id))
        } catch (error) {
            if (!(error instanceof Refusal)) {
                doors.log.error("release failed", { id: wave.id, error: String(error) })
                continue
            }
            await doors.db.transaction(async (tx) => await disarm(await actOf(doors, tx), wave, error.code))
        }
    }
    return false
}

async function actOf(doors: Doors, tx: Act["tx"]): Promise<Act> {
    return { tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: "releasing" } }
}

/** Earliest first, so that waves that fell behind fall in their order. */
async function dueWaves(act: Act): Promise<Wave[]> {
    const due: { wave: Wave; at: number }[] = []
    for (const wave of await wavesOf(act, null)) {
        if (wave.releasedAt !== null || wave.frozenAt !== null || wave.approval === null) continue
        const at = plannedAt(wave, await publicationOf(act, wave.case))
        if (at !== null && at <= act.now) due.push({ wave, at })
    }
    return due.toSorted((a, b) => a.at - b.at).map(({ wave }) => wave)
}

async function isSigned(act: Act, id: string): Promise<boolean> {
    const { signedAt, usedAt, voidedAt } = await approval(act, id)
    return signedAt !== null && usedAt === null && voidedAt === null
}

/** One wave falls: all of it, or nothing. Publication ends the embargo in the same transaction. */
async function release(act: Act, id: string): Promise<void> {
    await lockToChangeProgram(act.tx)
    const wave = await lockFreeWave(act, id)
    if (wave === null) return
    const at = plannedAt(wave, await publicationOf(act, wave.case))
    if (wave.releasedAt !== null || wave.frozenAt !== null || wave.approval === null) return
    if (at === null || at > act.now || !(await isSigned(act, wave.approval))) return
    const effects = await effectsOfWave(act, wave)
    const used = await useApproval(act, wave.approval, effects)
    const opened = stillNewest(used.effects.artifacts, await artifactsOf(act, wave.case))
    await openWave(act, wave, opened)
    if (wave.tier === "publication") await endEmbargo(act, wave.case)
    await record(act, {
        kind: "wave.released",
        case: wave.case,
        wave: id,
        tier: wave.tier,
        plannedAt: at,
        approval: used.id,
        recipients: effects.recipients,
        artifacts: opened.map((one) => `${one.artifact}:${one.version}`),
    })
}

/** What was signed and is still what it was: opened also where nobody may have it now, for whoever is reinstated. */
function stillNewest(signed: readonly ArtifactVersion[], artifacts: readonly Artifact[]): ArtifactVersion[] {
    const newest = new Map(artifacts.map((one) => [one.id, one.version]))
    return signed.filter((one) => newest.get(one.artifact) === one.version)
}

/** The approval did not carry what the wave would have done: it falls, and the wave waits. A newer one stands. */
async function disarm(act: Act, { id, approval: its }: Wave, code: string): Promise<void> {
    const wave = await lockFreeWave(act, id)
    if (wave === null || its === null || wave.approval !== its || wave.releasedAt !== null) return
    await voidApproval(act, its, "changed")
    await armWave(act, id, null)
    await record(act, { kind: "release.disarmed", case: wave.case, wave: id, code })
}
