/**
 * The matrix of decisions: partners × artifacts.
 *
 * Partners with equal facts and equal consents share one row, which is decided once. In a row, artifacts with equal
 * facts share one decision. Rows share a decision where they differ only in facts that the artifact's decision does not
 * use. So time and memory grow with the kinds of partners and artifacts, not with their number.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import { type Decision, concerns, decideBy, floorOf } from "./decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "./facts.ts"
import { type Remembering, type Ruler, type Rulings, kept, rememberingRulerOf } from "./ruling.ts"

/** The facts of many decisions, all as of one instant. */
export interface Ground {
    readonly partners: readonly PartnerFacts[]
    readonly artifacts: readonly ArtifactFacts[]
    readonly consentOf: (partner: string, caseId: string) => Consent
}

/** Partners with equal facts, and their decisions. */
export interface Row {
    /** The ids of the partners, in the order of the ground. */
    readonly partners: readonly string[]
    /**
     * One decision for each artifact of the matrix. Artifacts with equal facts have the same object in every row;
     * artifacts with different facts never share one.
     */
    readonly decisions: readonly Decision[]
}

/** All decisions for a set of partners and artifacts. */
export interface Matrix {
    readonly artifacts: readonly string[]
    /** Each partner is in exactly one row. */
    readonly rows: readonly Row[]
}

/** One decision of the matrix. */
export interface Cell {
    readonly partner: string
    readonly artifact: string
    readonly decision: Decision
}

/** Decides every cell. `known` holds earlier rulings of this policy's text; it is used only for a single partner. */
export function matrix(engine: Evaluator, policy: string, ground: Ground, now: Instant, known?: Rulings): Matrix {
    const artifacts = artifactKinds(ground.artifacts)
    const isMany = ground.partners.length > 1 && artifacts.kinds.length > 1
    const { rule, kindOf } = rememberingRulerOf(engine, policy, isMany, isMany ? undefined : known)
    const decideOf = decidersOf(rule, artifacts.kinds, now)
    const rows = partnerKinds(ground, kindOf).map((kind): Row => {
        const decided = decideOf.map((decideFor) => decideFor(kind))
        return { partners: kind.partners, decisions: artifacts.kindOf.map((n) => decided[n] ?? undecided()) }
    })
    return { artifacts: ground.artifacts.map((artifact) => artifact.artifact), rows }
}

function undecided(): never {
    throw new Error("an artifact has no kind")
}

/** Returns a function for each artifact that decides once for all partners which the artifact cannot tell apart. */
function decidersOf(ruler: Ruler, artifacts: readonly ArtifactFacts[], now: Instant) {
    return artifacts.map((artifact) => {
        const known = new Map<Consent, Map<number, Decision>>()
        return ({ facts, consents, ...kind }: PartnerKind): Decision => {
            const { touched, untouched } = artifact.exploited ? kind.exploited : kind.quiet
            const consent = consents.get(artifact.case) ?? "signatory"
            const entries = known.get(consent) ?? new Map<number, Decision>()
            const isTouched = touched !== untouched && facts.restriction && concerns(facts.restriction, artifact)
            const number = isTouched ? touched : untouched
            const before = entries.get(number)
            if (before) return before
            const decision = decideBy(ruler, { partner: facts, consent, artifact }, now)
            known.set(consent, entries.set(number, decision))
            return decision
        }
    })
}

/** Yields every cell, row by row. */
export function* cellsOf({ artifacts, rows }: Matrix): Generator<Cell, void> {
    for (const { partners, decisions } of rows) {
        for (const partner of partners) {
            for (const [i, decision] of decisions.entries()) yield { partner, artifact: artifacts[i] ?? "", decision }
        }
    }
}

/**
 * Two numbers, shared by partners that no artifact can tell apart: `touched` where the restriction applies, `untouched`
 * where it does not. They are equal where nothing is given anyway.
 */
interface Numbers {
    readonly touched: number
    readonly untouched: number
}

interface PartnerKind {
    /** The facts of any partner of this kind. */
    readonly facts: PartnerFacts
    /** By case, where the consent is not `signatory`. */
    readonly consents: ReadonlyMap<string, Consent>
    /** For artifacts of cases that are not known to be exploited. */
    readonly quiet: Numbers
    readonly exploited: Numbers
    readonly partners: string[]
}

function partnerKinds({ partners, artifacts, consentOf }: Ground, kindOf: Remembering["kindOf"]): PartnerKind[] {
    const cases = [...new Set(artifacts.map((artifact) => artifact.case))]
    const kinds = new Map<string, PartnerKind>()
    const numberOf = numbering()
    const requests = new Map<string, { readonly quiet: number; readonly exploited: number; readonly isShut: boolean }>()
    for (const facts of partners) {
        const { partner } = facts
        const { isShut, ...untouched } = kept(requests, JSON.stringify(seenOf(facts)), () => {
            const floor = floorOf({ partner: facts, consent: "signatory" })
            const isShut = floor.length > 0
            const numberTowards = (exploited: boolean) =>
                isShut ? numberOf("shut", floor) : numberOf("open", facts.tier, kindOf(facts, { exploited }))
            return { quiet: numberTowards(false), exploited: numberTowards(true), isShut }
        })
        const restriction = isShut ? null : facts.restriction
        const consents = cases.map((caseId) => [caseId, consentOf(partner, caseId)] as const).filter(isOther)
        const kind = kept(kinds, JSON.stringify([untouched, restriction, consents]), () => {
            const numbersOf = (number: number): Numbers => ({
                touched: restriction
                    ? numberOf("touched", number, restriction.withhold, restriction.notBeforePublication)
                    : number,
                untouched: number,
            })
            const sides = { quiet: numbersOf(untouched.quiet), exploited: numbersOf(untouched.exploited) }
            return { facts, consents: new Map(consents), ...sides, partners: [] }
        })
        kind.partners.push(partner)
    }
    return [...kinds.values()]
}

/** Returns a function that numbers values: equal values get the same number. */
function numbering(): (...seen: unknown[]) => number {
    const numbers = new Map<string, number>()
    return (...seen) => kept(numbers, JSON.stringify(seen), () => numbers.size)
}

/** Lists the partner facts that decisions use, without the content of the restriction. */
function seenOf(facts: PartnerFacts) {
    const { tier, standing, reporting, dutyRegimes, agreement, overdue, restriction } = facts
    return [tier, standing, reporting, dutyRegimes, agreement, overdue, restriction === null]
}

const isOther = ([, consent]: readonly [string, Consent]): boolean => consent !== "signatory"

function artifactKinds(artifacts: readonly ArtifactFacts[]) {
    const numbers = new Map<string, number>()
    const kinds: ArtifactFacts[] = []
    const kindOf = artifacts.map((facts) => {
        const { artifact: _, ...rest } = facts
        const key = JSON.stringify(rest)
        const known = numbers.get(key)
        if (known !== undefined) return known
        numbers.set(key, kinds.length)
        return kinds.push(facts) - 1
    })
    return { kinds, kindOf }
}
