/**
 * The grid of partners and artifacts. It renders what the window shows, in both directions, and has one tab stop: the
 * active cell. Sizes are CSS variables, set on one element by the CSSOM, because the content policy allows no styles.
 */
import { useNavigate } from "@tanstack/react-router"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, type MouseEvent, type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react"
import { GridHead, GridRow } from "./grid-row.tsx"
import type { FilteredMatrix, MatrixCell } from "./matrix-model.ts"
import { type Spot, moveBy } from "./moves.ts"

interface GridProps {
    matrix: FilteredMatrix
    label: string
    at: string
    /** The open cell, as `partner.artifact`. */
    openKey: string | null
    onOpen: (cell: MatrixCell, byKeyboard: boolean) => void
}

const isCoarse = globalThis.matchMedia?.("(pointer: coarse)").matches ?? false
const sizes = { row: isCoarse ? 44 : 28, columnLeast: 66, columnMost: 112, head: 52 }

/** The width of the partners' column, as in matrix.css. */
const nameWidth = () => (window.innerWidth < 761 ? 132 : 216)

export function AccessGrid({ matrix, label, at, openKey, onOpen }: GridProps) {
    const frame = useRef<HTMLDivElement>(null)
    const grid = useRef<HTMLTableElement>(null)
    const { rows, columns } = matrix
    const area = useArea(frame, grid, rows.length, columns.length)
    const hasCells = useMemo(() => rows.map(({ kind }) => kind === "partner"), [rows])
    const { spot, moveTo } = useRovingFocus(grid, area, hasCells.indexOf(true))
    const cellAt = ({ row, column }: Spot): MatrixCell | undefined => {
        const found = rows[row]
        return found?.kind === "partner" ? found.cells.get(columns[column]?.id ?? "") : undefined
    }
    const onKeyDown = (event: KeyboardEvent) => {
        const isOpening = event.key === "Enter" || event.key === " "
        const cell = isOpening ? cellAt(spot) : undefined
        const goal = moveBy(event, spot, { columns: columns.length, page: area.page, hasCells })
        if (cell === undefined && goal === null) return
        event.preventDefault()
        if (cell !== undefined) onOpen(cell, true)
        if (goal !== null) moveTo(goal)
    }
    const followLink = useFollowLink()
    const onClick = (event: MouseEvent) => {
        followLink(event)
        const clicked = event.target instanceof Element ? event.target.closest("[data-spot]") : null
        const [row = 0, column = 0] = (clicked?.getAttribute("data-spot") ?? "").split(" ").map(Number)
        const cell = clicked === null ? undefined : cellAt({ row, column })
        if (cell === undefined) return
        moveTo({ row, column })
        onOpen(cell, false)
    }
    const range = { columns, from: area.first, to: area.last }
    const isActiveShown = area.rows.some(({ index }) => index === spot.row)
    return (
        <div ref={frame} className="access-grid">
            <table
                ref={grid}
                // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid by the ARIA practices
                role="grid"
                className="access-inner"
                aria-label={label}
                aria-rowcount={rows.length + 1}
                aria-colcount={columns.length + 1}
                tabIndex={isActiveShown ? -1 : 0}
                onKeyDown={onKeyDown}
                onClick={onClick}
            >
                <thead>
                    <GridHead {...range} partners={matrix.partners} />
                </thead>
                <tbody>
                    {area.rows.map(({ index, key }) => {
                        const row = rows[index]
                        return row === undefined ? null : (
                            <GridRow
                                key={key}
                                row={row}
                                index={index}
                                {...range}
                                at={at}
                                isFlung={area.isFlung}
                                active={spot.row === index ? spot.column : null}
                                openKey={row.kind === "partner" && openKey?.startsWith(row.partner.id) ? openKey : null}
                            />
                        )
                    })}
                </tbody>
            </table>
        </div>
    )
}

/** One handler for a thousand links: a router's link in each row costs time in every frame. */
function useFollowLink(): (event: MouseEvent) => void {
    const navigate = useNavigate()
    return (event) => {
        const link = event.target instanceof Element ? event.target.closest("a[href]") : null
        if (link === null || !isPlain(event)) return
        event.preventDefault()
        void navigate({ to: link.getAttribute("href") ?? "/" })
    }
}

/** A click that opens no other window or tab. */
const isPlain = ({ button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean =>
    button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey

/** A changed variable costs the style of everything below: it is set only where it differs. */
function setLength(element: HTMLElement | null | undefined, name: string, pixels: number): void {
    const value = `${pixels}px`
    if (element && element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value)
}

/** The rows and columns that the window shows, and a function that brings a cell into it. */
function useArea(
    frame: RefObject<HTMLElement | null>,
    grid: RefObject<HTMLTableElement | null>,
    rowCount: number,
    columnCount: number,
) {
    const [name] = useState(() => (globalThis.window === undefined ? 216 : nameWidth()))
    const shared = { getScrollElement: () => frame.current, useFlushSync: false }
    // oxlint-disable-next-line react/incompatible-library -- nothing that is memoized gets its functions
    const rows = useVirtualizer({
        ...shared,
        count: rowCount,
        estimateSize: () => sizes.row,
        overscan: 3,
        paddingStart: sizes.head,
        scrollPaddingStart: sizes.head,
        initialRect: { width: 1000, height: 600 },
    })
    const room = Math.floor(((rows.scrollRect?.width ?? 0) - name - 2) / Math.max(1, columnCount))
    const columnWidth = Math.min(sizes.columnMost, Math.max(sizes.columnLeast, room))
    const columns = useVirtualizer({
        ...shared,
        horizontal: true,
        count: columnCount,
        estimateSize: () => columnWidth,
        overscan: 1,
        paddingStart: name,
        scrollPaddingStart: name,
        initialRect: { width: 1000, height: 600 },
    })
    const shownRows = rows.getVirtualItems()
    const isFlung = useIsFlung(shownRows[0]?.index ?? 0, rows.isScrolling)
    useLayoutEffect(() => columns.measure(), [columns, columnWidth])
    const shownColumns = columns.getVirtualItems()
    const [firstRow, firstColumn] = [shownRows[0], shownColumns[0]]
    useLayoutEffect(() => {
        const { current: table } = grid
        if (table === null) return
        setLength(table.tBodies[0], "--above", (firstRow?.start ?? sizes.head) - sizes.head)
        const before = (firstColumn?.start ?? name) - name
        setLength(table.tHead, "--before", before)
        setLength(table.tBodies[0], "--before", before)
        setLength(table, "--column", columnWidth)
        setLength(table, "--tall", rows.getTotalSize())
        setLength(table, "--wide", columns.getTotalSize())
    })
    return {
        isFlung,
        rows: shownRows,
        first: firstColumn?.index ?? 0,
        last: shownColumns.at(-1)?.index ?? -1,
        page: Math.max(1, Math.floor(((rows.scrollRect?.height ?? 0) - sizes.head) / sizes.row) - 1),
        show: ({ row, column }: Spot) => {
            rows.scrollToIndex(row)
            columns.scrollToIndex(column)
        },
    }
}

/** Rows in a frame that the eye cannot read. */
const flungRows = 3

/** Whether the grid moves too fast to be read, for the second frame or longer: one jump is not a fling. */
function useIsFlung(first: number, isScrolling: boolean): boolean {
    const [pace, setPace] = useState({ first, frames: 0 })
    const frames = isScrolling ? pace.frames : 0
    if (first !== pace.first) {
        setPace({ first, frames: Math.abs(first - pace.first) > flungRows ? frames + 1 : 0 })
    }
    return frames > 1
}

/**
 * Keeps the active cell and moves the focus to it, also if the cell is rendered only after the grid has scrolled. If
 * the focused cell scrolls away, the grid itself gets the focus.
 */
function useRovingFocus(
    grid: RefObject<HTMLElement | null>,
    { show }: { readonly show: (spot: Spot) => void },
    firstRow: number,
) {
    const [moved, setSpot] = useState<Spot | null>(null)
    const spot = moved ?? { row: firstRow, column: 0 }
    const wanted = useRef<string | null>(null)
    const wasInside = useRef(false)
    useLayoutEffect(() => {
        if (wanted.current === null) {
            if (wasInside.current && document.activeElement === document.body) {
                grid.current?.focus({ preventScroll: true })
            }
        } else {
            const cell = grid.current?.querySelector<HTMLElement>(`[data-spot="${wanted.current}"]`)
            if (cell) {
                cell.focus({ preventScroll: true })
                wanted.current = null
            }
        }
        wasInside.current = grid.current?.contains(document.activeElement) ?? false
    })
    return {
        spot,
        moveTo: (goal: Spot) => {
            wanted.current = `${goal.row} ${goal.column}`
            setSpot(goal)
            show(goal)
        },
    }
}
