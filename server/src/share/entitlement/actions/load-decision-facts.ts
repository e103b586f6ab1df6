/** Loads the facts for decisions, as of one instant, from the slices that store them. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPartnerFacts, loadPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import type { PartnerFacts } from "../../../trust/partners/facts.ts"
import { type ArtifactLabel, listLabels } from "../../artifacts/actions/load-artifacts.ts"
import { type Recall, recalledVersionsIn, listRecalls } from "../../artifacts/actions/recall-artifact.ts"
import type { RecalledVersions } from "../../artifacts/recall.ts"
import { type CaseFacts, listCaseFacts } from "../../cases/actions/load-case-facts.ts"
import { endOf } from "../../cases/embargo.ts"
import { type PlannedWave, type WaveContents, loadWaveContents } from "../../waves/actions.ts"
import { type WaveTier, plannedAt } from "../../waves/wave.ts"
import type { ArtifactFacts, WaveFacts } from "../facts.ts"
import type { MatrixFacts } from "../matrix.ts"

type OpenedVersion = WaveContents["opened"][number]

/** The facts of a matrix, with more facts about its partners and artifacts. */
export interface DecisionFacts extends MatrixFacts {
    readonly partners: readonly PartnerFacts[]
    readonly artifactsById: ReadonlyMap<string, ArtifactLabel>
    readonly cases: readonly CaseFacts[]
    /** All recalls, including lifted ones. */
    readonly recalls: readonly Recall[]
    /** Which versions are open at the instant, and by which waves. */
    readonly opened: readonly OpenedVersion[]
    /**
     * The instant by which to decide: now, or while the clocks are distrusted, the last trusted instant. So a clock
     * that jumps forward releases nothing.
     */
    readonly decidedAt: Instant
    /** Whether the partner was invited to the embargo of this case and can still accept. */
    readonly mayAnswer: (partner: string, caseId: string) => boolean
    /** Returns the same facts with other partner facts or consents. Reads nothing again. */
    readonly withAssumptions: (partnerAssumptions: PartnerAssumptions) => DecisionFacts
}

/** Assumptions under which the facts differ from the stored ones. */
export interface Assumptions extends PartnerAssumptions {
    /** Ignores this recall. */
    readonly ignoredRecall?: string | null | undefined
    /** Assumes a link: case `from` is a bypass or variant of case `to`. */
    readonly link?: { readonly from: string; readonly to: string } | undefined
    /** Treats no case as exploited. */
    readonly ignoreExploitation?: boolean | undefined
}

export interface PartnerAssumptions {
    /** Replaces the facts of each partner. */
    readonly factsOf?: ((facts: PartnerFacts) => PartnerFacts) | undefined
    /** Treats as signatories all partners that can still accept (`invited`), or all partners (`all`). */
    readonly assumedSignatories?: "invited" | "all" | undefined
}

/**
 * Loads the facts of one case (null: all) and one partner (null: all). Refuses `case.not_found`, `partner.not_found`.
 */
export async function loadDecisionFacts(
    ctx: ActionContext,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    assumptions: Assumptions = {},
): Promise<DecisionFacts> {
    const [artifacts, caseRows, partnerRows] = await Promise.all([
        listLabels(ctx, caseId, instant),
        loadCaseRows(ctx, caseId, partner, instant, assumptions.link),
        loadPartnerRows(ctx, partner, instant, assumptions.ignoredRecall),
    ])
    return decisionFactsFrom(artifacts, caseRows, partnerRows, assumptions)
}

/**
 * Loads the facts for one artifact; null where there is no such artifact. Takes its label as a promise, so that all
 * facts load at the same time.
 */
export async function loadArtifactDecisionFacts(
    ctx: ActionContext,
    labelPromise: Promise<ArtifactLabel | null>,
    partner: string,
    instant: Instant,
): Promise<DecisionFacts | null> {
    const [label, caseRows, partnerRows] = await Promise.all([
        labelPromise,
        labelPromise.then((label) => label && loadCaseRows(ctx, label.case, partner, instant)),
        loadPartnerRows(ctx, partner, instant),
    ])
    return label && caseRows && decisionFactsFrom([label], caseRows, partnerRows)
}

/** Loads the facts that depend on the case. */
async function loadCaseRows(
    ctx: ActionContext,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    link?: Assumptions["link"],
) {
    return await Promise.all([
        listCaseFacts(ctx, caseId, instant, partner, link && [link]),
        loadWaveContents(ctx, caseId, instant),
    ])
}

/** Loads the facts that do not depend on the case. */
async function loadPartnerRows(
    ctx: ActionContext,
    partner: string | null,
    instant: Instant,
    ignoredRecall: string | null = null,
) {
    return await Promise.all([
        partner === null
            ? listPartnerFacts(ctx, instant)
            : loadPartnerFacts(ctx, partner, instant).then((partner) => [partner]),
        listRecalls(ctx, null).then((recalls) => ({
            recalls,
            recalled: recalledVersionsIn(recalls, instant, ignoredRecall),
        })),
    ])
}

function decisionFactsFrom(
    labels: readonly ArtifactLabel[],
    [loadedCases, { planned, opened, released, effectiveInstant }]: Awaited<ReturnType<typeof loadCaseRows>>,
    [loadedPartners, { recalls, recalled }]: Awaited<ReturnType<typeof loadPartnerRows>>,
    assumptions: Assumptions = {},
): DecisionFacts {
    const cases = assumptions.ignoreExploitation
        ? loadedCases.map((caseFacts) => ({ ...caseFacts, exploited: false }))
        : loadedCases
    const byId = new Map(cases.map((thisCase) => [thisCase.id, thisCase]))
    const mayAnswer: DecisionFacts["mayAnswer"] = (partnerId, caseId) => byId.get(caseId)?.mayAnswer(partnerId) ?? false
    const rowsOfCase = groupByCase(labels, { planned, opened, released })
    const loaded = {
        artifacts: cases.flatMap((thisCase) => artifactFactsOf(thisCase, ...rowsOfCase(thisCase.id), recalled)),
        artifactsById: new Map(labels.map((labelled) => [labelled.id, labelled])),
        opened,
        cases,
        recalls,
        decidedAt: effectiveInstant,
        mayAnswer,
    }
    const withAssumptions = (partnerAssumptions: PartnerAssumptions): DecisionFacts => {
        const partners = partnerAssumptions.factsOf ? loadedPartners.map(partnerAssumptions.factsOf) : loadedPartners
        const factsById = new Map(partners.map((partner) => [partner.partner, partner]))
        const consentOf: DecisionFacts["consentOf"] = (partnerId, caseId) => {
            if (partnerAssumptions.assumedSignatories === "all") return "signatory"
            if (partnerAssumptions.assumedSignatories === "invited" && mayAnswer(partnerId, caseId)) return "signatory"
            const facts = factsById.get(partnerId)
            return (facts && byId.get(caseId)?.consentOf(partnerId, facts)) ?? "none"
        }
        return { ...loaded, partners, consentOf, withAssumptions }
    }
    return withAssumptions(assumptions)
}

type WaveRows = Pick<WaveContents, "planned" | "opened" | "released">

/** Returns a function from a case to its labels and waves. Groups the rows once, however many cases there are. */
function groupByCase(labels: readonly ArtifactLabel[], { planned, opened, released }: WaveRows) {
    const labelled = Map.groupBy(labels, (labelled) => labelled.case)
    const plannedOf = Map.groupBy(planned, (planned) => planned.case)
    const [openedOf, releasedOf] = [opened, released].map((list) =>
        Map.groupBy(list, (openedVersion) => openedVersion.artifact),
    )
    return (id: string): readonly [readonly ArtifactLabel[], WaveRows] => {
        const entries = labelled.get(id) ?? []
        const waves = {
            planned: plannedOf.get(id) ?? [],
            opened: entries.flatMap((labelled) => openedOf?.get(labelled.id) ?? []),
            released: entries.flatMap((labelled) => releasedOf?.get(labelled.id) ?? []),
        }
        return [entries, waves]
    }
}

/** Returns the facts of one case's artifacts that decisions use. */
export function artifactFactsOf(
    caseFacts: CaseFacts,
    labels: readonly ArtifactLabel[],
    { planned, opened, released }: WaveRows,
    recalled: ReadonlyMap<string, RecalledVersions>,
): ArtifactFacts[] {
    const schedule = scheduleOf(caseFacts, planned)
    const [openedOf, releasedOf] = [opened, released].map((list) =>
        Map.groupBy(list, (openedVersion) => openedVersion.artifact),
    )
    const labelsOfCase = labels.filter((labelled) => labelled.case === caseFacts.id)
    return labelsOfCase.map((labelled) => {
        const waves = {
            schedule,
            opened: openedOf?.get(labelled.id) ?? [],
            released: releasedOf?.get(labelled.id) ?? [],
        }
        return factsOf({ ...labelled, recalled: recalled.get(labelled.id) ?? [] }, caseFacts, waves)
    })
}

/** Returns the planned instant of each wave of the case. */
function scheduleOf(caseFacts: CaseFacts, waves: readonly PlannedWave[]): Map<WaveTier, Instant | null> {
    const publication = endOf(caseFacts.embargo)
    const planned = waves.filter((wave) => wave.case === caseFacts.id)
    return new Map(planned.map((wave) => [wave.tier, plannedAt(wave, publication)]))
}

/** The waves of the case, as far as they concern one artifact. */
interface ArtifactWaves {
    readonly schedule: ReadonlyMap<WaveTier, Instant | null>
    readonly opened: readonly OpenedVersion[]
    readonly released: readonly OpenedVersion[]
}

function factsOf(
    artifact: ArtifactLabel & { readonly recalled: RecalledVersions },
    caseFacts: CaseFacts,
    { schedule, opened, released }: ArtifactWaves,
): ArtifactFacts {
    const { closure } = caseFacts
    const waveFacts = (tier: WaveTier): WaveFacts | null => {
        const at = schedule.get(tier)
        if (at === undefined) return null
        const isOfTier = (openedVersion: OpenedVersion): boolean => openedVersion.tier === tier
        if (
            closure !== null &&
            !released.some((openedVersion) => isOfTier(openedVersion) && openedVersion.at <= closure.at)
        )
            return null
        const entries = opened.filter(isOfTier)
        if (entries.length === 0) return { at, releasedAt: null, version: null }
        const [releasedAt, version] = [entries.map((entry) => entry.at), entries.map((entry) => entry.version)]
        return { at, releasedAt: Math.min(...releasedAt), version: Math.max(...version) }
    }
    const waves = {
        validate: waveFacts("validate"),
        advance: waveFacts("advance"),
        entry: waveFacts("entry"),
        publication: waveFacts("publication"),
    }
    const { id, class: artifactClass, version: newest, recalled } = artifact
    const { exploited } = caseFacts
    const facts = {
        artifact: id,
        case: caseFacts.id,
        origins: caseFacts.origins,
        class: artifactClass,
        newest,
        recalled,
        exploited,
    }
    const isDeleted = caseFacts.contentDeletedAt !== null
    return { ...facts, closure: isDeleted ? "content_deleted" : (closure?.kind ?? null), waves }
}
