/**
 * The matrix: partners × artifacts, each cell a decision.
 *
 * Partners with equal facts and equal consents have equal decisions: they are one row, decided once. Within a row,
 * artifacts with equal facts share their decision; and rows share it where they differ only in what this artifact does
 * not ask. So the cost is that of the kinds of partners and artifacts, not of their number, and what is held in memory
 * are the decisions that differ.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import { type Decision, concerns, decideBy, floorOf } from "./decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "./facts.ts"
import { type Remembering, type Ruler, type Rulings, kept, rememberingRulerOf } from "./ruling.ts"

/** The facts of many decisions, as they stood at one instant. */
export interface Ground {
    readonly partners: readonly PartnerFacts[]
    readonly artifacts: readonly ArtifactFacts[]
    readonly consentOf: (partner: string, caseId: string) => Consent
}

export interface Row {
    /** In the order in which they were given. */
    readonly partners: readonly string[]
    /**
     * One for each of the matrix's artifacts. Artifacts with equal facts have the same object, in every row; those with
     * other facts never.
     */
    readonly decisions: readonly Decision[]
}

export interface Matrix {
    readonly artifacts: readonly string[]
    /** Each partner stands in one. */
    readonly rows: readonly Row[]
}

export interface Cell {
    readonly partner: string
    readonly artifact: string
    readonly decision: Decision
}

/** `known`: what this policy's text has answered, to be looked up by the same facts; only for one partner. */
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
    throw new Error("an artifact of no kind")
}

/** For each artifact: the decision about it, made once for all partners that it cannot tell apart. */
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

/** Every cell, row by row. */
export function* cellsOf({ artifacts, rows }: Matrix): Generator<Cell, void> {
    for (const { partners, decisions } of rows) {
        for (const partner of partners) {
            for (const [i, decision] of decisions.entries()) yield { partner, artifact: artifacts[i] ?? "", decision }
        }
    }
}

/**
 * Two numbers, which partners share whom no artifact can tell apart: of those that the restriction concerns, and of
 * those that it does not. They are one where nothing is given anyway.
 */
interface Numbers {
    readonly touched: number
    readonly untouched: number
}

interface PartnerKind {
    /** Of any of them. */
    readonly facts: PartnerFacts
    /** By case, where it is not `signatory`. */
    readonly consents: ReadonlyMap<string, Consent>
    /** For artifacts of cases that are not known as exploited. */
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

/** Numbers things by what is seen of them: the same for the same. */
function numbering(): (...seen: unknown[]) => number {
    const numbers = new Map<string, number>()
    return (...seen) => kept(numbers, JSON.stringify(seen), () => numbers.size)
}

/** What decisions ask of a partner besides what its restriction says. */
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
