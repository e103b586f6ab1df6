/**
 * Deletes evidence, and with it what was found out from it, by two people whom it does not name. The key is destroyed; the
 * hash and the custody stay. It is not done under legal hold.
 */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { eraseEvidence } from "../../evidence/actions/delete-evidence.ts"
import { assertExists, assertNotHeld } from "../../evidence/actions/hold-evidence.ts"
import { attributionsKept } from "../actions.ts"
import * as store from "../store.ts"
import { type Asked, type Lifting, byTwo, reasonIn } from "./approve-alpha.ts"
import { type VersionId, forgetReadings } from "./save-budgets.ts"

export async function deleteEvidence(ctx: ActionContext, evidence: string, lifting: Lifting): Promise<Asked> {
    const by = await assertExists(ctx, evidence)
    await assertNotHeld(ctx, evidence)
    const { sha256 } = await evidenceOf(ctx, evidence)
    const detail = { evidence, sha256: sha256 ?? "" }
    const request = await byTwo(ctx, { what: "evidence.delete", by, detail }, lifting)
    if (!request.done) return request
    const why = await reasonIn(ctx, request.approval)
    await forgetReadings(ctx, await versionsReadIn(ctx, evidence))
    await store.deleteAttributions(ctx.tx, evidence)
    await eraseEvidence(ctx, evidence, by, why)
    await record(ctx, { kind: "evidence.deleted", evidence, sha256, approval: request.approval }, true)
    return request
}

/** The versions whose budgets rest on what was read of it. */
async function versionsReadIn(ctx: ActionContext, evidence: string): Promise<VersionId[]> {
    const found = await attributionsKept(ctx, evidence)
    const read = found.flatMap(({ result: { best, others } }) => [...(best === null ? [] : [best]), ...others])
    return read.filter(({ spending }) => spending !== undefined)
}
