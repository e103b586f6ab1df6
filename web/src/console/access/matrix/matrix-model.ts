/** The matrix as rows and columns: grouped by tier and class, filtered, and compared with another matrix. Pure. */
import { type ArtifactClass, artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import type { Outcome } from "../../../../../server/src/share/entitlement/ruling.ts"
import type { PartnerStatus, Tier } from "../../../../../server/src/trust/partners/partner.ts"
import type { Entitlement, Matrix } from "../../answers.ts"

export interface MatrixPartner {
    readonly id: string
    readonly name: string
    readonly tier: Tier
    readonly status: PartnerStatus
    readonly isOverdue: boolean
    /** May have to report the vulnerabilities of this case before publication. */
    readonly hasDuty: boolean
}

export interface MatrixColumn {
    readonly id: string
    readonly name: string
    readonly class: ArtifactClass
}

export interface MatrixCell extends Entitlement {
    /** The decision of the compared matrix, if it differs. */
    readonly before: Entitlement["decision"] | null
}

export interface PartnerRow {
    readonly kind: "partner"
    readonly partner: MatrixPartner
    readonly cells: ReadonlyMap<string, MatrixCell>
    /** Artifacts that the partner can fetch at the instant of the matrix. */
    readonly openCount: number
    readonly hasChange: boolean
}

interface TierRow {
    readonly kind: "tier"
    readonly tier: Tier
    readonly partners: number
}

export type MatrixRow = PartnerRow | TierRow

export interface MatrixModel {
    readonly at: string
    readonly columns: readonly MatrixColumn[]
    readonly rows: readonly PartnerRow[]
    readonly counts: Readonly<Record<Outcome, number>>
    readonly changes: number
}

/** The widest access first. */
export const tierOrder: readonly Tier[] = ["validate", "advance", "entry"]

type Decision = Entitlement["decision"]

/** Whether the partner gets something else, or from another instant. */
function differs(a: Decision, b: Decision): boolean {
    return a.outcome !== b.outcome || a.grantedClass !== b.grantedClass || a.from !== b.from
}

/** `other` is compared with; null: nothing is. Partners without a name are left out. */
export function modelOf(
    matrix: Matrix,
    other: Matrix | null,
    partners: readonly MatrixPartner[],
    artifacts: readonly MatrixColumn[],
): MatrixModel {
    const keyOf = ({ partner, artifact }: Entitlement) => `${partner} ${artifact}`
    const others = new Map(other?.entitlements.map((entry) => [keyOf(entry), entry.decision]))
    const shown = new Set(matrix.entitlements.map(({ artifact }) => artifact))
    const cellsOf = Map.groupBy(matrix.entitlements, ({ partner }) => partner)
    const counts = { full: 0, reduced: 0, at_publication: 0, withheld: 0 }
    const rows = partners
        .flatMap((partner): PartnerRow[] => {
            const cells = (cellsOf.get(partner.id) ?? []).map((entry): MatrixCell => {
                const before = others.get(keyOf(entry)) ?? null
                counts[entry.decision.outcome]++
                return { ...entry, before: before !== null && differs(entry.decision, before) ? before : null }
            })
            if (cells.length === 0) return []
            return [
                {
                    kind: "partner",
                    partner,
                    cells: new Map(cells.map((cell) => [cell.artifact, cell])),
                    openCount: cells.filter((cell) => isOpen(cell.decision)).length,
                    hasChange: cells.some(({ before }) => before !== null),
                },
            ]
        })
        .toSorted(
            ({ partner: a }, { partner: b }) =>
                tierOrder.indexOf(a.tier) - tierOrder.indexOf(b.tier) || a.name.localeCompare(b.name),
        )
    const columns = artifacts
        .filter(({ id }) => shown.has(id))
        .toSorted((a, b) => artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class))
    const changes = rows.reduce(
        (sum, { cells }) => sum + [...cells.values()].filter(({ before }) => before !== null).length,
        0,
    )
    return { at: matrix.at, columns, rows, counts, changes }
}

/** Whether the partner can fetch it at the instant of the matrix. */
export const isOpen = ({ available }: Decision): boolean => available

export interface MatrixFilter {
    readonly text: string
    readonly tier: Tier | null
    readonly class: ArtifactClass | null
    readonly outcome: Outcome | null
    readonly changesOnly: boolean
}

export const noFilter: MatrixFilter = { text: "", tier: null, class: null, outcome: null, changesOnly: false }

export interface FilteredMatrix {
    readonly columns: readonly MatrixColumn[]
    readonly rows: readonly MatrixRow[]
    readonly partners: number
}

/** Keeps partners and artifacts with a matching cell, and puts the row of its tier before each group. */
export function filterMatrix(model: MatrixModel, filter: MatrixFilter): FilteredMatrix {
    const text = filter.text.trim().toLowerCase()
    const matches = (cell: MatrixCell | undefined): boolean =>
        cell !== undefined &&
        (filter.outcome === null || cell.decision.outcome === filter.outcome) &&
        (!filter.changesOnly || cell.before !== null)
    const ofClass = model.columns.filter((column) => filter.class === null || column.class === filter.class)
    const found = model.rows.filter(
        ({ partner, cells }) =>
            partner.name.toLowerCase().includes(text) &&
            (filter.tier === null || partner.tier === filter.tier) &&
            ofClass.some(({ id }) => matches(cells.get(id))),
    )
    const columns =
        filter.outcome === null && !filter.changesOnly
            ? ofClass
            : ofClass.filter(({ id }) => found.some(({ cells }) => matches(cells.get(id))))
    const byTier = Map.groupBy(found, ({ partner }) => partner.tier)
    const rows = [...byTier].flatMap(([tier, group]): MatrixRow[] => [
        { kind: "tier", tier, partners: group.length },
        ...group,
    ])
    return { columns, rows, partners: found.length }
}
