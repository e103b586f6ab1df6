/**
 * Ranks options for the next release of a class. Variants come first, because they delay no partner. Staggered releases
 * follow, in which some partners wait, with their cost.
 */
import type { Slot } from "@tocsin/marks/carriers/carrier"
import type { Colluders } from "@tocsin/marks/code"
import { log10Reach, slotsNeeded, worthOf } from "@tocsin/marks/evidence/reach"
import { type Sight, type Window, bitsOf } from "./information.ts"
import type { Model } from "./information-model.ts"
import type { Suspicion } from "./prior-weights.ts"

/** Numbers of colluders that codewords can be generated for. */
export const designs: readonly Colluders[] = [2, 4, 8]

type Sized = Pick<Slot, "variants" | "robustness">

/** One document of the class. */
export interface Document {
    readonly artifact: string
    readonly version: number
    /** Slots that survive formatters. */
    readonly lasting: readonly Sized[]
    readonly design: Colluders
    /** Whether its codewords are generated, and so fixed. */
    readonly isDrawn: boolean
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
    /** Of all waiting partners together. */
    readonly partnerHoursMax: number
    /** Each recipient has the content at least this long before publication. */
    readonly floorHours: number
}

export const bounds: Bounds = { hoursMax: 24, partnerHoursMax: 120, floorHours: 12 }

/** A change that makes a release easier to trace. */
export type Change =
    | { readonly kind: "code_design"; readonly colluders: Colluders }
    | { readonly kind: "polled" }
    | { readonly kind: "slots"; readonly more: number }
    | { readonly kind: "canary" }
    | { readonly kind: "staggered_release"; readonly hours: number; readonly late: readonly string[] }

/** A change with its gain and its costs. */
export interface Option {
    readonly change: Change
    /** What the release reveals with the option, and the gain. */
    readonly bits: number
    readonly gain: number
    /** Hours that partners wait, all together. */
    readonly partnerHours: number
}

/** The changes that a member can choose from, best gain first. */
export interface Options {
    /** What the release reveals unchanged. */
    readonly bits: number
    readonly ranked: readonly Option[]
}

/** As many slots as an author adds in an hour or two. */
const slotsMore = 24
const windowsMax = 3
const windowHours = [6, 12, 24]
/** A smaller gain counts as none. */
const gainMin = 0.0005

/** Ranks the options. Doing nothing is not an option, because it gains nothing. */
export function optionsOf(suspicion: Suspicion, release: Release, model: Model, within: Bounds): Options {
    if (release.documents.length === 0 || release.recipients.length === 0) return { bits: 0, ranked: [] }
    const sight = sightOf(release, model)
    const bits = bitsOf(suspicion, sight, null, model)
    const option = (change: Change, value: number, partnerHours: number): Option[] => {
        const gain = value - bits
        return gain >= gainMin ? [{ change, bits: value, gain, partnerHours }] : []
    }
    const variants = variantsOf(release).flatMap(({ change, after }) =>
        option(change, bitsOf(suspicion, sightOf(after, model), null, model), 0),
    )
    const windows = windowsOf(suspicion, release, within).flatMap(({ hours, late }) =>
        option(
            { kind: "staggered_release", hours, late: [...late].toSorted() },
            bitsOf(suspicion, sight, { hours, late }, model),
            hours * late.size,
        ),
    )
    const perHour = ({ gain, partnerHours }: Option): number => gain / partnerHours
    return {
        bits,
        ranked: [
            ...variants.toSorted((a, b) => b.gain - a.gain),
            ...windows.toSorted((a, b) => perHour(b) - perHour(a) || b.gain - a.gain).slice(0, windowsMax),
        ],
    }
}

/** Lists each change with the changed release. */
function variantsOf(release: Release): { change: Change; after: Release }[] {
    const open = release.documents.filter(({ isDrawn }) => !isDrawn)
    const changed = (change: Change, by: (document: Document) => Document) => {
        const documents = release.documents.map((document) => (document.isDrawn ? document : by(document)))
        return { change, after: { ...release, documents } }
    }
    return [
        ...designs
            .filter((colluders) => open.some(({ design }) => design !== colluders))
            .map((colluders) =>
                changed({ kind: "code_design", colluders }, (document) => ({ ...document, design: colluders })),
            ),
        ...(release.isPolledUnmarked
            ? [{ change: { kind: "polled" } as const, after: { ...release, isPolledUnmarked: false } }]
            : []),
        ...(open.length > 0 ? [changed({ kind: "slots", more: slotsMore }, withSlots)] : []),
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

const ofTwo: Sized = { robustness: "wording", variants: [[], []] }
const withSlots = (document: Document): Document => ({
    ...document,
    lasting: [...document.lasting, ...Array.from({ length: slotsMore }, () => ofTwo)],
})

/** Averages over the documents of the class how a leak reads. */
export function sightOf({ documents, recipients, isPolledUnmarked }: Release, model: Model): Sight {
    const marked = isPolledUnmarked ? 1 - model.polled : 1
    const sights = documents.map((document) => sightOfOne(document, recipients.length, model))
    const mean = (pick: (sight: Sight) => number): number =>
        sights.length === 0 ? 0 : sights.reduce((sum, sight) => sum + pick(sight), 0) / sights.length
    return { own: marked * mean(({ own }) => own), other: marked * mean(({ other }) => other) }
}

function sightOfOne({ lasting, design, hasCanary }: Document, recipients: number, model: Model): Sight {
    let [own, other] = [0, 0]
    for (const { colluders, chance } of model.together) {
        const count = chance * enough(lasting, { design, colluders, recipients, alpha: model.alpha })
        own += count / colluders
        other += count - count / colluders
    }
    const quoted = hasCanary ? (1 - own - other) * model.quoted : 0
    return { own: own + quoted, other }
}

interface Told {
    readonly design: Colluders
    readonly colluders: number
    readonly recipients: number
    readonly alpha: number
}

/** Returns the chance that a leak shows enough slots, if any share of them is equally likely. */
function enough(lasting: readonly Sized[], { design, colluders, recipients, alpha }: Told): number {
    if (lasting.length === 0) return 0
    const many = Math.max(1, recipients)
    // The code with four biases was not measured against more than four colluders, so it counts for nothing there.
    if (design > 2 && colluders > design) return 0
    if (colluders > 1) {
        return shareAbove(slotsNeeded(colluders, { recipients: many, alpha, design }), worthOf(lasting))
    }
    const none = log10Reach([], design)
    return shareAbove(Math.log10(many / alpha) - none, log10Reach(lasting, design) - none)
}

const shareAbove = (needed: number, total: number): number => (total > needed ? 1 - needed / total : 0)

/**
 * Builds staggered releases within the limits. The partners that cross-case evidence speaks for most, or all others,
 * wait. Without such evidence no partner is singled out, and equal partners wait alike.
 */
function windowsOf({ partners }: Suspicion, { recipients }: Release, within: Bounds): Window[] {
    const hoursOf = new Map(recipients.map(({ partner, hours }) => [partner, hours]))
    const ranked = partners.toSorted((a, b) => b.part - a.part)
    const windows: Window[] = []
    for (const [n, { part, isSpokenFor }] of ranked.entries()) {
        const next = ranked[n + 1]
        if (!isSpokenFor || next === undefined) break
        if (next.part === part) continue
        const names = ranked.map(({ partner }) => partner)
        for (const late of [new Set(names.slice(0, n + 1)), new Set(names.slice(n + 1))]) {
            for (const hours of windowHours) {
                if (isWithin({ hours, late }, hoursOf, within)) windows.push({ hours, late })
            }
        }
    }
    return windows
}

function isWithin({ hours, late }: Window, hoursOf: ReadonlyMap<string, number>, within: Bounds): boolean {
    return (
        hours <= within.hoursMax &&
        hours * late.size <= within.partnerHoursMax &&
        [...late].every((item) => (hoursOf.get(item) ?? 0) - hours >= within.floorHours)
    )
}
