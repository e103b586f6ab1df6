/** Chooses a proposed code design for a class. Another member signs it (inquiries/actions/propose-instruction.ts). */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { lockOpenInquiryAsMember } from "../../inquiries/actions/check-membership.ts"
import { proposeInstruction } from "../../inquiries/actions/propose-instruction.ts"
import type { CodeDesignChoice } from "../../inquiries/tracing-instruction.ts"
import { validateReason } from "../instruction.ts"
import { listOptions } from "./list-options.ts"

/** Requests a tracing instruction, which waits for another member's signature. Refuses `planning.not_proposed`. */
export async function chooseCodeDesign(
    ctx: ActionContext,
    inquiry: string,
    choice: Omit<CodeDesignChoice, "gainBits">,
): Promise<{ readonly tracingInstruction: string; readonly approval: string }> {
    await lockOpenInquiryAsMember(ctx, inquiry)
    validateReason(choice.reason)
    return await proposeInstruction(ctx, inquiry, { ...choice, gainBits: await loadGain(ctx, inquiry, choice) })
}

async function loadGain(
    ctx: ActionContext,
    inquiry: string,
    choice: Omit<CodeDesignChoice, "gainBits">,
): Promise<number> {
    const classOptions = await listOptions(ctx, inquiry, choice.case, choice.assumedColluders)
    const options = classOptions.find((classOptions) => classOptions.class === choice.class)?.ranked ?? []
    const option = options.find(({ change }) => change.kind === "code_design" && change.colluders === choice.colluders)
    return (
        option?.gainBits ??
        refuse("conflict", "planning.not_proposed", "this option is no longer proposed: load the proposals again")
    )
}
