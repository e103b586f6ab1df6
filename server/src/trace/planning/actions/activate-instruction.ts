/** Chooses, of what is proposed now, how the words of a class are drawn next: another member signs (inquiries/actions/provisions.ts). */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { memberOfOpen } from "../../inquiries/actions/check-membership.ts"
import { askForProvision } from "../../inquiries/actions/tracing-instructions.ts"
import type { Chosen } from "../../inquiries/tracing-instruction.ts"
import { validateReason } from "../instruction.ts"
import { proposalsFor } from "./propose-instruction.ts"

/** Waits for another member's signature. Refuses what is not proposed now. */
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
    const option = options.find(({ change }) => change.kind === "design" && change.colluders === chosen.colluders)
    return option?.gain ?? refuse("conflict", "planning.not_proposed", "this is not, or no more, what would tell more")
}
