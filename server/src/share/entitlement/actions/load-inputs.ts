/** Loads the facts for decisions, as of one instant, from the slices that store them. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { partnerFactsAt, partnerFactsOf } from "../../../trust/partners/actions/load-facts.ts"
import type { PartnerFacts } from "../../../trust/partners/facts.ts"
import { type ArtifactLabel, labelsOf } from "../../artifacts/actions.ts"
import { type Recall, recalledIn, recallsOf } from "../../artifacts/actions/find-recalls.ts"
import type { Recalled } from "../../artifacts/recall.ts"
import { type CaseFacts, caseFacts } from "../../cases/actions/load-case-facts.ts"
import { endOf } from "../../cases/embargo.ts"
import { type Planned, type PlannedAndOpen, plannedAndOpenAt } from "../../waves/actions.ts"
import { type WaveTier, plannedAt } from "../../waves/wave.ts"
import type { ArtifactFacts, Gate } from "../facts.ts"
import type { Ground } from "../matrix.ts"

type Opened = PlannedAndOpen["opened"][number]

/** A ground, with more facts about its partners and artifacts. */
export interface Known extends Ground {
    readonly partners: readonly PartnerFacts[]
    readonly artifactsById: ReadonlyMap<string, ArtifactLabel>
    readonly cases: readonly CaseFacts[]
    /** All recalls, including lifted ones. */
    readonly recalls: readonly Recall[]
    /** Which versions are open at the instant, and by which waves. */
    readonly opened: readonly Opened[]
    /**
     * The instant to decide by. A clock that jumps forward opens nothing that was not open when it was last trusted.
     */
    readonly decidedAt: Instant
    /** Whether the partner was invited to the embargo of this case and can still accept. */
    readonly mayAnswer: (partner: string, caseId: string) => boolean
    /** Returns the same facts with other partner facts or consents. Reads nothing again. */
    readonly supposing: (other: OfPartners) => Known
}

/** Suppositions that differ from the stored facts. */
export interface Supposed extends OfPartners {
    /** Ignores this recall. */
    readonly without?: string | null | undefined
    /** Treats case `from` as a descendant of case `to`. */
    readonly link?: { readonly from: string; readonly to: string } | undefined
    /** Treats no case as exploited. */
    readonly quiet?: boolean | undefined
}

export interface OfPartners {
    /** Replaces the facts of each partner. */
    readonly factsOf?: ((facts: PartnerFacts) => PartnerFacts) | undefined
    /** Treats as signatories all partners that can still accept (`asked`), or all partners (`everybody`). */
    readonly yesOf?: "asked" | "everybody" | undefined
}

/**
 * Loads the facts of one case (null: all) and one partner (null: all). Refuses `case.not_found`, `partner.not_found`.
 */
export async function knownAt(
    ctx: ActionContext,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    supposed: Supposed = {},
): Promise<Known> {
    const [artifacts, ofCases, ofPartners] = await Promise.all([
        labelsOf(ctx, caseId, instant),
        casesAt(ctx, caseId, partner, instant, supposed.link),
        partnersAt(ctx, partner, instant, supposed.without),
    ])
    return knownFrom(artifacts, ofCases, ofPartners, supposed)
}

/** Loads the facts of one artifact, without waiting for its label first; null where there is no such artifact. */
export async function knownAbout(
    ctx: ActionContext,
    artifact: Promise<ArtifactLabel | null>,
    partner: string,
    instant: Instant,
): Promise<Known | null> {
    const [label, ofCase, ofPartner] = await Promise.all([
        artifact,
        artifact.then((labelled) => labelled && casesAt(ctx, labelled.case, partner, instant)),
        partnersAt(ctx, partner, instant),
    ])
    return label && ofCase && knownFrom([label], ofCase, ofPartner)
}

/** Loads the facts that depend on the case. */
async function casesAt(
    ctx: ActionContext,
    caseId: string | null,
    partner: string | null,
    instant: Instant,
    link?: Supposed["link"],
) {
    return await Promise.all([
        caseFacts(ctx, caseId, instant, partner, link && [link]),
        plannedAndOpenAt(ctx, caseId, instant),
    ])
}

/** Loads the facts that do not depend on the case. */
async function partnersAt(ctx: ActionContext, partner: string | null, instant: Instant, without: string | null = null) {
    return await Promise.all([
        partner === null
            ? partnerFactsAt(ctx, instant)
            : partnerFactsOf(ctx, partner, instant).then((partner) => [partner]),
        recallsOf(ctx, null).then((recalls) => ({ recalls, recalled: recalledIn(recalls, instant, without) })),
    ])
}

function knownFrom(
    labels: readonly ArtifactLabel[],
    [asKnown, { planned, opened, fallen, comeBy }]: Awaited<ReturnType<typeof casesAt>>,
    [found, { recalls, recalled }]: Awaited<ReturnType<typeof partnersAt>>,
    supposed: Supposed = {},
): Known {
    const cases = supposed.quiet ? asKnown.map((caseFacts) => ({ ...caseFacts, exploited: false })) : asKnown
    const byId = new Map(cases.map((thisCase) => [thisCase.id, thisCase]))
    const mayAnswer: Known["mayAnswer"] = (person, value) => byId.get(value)?.mayAnswer(person) ?? false
    const ofCase = dealtOut(labels, { planned, opened, fallen })
    const read = {
        artifacts: cases.flatMap((thisCase) => artifactsOf(thisCase, ...ofCase(thisCase.id), recalled)),
        artifactsById: new Map(labels.map((labelled) => [labelled.id, labelled])),
        opened,
        cases,
        recalls,
        decidedAt: comeBy,
        mayAnswer,
    }
    const supposing = (other: OfPartners): Known => {
        const partners = other.factsOf ? found.map(other.factsOf) : found
        const factsById = new Map(partners.map((partner) => [partner.partner, partner]))
        const consentOf: Known["consentOf"] = (person, value) => {
            if (other.yesOf === "everybody") return "signatory"
            if (other.yesOf === "asked" && mayAnswer(person, value)) return "signatory"
            const facts = factsById.get(person)
            return (facts && byId.get(value)?.consentOf(person, facts)) ?? "none"
        }
        return { ...read, partners, consentOf, supposing }
    }
    return supposing(supposed)
}

type OfWaves = Pick<PlannedAndOpen, "planned" | "opened" | "fallen">

/** Returns a function from a case to its labels and waves. Groups the rows once, however many cases there are. */
function dealtOut(labels: readonly ArtifactLabel[], { planned, opened, fallen }: OfWaves) {
    const labelled = Map.groupBy(labels, (labelled) => labelled.case)
    const plannedOf = Map.groupBy(planned, (planned) => planned.case)
    const [openedOf, fallenOf] = [opened, fallen].map((list) => Map.groupBy(list, (item) => item.artifact))
    return (id: string): readonly [readonly ArtifactLabel[], OfWaves] => {
        const entries = labelled.get(id) ?? []
        const waves = {
            planned: plannedOf.get(id) ?? [],
            opened: entries.flatMap((labelled) => openedOf?.get(labelled.id) ?? []),
            fallen: entries.flatMap((labelled) => fallenOf?.get(labelled.id) ?? []),
        }
        return [entries, waves]
    }
}

/** Returns the facts of one case's artifacts that decisions use. */
export function artifactsOf(
    caseFacts: CaseFacts,
    labels: readonly ArtifactLabel[],
    { planned, opened, fallen }: OfWaves,
    recalled: ReadonlyMap<string, Recalled>,
): ArtifactFacts[] {
    const plan = planOf(caseFacts, planned)
    const [openedOf, fallenOf] = [opened, fallen].map((list) => Map.groupBy(list, (item) => item.artifact))
    const own = labels.filter((labelled) => labelled.case === caseFacts.id)
    return own.map((labelled) => {
        const waves = { plan, opened: openedOf?.get(labelled.id) ?? [], fallen: fallenOf?.get(labelled.id) ?? [] }
        return factsOf({ ...labelled, recalled: recalled.get(labelled.id) ?? [] }, caseFacts, waves)
    })
}

/** Returns the planned instant of each wave of the case. */
function planOf(caseFacts: CaseFacts, waves: readonly Planned[]): Map<WaveTier, Instant | null> {
    const publication = endOf(caseFacts.embargo)
    const planned = waves.filter((wave) => wave.case === caseFacts.id)
    return new Map(planned.map((wave) => [wave.tier, plannedAt(wave, publication)]))
}

/** The waves of the case, as far as they concern one artifact. */
interface ArtifactWaves {
    readonly plan: ReadonlyMap<WaveTier, Instant | null>
    readonly opened: readonly Opened[]
    readonly fallen: readonly Opened[]
}

function factsOf(
    artifact: ArtifactLabel & { readonly recalled: Recalled },
    caseFacts: CaseFacts,
    { plan, opened, fallen }: ArtifactWaves,
): ArtifactFacts {
    const { closing } = caseFacts
    const gate = (tier: WaveTier): Gate | null => {
        const at = plan.get(tier)
        if (at === undefined) return null
        const isOf = (item: Opened): boolean => item.tier === tier
        if (closing !== null && !fallen.some((item) => isOf(item) && item.at <= closing.at)) return null
        const entries = opened.filter(isOf)
        if (entries.length === 0) return { at, releasedAt: null, version: null }
        const [releasedAt, version] = [entries.map((entry) => entry.at), entries.map((entry) => entry.version)]
        return { at, releasedAt: Math.min(...releasedAt), version: Math.max(...version) }
    }
    const waves = {
        validate: gate("validate"),
        advance: gate("advance"),
        entry: gate("entry"),
        publication: gate("publication"),
    }
    const { id, class: kind, version: newest, recalled } = artifact
    const { exploited } = caseFacts
    const input = {
        artifact: id,
        case: caseFacts.id,
        origins: caseFacts.origins,
        class: kind,
        newest,
        recalled,
        exploited,
    }
    return { ...input, closing: closing?.kind ?? null, waves }
}
