/**
 * The matrix of decisions: partners × artifacts.
 *
 * Partners with equal facts and equal consents share one row, which is decided once. In a row, artifacts with equal
 * facts share one decision. Rows share a decision where they differ only in facts that the artifact's decision does not
 * use. So time and memory grow with the kinds of partners and artifacts, not with their number.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import { type Decision, coversArtifact, decideBy, unmetPreconditionsOf } from "./decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "./facts.ts"
import { type CachingRuler, type Ruler, type Rulings, getOrCreate, cachingRulerOf } from "./ruling.ts"

/** The facts of many decisions, all as of one instant. */
export interface MatrixFacts {
    readonly partners: readonly PartnerFacts[]
    readonly artifacts: readonly ArtifactFacts[]
    readonly consentOf: (partner: string, caseId: string) => Consent
}

/** Partners with equal facts, and their decisions. */
export interface MatrixRow {
    /** The ids of the partners, in the order of the facts. */
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
    readonly rows: readonly MatrixRow[]
}

/** One decision of the matrix. */
export interface MatrixCell {
    readonly partner: string
    readonly artifact: string
    readonly decision: Decision
}

/** Decides every cell. `rulings` holds earlier rulings of this policy's text; it is used only for a single partner. */
export function decideMatrix(
    engine: Evaluator,
    policy: string,
    facts: MatrixFacts,
    now: Instant,
    rulings?: Rulings,
): Matrix {
    const artifacts = artifactKinds(facts.artifacts)
    const isMany = facts.partners.length > 1 && artifacts.kinds.length > 1
    const { rule, kindOf } = cachingRulerOf(engine, policy, isMany, isMany ? undefined : rulings)
    const decideOf = decidersOf(rule, artifacts.kinds, now)
    const rows = partnerKinds(facts, kindOf).map((kind): MatrixRow => {
        const decisions = decideOf.map((decideFor) => decideFor(kind))
        return { partners: kind.partners, decisions: artifacts.kindOf.map((n) => decisions[n] ?? throwUndecided()) }
    })
    return { artifacts: facts.artifacts.map((artifact) => artifact.artifact), rows }
}

function throwUndecided(): never {
    throw new Error("an artifact has no kind")
}

/** Returns a function for each artifact that decides once for all partners which the artifact cannot tell apart. */
function decidersOf(ruler: Ruler, artifacts: readonly ArtifactFacts[], now: Instant) {
    return artifacts.map((artifact) => {
        const decisions = new Map<Consent, Map<number, Decision>>()
        return ({ facts, consents, ...kind }: PartnerKind): Decision => {
            const { restricted, unrestricted } = artifact.exploited ? kind.exploited : kind.quiet
            const consent = consents.get(artifact.case) ?? "signatory"
            const entries = decisions.get(consent) ?? new Map<number, Decision>()
            const isRestricted =
                restricted !== unrestricted && facts.restriction && coversArtifact(facts.restriction, artifact)
            const number = isRestricted ? restricted : unrestricted
            const existing = entries.get(number)
            if (existing) return existing
            const decision = decideBy(ruler, { partner: facts, consent, artifact }, now)
            decisions.set(consent, entries.set(number, decision))
            return decision
        }
    })
}

/** Yields every cell, row by row. */
export function* cellsOf({ artifacts, rows }: Matrix): Generator<MatrixCell, void> {
    for (const { partners, decisions } of rows) {
        for (const partner of partners) {
            for (const [i, decision] of decisions.entries()) yield { partner, artifact: artifacts[i] ?? "", decision }
        }
    }
}

/**
 * Two numbers, shared by partners that no artifact can tell apart: `restricted` where the restriction applies,
 * `unrestricted` where it does not. They are equal where nothing is given in either case.
 */
interface GroupNumbers {
    readonly restricted: number
    readonly unrestricted: number
}

interface PartnerKind {
    /** The facts of any partner of this kind. */
    readonly facts: PartnerFacts
    /** By case, where the consent is not `signatory`. */
    readonly consents: ReadonlyMap<string, Consent>
    /** For artifacts of cases that are not known to be exploited. */
    readonly quiet: GroupNumbers
    readonly exploited: GroupNumbers
    readonly partners: string[]
}

function partnerKinds({ partners, artifacts, consentOf }: MatrixFacts, kindOf: CachingRuler["kindOf"]): PartnerKind[] {
    const cases = [...new Set(artifacts.map((artifact) => artifact.case))]
    const kinds = new Map<string, PartnerKind>()
    const numberOf = createNumberer()
    const numbersByFacts = new Map<
        string,
        { readonly quiet: number; readonly exploited: number; readonly isWithheld: boolean }
    >()
    for (const facts of partners) {
        const { partner } = facts
        const { isWithheld, ...unrestricted } = getOrCreate(
            numbersByFacts,
            JSON.stringify(decisiveFacts(facts)),
            () => {
                const unmet = unmetPreconditionsOf({ partner: facts, consent: "signatory" })
                const isWithheld = unmet.length > 0
                const numberFor = (exploited: boolean) =>
                    isWithheld ? numberOf("shut", unmet) : numberOf("open", facts.tier, kindOf(facts, { exploited }))
                return { quiet: numberFor(false), exploited: numberFor(true), isWithheld }
            },
        )
        const restriction = isWithheld ? null : facts.restriction
        const consents = cases.map((caseId) => [caseId, consentOf(partner, caseId)] as const).filter(isNotSignatory)
        const kind = getOrCreate(kinds, JSON.stringify([unrestricted, restriction, consents]), () => {
            const numbersOf = (number: number): GroupNumbers => ({
                restricted: restriction
                    ? numberOf("touched", number, restriction.withhold, restriction.notBeforePublication)
                    : number,
                unrestricted: number,
            })
            const numbers = { quiet: numbersOf(unrestricted.quiet), exploited: numbersOf(unrestricted.exploited) }
            return { facts, consents: new Map(consents), ...numbers, partners: [] }
        })
        kind.partners.push(partner)
    }
    return [...kinds.values()]
}

/** Returns a function that numbers values: equal values get the same number. */
function createNumberer(): (...values: unknown[]) => number {
    const numbers = new Map<string, number>()
    return (...values) => getOrCreate(numbers, JSON.stringify(values), () => numbers.size)
}

/** Lists the partner facts that decisions use, without the content of the restriction. */
function decisiveFacts(facts: PartnerFacts) {
    const { tier, status, reporting, dutyRegimes, agreement, overdue, restriction } = facts
    return [tier, status, reporting, dutyRegimes, agreement, overdue, restriction === null]
}

const isNotSignatory = ([, consent]: readonly [string, Consent]): boolean => consent !== "signatory"

function artifactKinds(artifacts: readonly ArtifactFacts[]) {
    const numbers = new Map<string, number>()
    const kinds: ArtifactFacts[] = []
    const kindOf = artifacts.map((facts) => {
        const { artifact: _, ...rest } = facts
        const key = JSON.stringify(rest)
        const existing = numbers.get(key)
        if (existing !== undefined) return existing
        numbers.set(key, kinds.length)
        return kinds.push(facts) - 1
    })
    return { kinds, kindOf }
}
