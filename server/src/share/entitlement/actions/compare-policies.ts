/**
 * Compares both sides of a change for partners: by today's facts, and as if they had met their overdue requirements.
 *
 * A partner meets a requirement by its own act, and then gets what the change gives. So the change counts as giving it.
 */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type PartnerFacts, asGiven } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { type Matrix, matrix } from "../matrix.ts"
import type { Known } from "./load-inputs.ts"

/** One side of a change: before it, or after it. */
export interface Side {
    /** The name of a loaded policy. */
    readonly policy: string
    readonly factsOf?: (facts: PartnerFacts) => PartnerFacts
}

/**
 * Returns the differences for these partners (null: all). Partners without overdue requirements are decided once for
 * each side.
 */
export function differencesIn(
    ctx: ActionContext,
    known: Known,
    sides: readonly [before: Side, after: Side],
    subject: ReadonlySet<string> | null = null,
): Difference[] {
    const [before, after] = sides
    const decided = (side: Side, ground: Known, those: ReadonlySet<string> | null): Matrix => {
        const partners = those ? ground.partners.filter(({ partner }) => those.has(partner)) : ground.partners
        return matrix(ctx.services.policy, side.policy, { ...ground, partners }, ctx.now)
    }
    const byFacts = (side: Side) => decided(side, known.supposing({ factsOf: side.factsOf }), subject)
    const differences = compare(byFacts(before), byFacts(after))

    const debts = debtsIn(known, sides, subject)
    if (debts.size === 0) return differences
    const owing = new Set(debts.keys())
    const given = (side: Side) => {
        // Also before the change: a partner that the change admits then accepts the agreement.
        const factsOf = (facts: PartnerFacts) => asGiven(changed(side, asGiven(facts)))
        return decided(side, known.supposing({ factsOf, yesOf: "asked" }), owing)
    }
    const onceGiven = compare(given(before), given(after)).flatMap((difference) => {
        // The artifacts of one difference have equal facts, and so belong to one case.
        const value = known.artifactsById.get(difference.artifacts[0] ?? "")?.case ?? ""
        const partners = difference.partners.filter((partner) => debts.get(partner)?.isOf(value))
        return partners.length > 0 ? [{ ...difference, partners, onceGiven: true }] : []
    })
    return [...differences, ...onceGiven]
}

/** The cases of which a partner's own omission withholds content. */
interface Debt {
    readonly isOf: (caseId: string) => boolean
}

const ofEvery: Debt = { isOf: () => true }

function debtsIn(known: Known, sides: readonly Side[], subject: ReadonlySet<string> | null): Map<string, Debt> {
    const cases = [...new Set(known.artifacts.map((artifact) => artifact.case))]
    const debts = new Map<string, Debt>()
    for (const facts of known.supposing({}).partners) {
        const { partner } = facts
        if (subject && !subject.has(partner)) continue
        if (sides.some((side) => owes(changed(side, facts)))) debts.set(partner, ofEvery)
        else {
            const requests = new Set(cases.filter((caseId) => known.mayAnswer(partner, caseId)))
            if (requests.size > 0) debts.set(partner, { isOf: (caseId) => requests.has(caseId) })
        }
    }
    return debts
}

function changed({ factsOf }: Side, facts: PartnerFacts): PartnerFacts {
    return factsOf ? factsOf(facts) : facts
}

function owes(facts: PartnerFacts): boolean {
    return facts.overdue.length > 0 || asGiven(facts).agreement !== facts.agreement
}
