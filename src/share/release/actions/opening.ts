/**
 * Opening late: the newest version of an artifact comes out by the waves that have fallen without it. So a version that
 * supersedes another reaches those who have the other, and what was recalled when a wave fell reaches whom it would have.
 *
 * It widens, and takes two. What frozen waves opened stays as it is: they are thawed first.
 */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { artifactsOf, caseOf } from "../../artifacts/actions.ts"
import { mustBeValid } from "../../artifacts/actions/validation.ts"
import { closingOf, revisionOf } from "../../cases/actions.ts"
import { mustBeOpen } from "../../cases/case.ts"
import { matrixOf } from "../../entitlement/actions/entitlements.ts"
import { openLate, openedBy, wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { opensFor, recipientsNow } from "../actions.ts"
import { mustTrustClocks } from "./clock.ts"
import { useAsRead, withPublicDenial } from "./public-texts.ts"

export const openingLate = "wave.late_release"

/** Done, or the approval that waits for its signature. */
export interface Opening {
    readonly done: boolean
    readonly approval: string
}

/** The first call asks for the second signature; the next one, with the signed approval, opens. */
export async function openByFallen(act: Act, artifact: string, signed: string | undefined): Promise<Opening> {
    await lockToChangeProgram(act.tx)
    const of = (await caseOf(act, artifact)) ?? refuse("missing", "release.artifact_not_found", "no such artifact")
    mustBeOpen(await closingOf(act, of))
    const { waves, version, effects } = await lateOf(act, of, artifact)
    if (signed === undefined) {
        await mustBeValid(act, effects.artifacts)
        return { done: false, approval: await requestApproval(act, effects) }
    }
    await mustTrustClocks(act)
    await useAsRead(act, signed, effects)
    const ids = waves.map((wave) => wave.id)
    await openLate(act, ids, { artifact, version })
    const recipients = await recipientsNow(act, of, effects, (one) => waves.some((wave) => opensFor(one, wave)))
    await record(act, {
        kind: "wave.late_released",
        case: of,
        artifact,
        version,
        waves: ids,
        approval: signed,
        recipients,
    })
    return { done: true, approval: signed }
}

interface Late {
    readonly waves: readonly Wave[]
    readonly version: number
    readonly effects: Effects
}

async function lateOf(act: Act, of: string, artifact: string): Promise<Late> {
    const its = (await artifactsOf(act, of)).find((one) => one.id === artifact)
    if (!its || its.recalled) refuse("conflict", "release.recalled", "its newest version is recalled: end that first")
    const { version } = its
    const opened = (await openedBy(act, of)).filter((one) => one.artifact === artifact && one.version === version)
    const has = new Set(opened.map((one) => one.wave))
    const waves = (await wavesOf(act, of)).filter(
        (one) => one.releasedAt !== null && one.frozenAt === null && !has.has(one.id),
    )
    const { entitlements } = await matrixOf(act, of, { nothingOverdue: true })
    const readers = entitlements.filter((one) => one.artifact === artifact && waves.some((wave) => opensFor(one, wave)))
    if (readers.length === 0) {
        refuse(
            "conflict",
            "release.nothing_to_release_late",
            "no fallen wave would give anybody this version that has it not",
        )
    }
    const effects: Effects = {
        act: openingLate,
        recipients: [...new Set(readers.map((one) => one.partner))].toSorted(),
        artifacts: [{ artifact, version }],
        at: null,
        detail: { case: of, revision: await revisionOf(act, of), waves: waves.map((wave) => wave.id).toSorted() },
        authors: [its.versionBy],
    }
    return { waves, version, effects: await withPublicDenial(act, of, effects) }
}
