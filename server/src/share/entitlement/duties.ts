/**
 * A duty takes away, or puts off: one person is enough to write one down, and nobody signs it. So no policy gives
 * anybody more, or sooner, for a duty.
 */
import type { Evaluator, Reference } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { compare, everybody, isNarrowing, namedIn } from "./compare.ts"
import type { PartnerFacts } from "./facts.ts"
import { type Ground, type Matrix, matrix } from "./matrix.ts"

type Duty = "reportsBeforePublication" | { readonly regime: string }

/** More are not looked at. */
const cellsMax = 10_000

/**
 * Refuses `policy.duty_gives_more`. Everybody is looked at whom the policy loaded as `policy`, with these references,
 * can tell apart, with each duty and without it; one that asks about duties and names so much besides that this cannot
 * be looked at whole is refused too (`policy.too_many_duties`).
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
        const line = `by \`${rules}\`, who is under \`${name}\` gets \`${kind}\` that others do not get, or sooner`
        refuse("invalid", "policy.duty_gives_more", `${line}: a duty only takes away or puts off`)
    }
}

function tooMany(references: readonly Reference[]): never {
    const { regimes, cases } = namedIn(references)
    const names = `it names \`${regimes.length}\` regimes and \`${cases.length}\` cases`
    const line = `${names}: that a duty gives nothing is looked at for \`${cellsMax}\` combinations at most`
    refuse("invalid", "policy.too_many_duties", `${line}; ask about duties in a policy that names fewer`)
}

function dutiesIn({ partners }: Ground): Duty[] {
    const regimes = new Set(partners.flatMap((facts) => facts.dutyRegimes))
    return ["reportsBeforePublication", ...[...regimes].map((regime) => ({ regime }))]
}

/** What each would be given without the duty: whoever has the same facts besides stands in the same matrix. */
function withoutDuty(given: Matrix, { partners }: Ground, duty: Duty): Matrix {
    const rowOf = new Map(given.rows.flatMap((row) => row.partners.map((partner) => [partner, row.decisions] as const)))
    const byFacts = new Map(partners.map((facts) => [factsKey(facts), facts.partner]))
    const rows = partners.map((facts) => {
        const other = byFacts.get(factsKey(lacking(facts, duty))) ?? nobody()
        return { partners: [facts.partner], decisions: rowOf.get(other) ?? nobody() }
    })
    return { artifacts: given.artifacts, rows }
}

function nobody(): never {
    throw new Error("a ground of everybody lacks somebody")
}

const factsKey = ({ tier, reporting, dutyRegimes }: PartnerFacts): string =>
    JSON.stringify([tier, reporting, dutyRegimes])

function lacking(facts: PartnerFacts, duty: Duty): PartnerFacts {
    if (duty === "reportsBeforePublication") return { ...facts, reporting: "never" }
    return { ...facts, dutyRegimes: facts.dutyRegimes.filter((dutyRegime) => dutyRegime !== duty.regime) }
}
