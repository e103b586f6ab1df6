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
    const artifacts = new IndexedList<CompactMatrix<Decision>["artifacts"][number]>()
    const decisions = new IndexedList<Decision>()
    const rows = new Map<string, (number | null)[]>()
    for (const { partner, decision, ...artifact } of cells) {
        const row = rows.get(partner) ?? []
        rows.set(partner, row)
        row[artifacts.indexOf(`${artifact.artifact} ${artifact.version}`, artifact)] = decisions.indexOf(
            JSON.stringify(decision),
            decision,
        )
    }
    return {
        artifacts: artifacts.items,
        decisions: decisions.items,
        partners: [...rows].map(([partner, row]) => ({
            partner,
            cells: artifacts.items.map((_, n) => row[n] ?? null),
        })),
    }
}

/** A list with each item once. */
class IndexedList<Item> {
    readonly items: Item[] = []
    private readonly indices = new Map<string, number>()

    /** Returns the index of the item with this key, and adds it if it is new. */
    indexOf(key: string, item: Item): number {
        const known = this.indices.get(key)
        if (known !== undefined) return known
        this.indices.set(key, this.items.length)
        return this.items.push(item) - 1
    }
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
