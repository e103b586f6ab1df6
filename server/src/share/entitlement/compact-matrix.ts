/**
 * The matrix of a case with each artifact once per version, and each different decision once: of 200,000 cells, only
 * some dozens differ. Pure; a client expands it.
 */
import type { ArtifactClass } from "../artifacts/artifact.ts"

export interface MatrixCell<Decision> {
    readonly partner: string
    readonly artifact: string
    readonly class: ArtifactClass
    /** The version that the partner would get; null: the newest. */
    readonly version: number | null
    readonly decision: Decision
}

export interface CompactMatrix<Decision> {
    readonly artifacts: readonly Pick<MatrixCell<Decision>, "artifact" | "class" | "version">[]
    readonly decisions: readonly Decision[]
    /** One row a partner. `cells[n]` is the index of its decision about `artifacts[n]`; null: none. */
    readonly partners: readonly { readonly partner: string; readonly cells: readonly (number | null)[] }[]
}

export function compactMatrix<Decision>(cells: readonly MatrixCell<Decision>[]): CompactMatrix<Decision> {
    const artifacts = new Map<string, { index: number } & CompactMatrix<Decision>["artifacts"][number]>()
    const decisions = new Map<string, { index: number; decision: Decision }>()
    const rows = new Map<string, (number | null)[]>()
    for (const { partner, artifact, class: artifactClass, version, decision } of cells) {
        const column = added(artifacts, `${artifact} ${version}`, (index) => ({
            index,
            artifact,
            class: artifactClass,
            version,
        }))
        const decided = added(decisions, JSON.stringify(decision), (index) => ({ index, decision }))
        const row = rows.get(partner) ?? []
        rows.set(partner, row)
        row[column.index] = decided.index
    }
    return {
        artifacts: [...artifacts.values()].map(({ index: _, ...artifact }) => artifact),
        decisions: [...decisions.values()].map(({ decision }) => decision),
        partners: [...rows].map(([partner, row]) => ({
            partner,
            cells: Array.from({ length: artifacts.size }, (_, n) => row[n] ?? null),
        })),
    }
}

function added<Item>(known: Map<string, Item>, key: string, make: (index: number) => Item): Item {
    const item = known.get(key) ?? make(known.size)
    known.set(key, item)
    return item
}

/** Returns one cell for each decision. Cells with the same decision share it. */
export function expandMatrix<Decision>({
    artifacts,
    decisions,
    partners,
}: CompactMatrix<Decision>): MatrixCell<Decision>[] {
    return partners.flatMap(({ partner, cells }) =>
        artifacts.flatMap((artifact, n) => {
            const index = cells[n] ?? null
            const decision = index === null ? undefined : decisions[index]
            return decision === undefined ? [] : [{ partner, ...artifact, decision }]
        }),
    )
}
