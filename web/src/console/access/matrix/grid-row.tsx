/**
 * The rows of the access grid. A row renders again only if its own cells, range or active cell change. A cell is one
 * element: the sheet draws its glyph, because each further element of 400 cells costs time in every frame.
 */
import { memo, useState } from "react"
import { Badge } from "../../../kit/table.tsx"
import { standingWords } from "../../../kit/text.ts"
import { useNow } from "../../artifacts/viewer.tsx"
import { outcomeWords, tierNames } from "../../words.ts"
import { dayOf, sentenceOf, stateOf } from "./cell-text.ts"
import type { MatrixCell, MatrixColumn, MatrixPartner, MatrixRow, PartnerRow } from "./matrix-model.ts"
import { t, valueText } from "../../../messages/message.ts"

interface RangeProps {
    columns: readonly MatrixColumn[]
    /** The first and the last column to render. */
    from: number
    to: number
}

export const GridHead = memo(({ columns, from, to, partners }: RangeProps & { partners: number }) => (
    <tr className="access-head" aria-rowindex={1}>
        <th scope="col" aria-colindex={1} className="access-corner">
            {t("{count, plural, one {# partner} other {# partners}}", { count: partners })}{" "}
            <span className="muted">{t("open")}</span>
        </th>
        {columns.slice(from, to + 1).map((column, n) => (
            <th
                key={column.id}
                scope="col"
                aria-colindex={from + n + 2}
                aria-label={`${column.name}, ${valueText(column.class)}`}
                title={column.name}
            >
                <b className="clip">{valueText(column.class)}</b>
                <span className="clip">{column.name}</span>
            </th>
        ))}
    </tr>
))

interface GridRowProps extends RangeProps {
    row: MatrixRow
    index: number
    at: string
    /** The grid moves too fast to be read: a new row shows its name, and its cells once it slows down. */
    isFlung: boolean
    /** The column of the active cell; null: it is in another row. */
    active: number | null
    openKey: string | null
}

export const GridRow = memo(({ row, index, ...range }: GridRowProps) => {
    if (row.kind === "partner") return <PartnerCells row={row} index={index} {...range} />
    return (
        <tr className="access-row tier" aria-rowindex={index + 2}>
            <th scope="row" aria-colindex={1} className="access-name">
                {tierNames[row.tier]}{" "}
                <span className="muted">
                    {t("{count, plural, one {# partner} other {# partners}}", { count: row.partners })}
                </span>
            </th>
        </tr>
    )
})

function PartnerCells({ row, index, at, isFlung, ...range }: GridRowProps & { row: PartnerRow }) {
    const [isFull, setIsFull] = useState(!isFlung)
    if (!isFull && !isFlung) setIsFull(true)
    const { partner, openCount } = row
    return (
        <tr className="access-row" aria-rowindex={index + 2}>
            <th scope="row" aria-colindex={1} className="access-name">
                <a href={`/partners/${partner.id}`} tabIndex={-1} className="clip">
                    {partner.name}
                </a>
                <PartnerBadge partner={partner} />
                <span className="num muted">{openCount > 0 ? openCount : ""}</span>
            </th>
            {isFull && <CellsInRange row={row} index={index} at={at} {...range} />}
        </tr>
    )
}

type CellsProps = Omit<GridRowProps, "isFlung"> & { row: PartnerRow }

function CellsInRange({ row: { partner, cells }, index, columns, from, to, at, active, openKey }: CellsProps) {
    const now = useNow()
    return columns.slice(from, to + 1).map((column, n) => {
        const cell = cells.get(column.id)
        return cell === undefined ? (
            <td key={column.id} aria-colindex={from + n + 2}>
                –
            </td>
        ) : (
            <Cell
                key={column.id}
                cell={cell}
                label={`${partner.name}, ${column.name}`}
                state={stateOf(cell.decision, at, now)}
                row={index}
                column={from + n}
                isActive={active === from + n}
                isOpen={openKey === keyOf(cell)}
            />
        )
    })
}

/** The one badge that says most about why a partner gets less. */
function PartnerBadge({ partner: { status, isOverdue, hasDuty } }: { partner: MatrixPartner }) {
    const { name, tone } = standingWords[status]
    if (status !== "active") return <Badge tone={tone}>{name}</Badge>
    if (isOverdue) return <Badge tone="due">{t("overdue")}</Badge>
    return hasDuty ? <span className="badge violet">{t("duty")}</span> : null
}

export const keyOf = ({ partner, artifact }: { readonly partner: string; readonly artifact: string }): string =>
    `${partner}.${artifact}`

interface CellProps {
    cell: MatrixCell
    label: string
    state: ReturnType<typeof stateOf>
    row: number
    column: number
    isActive: boolean
    isOpen: boolean
}

const Cell = memo(({ cell, label, state, row, column, isActive, isOpen }: CellProps) => {
    const { outcome, from } = cell.decision
    const access = sentenceOf(cell.decision, state)
    const text =
        cell.before === null
            ? access
            : t("{access}, changed: {before} by the policy in force", {
                  access,
                  before: outcomeWords[cell.before.outcome],
              })
    return (
        <td
            aria-colindex={column + 2}
            aria-label={`${label}: ${text}`}
            aria-selected={isOpen}
            tabIndex={isActive ? 0 : -1}
            data-spot={`${row} ${column}`}
            className={`access-cell ${outcome} ${state}${cell.before === null ? "" : " changed"}`}
        >
            {state === "none" ? null : from === null ? outcomeWords[outcome] : dayOf(from)}
        </td>
    )
})
