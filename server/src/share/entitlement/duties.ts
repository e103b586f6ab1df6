/**
 * Checks that no policy gives a partner more, or sooner, because of a reporting duty.
 *
 * One person can record a duty without a signature, so a duty may only take away or delay.
 */
import type { Evaluator, Reference } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { compare, everybody, isNarrowing, namedIn } from "./compare.ts"
import type { PartnerFacts } from "./facts.ts"
import { type Ground, type Matrix, matrix } from "./matrix.ts"

type Duty = "reportsBeforePublication" | { readonly regime: string }

/** The number of combinations that are checked at most. */
const cellsMax = 10_000

/**
 * Refuses `policy.duty_gives_more` where a duty gives more or sooner.
 *
 * Compares, with and without each duty, every partner that the loaded `policy` can tell apart by these references.
 * Refuses `policy.too_many_duties` where there are more combinations than can be checked.
 */
export function assertGivesNothingForDuties(engine: Evaluator, policy: string, references: readonly Reference[]): void {
    const reports = engine.asksFor(policy, "reportsBeforePublication")
    const regimes = engine.asksFor(policy, "dutyRegimes")
    if (!reports && !regimes) return
    const ground = everybody({ references, reports, regimes }, cellsMax) ?? tooMany(references)
    const given = matrix(engine, policy, ground, 0)
    for (const duty of dutiesIn(ground)) {
        const gain = compare(withoutDuty(given, ground, duty), given).find((difference) => !isNarrowing([difference]))
        if (!gain) continue
        const name = duty === "reportsBeforePublication" ? duty : duty.regime
        const kind = ground.artifacts.find((artifact) => artifact.artifact === gain.artifacts[0])?.class ?? ""
        const rules = gain.after.why.map((reason) => reason.policy).join(", ")
        const line = `\`${rules}\` gives \`${kind}\` to partners under \`${name}\` only, or sooner than to others`
        refuse("invalid", "policy.duty_gives_more", `${line}: change the rule so that a duty only takes away or delays`)
    }
}

function tooMany(references: readonly Reference[]): never {
    const { regimes, cases } = namedIn(references)
    const names = `it names \`${regimes.length}\` regimes and \`${cases.length}\` cases`
    const line = `${names}: the effect of duties is checked for \`${cellsMax}\` combinations at most`
    refuse("invalid", "policy.too_many_duties", `${line}; ask about duties in a policy that names fewer`)
}

function dutiesIn({ partners }: Ground): Duty[] {
    const regimes = new Set(partners.flatMap((facts) => facts.dutyRegimes))
    return ["reportsBeforePublication", ...[...regimes].map((regime) => ({ regime }))]
}

/**
 * Returns what each partner would get without the duty. The matrix already has a partner with all other facts equal.
 */
function withoutDuty(given: Matrix, { partners }: Ground, duty: Duty): Matrix {
    const rowOf = new Map(given.rows.flatMap((row) => row.partners.map((partner) => [partner, row.decisions] as const)))
    const byFacts = new Map(partners.map((facts) => [factsKey(facts), facts.partner]))
    const rows = partners.map((facts) => {
        const other = byFacts.get(factsKey(lacking(facts, duty))) ?? missingPartner()
        return { partners: [facts.partner], decisions: rowOf.get(other) ?? missingPartner() }
    })
    return { artifacts: given.artifacts, rows }
}

function missingPartner(): never {
    throw new Error("the ground lacks a partner")
}

const factsKey = ({ tier, reporting, dutyRegimes }: PartnerFacts): string =>
    JSON.stringify([tier, reporting, dutyRegimes])

function lacking(facts: PartnerFacts, duty: Duty): PartnerFacts {
    if (duty === "reportsBeforePublication") return { ...facts, reporting: "never" }
    return { ...facts, dutyRegimes: facts.dutyRegimes.filter((dutyRegime) => dutyRegime !== duty.regime) }
}
