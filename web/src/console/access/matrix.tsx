/**
 * The access matrix of partners and artifacts: each cell shows what is given and from when.
 *
 * A grid with one stop for the Tab key. Arrows, Home and End move the focus; Enter opens the reasons.
 */
import { Link } from "@tanstack/react-router"
import { Fragment, type KeyboardEvent, useRef, useState } from "react"
import { artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import { reportsBeforePublication } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { Window } from "../../kit/dialog.tsx"
import { When, hereOf, wordsOf } from "../../kit/instant.tsx"
import { Empty } from "../../kit/notice.tsx"
import { TableFrame } from "../../kit/scroll.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import { standingWords } from "../../kit/text.ts"
import type { Entitlement, Matrix } from "../answers.ts"
import { Reasons } from "./reasons.tsx"
import { useArtifacts, useNames, usePartners } from "../artifacts/viewer.tsx"
import { outcomeWords, tierNames } from "../words.ts"

interface Spot {
    readonly row: number
    readonly column: number
}

const steps: Readonly<Record<string, (at: Spot, columns: number) => Spot>> = {
    ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
    ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
    ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
    ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
    Home: ({ row }) => ({ row, column: 0 }),
    End: ({ row }, columns) => ({ row, column: columns - 1 }),
}

export function MatrixGrid({ matrix }: { matrix: Matrix }) {
    const names = useNames()
    const classes = new Map(useArtifacts().map((thing) => [thing.id, thing.class]))
    const placeOf = (id: string) => artifactClasses.indexOf(classes.get(id) ?? "patch")
    const [spot, setSpot] = useState<Spot>({ row: 0, column: 0 })
    const [open, setOpen] = useState<Entitlement | null>(null)
    const grid = useRef<HTMLTableElement>(null)
    const artifacts = [...new Set(matrix.entitlements.map((entitlement) => entitlement.artifact))].toSorted(
        (a, b) => placeOf(a) - placeOf(b),
    )
    const partners = useOrdered([...new Set(matrix.entitlements.map((entitlement) => entitlement.partner))])
    const cells = new Map(
        matrix.entitlements.map((entitlement) => [`${entitlement.partner} ${entitlement.artifact}`, entitlement]),
    )
    const walk = (event: KeyboardEvent) => {
        const to = steps[event.key]?.(spot, artifacts.length)
        if (to === undefined || !partners[to.row] || !artifacts[to.column]) return
        event.preventDefault()
        setSpot(to)
        grid.current?.querySelector<HTMLElement>(`[data-spot="${to.row} ${to.column}"]`)?.focus()
    }
    if (matrix.entitlements.length === 0) return <Empty title="There are no partners or no artifacts yet." />
    return (
        <>
            <Legend matrix={matrix} />
            <TableFrame label="Who gets what" tall={false}>
                {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid by the ARIA practices */}
                <table ref={grid} role="grid" className="matrix" onKeyDown={walk} aria-label="Entitlements">
                    <thead>
                        <tr>
                            <th scope="col">Partner</th>
                            {artifacts.map((artifact) => (
                                <th key={artifact} scope="col">
                                    {classes.get(artifact)}
                                    <span className="muted block">{breakable(names.artifact(artifact))}</span>
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {partners.map((partner, row) => (
                            <tr key={partner}>
                                <PartnerHead id={partner} exploited={matrix.exploited} />
                                {artifacts.map((artifact, column) => (
                                    <Cell
                                        key={artifact}
                                        entitlement={cells.get(`${partner} ${artifact}`)}
                                        spot={{ row, column }}
                                        stop={spot.row === row && spot.column === column}
                                        label={`${names.partner(partner)}, ${names.artifact(artifact)}`}
                                        onFocus={setSpot}
                                        onOpen={setOpen}
                                    />
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </TableFrame>
            <Window title="Why" open={open !== null} onClose={() => setOpen(null)}>
                {open !== null && <Why entitlement={open} exploited={matrix.exploited} />}
            </Window>
        </>
    )
}

const tierOrder = ["validate", "advance", "entry"]

/** Sorts partners by tier, then by name. */
function useOrdered(ids: readonly string[]): readonly string[] {
    const known = new Map((usePartners().data?.partners ?? []).map((partner) => [partner.id, partner]))
    const keyOf = (id: string) => {
        const row = known.get(id)
        return row === undefined ? `9 ${id}` : `${tierOrder.indexOf(row.tier)} ${row.name}`
    }
    return ids.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
}

function PartnerHead({ id, exploited }: { id: string; exploited: boolean }) {
    const names = useNames()
    const row = usePartners().data?.partners.find((known) => known.id === id)
    if (row === undefined) return <th scope="row">{names.partner(id)}</th>
    const { name, tone } = standingWords[row.status]
    return (
        <th scope="row">
            <Link to={`/partners/${id}`} tabIndex={-1}>
                {row.name}
            </Link>
            <span className="block muted">
                {tierNames[row.tier]}
                {row.status !== "active" && <Badge tone={tone}>{name}</Badge>}
                {reportsBeforePublication(row.reportsBeforePublication, exploited) && <Badge>duty</Badge>}
            </span>
        </th>
    )
}

interface CellProps {
    entitlement: Entitlement | undefined
    spot: Spot
    stop: boolean
    label: string
    onFocus: (spot: Spot) => void
    onOpen: (entitlement: Entitlement) => void
}

function Cell({ entitlement, spot, stop, label, onFocus, onOpen }: CellProps) {
    if (entitlement === undefined) return <td>—</td>
    const { outcome, from, available } = entitlement.decision
    const state = available ? "open" : outcome === "withheld" ? "closed" : "coming"
    const here = available || from === null ? null : hereOf(from, true)
    return (
        <td className={`cell ${outcome} ${state}`}>
            <button
                type="button"
                tabIndex={stop ? 0 : -1}
                data-spot={`${spot.row} ${spot.column}`}
                onFocus={() => onFocus(spot)}
                onClick={() => onOpen(entitlement)}
            >
                <span className="unseen">{label}:</span>
                <span className="cell-what">{outcomeWords[outcome]}</span>
                {available && <span className="cell-when">now</span>}
                {!available && from !== null && <span className="cell-when">{shortDay(from)}</span>}
                {here !== null && <span className="cell-when">{here}</span>}
            </button>
        </td>
    )
}

/** Allows a line break in a file name before a dot or a hyphen. */
const breakable = (name: string) =>
    name.split(/(?=[.-])/).map((part, n) => (
        <Fragment key={`${n} ${part}`}>
            <wbr />
            {part}
        </Fragment>
    ))

const shortDay = (at: string): string =>
    wordsOf(at)
        .replace(/ \d{4} /, " ")
        .replace(" UTC", "")

function Legend({ matrix }: { matrix: Matrix }) {
    return (
        <p className="muted">
            By policy version {matrix.policy ?? "none"}, as of <When at={matrix.at} short />. Arrow keys walk, Enter
            shows the reasons. Instants are in UTC, and below it by your own clocks.
        </p>
    )
}

export function Why({ entitlement, exploited }: { entitlement: Entitlement; exploited: boolean }) {
    const names = useNames()
    const partner = usePartners().data?.partners.find((partner) => partner.id === entitlement.partner)
    const { outcome, grantedClass: gives, from, waves, released, available, reasons: reason } = entitlement.decision
    return (
        <>
            <Facts
                items={[
                    ["Partner", names.partner(entitlement.partner)],
                    ["Artifact", `${names.artifact(entitlement.artifact)} (${entitlement.class})`],
                    ["What", outcome === "reduced" ? `reduced: the ${gives} instead` : outcomeWords[outcome]],
                    ["From", from === null ? "never, as things stand" : <When key="at" at={from} />],
                    ["Opened by", waves.length === 0 ? "no wave" : waves.map((wave) => tierNames[wave]).join(", ")],
                    ["Released", released ? "yes" : "not yet"],
                    [
                        "Can be had now",
                        available
                            ? `yes${entitlement.version === null ? "" : `, version ${entitlement.version}`}`
                            : "no",
                    ],
                ]}
            />
            <h3>Reasons</h3>
            <Reasons reason={reason} />
            {exploited && partner?.reportsBeforePublication === "when_exploited" && (
                <p>
                    The partner may have to report before publication: it has a duty for exploited vulnerabilities, and
                    this case was known as exploited before publication.
                </p>
            )}
        </>
    )
}
