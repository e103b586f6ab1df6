/**
 * From when each partner could first have had something of a case, replayed on the facts of each moment. What was true is
 * read once; then each moment at which a yes can begin is decided, of whoever had none before.
 */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { PastFacts } from "../../../trust/partners/actions/facts.ts"
import { type ArtifactLabel, labelsOf } from "../../artifacts/actions.ts"
import { type Recall, recalledIn, recallsOf } from "../../artifacts/actions/recalls.ts"
import { type CaseFacts, type PastCases, caseFactsUntil } from "../../cases/actions/facts.ts"
import { type PlannedAndOpen, type Released, frozenAndThawed, openedBy, plannedAndOpenAt } from "../../waves/actions.ts"
import { plannedAt } from "../../waves/wave.ts"
import type { Consent, PartnerFacts } from "../facts.ts"
import { cellsOf, matrix } from "../matrix.ts"
import { openVersion } from "./entitlements.ts"
import { artifactsOf } from "./ground.ts"
import { type Activation, type Policy, loadInForce, policies } from "./policies.ts"

export interface Asked {
    readonly case: string
    /** Any of these. */
    readonly artifacts: ReadonlySet<string>
    /** Null: any. */
    readonly partner: string | null
    /** Up to this instant, that instant too. */
    readonly until: Instant
}

export interface Could {
    /** By partner; whoever could not is not in it. */
    readonly from: ReadonlyMap<string, Instant>
    /** What waves opened of it by then. */
    readonly opened: readonly (Released & { readonly wave: string; readonly artifact: string })[]
}

/** `past`: what was true of the partners that are asked about, up to the same instant. */
export async function couldHave(act: Act, past: PastFacts, asked: Asked): Promise<Could> {
    const opened = (await openedBy(act, asked.case)).filter(
        (one) => asked.artifacts.has(one.artifact) && one.at <= asked.until,
    )
    if (opened.length === 0) return { from: new Map(), opened }
    const read = await readUntil(act, asked, past)
    const moments = await momentsOf(act, asked, opened, read)
    const from = new Map<string, Instant>()
    for (const [n, moment] of moments.entries()) {
        const waves = await plannedAndOpenAt(act, asked.case, moment)
        const next = moments[n + 1] ?? moment
        const others = past.partners.filter((one) => !from.has(one))
        for (const [partner, at] of firstIn(act, read, { waves, moment, next, others })) from.set(partner, at)
    }
    return { from, opened }
}

interface Read {
    readonly past: PastFacts
    readonly cases: PastCases
    /** When something was said of the embargo by each partner, or to it. */
    readonly saidBy: ReadonlyMap<string | null, readonly Instant[]>
    readonly labels: readonly ArtifactLabel[]
    readonly recalls: readonly Recall[]
    readonly policies: { readonly versions: readonly Policy[]; readonly activations: readonly Activation[] }
}

async function readUntil(act: Act, asked: Asked, past: PastFacts): Promise<Read> {
    const [cases, labels, recalls, all] = await Promise.all([
        caseFactsUntil(act, asked.case, asked.until, asked.partner),
        labelsOf(act, asked.case, asked.until),
        recallsOf(act, null),
        policies(act),
    ])
    const its = labels.filter((one) => asked.artifacts.has(one.id))
    const saidBy = new Map([...cases.said()].map(([by, said]) => [by, said.map(({ turn }) => turn.at)]))
    return {
        past,
        cases,
        saidBy,
        labels: its,
        recalls: recalls.filter((one) => one.case === asked.case),
        policies: all,
    }
}

/**
 * When a yes can begin for anybody, or stops to: a wave opens it first, is frozen or thawed, or comes to its planned
 * instant; a recall begins or ends; a policy comes into force; the case comes to descend from another, or its embargo
 * turns. In between nothing changes but partners. Opening another version is no beginning, unless the one before was
 * recalled. The last moment stands for whatever else.
 */
async function momentsOf(
    act: Act,
    { case: caseId, until }: Asked,
    opened: Could["opened"],
    { cases, policies: { activations }, recalls }: Read,
): Promise<Instant[]> {
    const recalled = new Set(recalls.map((one) => one.artifact))
    const kinds = Map.groupBy(opened, (one) => `${one.artifact} ${one.tier}`)
    const openings = [...kinds.values()].flatMap((its) => {
        const all = its.map(({ at }) => at)
        return its.some((one) => recalled.has(one.artifact)) ? all : [Math.min(...all)]
    })
    const { planned } = await plannedAndOpenAt(act, caseId, until)
    const ends = cases
        .at(until)
        .flatMap(({ embargo }) => embargo.flatMap((turn) => ("endsAt" in turn ? turn.endsAt : [])))
    const first = Math.min(...openings)
    const all = [
        ...openings,
        ...cases.changes(),
        ...(await frozenAndThawed(act, caseId)),
        ...recalls.flatMap(({ at, endedAt }) => [at, endedAt ?? at]),
        ...activations.map((one) => one.from),
        ...ends.flatMap((end) => planned.map((wave) => plannedAt(wave, end) ?? end)),
        until,
    ]
    return [...new Set(all)].filter((at) => at >= first && at <= until).toSorted((a, b) => a - b)
}

/**
 * Every instant of a span, its ends among them, at which what anybody may have of a case can have changed, in their order. What was
 * true of partners is read up to its end.
 */
export async function changesBetween(
    act: Act,
    past: PastFacts,
    caseId: string,
    { from, until }: { readonly from: Instant; readonly until: Instant },
): Promise<Instant[]> {
    const opened = (await openedBy(act, caseId)).filter(({ at }) => at <= until)
    if (opened.length === 0) return []
    const artifacts = new Set(opened.map(({ artifact }) => artifact))
    const asked = { case: caseId, artifacts, partner: null, until }
    const read = await readUntil(act, asked, past)
    const shared = await momentsOf(act, asked, opened, read)
    const own = past.partners.flatMap((one) => [...past.changesOf(one), ...(read.saidBy.get(one) ?? [])])
    const all = [...shared, ...opened.map(({ at }) => at), ...own, until]
    return [...new Set(all)].filter((at) => at >= from && at <= until).toSorted((a, b) => a - b)
}

interface Stretch {
    readonly waves: PlannedAndOpen
    readonly moment: Instant
    /** Half-open. */
    readonly next: Instant
    /** Who could have nothing before. */
    readonly others: readonly string[]
}

/** A partner as it was at one instant: to the matrix it is one of its own, by this name. */
interface Then {
    readonly name: string
    readonly partner: string
    readonly at: Instant
    readonly facts: PartnerFacts
    readonly consent: Consent
}

/** Who comes to have something at this moment, or before the next one by what changes about itself. */
function firstIn(act: Act, read: Read, stretch: Stretch): Map<string, Instant> {
    const { waves, moment, others } = stretch
    const [its] = read.cases.at(moment)
    const first = new Map<string, Instant>()
    if (!its) return first
    const all = new Map(others.flatMap((one) => asItWas(read, one, stretch, its)).map((then) => [then.name, then]))
    const ground = {
        partners: [...all.values()].map((one) => one.facts),
        artifacts: artifactsOf(its, read.labels, waves, recalledIn(read.recalls, moment)),
        consentOf: (name: string) => all.get(name)?.consent ?? "none",
    }
    const policy = loadInForce(act, policyAt(read.policies, moment))
    const decided = cellsOf(matrix(act.doors.policy, policy, ground, waves.comeBy))
    for (const { partner: name, artifact, decision } of decided) {
        const then = all.get(name)
        if (!then || openVersion(waves, artifact, decision) === null) continue
        first.set(then.partner, Math.min(then.at, first.get(then.partner) ?? then.at))
    }
    return first
}

/** At the moment, and at each change of its own before the next. */
function asItWas(read: Read, partner: string, { moment, next }: Stretch, its: CaseFacts): Then[] {
    const own = [...read.past.changesOf(partner), ...(read.saidBy.get(partner) ?? [])]
    const instants = new Set([moment, ...own.filter((at) => at > moment && at < next)])
    return [...instants].flatMap((at) => {
        const facts = read.past.at(partner, at)
        const then = at === moment ? its : read.cases.at(at)[0]
        if (!facts || !then) return []
        const name = `${partner} ${at}`
        return [{ name, partner, at, facts: { ...facts, partner: name }, consent: then.consentOf(partner, facts) }]
    })
}

/** Of the activations by then, the last one made. */
function policyAt({ versions, activations }: Read["policies"], instant: Instant): Policy | null {
    const last = activations.findLast((one) => one.from <= instant)
    return versions.find((one) => one.version === last?.version) ?? null
}
