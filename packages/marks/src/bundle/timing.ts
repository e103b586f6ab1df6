/**
 * Weighs timing: how much better the first observation fits a partner's copy, held since an instant, than another
 * origin on any day.
 *
 * This is a likelihood ratio under an assumed model, and not an e-value. It uses no coin of ours, and a person who
 * knows when others fetched can wait for the right day. So it is capped below more than weak support, is multiplied
 * with nothing, and identifies no copy.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { weightDefault } from "./fixed-texts.ts"

/** The quality of the clock of an observation. */
type Quality = "synchronised" | "estimated" | "unknown"

/** The assumptions of the likelihood ratio. */
export interface TimingModel {
    /** The median of the days from first holding to first observation. */
    readonly medianDays: number
    /** The days over which observations of another origin are spread evenly. */
    readonly windowDays: number
    /** How far an instant may be wrong in either direction, by clock quality, in milliseconds. */
    readonly offMs: Readonly<Record<Quality, number>>
    /** The bounds of log10. */
    readonly most: number
    readonly least: number
}

/** The model that is used by default. */
export const shippedModel: TimingModel = {
    medianDays: 5,
    windowDays: 180,
    most: 0.9,
    least: -2,
    offMs: { synchronised: 60_000, estimated: dayMs, unknown: 3 * dayMs },
}

/** The assumptions, in the order in which they are read. */
export const timingAssumptions = ["delay", "other_causes", "clocks", "first_only", "patch", "bound"] as const

/** An assumption of the likelihood ratio. */
export type TimingAssumption = (typeof timingAssumptions)[number]

/** Lists the assumptions in words. */
export function assumptionsOf({ medianDays, windowDays, most }: TimingModel): string[] {
    const texts: Readonly<Record<TimingAssumption, string>> = {
        delay:
            `Half of the leaks from a copy are first observed within ${medianDays} days after the partner fetched ` +
            "its first copy, three quarters " +
            `within ${3 * medianDays} days, nine tenths within ${9 * medianDays} days.`,
        other_causes: `An observation that has another cause is equally likely on each of ${windowDays} days.`,
        clocks:
            "An instant is exact to one minute if its clock is synchronised, to one day if it is estimated, and " +
            "to three days if it is unknown.",
        first_only: "Only the first observation counts.",
        patch: "A patch can be read from the publication of this case. An earlier public patch is not considered.",
        bound:
            `The likelihood ratio is never above ${Math.round(10 ** most)}. These values are assumptions: they ` +
            "were not measured.",
    }
    return timingAssumptions.map((assumption) => texts[assumption])
}

/** The caution printed with each figure. */
export const cautionOfTiming =
    "Timing identifies no partner. No e-value and no error bound contains it. Partners that fetched at about " +
    "the same time have about the " +
    "same figure. The first observation is only the first that was reported."

/** The first observation. */
export interface FirstObservation {
    readonly at: Instant
    readonly clock: Quality
}

/** Computes log10 of the likelihood ratio for content held since an instant, within the model's bounds. */
export function log10lr(heldSince: Instant, { at, clock }: FirstObservation, model: TimingModel): number {
    const [days, offDays] = [(at - heldSince) / dayMs, model.offMs[clock] / dayMs]
    const seenWithin = (limit: number) => (limit <= 0 ? 0 : limit / (limit + model.medianDays))
    const density = (seenWithin(days + offDays) - seenWithin(days - offDays)) / (2 * offDays)
    return Math.max(model.least, Math.min(model.most, Math.log10(density * model.windowDays)))
}

/** A hypothesis with its weight and its likelihood ratio by timing. */
export interface TimedHypothesis<Key extends string = string> {
    readonly key: Key
    readonly title: string
    /** The partner of the hypothesis; null if it is about none. */
    readonly partner: string | null
    /** Since when its content was available; null if unknown. */
    readonly since: Instant | null
    /** The likelihood ratio; null if timing says nothing. */
    readonly log10: number | null
    /** The prior weight; for a partner, its part of the hypothesis's weight. */
    readonly weight: number
}

/** The known instants of a case. */
export interface KnownInstants {
    /** The first observation; null if there is none. */
    readonly observation: FirstObservation | null
    /** When each partner first held something of the case. */
    readonly holdings: readonly { readonly partner: string; readonly at: Instant }[]
    /** When the program published; null if it has not. */
    readonly publicSince: Instant | null
}

/** A hypothesis with the weight that the members gave it. */
export interface WeightedHypothesis<Key extends string = string> {
    readonly key: Key
    readonly title: string
    /** The default is the weight of any other hypothesis. */
    readonly weight?: number
}

const weightOf = ({ weight = weightDefault }: WeightedHypothesis): number => weight

/**
 * Lists hypotheses with their likelihood ratios. Partners that held something each have a row; without any, they share
 * one.
 */
export function timeHypotheses<Key extends string>(
    hypotheses: readonly WeightedHypothesis<Key>[],
    { observation, holdings, publicSince }: KnownInstants,
    model: TimingModel,
): TimedHypothesis<Key>[] {
    const ratioSince = (since: Instant | null) =>
        observation && (since === null ? model.least : log10lr(since, observation, model))
    return hypotheses.flatMap((hypothesis): TimedHypothesis<Key>[] => {
        const { key, title } = hypothesis
        const about = { key, title, partner: null, weight: weightOf(hypothesis) }
        if (key === "independent") return [{ ...about, since: null, log10: observation && 0 }]
        if (key === "patch") return [{ ...about, since: publicSince, log10: ratioSince(publicSince) }]
        if (key !== "partner" || holdings.length === 0) return [{ ...about, since: null, log10: null }]
        return holdings.map(({ partner, at }) => ({
            ...about,
            partner,
            since: at,
            log10: ratioSince(at),
            weight: weightOf(hypothesis) / holdings.length,
        }))
    })
}

/**
 * Computes log10 of the evidence that makes a partner's part as likely as everything else together. Null if the weights
 * leave no room for it, or for anything else.
 */
export function evenAt(rows: readonly TimedHypothesis[]): number | null {
    const partnerWeight = rows.find(({ partner }) => partner !== null)?.weight ?? 0
    const total = rows.reduce((sum, { weight }) => sum + weight, 0)
    return partnerWeight === 0 || total === partnerWeight ? null : Math.log10((total - partnerWeight) / partnerWeight)
}
