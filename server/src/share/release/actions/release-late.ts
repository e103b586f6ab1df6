/**
 * Opening late: the newest version of an artifact comes out by the waves that have fallen without it. So a version that
 * supersedes another reaches those who have the other, and what was recalled when a wave fell reaches whom it would have.
 *
 * It widens, and takes two. What frozen waves opened stays as it is: they are thawed first.
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

/** Done, or the approval that waits for its signature. */
export interface Opening {
    readonly done: boolean
    readonly approval: string
}

/** The first call asks for the second signature; the next one, with the signed approval, opens. */
export async function openByFallen(ctx: ActionContext, artifact: string, signed: string | undefined): Promise<Opening> {
    await lockToChangeProgram(ctx.tx)
    const subject = (await caseOf(ctx, artifact)) ?? refuse("missing", "release.artifact_not_found", "no such artifact")
    assertOpen(await closingOf(ctx, subject))
    const { waves, version, effects } = await lateOf(ctx, subject, artifact)
    if (signed === undefined) {
        await assertValid(ctx, effects.artifacts)
        return { done: false, approval: await requestApproval(ctx, effects) }
    }
    await assertClocksTrusted(ctx)
    await useAsRead(ctx, signed, effects)
    const ids = waves.map((wave) => wave.id)
    await openLate(ctx, ids, { artifact, version })
    const recipients = await recipientsNow(ctx, subject, effects, (entitlement) =>
        waves.some((wave) => opensFor(entitlement, wave)),
    )
    await record(ctx, {
        kind: "wave.late_released",
        case: subject,
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

async function lateOf(ctx: ActionContext, subject: string, artifact: string): Promise<Late> {
    const input = (await artifactsOf(ctx, subject)).find((item) => item.id === artifact)
    if (!input || input.recalled)
        refuse("conflict", "release.recalled", "its newest version is recalled: end that first")
    const { version } = input
    const opened = (await openedBy(ctx, subject)).filter(
        (item) => item.artifact === artifact && item.version === version,
    )
    const has = new Set(opened.map((item) => item.wave))
    const waves = (await wavesOf(ctx, subject)).filter(
        (wave) => wave.releasedAt !== null && wave.frozenAt === null && !has.has(wave.id),
    )
    const { entitlements } = await matrixOf(ctx, subject, { nothingOverdue: true })
    const readers = entitlements.filter(
        (entitlement) => entitlement.artifact === artifact && waves.some((wave) => opensFor(entitlement, wave)),
    )
    if (readers.length === 0) {
        refuse(
            "conflict",
            "release.nothing_to_release_late",
            "no fallen wave would give anybody this version that has it not",
        )
    }
    const effects: Effects = {
        act: openingLate,
        recipients: [...new Set(readers.map((entitlement) => entitlement.partner))].toSorted(),
        artifacts: [{ artifact, version }],
        at: null,
        detail: {
            case: subject,
            revision: await revisionOf(ctx, subject),
            waves: waves.map((wave) => wave.id).toSorted(),
        },
        authors: [input.versionBy],
    }
    return { waves, version, effects: await withPublicDenial(ctx, subject, effects) }
}
