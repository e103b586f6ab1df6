/** The custody of evidence, computed from the record. It stands here since what inquiries did is part of it. */
import { type Act, record } from "../../../trust/audit/actions.ts"
import { recordedOfEvidence } from "../../../trust/audit/actions/exporting.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { type Happened, custodyIn } from "../custody.ts"
import * as store from "../store.ts"
import { mustBeOperator } from "./membership.ts"

/** Oldest first, this look the last. Refuses `evidence.not_found`. */
export async function custodyOfEvidence(act: Act, evidence: string): Promise<Happened[]> {
    await evidenceOf(act, evidence)
    await record(act, { kind: "evidence.custody_read", evidence }, true)
    const own = (await store.inquiriesOf(act.tx, mustBeOperator(act))).map(({ id }) => id)
    return custodyIn(await recordedOfEvidence(act, evidence), new Set(own))
}
