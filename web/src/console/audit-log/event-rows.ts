/** The rows of a list of events. */

/** The newest event of a row, and how many events the row stands for. */
export interface Row<Item extends RowEvent = RowEvent> {
    readonly event: Item
    readonly count: number
}

interface RowEvent {
    readonly at: string
    readonly kind: string
    readonly body: Readonly<Record<string, unknown>> | null
}

/** Joins neighbours without content that differ only in their number. */
export function rowsOf<Item extends RowEvent>(events: readonly Item[]): readonly Row<Item>[] {
    const rows: Row<Item>[] = []
    for (const event of events) {
        const last = rows.at(-1)
        const isSame = last !== undefined && last.event.kind === event.kind && last.event.at === event.at
        if (isSame && event.body === null) rows[rows.length - 1] = { ...last, count: last.count + 1 }
        else rows.push({ event, count: 1 })
    }
    return rows
}
