/** Who was exposed, in tables: by partner; of one partner, by person and by version. */
import type { ReactNode } from "react"
import { useRead } from "../kit/api.ts"
import { When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Partner } from "./answers.ts"
import { type PersonRow, type Row, channelWords } from "./exposure-answers.ts"
import { useNames } from "./viewer.tsx"
import { nameOr } from "../kit/words.ts"

const strength = (row: Row): number =>
    [row.acknowledgedAt, row.fetchedAt, row.notifiedAt, row.entitledFrom].findIndex((at) => at !== null)
const rank = (row: Row): number => (strength(row) === -1 ? 9 : row.fetchedAt === null ? 5 : 0)

export function Exposures({ of }: { of: readonly Row[] }) {
    const names = useNames()
    const rows = of.toSorted(
        (a, b) => rank(a) - rank(b) || names.partner(a.partner).localeCompare(names.partner(b.partner)),
    )
    if (rows.length === 0) return <Empty title="There are no such partners." />
    const count = (what: "entitledFrom" | "notifiedAt" | "fetchedAt" | "acknowledgedAt") =>
        of.filter((row) => row[what] !== null).length
    return (
        <>
            <p>
                Of {of.length === 1 ? "1 partner" : `${of.length} partners`}, <strong>{count("entitledFrom")}</strong>{" "}
                could have had it, <strong>{count("notifiedAt")}</strong> were told,{" "}
                <strong>{count("fetchedAt")}</strong> fetched it, <strong>{count("acknowledgedAt")}</strong> confirmed.
            </p>
            <Table
                caption="Exposure by partner"
                rows={rows}
                keyOf={(row) => row.partner}
                columns={[
                    { name: "Partner", cell: (row) => <Named row={row} name={names.partner(row.partner)} /> },
                    { name: "Entitled from", cell: (row) => at(row.entitledFrom) },
                    { name: "Persons who could read", cell: (row) => row.readers.length, end: true },
                    { name: "Notified", cell: (row) => at(row.notifiedAt) },
                    { name: "Fetched", cell: (row) => fetched(row) },
                    { name: "Acknowledged", cell: (row) => at(row.acknowledgedAt) },
                    { name: "Versions held", cell: (row) => new Set(row.held.map(versionOf)).size, end: true },
                ]}
            />
        </>
    )
}

const versionOf = (one: Row["held"][number]): string => `${one.artifact} ${one.version}`

interface OfPartner {
    of: readonly Row[]
    partner: string
}

/** By name, those who have left too. */
function useRosterName(partner: string): (person: string) => string {
    const { data, isLoading } = useRead<Partner>(`/api/partners/${partner}`)
    return (person) => nameOr(data?.roster.find((one) => one.id === person)?.name, "person", isLoading)
}

export function Persons({ of, partner }: OfPartner) {
    const name = useRosterName(partner)
    const [row] = of
    if (!row) return null
    const met = new Map(row.persons.map((one) => [one.person, one]))
    const all = [...new Set([...row.readers, ...met.keys()])]
    const none = { notifiedAt: null, fetchedAt: null, acknowledgedAt: null }
    const rows: PersonRow[] = all.map((person) => met.get(person) ?? { person, ...none })
    if (rows.length === 0) return null
    return (
        <Table
            caption="Exposure by person"
            rows={rows.toSorted((a, b) => name(a.person).localeCompare(name(b.person)))}
            keyOf={(one) => one.person}
            columns={[
                { name: "Person", cell: (one) => <strong className="nowrap">{name(one.person)}</strong> },
                { name: "Could read", cell: (one) => (row.readers.includes(one.person) ? "yes" : at(null)) },
                { name: "Notified", cell: (one) => at(one.notifiedAt) },
                { name: "Fetched", cell: (one) => fetched(one) },
                { name: "Acknowledged", cell: (one) => at(one.acknowledgedAt) },
            ]}
        />
    )
}

export function HeldVersions({ of, partner }: OfPartner) {
    const name = useRosterName(partner)
    const names = useNames()
    const held = of.flatMap((row) => row.held)
    if (held.length === 0) return null
    return (
        <Table
            caption="Versions held"
            rows={held}
            keyOf={(one) => `${versionOf(one)} ${one.person}`}
            columns={[
                { name: "Artifact", cell: (one) => names.artifact(one.artifact) },
                { name: "Version", cell: (one) => one.version, end: true },
                { name: "First fetched", cell: (one) => at(one.at) },
                { name: "By", cell: (one) => name(one.person) },
                { name: "How", cell: (one) => channelWords[one.channel] },
            ]}
        />
    )
}

/** With the duties that it was under meanwhile. */
function Named({ row, name }: { row: Row; name: string }) {
    return (
        <span className="stack">
            <strong className="nowrap">{name}</strong>
            {row.duties.length > 0 && (
                <span className="muted">
                    {row.duties.join(", ")}
                    {row.reportsBeforePublication && ": reports before publication"}
                </span>
            )}
        </span>
    )
}

function at(instant: string | null): ReactNode {
    return instant === null ? <span className="muted">no</span> : <When at={instant} short />
}

function fetched({ fetchedAt }: Pick<Row, "fetchedAt">): ReactNode {
    if (fetchedAt === null) return at(null)
    return (
        <Badge tone="due">
            <When at={fetchedAt} short />
        </Badge>
    )
}
