/** Chooses, of what is proposed now, how the words of a class are drawn next: another member signs (inquiries/actions/provisions.ts). */
import { refuse } from "../../../lib/refusal.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { memberOfOpen } from "../../inquiries/actions/membership.ts"
import { askForProvision } from "../../inquiries/actions/provisions.ts"
import type { Chosen } from "../../inquiries/provision.ts"
import { mustBeReason } from "../provision.ts"
import { proposalsFor } from "./proposing.ts"

/** Waits for another member's signature. Refuses what is not proposed now. */
export async function chooseOption(
    act: Act,
    inquiry: string,
    its: Omit<Chosen, "gain">,
): Promise<{ readonly provision: string; readonly approval: string }> {
    await memberOfOpen(act, inquiry)
    mustBeReason(its.reason)
    return await askForProvision(act, inquiry, { ...its, gain: await gainOf(act, inquiry, its) })
}

async function gainOf(act: Act, inquiry: string, its: Omit<Chosen, "gain">): Promise<number> {
    const all = await proposalsFor(act, inquiry, its.case, its.together)
    const options = all.find((one) => one.class === its.class)?.ranked ?? []
    const option = options.find(({ change }) => change.kind === "design" && change.colluders === its.colluders)
    return option?.gain ?? refuse("conflict", "planning.not_proposed", "this is not, or no more, what would tell more")
}
