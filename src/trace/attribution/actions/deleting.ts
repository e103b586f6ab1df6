/**
 * Deletes evidence, and with it what was found out from it: one asks and says why, another person signs. The key is
 * destroyed; the hash and the custody stay. Nobody whom it names has a part in it, and it is not done under legal hold.
 */
import { refuse } from "../../../lib/refusal.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { eraseEvidence } from "../../evidence/actions/erasing.ts"
import {
    type Asked,
    type Lifting,
    effectsOn,
    mustBeThere,
    mustNotBeHeld,
    reasonIn,
} from "../../evidence/actions/keeping.ts"
import { mustBeSaid } from "../../evidence/keeping.ts"
import { attributionsKept } from "../actions.ts"
import { namedIn } from "../attribution.ts"
import * as store from "../store.ts"

/** The first call asks for the second signature; the next one, with the signed approval, deletes. */
export async function deleteEvidence(act: Act, evidence: string, { reason, approval }: Lifting): Promise<Asked> {
    const by = await mustBeThere(act, evidence)
    const named = (await attributionsKept(act, evidence)).flatMap(({ result }) => namedIn(result))
    if (named.includes(by)) {
        refuse("forbidden", "attribution.names_you", "it names a copy of yours: leave it to another investigator")
    }
    await mustNotBeHeld(act, evidence)
    const { sha256 } = await evidenceOf(act, evidence)
    const detail = { evidence, sha256: sha256 ?? "" }
    const effects = await effectsOn(act, "evidence.delete", detail, named)
    if (approval === undefined) {
        return { done: false, approval: await requestApproval(act, effects, { reason: mustBeSaid(reason ?? "") }) }
    }
    const { requestedBy, signedBy } = await useApproval(act, approval, effects)
    if (named.some((one) => one === requestedBy || one === signedBy)) {
        refuse("conflict", "attribution.names_signer", "since then it names who asked or signed: let others ask anew")
    }
    const why = await reasonIn(act, approval)
    await store.deleteAttributions(act.tx, evidence)
    await eraseEvidence(act, evidence, by, why)
    await record(act, { kind: "evidence.deleted", evidence, sha256, approval }, true)
    return { done: true, approval }
}
