/**
 * What a warning says of its case is changed. Until a wave has fallen one person does it, and what was signed for the waves
 * falls with the text that it was signed for. From then on partners read it: a second person signs the new text, shown
 * beside the old one, before anybody else sees it. A correction takes two as well.
 */
import { refuse } from "../../../lib/refusal.ts"
import type { Json } from "../../../lib/canonical.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { approval, requestApproval, voidOfCase, wordsOf } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { caseFile, retoldHash, reviseCase, revisionOf, setPermission } from "../../cases/actions.ts"
import { detailsFrom, mustBeCase, mustBeOpen } from "../../cases/case.ts"
import { mustBePermission } from "../../cases/permission.ts"
import { type Retold, type Told, tellsTheSame } from "../../cases/telling.ts"
import { wavesOf } from "../../waves/actions.ts"
import { warnedOf } from "./held.ts"
import { useAsRead, withTitleDenial } from "./public-texts.ts"

export const retelling = "case.amend"

export interface Retelling {
    readonly done: boolean
    /** What was signed, or waits for it; null where one person was enough. */
    readonly approval: string | null
}

/** What the signer reads, and what is carried out. */
interface Words {
    readonly before: Told
    readonly after: Retold
}

/** Changes it; or, once a wave has fallen, asks for a second signature first, in place of whatever was asked for before. */
export async function retell(act: Act, caseId: string, after: Retold): Promise<Retelling> {
    await lockToChangeProgram(act.tx)
    const { details, permission, closing } = await toldNow(act, caseId)
    if ("permission" in after) mustBeOpen(closing)
    mustBeTellable(after)
    const before = "details" in after ? { details } : { permission }
    if (tellsTheSame(before, after) || !(await isRead(act, caseId))) {
        await change(act, caseId, after)
        return { done: true, approval: null }
    }
    const words: Words = { before, after }
    const asked = await requestApproval(act, await effectsOf(act, caseId, after), words as unknown as Json)
    await voidOfCase(act, [retelling], caseId, "superseded", ({ id }) => id === asked)
    return { done: false, approval: asked }
}

/** Says exactly what was signed. */
export async function sayRetold(act: Act, caseId: string, signed: string): Promise<Retelling> {
    await lockToChangeProgram(act.tx)
    const its = await approval(act, signed)
    if (its.effects.act !== retelling) {
        refuse("conflict", "release.not_an_amendment", "this approval is for no change of what a case says")
    }
    const { after } = (await wordsOf(act, its)) as unknown as Words
    await useAsRead(act, signed, await effectsOf(act, caseId, after))
    await change(act, caseId, after)
    return { done: true, approval: signed }
}

async function change(act: Act, caseId: string, after: Retold): Promise<void> {
    // It may have been signed in the form that cases had before.
    if ("details" in after) await reviseCase(act, caseId, detailsFrom(after.details))
    else await setPermission(act, caseId, after.permission)
}

async function toldNow(act: Act, caseId: string) {
    const { title, vulnerabilities, finder, credit = "", permission, closing } = await caseFile(act, caseId)
    return { details: { title, vulnerabilities, finder, credit }, permission, closing }
}

function mustBeTellable(after: Retold): void {
    if ("details" in after) mustBeCase(after.details)
    else mustBePermission(after.permission)
}

/** Whoever may have come to read it since is not asked: what has fallen may be read again by whoever is reinstated. */
async function isRead(act: Act, caseId: string): Promise<boolean> {
    return (await wavesOf(act, caseId)).some((one) => one.releasedAt !== null)
}

async function effectsOf(act: Act, caseId: string, after: Retold): Promise<Effects> {
    const effects: Effects = {
        act: retelling,
        recipients: await warnedOf(act, caseId),
        artifacts: [],
        at: null,
        detail: { case: caseId, revision: await revisionOf(act, caseId), digest: retoldHash(act, caseId, after) },
    }
    return "details" in after ? await withTitleDenial(act, caseId, after.details.title, effects) : effects
}
