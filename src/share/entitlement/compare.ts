/**
 * The preview: what changes for whom between two matrices, and whether one person may bring it about.
 *
 * One may take away or put off; two must agree to what is wider, earlier, or neither clearly.
 */
import type { Reference } from "../../lib/policy.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import type { Decision } from "./decide.ts"
import type { ArtifactFacts, PartnerFacts } from "./facts.ts"
import type { Cell, Circle } from "./matrix.ts"

/** `mixed`: more of it but later, or less but earlier. */
export type Change = "wider" | "earlier" | "narrower" | "later" | "mixed"

export interface Difference {
    readonly partner: string
    readonly artifact: string
    readonly before: Decision
    readonly after: Decision
    readonly change: Change
}

/** The cells that differ. Both matrices must be of the same partners and artifacts; a cell that one lacks throws. */
export function compare(before: readonly Cell[], after: readonly Cell[]): Difference[] {
    const keyOf = (cell: Cell): string => `${cell.partner} ${cell.artifact}`
    const was = new Map(before.map((cell) => [keyOf(cell), cell.decision]))
    if (was.size !== after.length) throw new Error("the matrices are not of the same partners and artifacts")
    return after.flatMap((cell) => {
        const decision = was.get(keyOf(cell))
        if (!decision) throw new Error("the matrices are not of the same partners and artifacts")
        const change = changeOf(decision, cell.decision)
        const { partner, artifact } = cell
        return change === null ? [] : [{ partner, artifact, before: decision, after: cell.decision, change }]
    })
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

/** Positive where it comes sooner: by the kind of its first wave's plan, and by its being open. */
function soonness(before: Decision, after: Decision): number {
    const [was, is] = [before.from ?? Infinity, after.from ?? Infinity]
    if (was !== is) return was > is ? 1 : -1
    return Number(after.waves.length - before.waves.length) || Number(after.available) - Number(before.available)
}

/** More cells than this are not looked at. */
const cellsMax = 1500

/**
 * A circle in which every partner and every artifact stands that policies with these references can tell apart, so
 * that a change is judged by what it can ever do, not by whom it happens to meet today. Null where it would be too
 * large: then the change counts as widening.
 */
export function everybody(references: readonly Reference[]): Circle | null {
    const named = (type: string): string[] => [...new Set(references.filter((r) => r.type === type).map((r) => r.id))]
    const [regimes, cases] = [named("Regime"), named("Case")]
    if ((tiers.length + 1) * artifactClasses.length * 2 ** (regimes.length + cases.length + 3) > cellsMax) return null
    const partners = [null, ...tiers].flatMap((tier) =>
        [false, true].flatMap((reports) =>
            subsetsOf([...regimes, "any other"]).map((dutyRegimes, n): PartnerFacts => {
                const partner = `${tier} ${reports} ${n}`
                const facts = { partner, tier, reportsBeforePublication: reports, dutyRegimes, restriction: null }
                return { ...facts, standing: "active", agreement: "accepted" }
            }),
        ),
    )
    const families = subsetsOf([...cases, "any other"]).filter((family) => family.length > 0)
    const artifacts = families.flatMap((family) => artifactClasses.map((one) => anyArtifact(one, family)))
    return { partners, artifacts, consentOf: () => "signatory" }
}

function anyArtifact(kind: ArtifactClass, family: readonly string[]): ArtifactFacts {
    const [own = "", ...origins] = family
    const gate = (at: number) => ({ at, releasedAt: null })
    const waves = { validate: gate(1), advance: gate(2), entry: gate(3), publication: gate(4) }
    return { artifact: `${kind} ${family.join(" ")}`, case: own, origins, class: kind, waves }
}

function subsetsOf(words: readonly string[]): string[][] {
    return words.reduce<string[][]>((sets, word) => [...sets, ...sets.map((set) => [...set, word])], [[]])
}
