/**
 * Ranks options for the next release of a class. Variants come first, because they delay no partner. Staggered releases
 * follow, in which some partners wait, with their cost.
 */
import type { Slot } from "@tocsin/marks/carriers/carrier"
import type { Colluders } from "@tocsin/marks/code"
import { log10Reach, slotsNeeded, worthOf } from "@tocsin/marks/evidence/reach"
import { type ReadingChances, type StaggeredRelease, expectedBits } from "./information.ts"
import type { LeakModel } from "./information-model.ts"
import type { PriorWeights } from "./prior-weights.ts"

/** Numbers of colluders that codewords can be generated for. */
export const colluderCounts: readonly Colluders[] = [2, 4, 8]

type SizedSlot = Pick<Slot, "variants" | "robustness">

/** One document of the class. */
export interface Document {
    readonly artifact: string
    readonly version: number
    /** Slots that survive formatters. */
    readonly lasting: readonly SizedSlot[]
    readonly design: Colluders
    /** Whether its codewords are generated, and so fixed. */
    readonly hasCodewords: boolean
    readonly hasCanary: boolean
    readonly mayHaveCanary: boolean
}

/** A partner that gets the release. */
export interface Recipient {
    readonly partner: string
    /** Planned hours before publication. */
    readonly hours: number
}

/** A release whose traceability is planned. */
export interface Release {
    readonly documents: readonly Document[]
    readonly recipients: readonly Recipient[]
    /** Whether the class is polled without marks. */
    readonly isPolledUnmarked: boolean
}

/** Limits of every staggered release. */
export interface Bounds {
    readonly hoursMax: number
    /** The largest sum of hours that all waiting partners wait. */
    readonly partnerHoursMax: number
    /** Each recipient has the content at least this long before publication. */
    readonly leadHoursMin: number
}

export const bounds: Bounds = { hoursMax: 24, partnerHoursMax: 120, leadHoursMin: 12 }

/** A change that makes a release easier to trace. */
export type Change =
    | { readonly kind: "code_design"; readonly colluders: Colluders }
    | { readonly kind: "polled" }
    | { readonly kind: "slots"; readonly count: number }
    | { readonly kind: "canary" }
    | { readonly kind: "staggered_release"; readonly hours: number; readonly late: readonly string[] }

/** A change with its gain and its costs. */
export interface Option {
    readonly change: Change
    /** The bits that the release reveals with the option, and the gain. */
    readonly bits: number
    readonly gainBits: number
    /** Hours that partners wait, all together. */
    readonly partnerHours: number
}

/** The changes that a member can choose from, best gain first. */
export interface Options {
    /** The bits that the release reveals unchanged. */
    readonly bits: number
    readonly ranked: readonly Option[]
}

/** As many slots as an author adds in an hour or two. */
const slotsAdded = 24
const staggeredMax = 3
const staggeredHours = [6, 12, 24]
/** A smaller gain counts as none. */
const gainMin = 0.0005

/** Ranks the options. Doing nothing is not an option, because it gains nothing. */
export function optionsOf(prior: PriorWeights, release: Release, model: LeakModel, limits: Bounds): Options {
    if (release.documents.length === 0 || release.recipients.length === 0) return { bits: 0, ranked: [] }
    const chances = readingChancesOf(release, model)
    const bits = expectedBits(prior, chances, null, model)
    const option = (change: Change, value: number, partnerHours: number): Option[] => {
        const gainBits = value - bits
        return gainBits >= gainMin ? [{ change, bits: value, gainBits, partnerHours }] : []
    }
    const variants = variantsOf(release).flatMap(({ change, after }) =>
        option(change, expectedBits(prior, readingChancesOf(after, model), null, model), 0),
    )
    const staggered = staggeredReleasesOf(prior, release, limits).flatMap(({ hours, late }) =>
        option(
            { kind: "staggered_release", hours, late: [...late].toSorted() },
            expectedBits(prior, chances, { hours, late }, model),
            hours * late.size,
        ),
    )
    const perHour = ({ gainBits, partnerHours }: Option): number => gainBits / partnerHours
    return {
        bits,
        ranked: [
            ...variants.toSorted((a, b) => b.gainBits - a.gainBits),
            ...staggered.toSorted((a, b) => perHour(b) - perHour(a) || b.gainBits - a.gainBits).slice(0, staggeredMax),
        ],
    }
}

/** Lists each change with the changed release. */
function variantsOf(release: Release): { change: Change; after: Release }[] {
    const open = release.documents.filter(({ hasCodewords }) => !hasCodewords)
    const changed = (change: Change, edit: (document: Document) => Document) => {
        const documents = release.documents.map((document) => (document.hasCodewords ? document : edit(document)))
        return { change, after: { ...release, documents } }
    }
    return [
        ...colluderCounts
            .filter((colluders) => open.some(({ design }) => design !== colluders))
            .map((colluders) =>
                changed({ kind: "code_design", colluders }, (document) => ({ ...document, design: colluders })),
            ),
        ...(release.isPolledUnmarked
            ? [{ change: { kind: "polled" } as const, after: { ...release, isPolledUnmarked: false } }]
            : []),
        ...(open.length > 0 ? [changed({ kind: "slots", count: slotsAdded }, withSlots)] : []),
        ...(open.some(({ hasCanary, mayHaveCanary }) => mayHaveCanary && !hasCanary)
            ? [
                  changed({ kind: "canary" }, (document) => ({
                      ...document,
                      hasCanary: document.hasCanary || document.mayHaveCanary,
                  })),
              ]
            : []),
    ]
}

const slotOfTwoForms: SizedSlot = { robustness: "wording", variants: [[], []] }
const withSlots = (document: Document): Document => ({
    ...document,
    lasting: [...document.lasting, ...Array.from({ length: slotsAdded }, () => slotOfTwoForms)],
})

/** Averages over the documents of the class how a leak reads. */
export function readingChancesOf(
    { documents, recipients, isPolledUnmarked }: Release,
    model: LeakModel,
): ReadingChances {
    const marked = isPolledUnmarked ? 1 - model.polledShare : 1
    const list = documents.map((document) => documentChancesOf(document, recipients.length, model))
    const mean = (pick: (chances: ReadingChances) => number): number =>
        list.length === 0 ? 0 : list.reduce((sum, chances) => sum + pick(chances), 0) / list.length
    return { ownCopy: marked * mean(({ ownCopy }) => ownCopy), otherCopy: marked * mean(({ otherCopy }) => otherCopy) }
}

function documentChancesOf(
    { lasting, design, hasCanary }: Document,
    recipients: number,
    model: LeakModel,
): ReadingChances {
    let [ownCopy, otherCopy] = [0, 0]
    for (const { colluders, chance } of model.colluderChances) {
        const count = chance * chanceOfEnoughSlots(lasting, { design, colluders, recipients, alpha: model.alpha })
        ownCopy += count / colluders
        otherCopy += count - count / colluders
    }
    const quoted = hasCanary ? (1 - ownCopy - otherCopy) * model.quotedChance : 0
    return { ownCopy: ownCopy + quoted, otherCopy }
}

interface CodeParameters {
    readonly design: Colluders
    readonly colluders: number
    readonly recipients: number
    readonly alpha: number
}

/** Returns the chance that a leak shows enough slots, if any share of them is equally likely. */
function chanceOfEnoughSlots(
    lasting: readonly SizedSlot[],
    { design, colluders, recipients, alpha }: CodeParameters,
): number {
    if (lasting.length === 0) return 0
    const recipientCount = Math.max(1, recipients)
    // The code with four biases was not measured against more than four colluders, so it counts for nothing there.
    if (design > 2 && colluders > design) return 0
    if (colluders > 1) {
        return shareAbove(slotsNeeded(colluders, { recipients: recipientCount, alpha, design }), worthOf(lasting))
    }
    const baseline = log10Reach([], design)
    return shareAbove(Math.log10(recipientCount / alpha) - baseline, log10Reach(lasting, design) - baseline)
}

const shareAbove = (needed: number, total: number): number => (total > needed ? 1 - needed / total : 0)

/**
 * Builds staggered releases within the limits. The partners with the strongest cross-case evidence wait, or all others
 * do. Without such evidence no partner waits alone, and equal partners wait equally.
 */
function staggeredReleasesOf({ partners }: PriorWeights, { recipients }: Release, limits: Bounds): StaggeredRelease[] {
    const hoursOf = new Map(recipients.map(({ partner, hours }) => [partner, hours]))
    const ranked = partners.toSorted((a, b) => b.probability - a.probability)
    const releases: StaggeredRelease[] = []
    for (const [n, { probability, hasEvidence }] of ranked.entries()) {
        const next = ranked[n + 1]
        if (!hasEvidence || next === undefined) break
        if (next.probability === probability) continue
        const partnerIds = ranked.map(({ partner }) => partner)
        for (const late of [new Set(partnerIds.slice(0, n + 1)), new Set(partnerIds.slice(n + 1))]) {
            for (const hours of staggeredHours) {
                if (isWithin({ hours, late }, hoursOf, limits)) releases.push({ hours, late })
            }
        }
    }
    return releases
}

function isWithin({ hours, late }: StaggeredRelease, hoursOf: ReadonlyMap<string, number>, limits: Bounds): boolean {
    return (
        hours <= limits.hoursMax &&
        hours * late.size <= limits.partnerHoursMax &&
        [...late].every((item) => (hoursOf.get(item) ?? 0) - hours >= limits.leadHoursMin)
    )
}
