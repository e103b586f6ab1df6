/** Tables, badges and fact lists. */
import { type ReactNode, useRef, useState } from "react"
import { Button } from "./button.tsx"
import { isTelephone } from "./layout/telephone.ts"
import type { Tone } from "./notice.tsx"
import { TableFrame } from "./scroll.tsx"
import { t } from "../messages/message.ts"

export interface Column<Row> {
    readonly name: string
    /** Where two columns can have one name. */
    readonly id?: string
    /** The head of the column, where it is more than its name. */
    readonly title?: ReactNode
    readonly cell: (row: Row) => ReactNode
    /** Aligns numbers to the right. */
    readonly end?: boolean
}

interface TableProps<Row> {
    /** The table's caption for screen readers. */
    caption: string
    columns: readonly Column<Row>[]
    rows: readonly Row[]
    keyOf: (row: Row) => string
    /** Shows some of many rows and scrolls the rest. */
    tall?: boolean
    /** On a telephone, a row is its first cell and one line or two of the others, instead of a line for each. */
    dense?: boolean
}

/** A telephone shows each row as a card. */
const firstRows = (): number => (isTelephone() ? 15 : 50)
const moreRows = 200

/** A list to look through: shows the first rows of many, and more on request. What a person signs is a `Table`. */
export function PagedTable<Row>({ rows, ...table }: TableProps<Row>) {
    const [count, setCount] = useState(firstRows)
    const frame = useRef<HTMLDivElement>(null)
    const left = rows.length - count
    const showMore = () => {
        // The button goes with the last rows.
        if (left <= moreRows) frame.current?.focus()
        setCount(count + moreRows)
    }
    return (
        <div ref={frame} tabIndex={-1}>
            <Table {...table} rows={rows.slice(0, count)} />
            {left > 0 && (
                <div className="more-rows">
                    <output className="muted">{t("{count} of {all}", { count, all: rows.length })}</output>
                    <Button onPress={showMore}>{t("Show {count} more", { count: Math.min(left, moreRows) })}</Button>
                </div>
            )}
        </div>
    )
}

export function Table<Row>({ caption, columns, rows, keyOf, tall = false, dense = false }: TableProps<Row>) {
    return (
        <TableFrame label={caption} tall={tall}>
            <table className={dense ? "listing dense" : "listing"}>
                <caption className="unseen">{caption}</caption>
                <thead>
                    <tr>
                        {columns.map(({ name, id = name, title, end }) => (
                            <th key={id} scope="col" className={end ? "end" : ""}>
                                {title ?? name}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={keyOf(row)}>
                            {columns.map(({ name, id = name, cell, end }) => (
                                <td key={id} data-column={name} className={end ? "end" : ""}>
                                    {cell(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </TableFrame>
    )
}

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
    return <span className={`badge ${tone}`}>{children}</span>
}

/** A TLP or PAP label, in FIRST's colours of TLP 2.0. */
export function Label({ scheme, value }: { scheme: "TLP" | "PAP"; value: string }) {
    return (
        <span className={`label ${value.toLowerCase().replace("+", "-")}`}>
            {scheme}:{value}
        </span>
    )
}

export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }) {
    return (
        <dl className="facts">
            {items.map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    )
}

export function Lines({ items }: { items: readonly string[] }) {
    return (
        <ul className="stack">
            {items.map((line) => (
                <li key={line}>{line}</li>
            ))}
        </ul>
    )
}

interface SectionProps {
    title: string
    count?: number
    aside?: ReactNode
    children: ReactNode
}

export function Section({ title, count, aside, children }: SectionProps) {
    return (
        <section className="section" aria-label={title}>
            <div className="section-head">
                <h2>
                    {title}
                    {count !== undefined && <span className="n">{count}</span>}
                </h2>
                {aside !== undefined && <div className="row">{aside}</div>}
            </div>
            {children}
        </section>
    )
}

/** The first digits of an id or hash; hovering shows all of it. */
export function Short({ id: subject, length = 8 }: { id: string; length?: number }) {
    return (
        <code className="code" title={subject}>
            {subject.slice(0, length)}
        </code>
    )
}
