/** Ends access again that the high-water file knows as ended, and a restored database does not. */
import type { AccessEnd, HighWater } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { endKnownCredential, endPerson, personById } from "../../identity/actions.ts"
import { changeStanding } from "../../partners/actions/change-partner.ts"
import { partnerNames, standingOf } from "../../partners/actions/load-facts.ts"
import { revokeKnownKey } from "../../partners/keys/actions/manage-keys.ts"
import { type Standing, isPutOut, reachesCases } from "../../partners/partner.ts"
import type { Applied } from "../quarantine.ts"

/** Gives what was in force no longer, and whether it is again. What the database never had is left out. */
export async function reapplyEnds(ctx: ActionContext, { ends }: HighWater): Promise<Applied[]> {
    const known = new Set((await partnerNames(ctx)).keys())
    const applied: Applied[] = []
    for (const end of ends) {
        const outcome = await reapply(ctx, end, known).catch(refused)
        if (outcome !== "nothing to do") applied.push({ kind: end.kind, id: end.id, status: end.status, outcome })
    }
    return applied
}

type Outcome = Applied["outcome"] | "nothing to do"

function refused(error: unknown): Outcome {
    if (error instanceof Refusal) return "refused"
    throw error
}

async function reapply(ctx: ActionContext, end: AccessEnd, partners: ReadonlySet<string>): Promise<Outcome> {
    switch (end.kind) {
        case "partner":
            return partners.has(end.id) ? await reapplyStatus(ctx, end) : "nothing to do"
        case "person": {
            const person = await personById(ctx, end.id)
            if (person === null || person.leftAt !== null) return "nothing to do"
            await endPerson(ctx, end.id)
            return "applied"
        }
        case "credential":
            return (await endKnownCredential(ctx, end.id)) ? "applied" : "nothing to do"
        case "key":
            return (await revokeKnownKey(ctx, end.id)) ? "applied" : "nothing to do"
    }
}

/**
 * Only what takes access away: a status that the file has and that gives more is for two people to give. It holds at once: the
 * restored clock may be behind the instant in the file.
 */
async function reapplyStatus(ctx: ActionContext, { id, status }: AccessEnd): Promise<Outcome> {
    const standing = await standingOf(ctx, id)
    const target = status as Standing
    const takesAll = isPutOut(target) && reachesCases(standing)
    const takesMore = target === "terminated" && standing === "suspended"
    if (!(takesAll || takesMore || (target === "restricted" && standing === "active"))) return "nothing to do"
    await changeStanding(ctx, id, target)
    return "applied"
}
