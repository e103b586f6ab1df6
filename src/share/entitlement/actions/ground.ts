/** Gathers the facts for deciding, as they stood at an instant, from the slices that keep them. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { partnerFactsAt, partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import type { PartnerFacts } from "../../../trust/partners/facts.ts"
import { type ArtifactLabel, labelsOf } from "../../artifacts/actions.ts"
import { type Recall, recalledIn, recallsOf } from "../../artifacts/actions/recalls.ts"
import type { Recalled } from "../../artifacts/recall.ts"
import { type CaseFacts, caseFacts } from "../../cases/actions/facts.ts"
import { endOf } from "../../cases/embargo.ts"
import { type Planned, type PlannedAndOpen, plannedAndOpenAt } from "../../waves/actions.ts"
import { type WaveTier, plannedAt } from "../../waves/wave.ts"
import type { ArtifactFacts, Gate } from "../facts.ts"
import type { Ground } from "../matrix.ts"

type Opened = PlannedAndOpen["opened"][number]

/** A ground, and what the stores know besides of its partners and artifacts. */
export interface Known extends Ground {
    readonly partners: readonly PartnerFacts[]
    readonly artifactsById: ReadonlyMap<string, ArtifactLabel>
    readonly cases: readonly CaseFacts[]
    /** Those that have ended too. */
    readonly recalls: readonly Recall[]
    /** Which versions stand open at the instant, by which waves. */
    readonly opened: readonly Opened[]
    /** The instant to decide by: a jump of the clock opens nothing that was still shut when it could last be trusted. */
    readonly decidedAt: Instant
    /** Whether the partner was asked to keep the embargo of this case, and a yes would still be heard. */
    readonly mayAnswer: (partner: string, caseId: string) => boolean
    /** As they would be otherwise. Nothing is read again. */
    readonly supposing: (other: OfPartners) => Known
}

/** What is supposed to be otherwise than it is. */
export interface Supposed extends OfPartners {
    /** As if this recall were not. */
    readonly without?: string | null | undefined
    /** As if this case descended from that one. */
    readonly link?: { readonly from: string; readonly to: string } | undefined
    /** As if no case were known as exploited. */
    readonly quiet?: boolean | undefined
}

export interface OfPartners {
    /** Of each partner, other facts than its own. */
    readonly factsOf?: ((facts: PartnerFacts) => PartnerFacts) | undefined
    /** Who says yes to the embargo: whoever was asked and may still, or everybody. */
    readonly yesOf?: "asked" | "everybody" | undefined
}

/** Of one case (null: of all), and of one partner (null: of all). Refuses `case.not_found`, `partner.not_found`. */
export async function knownAt(
    act: Act,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    supposed: Supposed = {},
): Promise<Known> {
    const [artifacts, ofCases, ofPartners] = await Promise.all([
        labelsOf(act, caseId, instant),
        casesAt(act, caseId, partner, instant, supposed.link),
        partnersAt(act, partner, instant, supposed.without),
    ])
    return knownFrom(artifacts, ofCases, ofPartners, supposed)
}

/** As `knownAt`, of one artifact alone, for which nobody has to wait first; null where there is none. */
export async function knownAbout(
    act: Act,
    artifact: Promise<ArtifactLabel | null>,
    partner: string,
    instant: Instant,
): Promise<Known | null> {
    const [label, ofCase, ofPartner] = await Promise.all([
        artifact,
        artifact.then((its) => its && casesAt(act, its.case, partner, instant)),
        partnersAt(act, partner, instant),
    ])
    return label && ofCase && knownFrom([label], ofCase, ofPartner)
}

/** What hangs on the case, and on the waves. */
async function casesAt(
    act: Act,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    link?: Supposed["link"],
) {
    return await Promise.all([
        caseFacts(act, caseId, instant, partner, link && [link]),
        plannedAndOpenAt(act, caseId, instant),
    ])
}

/** What hangs on neither. */
async function partnersAt(act: Act, partner: string | null, instant: Instant, without: string | null = null) {
    return await Promise.all([
        partner === null ? partnerFactsAt(act, instant) : partnerFactsOf(act, partner, instant).then((one) => [one]),
        recallsOf(act, null).then((recalls) => ({ recalls, recalled: recalledIn(recalls, instant, without) })),
    ])
}

function knownFrom(
    labels: readonly ArtifactLabel[],
    [asKnown, { planned, opened, fallen, comeBy }]: Awaited<ReturnType<typeof casesAt>>,
    [found, { recalls, recalled }]: Awaited<ReturnType<typeof partnersAt>>,
    supposed: Supposed = {},
): Known {
    const cases = supposed.quiet ? asKnown.map((one) => ({ ...one, exploited: false })) : asKnown
    const byId = new Map(cases.map((one) => [one.id, one]))
    const mayAnswer: Known["mayAnswer"] = (who, its) => byId.get(its)?.mayAnswer(who) ?? false
    const ofCase = dealtOut(labels, { planned, opened, fallen })
    const read = {
        artifacts: cases.flatMap((its) => artifactsOf(its, ...ofCase(its.id), recalled)),
        artifactsById: new Map(labels.map((one) => [one.id, one])),
        ...{ opened, cases, recalls },
        decidedAt: comeBy,
        mayAnswer,
    }
    const supposing = (other: OfPartners): Known => {
        const partners = other.factsOf ? found.map(other.factsOf) : found
        const factsById = new Map(partners.map((one) => [one.partner, one]))
        const consentOf: Known["consentOf"] = (who, its) => {
            if (other.yesOf === "everybody") return "signatory"
            if (other.yesOf === "asked" && mayAnswer(who, its)) return "signatory"
            const facts = factsById.get(who)
            return (facts && byId.get(its)?.consentOf(who, facts)) ?? "none"
        }
        return { ...read, partners, consentOf, supposing }
    }
    return supposing(supposed)
}

type OfWaves = Pick<PlannedAndOpen, "planned" | "opened" | "fallen">

/** To each case what is its own: looked through once, however many cases there are. */
function dealtOut(labels: readonly ArtifactLabel[], { planned, opened, fallen }: OfWaves) {
    const labelled = Map.groupBy(labels, (one) => one.case)
    const plannedOf = Map.groupBy(planned, (one) => one.case)
    const [openedOf, fallenOf] = [opened, fallen].map((all) => Map.groupBy(all, (one) => one.artifact))
    return (id: string): readonly [readonly ArtifactLabel[], OfWaves] => {
        const its = labelled.get(id) ?? []
        const waves = {
            planned: plannedOf.get(id) ?? [],
            opened: its.flatMap((one) => openedOf?.get(one.id) ?? []),
            fallen: its.flatMap((one) => fallenOf?.get(one.id) ?? []),
        }
        return [its, waves]
    }
}

/** What decisions ask of the artifacts of one case. */
export function artifactsOf(
    of: CaseFacts,
    labels: readonly ArtifactLabel[],
    { planned, opened, fallen }: OfWaves,
    recalled: ReadonlyMap<string, Recalled>,
): ArtifactFacts[] {
    const plan = planOf(of, planned)
    const [openedOf, fallenOf] = [opened, fallen].map((all) => Map.groupBy(all, (one) => one.artifact))
    const own = labels.filter((one) => one.case === of.id)
    return own.map((one) => {
        const waves = { plan, opened: openedOf?.get(one.id) ?? [], fallen: fallenOf?.get(one.id) ?? [] }
        return factsOf({ ...one, recalled: recalled.get(one.id) ?? [] }, of, waves)
    })
}

/** When each wave of the case was to fall. */
function planOf(of: CaseFacts, waves: readonly Planned[]): Map<WaveTier, Instant | null> {
    const publication = endOf(of.embargo)
    const its = waves.filter((wave) => wave.case === of.id)
    return new Map(its.map((wave) => [wave.tier, plannedAt(wave, publication)]))
}

/** What waves do to one artifact. */
interface ItsWaves {
    readonly plan: ReadonlyMap<WaveTier, Instant | null>
    readonly opened: readonly Opened[]
    readonly fallen: readonly Opened[]
}

function factsOf(
    artifact: ArtifactLabel & { readonly recalled: Recalled },
    of: CaseFacts,
    { plan, opened, fallen }: ItsWaves,
): ArtifactFacts {
    const { closing } = of
    const gate = (tier: WaveTier): Gate | null => {
        const at = plan.get(tier)
        if (at === undefined) return null
        const isOf = (one: Opened): boolean => one.tier === tier
        if (closing !== null && !fallen.some((one) => isOf(one) && one.at <= closing.at)) return null
        const its = opened.filter(isOf)
        if (its.length === 0) return { at, releasedAt: null, version: null }
        const [releasedAt, version] = [its.map((one) => one.at), its.map((one) => one.version)]
        return { at, releasedAt: Math.min(...releasedAt), version: Math.max(...version) }
    }
    const waves = {
        validate: gate("validate"),
        advance: gate("advance"),
        entry: gate("entry"),
        publication: gate("publication"),
    }
    const { id, class: kind, version: newest, recalled } = artifact
    const { exploited } = of
    const its = { artifact: id, case: of.id, origins: of.origins, class: kind, newest, recalled, exploited }
    return { ...its, closing: closing?.kind ?? null, waves }
}
