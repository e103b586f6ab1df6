/**
 * Compares both sides of a change for partners: by today's facts, and as if they had met their overdue requirements.
 *
 * A partner meets a requirement by its own act, and then gets what the change gives. So the change counts as giving it.
 */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type PartnerFacts, withRequirementsMet } from "../../../trust/partners/facts.ts"
import { type Difference, compare } from "../compare.ts"
import { type Matrix, decideMatrix } from "../matrix.ts"
import type { DecisionFacts } from "./load-decision-facts.ts"

/** One side of a change: before it, or after it. */
export interface ChangeSide {
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
    loadedFacts: DecisionFacts,
    sides: readonly [before: ChangeSide, after: ChangeSide],
    partnerIds: ReadonlySet<string> | null = null,
): Difference[] {
    const [before, after] = sides
    const decideSide = (side: ChangeSide, sideFacts: DecisionFacts, only: ReadonlySet<string> | null): Matrix => {
        const partners = only ? sideFacts.partners.filter(({ partner }) => only.has(partner)) : sideFacts.partners
        return decideMatrix(ctx.services.policy, side.policy, { ...sideFacts, partners }, ctx.now)
    }
    const decideByFacts = (side: ChangeSide) =>
        decideSide(side, loadedFacts.withAssumptions({ factsOf: side.factsOf }), partnerIds)
    const differences = compare(decideByFacts(before), decideByFacts(after))

    const omissions = omissionsIn(loadedFacts, sides, partnerIds)
    if (omissions.size === 0) return differences
    const withOmissions = new Set(omissions.keys())
    const decideOnceMet = (side: ChangeSide) => {
        // Also before the change: a partner that the change admits then accepts the agreement.
        const factsOf = (facts: PartnerFacts) => withRequirementsMet(applySide(side, withRequirementsMet(facts)))
        return decideSide(side, loadedFacts.withAssumptions({ factsOf, assumedSignatories: "invited" }), withOmissions)
    }
    const onceRequirementsMet = compare(decideOnceMet(before), decideOnceMet(after)).flatMap((difference) => {
        // The artifacts of one difference have equal facts, and so belong to one case.
        const caseId = loadedFacts.artifactsById.get(difference.artifacts[0] ?? "")?.case ?? ""
        const partners = difference.partners.filter((partner) => omissions.get(partner)?.coversCase(caseId))
        return partners.length > 0 ? [{ ...difference, partners, onceRequirementsMet: true }] : []
    })
    return [...differences, ...onceRequirementsMet]
}

/** The cases whose content is withheld because the partner has not met a requirement or not answered an invitation. */
interface Omission {
    readonly coversCase: (caseId: string) => boolean
}

const everyCase: Omission = { coversCase: () => true }

function omissionsIn(
    loadedFacts: DecisionFacts,
    sides: readonly ChangeSide[],
    partnerIds: ReadonlySet<string> | null,
): Map<string, Omission> {
    const cases = [...new Set(loadedFacts.artifacts.map((artifact) => artifact.case))]
    const omissions = new Map<string, Omission>()
    for (const facts of loadedFacts.withAssumptions({}).partners) {
        const { partner } = facts
        if (partnerIds && !partnerIds.has(partner)) continue
        if (sides.some((side) => hasOmission(applySide(side, facts)))) omissions.set(partner, everyCase)
        else {
            const answerable = new Set(cases.filter((caseId) => loadedFacts.mayAnswer(partner, caseId)))
            if (answerable.size > 0) omissions.set(partner, { coversCase: (caseId) => answerable.has(caseId) })
        }
    }
    return omissions
}

function applySide({ factsOf }: ChangeSide, facts: PartnerFacts): PartnerFacts {
    return factsOf ? factsOf(facts) : facts
}

function hasOmission(facts: PartnerFacts): boolean {
    return facts.overdue.length > 0 || withRequirementsMet(facts).agreement !== facts.agreement
}
