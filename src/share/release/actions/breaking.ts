/**
 * "Release now, the embargo is broken": all that the remaining waves and publication would open, at once. One person
 * asks, another signs what it would do, and then it is done in one transaction: the embargo is broken and ended, every
 * wave falls, and the notices follow from that as they do from any wave.
 *
 * And the opposite: a case that is closed opens nothing more. That takes one person.
 */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval, wordsOf } from "../../../trust/approvals/actions.ts"
import {
    type Approval,
    type ArtifactVersion,
    type Effects,
    type Reading,
    openingsOf,
    readingsIn,
} from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { mustBeValid } from "../../artifacts/actions/validation.ts"
import { closeCase, closingOf, embargoOf, heldPublicationOf, revisionOf } from "../../cases/actions.ts"
import { listenersOf } from "../../cases/actions/consents.ts"
import { breakEmbargo, endEmbargo } from "../../cases/actions/embargo.ts"
import { mustBeOpen } from "../../cases/case.ts"
import { phase } from "../../cases/embargo.ts"
import { armWave, lockWave, openWave, takeBack, thawWave, wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { effectsOfWave, opensFor, recipientsNow, stillNewest } from "../actions.ts"
import { mustTrustClocks } from "./clock.ts"
import { heldIn } from "./held.ts"
import { useAsRead, withDenial } from "./public-texts.ts"

/** What one of the remaining waves would open, and to whom. */
export interface Remaining {
    readonly wave: Wave
    readonly recipients: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
}

export interface Breaking {
    /** In the order in which they would fall; publication last. */
    readonly waves: readonly Remaining[]
    /** What is signed: all of it together. */
    readonly effects: Effects
}

export const breaking = "embargo.terminate"

/** What it would do as everything stands. Refuses a case without an embargo to break, and one that is closed. */
export async function breakingOf(act: Act, caseId: string): Promise<Breaking> {
    mustBeOpen(await closingOf(act, caseId))
    const state = phase(await embargoOf(act, caseId), act.now)
    if (state !== "running" && state !== "due" && state !== "broken") {
        refuse("conflict", "release.no_embargo_to_end", `there is no embargo to break: its state is \`${state}\``)
    }
    const waves: Remaining[] = []
    const authors: string[] = []
    const readings: Reading[] = []
    for (const wave of await wavesOf(act, caseId)) {
        if (wave.releasedAt !== null) continue
        const effects = await effectsOfWave(act, wave)
        const recipients = await recipientsNow(act, caseId, effects, (one) => opensFor(one, wave))
        waves.push({ wave, recipients, artifacts: effects.artifacts })
        readings.push(...readingsIn(effects))
        authors.push(...(effects.authors ?? []))
    }
    const effects: Effects = {
        act: breaking,
        ...openingsOf(readings),
        at: null,
        // Frozen since, and the signature does not carry it: it never lifts a freeze that the signer was not shown.
        detail: {
            case: caseId,
            revision: await revisionOf(act, caseId),
            frozen: waves
                .filter(isFrozen)
                .map((one) => one.wave.id)
                .toSorted(),
        },
        authors: [...new Set(authors)].toSorted(),
    }
    return { waves, effects: await withDenial(act, caseId, effects) }
}

const isFrozen = ({ wave }: Remaining): boolean => wave.frozenAt !== null

/** Asks for the second signature, with the reason that the signer reads; returns the approval's id. */
export async function requestBreaking(act: Act, caseId: string, why: string): Promise<string> {
    const { effects } = await breakingOf(act, caseId)
    await mustBeValid(act, effects.artifacts)
    return await requestApproval(act, effects, { why })
}

/** Does it, under the signature and for the reason that was read with it. All of it, or nothing. */
export async function breakAndRelease(act: Act, caseId: string, approval: string): Promise<void> {
    await lockToChangeProgram(act.tx)
    await heldPublicationOf(act, caseId)
    await mustTrustClocks(act)
    const { waves, effects } = await breakingOf(act, caseId)
    const used = await useAsRead(act, approval, effects)
    if (phase(await embargoOf(act, caseId), act.now) === "running") {
        await breakEmbargo(act, caseId, await reasonOf(act, used))
    }
    for (const one of waves) await openNow(act, one, used.id)
    await endEmbargo(act, caseId)
    const { recipients } = effects
    await record(act, { kind: "embargo.emergency_released", case: caseId, approval, recipients, waves: waves.length })
}

async function reasonOf(act: Act, approval: Approval): Promise<string> {
    const { why } = (await wordsOf(act, approval)) as { why: string }
    return why
}

async function openNow(act: Act, { wave: { id }, recipients, artifacts }: Remaining, approval: string): Promise<void> {
    const wave = await lockWave(act, id)
    if (wave.approval !== null) await takeBack(act, wave.approval, "superseded")
    await thawWave(act, wave, approval)
    await armWave(act, id, approval)
    const opened = stillNewest(artifacts, await artifactsOf(act, wave.case))
    await openWave(act, wave, opened)
    await record(act, {
        kind: "wave.released",
        ...{ case: wave.case, wave: id, tier: wave.tier, plannedAt: act.now, approval, recipients },
        artifacts: opened.map((one) => `${one.artifact}:${one.version}`),
    })
}

/** Cancelled before anybody was warned, withdrawn after it: what was signed for falls, and nothing more opens. */
export async function closeForGood(act: Act, caseId: string, why: string): Promise<void> {
    await lockToChangeProgram(act.tx)
    const waves = await wavesOf(act, caseId)
    const isKnown = waves.some((one) => one.releasedAt !== null)
    await closeCase(act, caseId, isKnown ? "withdrawn" : "cancelled", why)
    if (isKnown) {
        const warned = (await heldIn(act, caseId, {})).map((one) => one.partner)
        const recipients = [...new Set([...warned, ...(await listenersOf(act, caseId))])].toSorted()
        await record(act, { kind: "case.withdrawal_announced", case: caseId, recipients })
    }
    for (const { id, releasedAt } of waves) {
        if (releasedAt !== null) continue
        const wave = await lockWave(act, id)
        if (wave.approval !== null) await takeBack(act, wave.approval, "withdrawn")
        await armWave(act, id, null)
    }
}
