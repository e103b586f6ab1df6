/**
 * Deletes evidence, and with it what was found out from it, by two people whom it does not name. The key is destroyed; the
 * hash and the custody stay. It is not done under legal hold.
 */
import { type Act, record } from "../../../trust/audit/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { eraseEvidence } from "../../evidence/actions/erasing.ts"
import { mustBeThere, mustNotBeHeld } from "../../evidence/actions/keeping.ts"
import { attributionsKept } from "../actions.ts"
import * as store from "../store.ts"
import { type Asked, type Lifting, byTwo, reasonIn } from "./by-two.ts"
import { type VersionId, forgetReadings } from "./keep-budgets.ts"

export async function deleteEvidence(act: Act, evidence: string, lifting: Lifting): Promise<Asked> {
    const by = await mustBeThere(act, evidence)
    await mustNotBeHeld(act, evidence)
    const { sha256 } = await evidenceOf(act, evidence)
    const detail = { evidence, sha256: sha256 ?? "" }
    const asked = await byTwo(act, { what: "evidence.delete", by, detail }, lifting)
    if (!asked.done) return asked
    const why = await reasonIn(act, asked.approval)
    await forgetReadings(act, await versionsReadIn(act, evidence))
    await store.deleteAttributions(act.tx, evidence)
    await eraseEvidence(act, evidence, by, why)
    await record(act, { kind: "evidence.deleted", evidence, sha256, approval: asked.approval }, true)
    return asked
}

/** The versions whose budgets rest on what was read of it. */
async function versionsReadIn(act: Act, evidence: string): Promise<VersionId[]> {
    const found = await attributionsKept(act, evidence)
    const read = found.flatMap(({ result: { best, others } }) => [...(best === null ? [] : [best]), ...others])
    return read.filter(({ spending }) => spending !== undefined)
}
