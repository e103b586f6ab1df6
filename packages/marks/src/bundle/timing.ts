/**
 * What time alone says: how much better it fits what was seen first that a partner's copy led to it, held since an instant,
 * than that it is from elsewhere, on any day alike.
 *
 * That is a likelihood ratio under a model that is assumed, and no e-value: no coin of ours is behind it, and whoever knows when
 * others fetched can wait for the day. So it is capped below what would be more than weak support, is multiplied with nothing,
 * and names nobody.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { weightDefault } from "./fixed-texts.ts"

/** Of the clock by which something was seen. */
type Quality = "synchronised" | "estimated" | "unknown"

export interface Model {
    /** Half of what a copy leads to is first seen within so many days of when it was first held. */
    readonly medianDays: number
    /** What is from elsewhere is first seen on any day of so many alike. */
    readonly windowDays: number
    /** How far an instant may be off, either way. */
    readonly offMs: Readonly<Record<Quality, number>>
    /** log10: neither more nor less is ever said. */
    readonly most: number
    readonly least: number
}

export const shippedModel: Model = {
    ...{ medianDays: 5, windowDays: 180, most: 0.9, least: -2 },
    offMs: { synchronised: 60_000, estimated: dayMs, unknown: 3 * dayMs },
}

export function assumptionsOf({ medianDays, windowDays, most }: Model): string[] {
    return [
        `Half of the leaks from a copy are first observed within ${medianDays} days after the partner fetched its first copy, three quarters ` +
            `within ${3 * medianDays} days, nine tenths within ${9 * medianDays} days.`,
        `An observation that has another cause is equally likely on each of ${windowDays} days.`,
        "An instant is exact to one minute if its clock is synchronised, to one day if it is estimated, and to three days if it is unknown.",
        "Only the first observation counts.",
        "A patch can be read from the publication of this case. An earlier public patch is not considered.",
        `The likelihood ratio is never above ${Math.round(10 ** most)}. These values are assumptions: they were not measured.`,
    ]
}

export const cautionOfTiming =
    "Timing identifies no partner. No e-value and no error bound contains it. Partners that fetched at about the same time have about the " +
    "same figure. The first observation is only the first that was reported."

/** The caution and the assumptions of earlier bundles, which are still accepted. */
export const formerCaution =
    "Time accuses nobody. It stands in no e-value and in no bound, whoever fetched at about the same time has about the same number, " +
    "and what was seen first is only what somebody saw and told."

export const formerAssumptions: readonly string[] = [
    "Of what a copy leads to, half is first seen within 5 days of when it was first held, three quarters within 15, nine tenths within 45.",
    "What is from elsewhere is first seen on any of 180 days alike.",
    "An instant may be off by a minute where its clock is synchronised, by a day where it is estimated, by three where nothing is known of it.",
    "What was seen first counts, and nothing that was seen after it.",
    "A patch could be read from when the program itself published; one that was public before that is not known here.",
    "No more is ever said than a factor of 8. The numbers are assumed, and measured nowhere.",
]

export interface Seen {
    readonly at: Instant
    readonly clock: Quality
}

/** log10 of how much better it fits, of whatever was held since an instant. Within the model's bounds, always. */
export function log10lr(heldSince: Instant, { at, clock }: Seen, model: Model): number {
    const [days, off] = [(at - heldSince) / dayMs, model.offMs[clock] / dayMs]
    const seenWithin = (limit: number) => (limit <= 0 ? 0 : limit / (limit + model.medianDays))
    const density = (seenWithin(days + off) - seenWithin(days - off)) / (2 * off)
    return Math.max(model.least, Math.min(model.most, Math.log10(density * model.windowDays)))
}

/** One explanation, with its weight and what time says of it. */
export interface Timed {
    readonly key: string
    readonly title: string
    /** The partner that it is about; null where it is about none. */
    readonly partner: string | null
    /** Since when what it is about was to be had; null where nobody knows. */
    readonly since: Instant | null
    /** Null where time says nothing of it. */
    readonly log10: number | null
    /** Of a partner, its part of what the explanation weighs. */
    readonly weight: number
}

export interface Known {
    /** Null where nothing was seen yet. */
    readonly seen: Seen | null
    /** When each partner first held something of the case. */
    readonly held: readonly { readonly partner: string; readonly at: Instant }[]
    /** When the program published; null: not yet. */
    readonly publicSince: Instant | null
}

/** An explanation, and what its members give it beside the others. */
export interface Weighed {
    readonly key: string
    readonly title: string
    /** As any other where it is not set. */
    readonly weight?: number
}

const weightOf = ({ weight = weightDefault }: Weighed): number => weight

/** Partners that held something stand beside all other explanations; where none did, they stand as one. */
export function timed(weighed: readonly Weighed[], { seen, held, publicSince }: Known, model: Model): Timed[] {
    const by = (since: Instant | null) => seen && (since === null ? model.least : log10lr(since, seen, model))
    return weighed.flatMap((weighing): Timed[] => {
        const { key, title } = weighing
        const about = { key, title, partner: null, weight: weightOf(weighing) }
        if (key === "independent") return [{ ...about, since: null, log10: seen && 0 }]
        if (key === "patch") return [{ ...about, since: publicSince, log10: by(publicSince) }]
        if (key !== "partner" || held.length === 0) return [{ ...about, since: null, log10: null }]
        return held.map(({ partner, at }) => ({
            ...{ ...about, partner, since: at, log10: by(at) },
            weight: weightOf(weighing) / held.length,
        }))
    })
}

/**
 * log10 of how strongly evidence has to speak for a partner's part, before that is as likely by these weights as all else
 * together. Null where the weights leave no room for it, or for anything else.
 */
export function evenAt(rows: readonly Timed[]): number | null {
    const own = rows.find(({ partner }) => partner !== null)?.weight ?? 0
    const total = rows.reduce((sum, { weight }) => sum + weight, 0)
    return own === 0 || total === own ? null : Math.log10((total - own) / own)
}
