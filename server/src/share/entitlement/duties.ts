/**
 * Checks that no policy gives a partner more, or sooner, because of a reporting duty.
 *
 * One person can record a duty without a signature, so a duty may only take away or delay.
 */
import type { Evaluator, EntityReference } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { compare, possibleFacts, isNarrowing, regimesAndCasesIn } from "./compare.ts"
import type { PartnerFacts } from "./facts.ts"
import { type MatrixFacts, type Matrix, decideMatrix } from "./matrix.ts"

type Duty = "reportsBeforePublication" | { readonly regime: string }

/** The number of combinations that are checked at most. */
const cellsMax = 10_000

/**
 * Refuses `policy.duty_gives_more` where a duty gives more or sooner.
 *
 * Compares, with and without each duty, every partner that the loaded `policy` can tell apart by these references.
 * Refuses `policy.too_many_duties` where there are more combinations than can be checked.
 */
export function assertGivesNothingForDuties(
    engine: Evaluator,
    policy: string,
    references: readonly EntityReference[],
): void {
    const reports = engine.readsAttribute(policy, "reportsBeforePublication")
    const regimes = engine.readsAttribute(policy, "dutyRegimes")
    if (!reports && !regimes) return
    const matrixFacts = possibleFacts({ references, reports, regimes }, cellsMax) ?? refuseTooManyDuties(references)
    const withDuties = decideMatrix(engine, policy, matrixFacts, 0)
    for (const duty of dutiesIn(matrixFacts)) {
        const widening = compare(matrixWithoutDuty(withDuties, matrixFacts, duty), withDuties).find(
            (difference) => !isNarrowing([difference]),
        )
        if (!widening) continue
        const dutyName = duty === "reportsBeforePublication" ? duty : duty.regime
        const artifactClass =
            matrixFacts.artifacts.find((artifact) => artifact.artifact === widening.artifacts[0])?.class ?? ""
        const rules = widening.after.reasons.map((reason) => reason.policy).join(", ")
        const line = `\`${rules}\` gives \`${artifactClass}\` to partners under \`${dutyName}\` only, or sooner`
        refuse(
            "invalid",
            "policy.duty_gives_more",
            `${line}: change the rule so that a duty only takes away or delays`,
            { rules, class: artifactClass, duty: dutyName },
        )
    }
}

function refuseTooManyDuties(references: readonly EntityReference[]): never {
    const { regimes, cases } = regimesAndCasesIn(references)
    const names = `it names \`${regimes.length}\` regimes and \`${cases.length}\` cases`
    const line = `${names}: the effect of duties is checked for \`${cellsMax}\` combinations at most`
    refuse("invalid", "policy.too_many_duties", `${line}: use duties in a policy that names fewer`, {
        max: cellsMax,
    })
}

function dutiesIn({ partners }: MatrixFacts): Duty[] {
    const regimes = new Set(partners.flatMap((facts) => facts.dutyRegimes))
    return ["reportsBeforePublication", ...[...regimes].map((regime) => ({ regime }))]
}

/**
 * Returns what each partner would get without the duty. The matrix already has a partner with all other facts equal.
 */
function matrixWithoutDuty(withDuties: Matrix, { partners }: MatrixFacts, duty: Duty): Matrix {
    const rowOf = new Map(
        withDuties.rows.flatMap((row) => row.partners.map((partner) => [partner, row.decisions] as const)),
    )
    const byFacts = new Map(partners.map((facts) => [factsKey(facts), facts.partner]))
    const rows = partners.map((facts) => {
        const partnerWithout = byFacts.get(factsKey(factsWithoutDuty(facts, duty))) ?? missingPartner()
        return { partners: [facts.partner], decisions: rowOf.get(partnerWithout) ?? missingPartner() }
    })
    return { artifacts: withDuties.artifacts, rows }
}

function missingPartner(): never {
    throw new Error("the facts have no such partner")
}

const factsKey = ({ tier, reporting, dutyRegimes }: PartnerFacts): string =>
    JSON.stringify([tier, reporting, dutyRegimes])

function factsWithoutDuty(facts: PartnerFacts, duty: Duty): PartnerFacts {
    if (duty === "reportsBeforePublication") return { ...facts, reporting: "never" }
    return { ...facts, dutyRegimes: facts.dutyRegimes.filter((dutyRegime) => dutyRegime !== duty.regime) }
}
