/**
 * Deletes evidence and its attributions, by two people whom it does not identify. Destroys the key, and keeps the hash
 * and the chain of custody.
 */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { eraseEvidence } from "../../evidence/actions/delete-evidence.ts"
import { assertExists, assertNotHeld } from "../../evidence/actions/hold-evidence.ts"
import { attributionsKept } from "../actions.ts"
import * as store from "../store.ts"
import { type Asked, type Lifting, byTwo, reasonIn } from "./approve-alpha.ts"
import { type VersionId, forgetReadings } from "./save-budgets.ts"

/** Requests or applies the deletion of evidence. Refuses evidence under legal hold. */
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

/** Lists the versions whose budgets include readings of this evidence. */
async function versionsReadIn(ctx: ActionContext, evidence: string): Promise<VersionId[]> {
    const found = await attributionsKept(ctx, evidence)
    const read = found.flatMap(({ result: { best, others } }) => [...(best === null ? [] : [best]), ...others])
    return read.filter(({ spending }) => spending !== undefined)
}
