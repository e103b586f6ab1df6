/**
 * Computes from when each partner could first fetch artifacts of a case, by the facts of each past moment.
 *
 * Facts are read once. Then each moment at which access can begin is decided, for partners without earlier access.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { PastFacts } from "../../../trust/partners/actions/load-facts.ts"
import { type ArtifactLabel, listLabels } from "../../artifacts/actions/load-artifacts.ts"
import { type Recall, recalledVersionsIn, listRecalls } from "../../artifacts/actions/recall-artifact.ts"
import { type CaseFacts, type CaseFactsHistory, loadCaseFactsHistory } from "../../cases/actions/load-case-facts.ts"
import {
    type WaveContents,
    type WaveRelease,
    listFreezeInstants,
    listOpenedVersions,
    loadWaveContents,
} from "../../waves/actions.ts"
import { plannedAt } from "../../waves/wave.ts"
import type { Consent, PartnerFacts } from "../facts.ts"
import { cellsOf, decideMatrix } from "../matrix.ts"
import { openVersionOf } from "./decide-access.ts"
import { artifactFactsOf } from "./load-decision-facts.ts"
import { type Activation, type Policy, loadActiveIntoEngine, loadPolicyHistory } from "./manage-policies.ts"

export interface PastAccessRequest {
    readonly case: string
    /** The artifacts; one of them is enough. */
    readonly artifacts: ReadonlySet<string>
    /** Null: any partner. */
    readonly partner: string | null
    /** The last instant, inclusive. */
    readonly until: Instant
}

export interface PastAccess {
    /** By partner. Partners without access are missing. */
    readonly from: ReadonlyMap<string, Instant>
    /** The versions of these artifacts that waves opened until then. */
    readonly opened: readonly (WaveRelease & { readonly wave: string; readonly artifact: string })[]
}

/**
 * Returns when each partner could first fetch one of the artifacts. `past` holds the facts of the partners until the
 * same instant.
 */
export async function loadPastAccess(
    ctx: ActionContext,
    past: PastFacts,
    request: PastAccessRequest,
): Promise<PastAccess> {
    const opened = (await listOpenedVersions(ctx, request.case)).filter(
        (openedVersion) => request.artifacts.has(openedVersion.artifact) && openedVersion.at <= request.until,
    )
    if (opened.length === 0) return { from: new Map(), opened }
    const inputs = await loadPastInputs(ctx, request, past)
    const moments = await listMoments(ctx, request, opened, inputs)
    const from = new Map<string, Instant>()
    for (const [n, moment] of moments.entries()) {
        const waves = await loadWaveContents(ctx, request.case, moment)
        const next = moments[n + 1] ?? moment
        const withoutAccess = past.partners.filter((partner) => !from.has(partner))
        for (const [partner, at] of firstAccessIn(ctx, inputs, { waves, moment, next, withoutAccess }))
            from.set(partner, at)
    }
    return { from, opened }
}

interface PastInputs {
    readonly past: PastFacts
    readonly cases: CaseFactsHistory
    /** When each partner made a statement about the embargo, or received an invitation. Null: the operator. */
    readonly statementsBy: ReadonlyMap<string | null, readonly Instant[]>
    readonly labels: readonly ArtifactLabel[]
    readonly recalls: readonly Recall[]
    readonly policies: { readonly versions: readonly Policy[]; readonly activations: readonly Activation[] }
}

async function loadPastInputs(ctx: ActionContext, request: PastAccessRequest, past: PastFacts): Promise<PastInputs> {
    const [cases, labels, recalls, policyHistory] = await Promise.all([
        loadCaseFactsHistory(ctx, request.case, request.until, request.partner),
        listLabels(ctx, request.case, request.until),
        listRecalls(ctx, null),
        loadPolicyHistory(ctx),
    ])
    const labelled = labels.filter((labelled) => request.artifacts.has(labelled.id))
    const statementsBy = new Map(
        [...cases.statements()].map(([by, statements]) => [by, statements.map(({ entry }) => entry.at)]),
    )
    return {
        past,
        cases,
        statementsBy,
        labels: labelled,
        recalls: recalls.filter((recall) => recall.case === request.case),
        policies: policyHistory,
    }
}

/**
 * Lists the moments at which access can begin or end for any partner.
 *
 * These are: a wave's first opening, freeze, unfreeze or planned instant; a recall or its lift; a policy activation; a
 * new parent case; a change of the embargo. Between two moments only partners' own facts change. A later version counts
 * only where an earlier one was recalled. The last moment covers anything else.
 */
async function listMoments(
    ctx: ActionContext,
    { case: caseId, until }: PastAccessRequest,
    opened: PastAccess["opened"],
    { cases, policies: { activations }, recalls }: PastInputs,
): Promise<Instant[]> {
    const recalled = new Set(recalls.map((recall) => recall.artifact))
    const kinds = Map.groupBy(opened, (openedVersion) => `${openedVersion.artifact} ${openedVersion.tier}`)
    const openings = [...kinds.values()].flatMap((entries) => {
        const list = entries.map(({ at }) => at)
        return entries.some((entry) => recalled.has(entry.artifact)) ? list : [Math.min(...list)]
    })
    const { planned } = await loadWaveContents(ctx, caseId, until)
    const ends = cases
        .at(until)
        .flatMap(({ embargo }) => embargo.flatMap((entry) => ("endsAt" in entry ? entry.endsAt : [])))
    const first = Math.min(...openings)
    const items = [
        ...openings,
        ...cases.changes(),
        ...(await listFreezeInstants(ctx, caseId)),
        ...recalls.flatMap(({ at, liftedAt: endedAt }) => [at, endedAt ?? at]),
        ...activations.map((activation) => activation.from),
        ...ends.flatMap((end) => planned.map((wave) => plannedAt(wave, end) ?? end)),
        until,
    ]
    return [...new Set(items)].filter((at) => at >= first && at <= until).toSorted((a, b) => a - b)
}

/**
 * Lists every instant of a span, inclusive, at which access to the case can have changed, in order. `past` must reach
 * to the end of the span.
 */
export async function listAccessChanges(
    ctx: ActionContext,
    past: PastFacts,
    caseId: string,
    { from, until }: { readonly from: Instant; readonly until: Instant },
): Promise<Instant[]> {
    const opened = (await listOpenedVersions(ctx, caseId)).filter(({ at }) => at <= until)
    if (opened.length === 0) return []
    const artifacts = new Set(opened.map(({ artifact }) => artifact))
    const request = { case: caseId, artifacts, partner: null, until }
    const inputs = await loadPastInputs(ctx, request, past)
    const moments = await listMoments(ctx, request, opened, inputs)
    const ownChanges = past.partners.flatMap((partner) => [
        ...past.changesOf(partner),
        ...(inputs.statementsBy.get(partner) ?? []),
    ])
    const list = [...moments, ...opened.map(({ at }) => at), ...ownChanges, until]
    return [...new Set(list)].filter((at) => at >= from && at <= until).toSorted((a, b) => a - b)
}

interface TimeSpan {
    readonly waves: WaveContents
    readonly moment: Instant
    /** The end of the stretch, exclusive. */
    readonly next: Instant
    /** Partners without access before this stretch. */
    readonly withoutAccess: readonly string[]
}

/** A partner at one instant. The matrix treats it as a partner of its own, under `name`. */
interface PartnerAtInstant {
    readonly name: string
    readonly partner: string
    readonly at: Instant
    readonly facts: PartnerFacts
    readonly consent: Consent
}

/** Returns the partners that first get access in this stretch, by the moment or by their own later changes. */
function firstAccessIn(ctx: ActionContext, inputs: PastInputs, span: TimeSpan): Map<string, Instant> {
    const { waves, moment, withoutAccess } = span
    const [caseFacts] = inputs.cases.at(moment)
    const first = new Map<string, Instant>()
    if (!caseFacts) return first
    const list = new Map(
        withoutAccess
            .flatMap((partnerId) => factsInSpan(inputs, partnerId, span, caseFacts))
            .map((candidate) => [candidate.name, candidate]),
    )
    const facts = {
        partners: [...list.values()].map((candidate) => candidate.facts),
        artifacts: artifactFactsOf(caseFacts, inputs.labels, waves, recalledVersionsIn(inputs.recalls, moment)),
        consentOf: (name: string) => list.get(name)?.consent ?? "none",
    }
    const policy = loadActiveIntoEngine(ctx, policyAt(inputs.policies, moment))
    const cells = cellsOf(decideMatrix(ctx.services.policy, policy, facts, waves.effectiveInstant))
    for (const { partner: name, artifact, decision } of cells) {
        const candidate = list.get(name)
        if (!candidate || openVersionOf(waves, artifact, decision) === null) continue
        first.set(candidate.partner, Math.min(candidate.at, first.get(candidate.partner) ?? candidate.at))
    }
    return first
}

/** Returns the partner's facts at the moment, and at each of its own changes before the next moment. */
function factsInSpan(
    inputs: PastInputs,
    partner: string,
    { moment, next }: TimeSpan,
    caseFacts: CaseFacts,
): PartnerAtInstant[] {
    const changes = [...inputs.past.changesOf(partner), ...(inputs.statementsBy.get(partner) ?? [])]
    const instants = new Set([moment, ...changes.filter((at) => at > moment && at < next)])
    return [...instants].flatMap((at) => {
        const facts = inputs.past.at(partner, at)
        const caseThen = at === moment ? caseFacts : inputs.cases.at(at)[0]
        if (!facts || !caseThen) return []
        const name = `${partner} ${at}`
        return [{ name, partner, at, facts: { ...facts, partner: name }, consent: caseThen.consentOf(partner, facts) }]
    })
}

/** Returns the last activation's policy at that instant. */
function policyAt({ versions, activations }: PastInputs["policies"], instant: Instant): Policy | null {
    const last = activations.findLast((activation) => activation.from <= instant)
    return versions.find((policy) => policy.version === last?.version) ?? null
}
