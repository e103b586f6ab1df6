/** What a decision about partners would change, over every case, before anybody takes it. */
import type { Act } from "../../../trust/audit/actions.ts"
import { effectsToSign } from "../../../trust/partners/actions/changes.ts"
import { type Change, type PartnerFacts, asGiven, partnerFacts } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { matrix } from "../matrix.ts"
import { type Known, knownAt } from "./ground.ts"
import { inForceAt, loadPolicy } from "./policies.ts"

export interface ChangePreview {
    readonly differences: readonly Difference[]
    readonly peopleNeeded: 1 | 2
}

/**
 * For the tier, duties, standing or restriction of these partners, each of which gets the same. Nothing is written.
 * Refuses `partner.unknown`, and a move between standings that nobody can make (`partner.no_such_move`).
 */
export async function previewChange(act: Act, partners: readonly string[], change: Change): Promise<ChangePreview> {
    const ids = new Set(partners)
    let peopleNeeded: 1 | 2 = 1
    for (const one of ids) if ((await effectsToSign(act, one, change)) !== null) peopleNeeded = 2
    const [alone = null] = ids.size === 1 ? ids : []
    const known = await knownAt(act, null, alone, act.now)
    // Whoever is let in has what it accepts the agreement for by that alone: nobody else is asked when it does.
    const factsOf = (facts: PartnerFacts): PartnerFacts => {
        const changed = partnerFacts(facts.partner, { ...facts, [change.fact]: change.value }, facts)
        return change.fact === "standing" && changed.agreement === "none" ? asGiven(changed) : changed
    }
    const policy = await inForceAt(act, act.now)
    const name = policy ? loadPolicy(act, policy) : "none in force"
    const decided = (those: Known) => {
        const partners = those.partners.filter(({ partner }) => ids.has(partner))
        return matrix(act.doors.policy, name, { ...those, partners }, act.now)
    }
    const after = await knownAt(act, null, alone, act.now, { factsOf })
    return { differences: compare(decided(known), decided(after)), peopleNeeded }
}
