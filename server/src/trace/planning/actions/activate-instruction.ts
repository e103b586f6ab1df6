/** Chooses a proposed code design for a class. Another member signs it (inquiries/actions/tracing-instructions.ts). */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { memberOfOpen } from "../../inquiries/actions/check-membership.ts"
import { askForProvision } from "../../inquiries/actions/tracing-instructions.ts"
import type { Chosen } from "../../inquiries/tracing-instruction.ts"
import { validateReason } from "../instruction.ts"
import { proposalsFor } from "./propose-instruction.ts"

/** Requests a tracing instruction, which waits for another member's signature. Refuses `planning.not_proposed`. */
export async function chooseOption(
    ctx: ActionContext,
    inquiry: string,
    chosen: Omit<Chosen, "gain">,
): Promise<{ readonly provision: string; readonly approval: string }> {
    await memberOfOpen(ctx, inquiry)
    validateReason(chosen.reason)
    return await askForProvision(ctx, inquiry, { ...chosen, gain: await gainOf(ctx, inquiry, chosen) })
}

async function gainOf(ctx: ActionContext, inquiry: string, chosen: Omit<Chosen, "gain">): Promise<number> {
    const classOptions = await proposalsFor(ctx, inquiry, chosen.case, chosen.together)
    const options = classOptions.find((classOptions) => classOptions.class === chosen.class)?.ranked ?? []
    const option = options.find(({ change }) => change.kind === "code_design" && change.colluders === chosen.colluders)
    return (
        option?.gain ??
        refuse("conflict", "planning.not_proposed", "this option is no longer proposed: load the proposals again")
    )
}
