/**
 * Compares two matrices: what changes for which partner, and how many people a change takes.
 *
 * One person may take away or delay. A change that is wider, earlier or mixed takes two.
 */
import type { Reference } from "../../models/policy.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import type { Decision } from "./decide.ts"
import type { ArtifactFacts, PartnerFacts } from "./facts.ts"
import type { Ground, Matrix } from "./matrix.ts"

/** The direction of a change. `mixed`: more but later, or less but earlier. */
export type Change = "wider" | "earlier" | "narrower" | "later" | "mixed"

/** The same change for each of these partners at each of these artifacts. */
export interface Difference {
    readonly partners: readonly string[]
    readonly artifacts: readonly string[]
    readonly before: Decision
    readonly after: Decision
    readonly change: Change
    /** Whether the change takes effect only after these partners meet their requirements. */
    readonly onceGiven: boolean
}

/**
 * Returns the cells that differ, equal changes grouped. Throws where the two matrices have different partners or
 * artifacts.
 */
export function compare(before: Matrix, after: Matrix): Difference[] {
    if (before.artifacts.join(" ") !== after.artifacts.join(" ")) otherMatrix()
    const pairs = new Map<Decision, Map<Decision, Pair>>()
    for (const [row, { was, is, partners }] of pairsOf(before, after).entries()) {
        for (const [i, decision] of is.decisions.entries()) {
            const pair = pairOf(pairs, was.decisions[i] ?? otherMatrix(), decision, row)
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
    readonly change: Change | null
    readonly firstRow: number
    lastRow: number
    readonly partners: string[]
    readonly artifacts: string[]
}

function pairOf(pairs: Map<Decision, Map<Decision, Pair>>, before: Decision, after: Decision, row: number): Pair {
    const pair = pairs.get(before) ?? new Map<Decision, Pair>()
    pairs.set(before, pair)
    const known = pair.get(after)
    if (known) return known
    const change = changeOf(before, after)
    const made: Pair = { before, after, change, firstRow: row, lastRow: -1, partners: [], artifacts: [] }
    pair.set(after, made)
    return made
}

function differenceOf({ before, after, change, partners, artifacts }: Pair): Difference[] {
    return change === null ? [] : [{ partners, artifacts, before, after, change, onceGiven: false }]
}

/** Groups the partners by their row before and their row after. */
function pairsOf(before: Matrix, after: Matrix) {
    const rowOf = new Map(before.rows.flatMap((row) => row.partners.map((partner) => [partner, row] as const)))
    const count = after.rows.reduce((sum, row) => sum + row.partners.length, 0)
    if (count !== rowOf.size) otherMatrix()
    return after.rows.flatMap((is) => {
        const groups = Map.groupBy(is.partners, (partner) => rowOf.get(partner) ?? otherMatrix())
        return [...groups].map(([was, partners]) => ({ was, is, partners }))
    })
}

function otherMatrix(): never {
    throw new Error("the matrices have different partners or artifacts")
}

/** Whether no partner gains access, or gets it sooner. Then one person is enough. No difference at all also counts. */
export function isNarrowing(differences: readonly Difference[]): boolean {
    return differences.every(({ change }) => change === "narrower" || change === "later")
}

function changeOf(before: Decision, after: Decision): Change | null {
    const [form, time] = [Math.sign(formOf(after) - formOf(before)), Math.sign(soonness(before, after))]
    if (after.gives === null) return form < 0 ? "narrower" : null
    if (before.gives === null) return "wider"
    if (form === 0) return time === 0 ? null : time > 0 ? "earlier" : "later"
    if (form > 0) return time >= 0 ? "wider" : "mixed"
    return time <= 0 ? "narrower" : "mixed"
}

/** 0 for nothing, 1 for another class instead, 2 for the artifact itself. */
function formOf({ outcome }: Decision): number {
    return outcome === "withheld" ? 0 : outcome === "reduced" ? 1 : 2
}

/** Positive where access comes sooner. Available now is soonest, then the planned instant of the first wave counts. */
function soonness(before: Decision, after: Decision): number {
    if (before.available !== after.available) return after.available ? 1 : -1
    const [was, is] = [before.from ?? Infinity, after.from ?? Infinity]
    if (was !== is) return was > is ? 1 : -1
    return after.waves.length - before.waves.length
}

/** What policies can tell apart, in addition to tiers and classes. */
export interface Sight {
    /** The entities that the policies name. */
    readonly references: readonly Reference[]
    /** Whether the policies see that a partner reports before publication, and under which regimes it is. */
    readonly reports: boolean
    readonly regimes: boolean
}

/** Returns the distinct regimes and cases among the references of policies. */
export function namedIn(references: readonly Reference[]) {
    const named = (type: string): string[] => [...new Set(references.filter((r) => r.type === type).map((r) => r.id))]
    return { regimes: named("Regime"), cases: named("Case") }
}

/**
 * Returns a ground with every partner and every artifact that policies of this sight can tell apart.
 *
 * A change is so judged by all its possible effects, not only by its effects today. Null where the ground has more than
 * `cellsMax` cells.
 */
export function everybody({ references, reports, regimes: seesRegimes }: Sight, cellsMax: number): Ground | null {
    const named = namedIn(references)
    const regimes = seesRegimes ? [...named.regimes, "any other"] : []
    const cases = [...named.cases, "any other"]
    const partnersCount = (tiers.length + 1) * (reports ? 2 : 1) * 2 ** regimes.length
    if (partnersCount * artifactClasses.length * (2 ** cases.length - 1) > cellsMax) return null
    const families = subsetsOf(cases).filter((family) => family.length > 0)
    const partners = [null, ...tiers].flatMap((tier) =>
        (reports ? [false, true] : [false]).flatMap((reporting) =>
            subsetsOf(regimes).map((dutyRegimes) => anyPartner(tier, reporting, dutyRegimes)),
        ),
    )
    const artifacts = families.flatMap((family) =>
        artifactClasses.map((artifactClass) => anyArtifact(artifactClass, family)),
    )
    return { partners, artifacts, consentOf: () => "signatory" }
}

/** Names the partner by its facts: equal facts give an equal name. */
function anyPartner(tier: Tier | null, reports: boolean, dutyRegimes: readonly string[]): PartnerFacts {
    const partner = JSON.stringify([tier, reports, dutyRegimes])
    const trust = { standing: "active", agreement: "accepted", overdue: [], restriction: null } as const
    return { partner, tier, reporting: reports ? "always" : "never", dutyRegimes, ...trust }
}

function anyArtifact(kind: ArtifactClass, family: readonly string[]): ArtifactFacts {
    const [own = "", ...origins] = family
    const gate = (at: number) => ({ at, releasedAt: null, version: null })
    const waves = { validate: gate(1), advance: gate(2), entry: gate(3), publication: gate(4) }
    const input = { case: own, origins, class: kind, newest: 1, recalled: [], exploited: false, closing: null }
    return { artifact: `${kind} ${family.join(" ")}`, ...input, waves }
}

function subsetsOf(words: readonly string[]): string[][] {
    return words.reduce<string[][]>((sets, word) => [...sets, ...sets.map((set) => [...set, word])], [[]])
}
