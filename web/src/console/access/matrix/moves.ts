/** Where a key leads from a cell of the matrix. Pure. */

export interface Spot {
    readonly row: number
    readonly column: number
}

export interface Extent {
    readonly columns: number
    /** Rows that the window shows. */
    readonly page: number
    /** Whether each row has cells: rows of tiers have none. */
    readonly hasCells: readonly boolean[]
}

interface Key {
    readonly key: string
    readonly ctrlKey: boolean
}

/** Returns the cell that the key leads to; null: the key is none of the grid's. */
export function moveBy({ key, ctrlKey }: Key, { row, column }: Spot, { columns, page, hasCells }: Extent): Spot | null {
    const last = columns - 1
    const downTo = (goal: number): number => {
        const at = Math.min(goal, hasCells.length - 1)
        const found = hasCells.indexOf(true, at)
        return found < 0 ? hasCells.lastIndexOf(true) : found
    }
    const upTo = (goal: number): number => {
        const found = hasCells.lastIndexOf(true, Math.max(goal, 0))
        return found < 0 ? hasCells.indexOf(true) : found
    }
    switch (key) {
        case "ArrowLeft":
            return { row, column: Math.max(0, column - 1) }
        case "ArrowRight":
            return { row, column: Math.min(last, column + 1) }
        case "ArrowDown":
            return { row: downTo(row + 1), column }
        case "ArrowUp":
            return { row: upTo(row - 1), column }
        case "PageDown":
            return { row: downTo(row + page), column }
        case "PageUp":
            return { row: upTo(row - page), column }
        case "Home":
            return { row: ctrlKey ? downTo(0) : row, column: 0 }
        case "End":
            return { row: ctrlKey ? upTo(hasCells.length - 1) : row, column: last }
        default:
            return null
    }
}
