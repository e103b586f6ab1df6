/** Compares the effects of two requests for the same wave: what the second person has not yet seen. Pure. */

export interface ComparedEffects {
    readonly recipients: readonly string[]
    readonly artifacts: readonly { readonly artifact: string; readonly version: number }[]
    readonly at: number | null
}

export type EffectChange =
    | { readonly kind: "gains" | "loses"; readonly partner: string }
    | { readonly kind: "added" | "removed"; readonly artifact: string; readonly version: number }
    | { readonly kind: "revised"; readonly artifact: string; readonly from: number; readonly to: number }
    | { readonly kind: "moved"; readonly from: number | null; readonly to: number | null }

/** Returns the changes, the gains first. */
export function changesBetween(before: ComparedEffects, after: ComparedEffects): readonly EffectChange[] {
    const versions = new Map(before.artifacts.map(({ artifact, version }) => [artifact, version]))
    const kept = new Set(after.artifacts.map(({ artifact }) => artifact))
    const artifacts = after.artifacts.flatMap(({ artifact, version }): EffectChange[] => {
        const earlier = versions.get(artifact)
        if (earlier === undefined) return [{ kind: "added", artifact, version }]
        return earlier === version ? [] : [{ kind: "revised", artifact, from: earlier, to: version }]
    })
    const removed = before.artifacts.filter(({ artifact }) => !kept.has(artifact))
    return [
        ...without(after.recipients, before.recipients).map((partner) => ({ kind: "gains" as const, partner })),
        ...artifacts,
        ...removed.map(({ artifact, version }) => ({ kind: "removed" as const, artifact, version })),
        ...without(before.recipients, after.recipients).map((partner) => ({ kind: "loses" as const, partner })),
        ...(before.at === after.at ? [] : [{ kind: "moved" as const, from: before.at, to: after.at }]),
    ]
}

const without = (list: readonly string[], others: readonly string[]): readonly string[] =>
    list.filter((item) => !others.includes(item))

/** Whether a change gives somebody more, or gives it earlier. */
export function isWider(change: EffectChange): boolean {
    if (change.kind === "moved") return change.from !== null && change.to !== null && change.to < change.from
    return change.kind === "gains" || change.kind === "added" || change.kind === "revised"
}
