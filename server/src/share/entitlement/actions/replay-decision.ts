/**
 * Computes from when each partner could first fetch artifacts of a case, by the facts of each past moment.
 *
 * Facts are read once. Then each moment at which access can begin is decided, for partners without earlier access.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { PastFacts } from "../../../trust/partners/actions/load-facts.ts"
import { type ArtifactLabel, labelsOf } from "../../artifacts/actions.ts"
import { type Recall, recalledIn, recallsOf } from "../../artifacts/actions/find-recalls.ts"
import { type CaseFacts, type PastCases, caseFactsUntil } from "../../cases/actions/load-case-facts.ts"
import { type PlannedAndOpen, type Released, frozenAndThawed, openedBy, plannedAndOpenAt } from "../../waves/actions.ts"
import { plannedAt } from "../../waves/wave.ts"
import type { Consent, PartnerFacts } from "../facts.ts"
import { cellsOf, matrix } from "../matrix.ts"
import { openVersion } from "./decide-access.ts"
import { artifactsOf } from "./load-inputs.ts"
import { type Activation, type Policy, loadInForce, policies } from "./manage-policies.ts"

export interface Asked {
    readonly case: string
    /** The artifacts; one of them is enough. */
    readonly artifacts: ReadonlySet<string>
    /** Null: any partner. */
    readonly partner: string | null
    /** The last instant, inclusive. */
    readonly until: Instant
}

export interface Could {
    /** By partner. Partners without access are missing. */
    readonly from: ReadonlyMap<string, Instant>
    /** What waves opened of these artifacts until then. */
    readonly opened: readonly (Released & { readonly wave: string; readonly artifact: string })[]
}

/**
 * Returns when each partner could first fetch one of the artifacts. `past` holds the facts of the partners until the
 * same instant.
 */
export async function couldHave(ctx: ActionContext, past: PastFacts, request: Asked): Promise<Could> {
    const opened = (await openedBy(ctx, request.case)).filter(
        (item) => request.artifacts.has(item.artifact) && item.at <= request.until,
    )
    if (opened.length === 0) return { from: new Map(), opened }
    const read = await readUntil(ctx, request, past)
    const moments = await momentsOf(ctx, request, opened, read)
    const from = new Map<string, Instant>()
    for (const [n, moment] of moments.entries()) {
        const waves = await plannedAndOpenAt(ctx, request.case, moment)
        const next = moments[n + 1] ?? moment
        const others = past.partners.filter((partner) => !from.has(partner))
        for (const [partner, at] of firstIn(ctx, read, { waves, moment, next, others })) from.set(partner, at)
    }
    return { from, opened }
}

interface Read {
    readonly past: PastFacts
    readonly cases: PastCases
    /** When each partner said something about the embargo, or was asked about it. Null: the operator. */
    readonly saidBy: ReadonlyMap<string | null, readonly Instant[]>
    readonly labels: readonly ArtifactLabel[]
    readonly recalls: readonly Recall[]
    readonly policies: { readonly versions: readonly Policy[]; readonly activations: readonly Activation[] }
}

async function readUntil(ctx: ActionContext, request: Asked, past: PastFacts): Promise<Read> {
    const [cases, labels, recalls, values] = await Promise.all([
        caseFactsUntil(ctx, request.case, request.until, request.partner),
        labelsOf(ctx, request.case, request.until),
        recallsOf(ctx, null),
        policies(ctx),
    ])
    const labelled = labels.filter((labelled) => request.artifacts.has(labelled.id))
    const saidBy = new Map([...cases.said()].map(([by, statements]) => [by, statements.map(({ turn }) => turn.at)]))
    return {
        past,
        cases,
        saidBy,
        labels: labelled,
        recalls: recalls.filter((recall) => recall.case === request.case),
        policies: values,
    }
}

/**
 * Lists the moments at which access can begin or end for any partner.
 *
 * These are: a wave's first opening, freeze, unfreeze or planned instant; a recall or its lift; a policy activation; a
 * new parent case; a change of the embargo. Between two moments only partners' own facts change. A later version counts
 * only where an earlier one was recalled. The last moment covers anything else.
 */
async function momentsOf(
    ctx: ActionContext,
    { case: caseId, until }: Asked,
    opened: Could["opened"],
    { cases, policies: { activations }, recalls }: Read,
): Promise<Instant[]> {
    const recalled = new Set(recalls.map((recall) => recall.artifact))
    const kinds = Map.groupBy(opened, (item) => `${item.artifact} ${item.tier}`)
    const openings = [...kinds.values()].flatMap((entries) => {
        const list = entries.map(({ at }) => at)
        return entries.some((entry) => recalled.has(entry.artifact)) ? list : [Math.min(...list)]
    })
    const { planned } = await plannedAndOpenAt(ctx, caseId, until)
    const ends = cases
        .at(until)
        .flatMap(({ embargo }) => embargo.flatMap((turn) => ("endsAt" in turn ? turn.endsAt : [])))
    const first = Math.min(...openings)
    const items = [
        ...openings,
        ...cases.changes(),
        ...(await frozenAndThawed(ctx, caseId)),
        ...recalls.flatMap(({ at, endedAt }) => [at, endedAt ?? at]),
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
export async function changesBetween(
    ctx: ActionContext,
    past: PastFacts,
    caseId: string,
    { from, until }: { readonly from: Instant; readonly until: Instant },
): Promise<Instant[]> {
    const opened = (await openedBy(ctx, caseId)).filter(({ at }) => at <= until)
    if (opened.length === 0) return []
    const artifacts = new Set(opened.map(({ artifact }) => artifact))
    const request = { case: caseId, artifacts, partner: null, until }
    const read = await readUntil(ctx, request, past)
    const shared = await momentsOf(ctx, request, opened, read)
    const own = past.partners.flatMap((partner) => [...past.changesOf(partner), ...(read.saidBy.get(partner) ?? [])])
    const list = [...shared, ...opened.map(({ at }) => at), ...own, until]
    return [...new Set(list)].filter((at) => at >= from && at <= until).toSorted((a, b) => a - b)
}

interface Stretch {
    readonly waves: PlannedAndOpen
    readonly moment: Instant
    /** The end of the stretch, exclusive. */
    readonly next: Instant
    /** Partners without access before this stretch. */
    readonly others: readonly string[]
}

/** A partner at one instant. The matrix treats it as a partner of its own, under `name`. */
interface Then {
    readonly name: string
    readonly partner: string
    readonly at: Instant
    readonly facts: PartnerFacts
    readonly consent: Consent
}

/** Returns the partners that first get access in this stretch, by the moment or by their own later changes. */
function firstIn(ctx: ActionContext, read: Read, stretch: Stretch): Map<string, Instant> {
    const { waves, moment, others } = stretch
    const [caseFacts] = read.cases.at(moment)
    const first = new Map<string, Instant>()
    if (!caseFacts) return first
    const list = new Map(
        others.flatMap((item) => asItWas(read, item, stretch, caseFacts)).map((then) => [then.name, then]),
    )
    const ground = {
        partners: [...list.values()].map((then) => then.facts),
        artifacts: artifactsOf(caseFacts, read.labels, waves, recalledIn(read.recalls, moment)),
        consentOf: (name: string) => list.get(name)?.consent ?? "none",
    }
    const policy = loadInForce(ctx, policyAt(read.policies, moment))
    const decided = cellsOf(matrix(ctx.services.policy, policy, ground, waves.comeBy))
    for (const { partner: name, artifact, decision } of decided) {
        const then = list.get(name)
        if (!then || openVersion(waves, artifact, decision) === null) continue
        first.set(then.partner, Math.min(then.at, first.get(then.partner) ?? then.at))
    }
    return first
}

/** Returns the partner's facts at the moment, and at each of its own changes before the next moment. */
function asItWas(read: Read, partner: string, { moment, next }: Stretch, caseFacts: CaseFacts): Then[] {
    const own = [...read.past.changesOf(partner), ...(read.saidBy.get(partner) ?? [])]
    const instants = new Set([moment, ...own.filter((at) => at > moment && at < next)])
    return [...instants].flatMap((at) => {
        const facts = read.past.at(partner, at)
        const then = at === moment ? caseFacts : read.cases.at(at)[0]
        if (!facts || !then) return []
        const name = `${partner} ${at}`
        return [{ name, partner, at, facts: { ...facts, partner: name }, consent: then.consentOf(partner, facts) }]
    })
}

/** Returns the last activation's policy at that instant. */
function policyAt({ versions, activations }: Read["policies"], instant: Instant): Policy | null {
    const last = activations.findLast((activation) => activation.from <= instant)
    return versions.find((policy) => policy.version === last?.version) ?? null
}
