/**
 * Late release: opens the newest version of an artifact by waves that were released without it. So a newer version
 * reaches the readers of an older one, and a version recalled during a release reaches its recipients.
 *
 * It widens access and takes two people. Frozen waves are excluded: unfreeze them first.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { artifactsOf, caseOf } from "../../artifacts/actions.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { closingOf, revisionOf } from "../../cases/actions.ts"
import { assertOpen } from "../../cases/case.ts"
import { matrixOf } from "../../entitlement/actions/decide-access.ts"
import { openLate, openedBy, wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { opensFor, recipientsNow } from "../actions.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { useAsRead, withPublicDenial } from "./load-public-texts.ts"

export const openingLate = "wave.late_release"

/** The outcome: done, or an approval that waits for its signature. */
export interface Opening {
    readonly done: boolean
    readonly approval: string
}

/**
 * Without `signed`, requests the second signature; with it, opens the version. Refuses `release.artifact_not_found`,
 * `release.recalled`, `release.nothing_to_release_late`.
 */
export async function openByFallen(ctx: ActionContext, artifact: string, signed: string | undefined): Promise<Opening> {
    await lockToChangeProgram(ctx.tx)
    const caseId = (await caseOf(ctx, artifact)) ?? refuse("missing", "release.artifact_not_found", "no such artifact")
    assertOpen(await closingOf(ctx, caseId))
    const { waves, version, effects } = await lateOf(ctx, caseId, artifact)
    if (signed === undefined) {
        await assertValid(ctx, effects.artifacts)
        return { done: false, approval: await requestApproval(ctx, effects) }
    }
    await assertClocksTrusted(ctx)
    await useAsRead(ctx, signed, effects)
    const ids = waves.map((wave) => wave.id)
    await openLate(ctx, ids, { artifact, version })
    const recipients = await recipientsNow(ctx, caseId, effects, (entitlement) =>
        waves.some((wave) => opensFor(entitlement, wave)),
    )
    await record(ctx, {
        kind: "wave.late_released",
        case: caseId,
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

async function lateOf(ctx: ActionContext, caseId: string, artifact: string): Promise<Late> {
    const newest = (await artifactsOf(ctx, caseId)).find((candidate) => candidate.id === artifact)
    if (!newest || newest.recalled)
        refuse("conflict", "release.recalled", "the newest version is recalled: lift the recall first")
    const { version } = newest
    const opened = (await openedBy(ctx, caseId)).filter(
        (item) => item.artifact === artifact && item.version === version,
    )
    const has = new Set(opened.map((item) => item.wave))
    const waves = (await wavesOf(ctx, caseId)).filter(
        (wave) => wave.releasedAt !== null && wave.frozenAt === null && !has.has(wave.id),
    )
    const { entitlements } = await matrixOf(ctx, caseId, { nothingOverdue: true })
    const readers = entitlements.filter(
        (entitlement) => entitlement.artifact === artifact && waves.some((wave) => opensFor(entitlement, wave)),
    )
    if (readers.length === 0) {
        refuse(
            "conflict",
            "release.nothing_to_release_late",
            "no released wave would give this version to another partner",
        )
    }
    const effects: Effects = {
        act: openingLate,
        recipients: [...new Set(readers.map((entitlement) => entitlement.partner))].toSorted(),
        artifacts: [{ artifact, version }],
        at: null,
        detail: {
            case: caseId,
            revision: await revisionOf(ctx, caseId),
            waves: waves.map((wave) => wave.id).toSorted(),
        },
        authors: [newest.versionBy],
    }
    return { waves, version, effects: await withPublicDenial(ctx, caseId, effects) }
}
