/**
 * Compares two matrices: the changes for each partner, and how many people a change takes.
 *
 * One person may take away or delay. A change that is wider, earlier or mixed takes two.
 */
import type { EntityReference } from "../../models/policy.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import type { Decision } from "./decide.ts"
import type { ArtifactFacts, PartnerFacts } from "./facts.ts"
import type { MatrixFacts, Matrix } from "./matrix.ts"

/** The direction of a change. `mixed`: more but later, or less but earlier. */
export type ChangeDirection = "wider" | "earlier" | "narrower" | "later" | "mixed"

/** The same change for each of these partners at each of these artifacts. */
export interface Difference {
    readonly partners: readonly string[]
    readonly artifacts: readonly string[]
    readonly before: Decision
    readonly after: Decision
    readonly change: ChangeDirection
    /** Whether the change takes effect only after these partners meet their requirements. */
    readonly onceRequirementsMet: boolean
}

/**
 * Returns the cells that differ, equal changes grouped. Throws where the two matrices have different partners or
 * artifacts.
 */
export function compare(before: Matrix, after: Matrix): Difference[] {
    if (before.artifacts.join(" ") !== after.artifacts.join(" ")) throwMismatch()
    const pairs = new Map<Decision, Map<Decision, Pair>>()
    for (const [row, { was, is, partners }] of pairsOf(before, after).entries()) {
        for (const [i, decision] of is.decisions.entries()) {
            const pair = pairOf(pairs, was.decisions[i] ?? throwMismatch(), decision, row)
            if (pair.change === null) continue
            // The first row of a pair has all its artifacts, because artifacts with equal facts share their decisions.
            if (pair.firstRow === row) pair.artifacts.push(after.artifacts[i] ?? "")
            if (pair.lastRow !== row) for (const partner of partners) pair.partners.push(partner)
            pair.lastRow = row
        }
    }
    return [...pairs.values()].flatMap((entries) => [...entries.values()]).flatMap(differenceOf)
}

/** Two decisions and the cells that have them. Each pair is compared once, since a matrix shares equal decisions. */
interface Pair {
    readonly before: Decision
    readonly after: Decision
    readonly change: ChangeDirection | null
    readonly firstRow: number
    lastRow: number
    readonly partners: string[]
    readonly artifacts: string[]
}

function pairOf(pairs: Map<Decision, Map<Decision, Pair>>, before: Decision, after: Decision, row: number): Pair {
    const pair = pairs.get(before) ?? new Map<Decision, Pair>()
    pairs.set(before, pair)
    const existing = pair.get(after)
    if (existing) return existing
    const change = changeOf(before, after)
    const created: Pair = { before, after, change, firstRow: row, lastRow: -1, partners: [], artifacts: [] }
    pair.set(after, created)
    return created
}

function differenceOf({ before, after, change, partners, artifacts }: Pair): Difference[] {
    return change === null ? [] : [{ partners, artifacts, before, after, change, onceRequirementsMet: false }]
}

/** Groups the partners by their row before and their row after. */
function pairsOf(before: Matrix, after: Matrix) {
    const rowOf = new Map(before.rows.flatMap((row) => row.partners.map((partner) => [partner, row] as const)))
    const count = after.rows.reduce((sum, row) => sum + row.partners.length, 0)
    if (count !== rowOf.size) throwMismatch()
    return after.rows.flatMap((is) => {
        const groups = Map.groupBy(is.partners, (partner) => rowOf.get(partner) ?? throwMismatch())
        return [...groups].map(([was, partners]) => ({ was, is, partners }))
    })
}

function throwMismatch(): never {
    throw new Error("the matrices have different partners or artifacts")
}

/** Whether no partner gains access, or gets it sooner. Then one person is enough. No difference at all also counts. */
export function isNarrowing(differences: readonly Difference[]): boolean {
    return differences.every(({ change }) => change === "narrower" || change === "later")
}

function changeOf(before: Decision, after: Decision): ChangeDirection | null {
    const [form, time] = [Math.sign(outcomeRank(after) - outcomeRank(before)), Math.sign(compareTiming(before, after))]
    if (after.grantedClass === null) return form < 0 ? "narrower" : null
    if (before.grantedClass === null) return "wider"
    if (form === 0) return time === 0 ? null : time > 0 ? "earlier" : "later"
    if (form > 0) return time >= 0 ? "wider" : "mixed"
    return time <= 0 ? "narrower" : "mixed"
}

/** 0 for nothing, 1 for another class instead, 2 for the artifact itself. */
function outcomeRank({ outcome }: Decision): number {
    return outcome === "withheld" ? 0 : outcome === "reduced" ? 1 : 2
}

/** Positive where access comes sooner. Available now is soonest, then the planned instant of the first wave counts. */
function compareTiming(before: Decision, after: Decision): number {
    if (before.available !== after.available) return after.available ? 1 : -1
    const [was, is] = [before.from ?? Infinity, after.from ?? Infinity]
    if (was !== is) return was > is ? 1 : -1
    return after.waves.length - before.waves.length
}

/** The facts that policies can tell apart, in addition to tiers and classes. */
export interface VisibleFacts {
    /** The entities that the policies name. */
    readonly references: readonly EntityReference[]
    /** Whether the policies see that a partner reports before publication, and under which regimes it is. */
    readonly reports: boolean
    readonly regimes: boolean
}

/** Returns the distinct regimes and cases among the references of policies. */
export function regimesAndCasesIn(references: readonly EntityReference[]) {
    const idsOfType = (type: string): string[] => [
        ...new Set(references.filter((r) => r.type === type).map((r) => r.id)),
    ]
    return { regimes: idsOfType("Regime"), cases: idsOfType("Case") }
}

/**
 * Returns facts with every partner and every artifact that policies can tell apart by these visible facts.
 *
 * So a change is judged by all its possible effects, not only by its effects today. Null where the matrix would have
 * more than `cellsMax` cells.
 */
export function possibleFacts(
    { references, reports, regimes: seesRegimes }: VisibleFacts,
    cellsMax: number,
): MatrixFacts | null {
    const ids = regimesAndCasesIn(references)
    const regimes = seesRegimes ? [...ids.regimes, "any other"] : []
    const cases = [...ids.cases, "any other"]
    const partnersCount = (tiers.length + 1) * (reports ? 2 : 1) * 2 ** regimes.length
    if (partnersCount * artifactClasses.length * (2 ** cases.length - 1) > cellsMax) return null
    const families = subsetsOf(cases).filter((family) => family.length > 0)
    const partners = [null, ...tiers].flatMap((tier) =>
        (reports ? [false, true] : [false]).flatMap((reporting) =>
            subsetsOf(regimes).map((dutyRegimes) => possiblePartner(tier, reporting, dutyRegimes)),
        ),
    )
    const artifacts = families.flatMap((family) =>
        artifactClasses.map((artifactClass) => possibleArtifact(artifactClass, family)),
    )
    return { partners, artifacts, consentOf: () => "signatory" }
}

/** Names the partner by its facts: equal facts give an equal name. */
function possiblePartner(tier: Tier | null, reports: boolean, dutyRegimes: readonly string[]): PartnerFacts {
    const partner = JSON.stringify([tier, reports, dutyRegimes])
    const trust = { status: "active", agreement: "accepted", overdue: [], restriction: null } as const
    return { partner, tier, reporting: reports ? "always" : "never", dutyRegimes, ...trust }
}

function possibleArtifact(artifactClass: ArtifactClass, family: readonly string[]): ArtifactFacts {
    const [caseId = "", ...origins] = family
    const waveFacts = (at: number) => ({ at, releasedAt: null, version: null })
    const waves = { validate: waveFacts(1), advance: waveFacts(2), entry: waveFacts(3), publication: waveFacts(4) }
    const facts = {
        case: caseId,
        origins,
        class: artifactClass,
        newest: 1,
        recalled: [],
        exploited: false,
        closure: null,
    }
    return { artifact: `${artifactClass} ${family.join(" ")}`, ...facts, waves }
}

function subsetsOf(items: readonly string[]): string[][] {
    return items.reduce<string[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]])
}
