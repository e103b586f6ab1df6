/**
 * The preview: what changes for whom between two matrices, and whether one person may bring it about.
 *
 * One may take away or put off; two must agree to what is wider, earlier, or neither clearly.
 */
import type { Reference } from "../../models/policy.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import type { Decision } from "./decide.ts"
import type { ArtifactFacts, PartnerFacts } from "./facts.ts"
import type { Ground, Matrix } from "./matrix.ts"

/** `mixed`: more of it but later, or less but earlier. */
export type Change = "wider" | "earlier" | "narrower" | "later" | "mixed"

/** The same change for each of these partners at each of these artifacts. */
export interface Difference {
    readonly partners: readonly string[]
    readonly artifacts: readonly string[]
    readonly before: Decision
    readonly after: Decision
    readonly change: Change
    /** Not as things stand, but as soon as these partners give what they owe: by that, with or without the change. */
    readonly onceGiven: boolean
}

/** The cells that differ, equal changes together. Both must be of the same partners and artifacts; else it throws. */
export function compare(before: Matrix, after: Matrix): Difference[] {
    if (before.artifacts.join(" ") !== after.artifacts.join(" ")) otherMatrix()
    const pairs = new Map<Decision, Map<Decision, Pair>>()
    for (const [row, { was, is, partners }] of pairsOf(before, after).entries()) {
        for (const [i, decision] of is.decisions.entries()) {
            const pair = pairOf(pairs, was.decisions[i] ?? otherMatrix(), decision, row)
            if (pair.change === null) continue
            // The first of its rows has all its artifacts, since the decisions are of one kind of artifacts.
            if (pair.firstRow === row) pair.artifacts.push(after.artifacts[i] ?? "")
            if (pair.lastRow !== row) for (const partner of partners) pair.partners.push(partner)
            pair.lastRow = row
        }
    }
    return [...pairs.values()].flatMap((entries) => [...entries.values()]).flatMap(differenceOf)
}

/** Of decisions, and where they stand: each is looked at once, since matrices share the objects of equal ones. */
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

/** The partners by the rows in which they stood and stand. */
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
    throw new Error("the matrices are not of the same partners and artifacts")
}

/** Whether nobody gains anything, nor sooner: then one person is enough. Nothing at all is narrowing too. */
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

/** Nothing, another class instead, or all of it. */
function formOf({ outcome }: Decision): number {
    return outcome === "withheld" ? 0 : outcome === "reduced" ? 1 : 2
}

/** Positive where it comes sooner: what is open now comes soonest, then whatever its first wave's plan says. */
function soonness(before: Decision, after: Decision): number {
    if (before.available !== after.available) return after.available ? 1 : -1
    const [was, is] = [before.from ?? Infinity, after.from ?? Infinity]
    if (was !== is) return was > is ? 1 : -1
    return after.waves.length - before.waves.length
}

/** What policies can tell apart, besides tiers and classes. */
export interface Sight {
    /** The entities that they name. */
    readonly references: readonly Reference[]
    /** Whether they see that somebody reports before publication, and under which regimes somebody is. */
    readonly reports: boolean
    readonly regimes: boolean
}

/** The distinct regimes and cases of what policies name. */
export function namedIn(references: readonly Reference[]) {
    const named = (type: string): string[] => [...new Set(references.filter((r) => r.type === type).map((r) => r.id))]
    return { regimes: named("Regime"), cases: named("Case") }
}

/**
 * A ground on which every partner and every artifact stands that policies of this sight can tell apart, so that a change
 * is judged by what it can ever do, not by whom it happens to meet today. Null where it would have more than so many cells.
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

/** Whoever has the same facts has the same name. */
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
