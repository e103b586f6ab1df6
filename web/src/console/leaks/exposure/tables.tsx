/** Exposure in tables: by partner, and for one partner by person and by version. */
import type { ReactNode } from "react"
import { useRead } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, PagedTable, Table } from "../../../kit/table.tsx"
import { type PersonRow, type Row, channelWords } from "./exposure-answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { nameOr } from "../../../kit/text.ts"
import { rich, t } from "../../../messages/message.ts"

const strength = (row: Row): number =>
    [row.acknowledgedAt, row.fetchedAt, row.notifiedAt, row.entitledFrom].findIndex((at) => at !== null)
const rank = (row: Row): number => (strength(row) === -1 ? 9 : row.fetchedAt === null ? 5 : 0)

export function Exposures({ rows: items }: { rows: readonly Row[] }) {
    const names = useNames()
    const rows = items.toSorted(
        (a, b) => rank(a) - rank(b) || names.partner(a.partner).localeCompare(names.partner(b.partner)),
    )
    if (rows.length === 0) return null
    return (
        <PagedTable
            caption={t("Exposure by partner")}
            rows={rows}
            keyOf={(row) => row.partner}
            dense
            columns={[
                { name: t("Partner"), cell: (row) => <Named row={row} name={names.partner(row.partner)} /> },
                { name: t("Entitled from"), cell: (row) => at(row.entitledFrom) },
                { name: t("People"), cell: (row) => row.readers.length, end: true },
                { name: t("Notified"), cell: (row) => at(row.notifiedAt) },
                { name: t("Fetched"), cell: (row) => fetched(row) },
                { name: t("Acknowledged"), cell: (row) => at(row.acknowledgedAt) },
                { name: t("Versions"), cell: (row) => new Set(row.held.map(versionOf)).size, end: true },
            ]}
        />
    )
}

/** The counts of an exposure. */
export function Counts({ rows }: { rows: readonly Row[] }) {
    if (rows.length === 0) return <Empty title={t("No partner matches the question.")} />
    const count = (kind: "entitledFrom" | "notifiedAt" | "fetchedAt" | "acknowledgedAt") =>
        rows.filter((row) => row[kind] !== null).length
    const figures = [
        [count("entitledFrom"), t("entitled")],
        [count("notifiedAt"), t("notified")],
        [count("fetchedAt"), t("fetched, hold a copy")],
        [count("acknowledgedAt"), t("acknowledged")],
    ] as const
    return (
        <div className="figures">
            {figures.map(([value, name]) => (
                <div key={name}>
                    <span className="v">
                        {rich("{count} <small>of {total}</small>", {
                            count: value,
                            total: rows.length,
                            small: (text) => <small>{text}</small>,
                        })}
                    </span>
                    <span className="k">{name}</span>
                </div>
            ))}
        </div>
    )
}

const versionOf = (item: Row["held"][number]): string => `${item.artifact} ${item.version}`

interface OfPartner {
    of: readonly Row[]
    partner: string
}

/** Names roster members, including former ones. */
function useRosterName(partner: string): (person: string) => string {
    const { data, isLoading } = useRead(`/api/partners/${partner}`)
    return (person) => nameOr(data?.roster.find((member) => member.id === person)?.name, "person", isLoading)
}

export function Persons({ of: items, partner }: OfPartner) {
    const name = useRosterName(partner)
    const [row] = items
    if (!row) return null
    const met = new Map(row.people.map((person) => [person.person, person]))
    const list = [...new Set([...row.readers, ...met.keys()])]
    const none = { notifiedAt: null, fetchedAt: null, acknowledgedAt: null }
    const rows: PersonRow[] = list.map((person) => met.get(person) ?? { person, ...none })
    if (rows.length === 0) return null
    return (
        <Table
            caption={t("Exposure by person")}
            rows={rows.toSorted((a, b) => name(a.person).localeCompare(name(b.person)))}
            keyOf={(row) => row.person}
            columns={[
                { name: t("Person"), cell: (row) => <strong className="nowrap">{name(row.person)}</strong> },
                { name: t("Could read"), cell: (item) => (row.readers.includes(item.person) ? t("yes") : at(null)) },
                { name: t("Notified"), cell: (row) => at(row.notifiedAt) },
                { name: t("Fetched"), cell: (row) => fetched(row) },
                { name: t("Acknowledged"), cell: (row) => at(row.acknowledgedAt) },
            ]}
        />
    )
}

export function HeldVersions({ of: rows, partner }: OfPartner) {
    const name = useRosterName(partner)
    const names = useNames()
    const held = rows.flatMap((row) => row.held)
    if (held.length === 0) return null
    return (
        <Table
            caption={t("Versions held")}
            rows={held}
            keyOf={(item) => `${versionOf(item)} ${item.person}`}
            columns={[
                { name: t("Artifact"), cell: (item) => names.artifact(item.artifact) },
                { name: t("Version"), cell: (item) => item.version, end: true },
                { name: t("First fetched"), cell: (item) => at(item.at) },
                { name: t("By"), cell: (item) => name(item.person) },
                { name: t("How"), cell: (item) => channelWords[item.channel] },
            ]}
        />
    )
}

/** Names the partner, with the duties that applied during the period. */
function Named({ row, name }: { row: Row; name: string }) {
    return (
        <span className="stack">
            <strong className="nowrap">{name}</strong>
            {row.duties.length > 0 && (
                <span className="muted">
                    {row.reportsBeforePublication
                        ? t("{duties}: reports before publication", { duties: row.duties.join(", ") })
                        : row.duties.join(", ")}
                </span>
            )}
        </span>
    )
}

function at(instant: string | null): ReactNode {
    return instant === null ? <span className="muted">{t("no")}</span> : <When at={instant} short />
}

function fetched({ fetchedAt }: Pick<Row, "fetchedAt">): ReactNode {
    if (fetchedAt === null) return at(null)
    return (
        <Badge tone="due">
            <When at={fetchedAt} short />
        </Badge>
    )
}
