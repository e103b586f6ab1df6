/**
 * Changes the disclosed facts of a case.
 *
 * Before a wave is released, one person may do it; approvals of the case's waves are voided. Afterwards partners read
 * the facts, so a second person signs the new text, shown next to the old one. Corrections need the second signature
 * too.
 */
import { refuse } from "@tocsin/base/refusal"
import type { Json } from "@tocsin/base/canonical"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { approval, requestApproval, voidOfCase, wordsOf } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { caseFile, retoldHash, reviseCase, revisionOf, setPermission } from "../../cases/actions.ts"
import { detailsFrom, validateCase, assertOpen } from "../../cases/case.ts"
import { validatePermission } from "../../cases/deployment-permission.ts"
import { type Retold, type Told, tellsTheSame } from "../../cases/disclosed-facts.ts"
import { wavesOf } from "../../waves/actions.ts"
import { warnedOf } from "./released-content.ts"
import { useAsRead, withTitleDenial } from "./load-public-texts.ts"

export const retelling = "case.amend"

export interface Retelling {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** What the signer reads, and what is applied. */
interface Words {
    readonly before: Told
    readonly after: Retold
}

/**
 * Changes the facts, or requests a second signature once a wave is released. A new request supersedes an earlier one.
 */
export async function retell(ctx: ActionContext, caseId: string, after: Retold): Promise<Retelling> {
    await lockToChangeProgram(ctx.tx)
    const { details, permission, closing } = await toldNow(ctx, caseId)
    if ("permission" in after) assertOpen(closing)
    validateTellable(after)
    const before = "details" in after ? { details } : { permission }
    if (tellsTheSame(before, after) || !(await isRead(ctx, caseId))) {
        await change(ctx, caseId, after)
        return { done: true, approval: null }
    }
    const words: Words = { before, after }
    const request = await requestApproval(ctx, await effectsOf(ctx, caseId, after), words as unknown as Json)
    await voidOfCase(ctx, [retelling], caseId, "superseded", ({ id }) => id === request)
    return { done: false, approval: request }
}

/** Applies the signed amendment. Refuses `release.not_an_amendment`. */
export async function recordAmendment(ctx: ActionContext, caseId: string, signed: string): Promise<Retelling> {
    await lockToChangeProgram(ctx.tx)
    const input = await approval(ctx, signed)
    if (input.effects.act !== retelling) {
        refuse("conflict", "release.not_an_amendment", "this approval is not for an amendment: use one for this case")
    }
    const { after } = (await wordsOf(ctx, input)) as unknown as Words
    await useAsRead(ctx, signed, await effectsOf(ctx, caseId, after))
    await change(ctx, caseId, after)
    return { done: true, approval: signed }
}

async function change(ctx: ActionContext, caseId: string, after: Retold): Promise<void> {
    // Older approvals may hold the details in an earlier format.
    if ("details" in after) await reviseCase(ctx, caseId, detailsFrom(after.details))
    else await setPermission(ctx, caseId, after.permission)
}

async function toldNow(ctx: ActionContext, caseId: string) {
    const { title, vulnerabilities, finder, credit = "", permission, closing } = await caseFile(ctx, caseId)
    return { details: { title, vulnerabilities, finder, credit }, permission, closing }
}

function validateTellable(after: Retold): void {
    if ("details" in after) validateCase(after.details)
    else validatePermission(after.permission)
}

/** Whether a wave is released. Current access does not matter: a reinstated partner may read the case again. */
async function isRead(ctx: ActionContext, caseId: string): Promise<boolean> {
    return (await wavesOf(ctx, caseId)).some((wave) => wave.releasedAt !== null)
}

async function effectsOf(ctx: ActionContext, caseId: string, after: Retold): Promise<Effects> {
    const effects: Effects = {
        act: retelling,
        recipients: await warnedOf(ctx, caseId),
        artifacts: [],
        at: null,
        detail: { case: caseId, revision: await revisionOf(ctx, caseId), digest: retoldHash(ctx, caseId, after) },
    }
    return "details" in after ? await withTitleDenial(ctx, caseId, after.details.title, effects) : effects
}
