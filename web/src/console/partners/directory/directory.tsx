/** The directory of partners: views, search, filters and sort order in the address, and one row a partner. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { valueText } from "@tocsin/base/value-text"
import { partnerStatuses, tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { useRead } from "../../api.ts"
import { type ChangeSearch, type SearchTexts, useSearchTexts } from "../../../kit/address.ts"
import { Button } from "../../../kit/button.tsx"
import { type Choice, choicesOf } from "../../../kit/field.tsx"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { Badge, Table } from "../../../kit/table.tsx"
import type { PartnerRow } from "../../answers.ts"
import { useNow, usePartners } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { AddPartner } from "./add-partner.tsx"
import { type DirectoryFilter, type DirectoryRow, chooseRows, csvOf, isInView, rowsOf, sorts, views } from "./rows.ts"
import { BulkActions } from "./bulk-actions.tsx"
import { ImportPartners } from "./import-partners.tsx"
import { OwnViews } from "./own-views.tsx"
import { StatusBadge } from "../status-badge.tsx"

export function Directory() {
    const partners = usePartners()
    const requirements = useRead("/api/requirements").data?.partners ?? []
    const [texts, change] = useSearchTexts()
    const now = parseInstant(useNow())
    const filter = filterOf(texts)
    const rows = rowsOf(partners.data?.partners ?? [], requirements)
    const chosen = chooseRows(rows, filter, now)
    const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
    return (
        <Page
            title="Partners"
            lead={leadOf(rows)}
            aside={
                <>
                    <ImportPartners />
                    <Button onPress={() => saveAs("partners.csv", csvOf(chosen))}>Export as CSV</Button>
                    <AddPartner />
                </>
            }
        >
            <Loaded query={partners}>
                {() => (
                    <div className="directory">
                        <Views rows={rows} view={filter.view} now={now} />
                        <div className="flow">
                            <Filters filter={filter} change={change} />
                            {chosen.length === 0 ? (
                                <Empty title={rows.length === 0 ? "No partners yet." : "No partner matches."} />
                            ) : (
                                <PartnersTable rows={chosen} selected={selected} onSelect={setSelected} />
                            )}
                            <BulkActions
                                rows={chosen.filter(({ partner }) => selected.has(partner.id))}
                                onClear={() => setSelected(new Set())}
                            />
                        </div>
                    </div>
                )}
            </Loaded>
        </Page>
    )
}

const filterOf = ({ q, view, tier, status, sort }: SearchTexts): DirectoryFilter => ({
    query: q ?? "",
    view: view ?? "all",
    tier: tier ?? "",
    status: status ?? "",
    sort: sort ?? "tier",
})

/** Returns the counts that matter, in one line. */
function leadOf(rows: readonly DirectoryRow<PartnerRow>[]): string {
    const members = rows.filter(({ partner }) => partner.status !== "applicant" && partner.status !== "declined")
    const applicants = rows.filter(({ partner }) => partner.status === "applicant").length
    const withheld = rows.filter(({ partner }) => partner.overdue.length > 0).length
    const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`
    const overdue =
        withheld === 0 ? "" : ` Content is withheld from ${counted(withheld, "partner")}: a requirement is overdue.`
    return `${counted(members.length, "partner")} and ${counted(applicants, "applicant")}.${overdue}`
}

function Views({ rows, view, now }: { rows: readonly DirectoryRow[]; view: string; now: number }) {
    return (
        <div className="views">
            <nav aria-label="Views">
                <p className="side-title">Views</p>
                <ul>
                    {views.map(({ id, name }) => (
                        <li key={id}>
                            <Link
                                to="/partners"
                                search={(id === "all" ? {} : { view: id }) as never}
                                activeProps={{}}
                                className={view === id ? "on" : ""}
                                {...(view === id && { "aria-current": "true" as const })}
                            >
                                {name}
                                <span className="n">{rows.filter((row) => isInView(row, id, now)).length}</span>
                            </Link>
                        </li>
                    ))}
                </ul>
            </nav>
            <OwnViews />
        </div>
    )
}

function Filters({ filter, change }: { filter: DirectoryFilter; change: ChangeSearch }) {
    const sortNames = { tier: "tier, then name", name: "name", status: "status", requirement: "next requirement" }
    return (
        <search className="filters">
            <input
                type="search"
                aria-label="Search by name or address"
                placeholder="Name or address"
                value={filter.query}
                onChange={(event) => change({ q: event.target.value }, { replace: true })}
            />
            <Pick
                label="Tier"
                all="All tiers"
                value={filter.tier}
                from={tierChoices}
                onChange={(tier) => change({ tier })}
            />
            <Pick
                label="Status"
                all="All statuses"
                value={filter.status}
                from={choicesOf(partnerStatuses)}
                onChange={(status) => change({ status })}
            />
            <Pick
                label="Sorted by"
                value={filter.sort}
                from={sorts.map((value) => ({ value, name: `Sorted by ${sortNames[value]}` }))}
                onChange={(sort) => change({ sort })}
            />
        </search>
    )
}

const tierChoices = tiers.map((value) => ({ value, name: tierNames[value] }))

interface PickProps {
    label: string
    all?: string
    value: string
    from: readonly Choice[]
    onChange: (value: string) => void
}

function Pick({ label, all, value, from, onChange }: PickProps) {
    return (
        <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
            {all !== undefined && <option value="">{all}</option>}
            {from.map((choice) => (
                <option key={choice.value} value={choice.value}>
                    {choice.name}
                </option>
            ))}
        </select>
    )
}

interface PartnersTableProps {
    rows: readonly DirectoryRow<PartnerRow>[]
    selected: ReadonlySet<string>
    onSelect: (selected: ReadonlySet<string>) => void
}

function PartnersTable({ rows, selected, onSelect }: PartnersTableProps) {
    const ids = rows.map(({ partner }) => partner.id)
    const isAll = ids.every((id) => selected.has(id))
    const turn = (id: string) =>
        onSelect(new Set(selected.has(id) ? [...selected].filter((other) => other !== id) : [...selected, id]))
    return (
        <Table
            caption="Partners"
            rows={rows}
            keyOf={({ partner }) => partner.id}
            columns={[
                {
                    name: "Selected",
                    title: <Tick label="All partners" on={isAll} onTurn={() => onSelect(new Set(isAll ? [] : ids))} />,
                    cell: ({ partner: { id, name } }) => (
                        <Tick label={name} on={selected.has(id)} onTurn={() => turn(id)} />
                    ),
                },
                { name: "Partner", cell: ({ partner }) => <PartnerName partner={partner} /> },
                { name: "Tier", cell: ({ partner }) => tierNames[partner.tier] },
                { name: "Status", cell: ({ partner }) => <StatusBadge partner={partner} /> },
                { name: "Next requirement", cell: (row) => <NextRequirement row={row} /> },
                { name: "Reporting duties", cell: ({ partner }) => <Reporting partner={partner} /> },
                { name: "Keys", cell: ({ partner }) => <Keys partner={partner} />, end: true },
            ]}
        />
    )
}

function Tick({ label, on, onTurn }: { label: string; on: boolean; onTurn: () => void }) {
    return <input type="checkbox" aria-label={`Select ${label}`} checked={on} onChange={onTurn} />
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })

function PartnerName({ partner: { id, name, mail } }: { partner: PartnerRow }) {
    return (
        <span className="named">
            <Avatar name={name} />
            <span>
                <Link to={`/partners/${id}`}>{name}</Link>
                <small>{mail}</small>
            </span>
        </span>
    )
}

function NextRequirement({ row: { partner, next } }: { row: DirectoryRow<PartnerRow> }) {
    if (partner.status !== "active" && partner.status !== "restricted") return <span className="muted">–</span>
    if (next === null) return "all met"
    const isOverdue = next.state === "overdue"
    return (
        <span className={isOverdue ? "bad" : "due"}>
            {valueText(next.kind)} {isOverdue ? "overdue" : `due ${day.format(parseInstant(next.dueAt))}`}
        </span>
    )
}

/** Shows the reporting duties. A duty triggered by exploitation changes nothing until a case is exploited. */
function Reporting({ partner: { duties, reportsBeforePublication } }: { partner: PartnerRow }) {
    if (duties.length === 0) return <span className="muted">none</span>
    return (
        <>
            {duties.map(({ regime }) => regime).join(", ")}{" "}
            {reportsBeforePublication === "always" && <Badge tone="due">before publication</Badge>}
            {reportsBeforePublication === "when_exploited" && <Badge>if exploited</Badge>}
        </>
    )
}

function Keys({ partner: { readiness, usableKeys } }: { partner: PartnerRow }) {
    return (
        <>
            {readiness === "untested" && <Badge tone="due">untested</Badge>} {usableKeys}
        </>
    )
}
