/**
 * Computes how many bits a release is expected to reveal: the mutual information between the hypothesis and the
 * observation, over all hypotheses. Over partners alone it would reward halving the candidates, which never counts
 * against an insider. The observation is none, or a leak. A leak reads as a partner's copy, a staff copy or no copy,
 * before or after late recipients have theirs.
 */
import type { Model } from "./information-model.ts"
import { type Suspicion, h } from "./prior-weights.ts"

/** The chance that a leak of a partner's copy reads as that copy, and as the copy of another colluder. */
export interface Sight {
    readonly own: number
    readonly other: number
}

/** `late` recipients get the release this many hours after the others. */
export interface Window {
    readonly hours: number
    readonly late: ReadonlySet<string>
}

/** Before and after the late recipients have theirs. */
type Split = readonly [before: number, after: number]

/** The observations that one hypothesis leads to. INVARIANT: the chances sum to 1. */
interface Led {
    /** The probability of the hypothesis. */
    readonly part: number
    /** No observation; no copy and a staff copy, each before and after. */
    readonly rest: readonly number[]
    /** The copy of the hypothesis's partner; null where it has none. */
    readonly own: Split | null
    /** The copy of any other partner. */
    readonly each: Split
}

const split = (chance: number, before: number): Split => [chance * before, chance * (1 - before)]
const both = (items: readonly number[]): number => items.reduce((sum, value) => sum + h(value), 0)

/** Returns how much uncertainty a release removes on average, in bits. */
export function bitsOf(suspicion: Suspicion, sight: Sight, window: Window | null, model: Model): number {
    const many = suspicion.partners.length
    const list = ledTo(suspicion, many > 1 ? sight : { own: sight.own, other: 0 }, window, model)
    const mean = (pick: (led: Led) => number): number => list.reduce((sum, led) => sum + led.part * pick(led), 0)
    const each: Split = [mean((led) => led.each[0]), mean((led) => led.each[1])]
    const seen = [0, 1, 2, 3, 4].reduce((sum, k) => sum + h(mean(({ rest }) => rest[k] ?? 0)), 0)
    const named = list.reduce((sum, { part, own, each: entries }) => {
        if (own === null) return sum
        return sum + both([0, 1].map((k) => (each[k] ?? 0) + part * ((own[k] ?? 0) - (entries[k] ?? 0))))
    }, 0)
    const given = mean((led) => {
        const others = led.own === null ? many : many - 1
        return both(led.rest) + both(led.own ?? []) + others * both(led.each)
    })
    return Math.max(0, seen + named - given)
}

function ledTo({ partners, ...it }: Suspicion, { own, other }: Sight, window: Window | null, model: Model): Led[] {
    const { again, elsewhere, copies, medianHours, windowHours } = model
    const hours = window?.hours ?? 0
    const [held, known] = [hours / (hours + medianHours), Math.min(1, hours / windowHours)]
    const found = split((1 - again) * elsewhere, known)
    const leads = (part: number, named: number, inside: number, before: number): Led => {
        const nobody = split(again * (1 - named - inside), before)
        const rest = [(1 - again) * (1 - elsewhere), nobody[0] + found[0], nobody[1] + found[1]]
        return { part, rest: [...rest, ...split(again * inside, before)], own: null, each: [0, 0] }
    }
    const shown = copies * (own + other)
    const taken = partners.length > 0 ? shown : 0
    return [
        leads(it.finder, 0, 0, known),
        leads(it.insider, 0, shown, known),
        {
            ...leads(it.compromise, taken, 0, known),
            each: split((again * taken) / Math.max(1, partners.length), known),
        },
        { part: it.none, rest: [1 - elsewhere, ...split(elsewhere, known), 0, 0], own: null, each: [0, 0] },
        ...partners.map(({ partner, part }): Led => {
            const before = window?.late.has(partner) ? 0 : held
            return {
                ...leads(part, own + other, 0, before),
                own: split(again * own, before),
                each: split((again * other) / Math.max(1, partners.length - 1), before),
            }
        }),
    ]
}
