/**
 * Late release: opens the newest version of an artifact by waves that were released without it. So a newer version
 * reaches the readers of an older one, and a version recalled during a release reaches its recipients.
 *
 * It widens access and takes two people. Frozen waves are excluded: unfreeze them first.
 */
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listArtifacts, findCaseOfArtifact } from "../../artifacts/actions/load-artifacts.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { findClosure } from "../../cases/actions/load-case.ts"
import { loadRevision } from "../../cases/actions/open-case.ts"
import { assertOpen } from "../../cases/case.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { openVersionLate, listOpenedVersions, listWaves } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { opensFor, listCurrentRecipients } from "./compute-effects.ts"
import { assertClocksTrusted } from "./guard-clocks.ts"
import { applyApprovalAsRead, markPublicDenial } from "./load-public-texts.ts"

export const lateReleaseAction = "wave.late_release"

/** The outcome: done, or an approval that waits for its signature. */
export interface LateReleaseOutcome {
    readonly done: boolean
    readonly approval: string
}

/**
 * Without `signed`, requests the second signature; with it, opens the version. Refuses `release.artifact_not_found`,
 * `release.recalled`, `release.nothing_to_release_late`.
 */
export async function releaseLate(
    ctx: ActionContext,
    artifact: string,
    signed: string | undefined,
): Promise<LateReleaseOutcome> {
    await lockToChangeProgram(ctx.tx)
    const caseId =
        (await findCaseOfArtifact(ctx, artifact)) ?? refuse("missing", "release.artifact_not_found", "no such artifact")
    assertOpen(await findClosure(ctx, caseId))
    const { waves, version, effects } = await loadLateRelease(ctx, caseId, artifact)
    if (signed === undefined) {
        await assertValid(ctx, effects.artifacts)
        return { done: false, approval: await requestApproval(ctx, effects) }
    }
    await assertClocksTrusted(ctx)
    await applyApprovalAsRead(ctx, signed, effects)
    const ids = waves.map((wave) => wave.id)
    await openVersionLate(ctx, ids, { artifact, version })
    const recipients = await listCurrentRecipients(ctx, caseId, effects, (entitlement) =>
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

interface LateRelease {
    readonly waves: readonly Wave[]
    readonly version: number
    readonly effects: Effects
}

async function loadLateRelease(ctx: ActionContext, caseId: string, artifact: string): Promise<LateRelease> {
    const newest = (await listArtifacts(ctx, caseId)).find((candidate) => candidate.id === artifact)
    if (!newest || newest.recalled)
        refuse("conflict", "release.recalled", "the newest version is recalled: lift the recall first")
    const { version } = newest
    const opened = (await listOpenedVersions(ctx, caseId)).filter(
        (openedVersion) => openedVersion.artifact === artifact && openedVersion.version === version,
    )
    const alreadyOpened = new Set(opened.map((openedVersion) => openedVersion.wave))
    const waves = (await listWaves(ctx, caseId)).filter(
        (wave) => wave.releasedAt !== null && wave.frozenAt === null && !alreadyOpened.has(wave.id),
    )
    const { entitlements } = await loadMatrix(ctx, caseId, { nothingOverdue: true })
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
        action: lateReleaseAction,
        recipients: [...new Set(readers.map((entitlement) => entitlement.partner))].toSorted(),
        artifacts: [{ artifact, version }],
        at: null,
        detail: {
            case: caseId,
            revision: await loadRevision(ctx, caseId),
            waves: waves.map((wave) => wave.id).toSorted(),
        },
        authors: [newest.versionBy],
    }
    return { waves, version, effects: await markPublicDenial(ctx, caseId, effects) }
}
