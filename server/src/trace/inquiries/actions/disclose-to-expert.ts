/** A document's key, opened for an expert: of an inquiry's leak it is asked for, signed and carried out by its members. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { attributionWith } from "../../attribution/actions.ts"
import { type Opening, openMarks } from "../../attribution/actions/disclose-keys.ts"
import * as store from "../store.ts"
import { memberOf } from "./check-membership.ts"

/** `inquiry` null: for no inquiry. Refuses `inquiry.not_found`, `inquiry.evidence_not_included`. */
export async function openFor(
    ctx: ActionContext,
    attribution: string,
    inquiry: string | null,
    signed: string | undefined,
): Promise<Opening> {
    if (inquiry === null) return await openMarks(ctx, { attribution, inquiry }, signed)
    await memberOf(ctx, inquiry)
    const { evidence } = await attributionWith(ctx, attribution)
    if (!(await store.listEvidence(ctx.tx, inquiry)).includes(evidence)) {
        refuse(
            "conflict",
            "inquiry.evidence_not_included",
            "this leak is no evidence of the inquiry: bring it in first",
        )
    }
    const members = await store.listMembers(ctx.tx, inquiry)
    return await openMarks(ctx, { attribution, inquiry: { id: inquiry, members } }, signed)
}
