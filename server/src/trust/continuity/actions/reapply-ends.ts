/** Ends access again that had ended before a restore, by the high-water file. */
import type { AccessEnd, HighWater } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { endKnownCredential, endPerson, personById } from "../../identity/actions.ts"
import { changeStanding } from "../../partners/actions/change-partner.ts"
import { partnerNames, standingOf } from "../../partners/actions/load-facts.ts"
import { revokeKnownKey } from "../../partners/keys/actions/manage-keys.ts"
import { type Standing, isPutOut, reachesCases } from "../../partners/partner.ts"
import type { Applied } from "../quarantine.ts"

/**
 * Reapplies ended access and returns each end with its outcome. Unknown partners, people and credentials are left out.
 */
export async function reapplyEnds(ctx: ActionContext, { ends }: HighWater): Promise<Applied[]> {
    const known = new Set((await partnerNames(ctx)).keys())
    const applied: Applied[] = []
    for (const end of ends) {
        const outcome = await reapply(ctx, end, known).catch(refused)
        if (outcome !== "nothing_to_do") applied.push({ kind: end.kind, id: end.id, status: end.status, outcome })
    }
    return applied
}

type Outcome = Applied["outcome"] | "nothing_to_do"

function refused(error: unknown): Outcome {
    if (error instanceof Refusal) return "refused"
    throw error
}

async function reapply(ctx: ActionContext, end: AccessEnd, partners: ReadonlySet<string>): Promise<Outcome> {
    switch (end.kind) {
        case "partner":
            return partners.has(end.id) ? await reapplyStatus(ctx, end) : "nothing_to_do"
        case "person": {
            const person = await personById(ctx, end.id)
            if (person === null || person.leftAt !== null) return "nothing_to_do"
            await endPerson(ctx, end.id)
            return "applied"
        }
        case "credential":
            return (await endKnownCredential(ctx, end.id)) ? "applied" : "nothing_to_do"
        case "key":
            return (await revokeKnownKey(ctx, end.id)) ? "applied" : "nothing_to_do"
    }
}

/**
 * Applies a status that takes access away, at once, because the restored clock may be behind the file. Only two people
 * can apply a status that gives more.
 */
async function reapplyStatus(ctx: ActionContext, { id, status }: AccessEnd): Promise<Outcome> {
    const standing = await standingOf(ctx, id)
    const target = status as Standing
    const takesAll = isPutOut(target) && reachesCases(standing)
    const takesMore = target === "terminated" && standing === "suspended"
    if (!(takesAll || takesMore || (target === "restricted" && standing === "active"))) return "nothing_to_do"
    await changeStanding(ctx, id, target)
    return "applied"
}
