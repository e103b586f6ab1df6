/** The directory of partners: views, search, filters and sort order in the address, and one row a partner. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { partnerStatuses, tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { useRead } from "../../api.ts"
import { type ChangeSearch, type SearchTexts, useSearchTexts } from "../../../kit/address.ts"
import { Button } from "../../../kit/button.tsx"
import { type Choice, choicesOf } from "../../../kit/field.tsx"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { Badge, PagedTable } from "../../../kit/table.tsx"
import type { PartnerRow } from "../../answers.ts"
import { useNow, usePartners } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { AddPartner } from "./add-partner.tsx"
import { type DirectoryFilter, type DirectoryRow, chooseRows, csvOf, isInView, rowsOf, sorts, views } from "./rows.ts"
import { BulkActions } from "./bulk-actions.tsx"
import { OwnViews } from "./own-views.tsx"
import { StatusBadge } from "../status-badge.tsx"
import { locale, t, valueText } from "../../../messages/message.ts"

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
            title={t("Partners")}
            lead={leadOf(rows)}
            aside={
                <>
                    <Link to="/partners/import" className="button plain">
                        {t("Import…")}
                    </Link>
                    <Button onPress={() => saveAs("partners.csv", csvOf(chosen))}>{t("Export as CSV")}</Button>
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
                                <Empty title={rows.length === 0 ? t("No partners yet.") : t("No partner matches.")} />
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
    const members = rows.filter(({ partner }) => !["applicant", "declined"].includes(partner.status)).length
    const applicants = rows.filter(({ partner }) => partner.status === "applicant").length
    const withheld = rows.filter(({ partner }) => partner.overdue.length > 0).length
    return withheld === 0
        ? t(
              "{members, plural, one {# partner} other {# partners}} and {applicants, plural, one {# applicant} other {# applicants}}.",
              { members, applicants },
          )
        : t(
              "{members, plural, one {# partner} other {# partners}} and {applicants, plural, one {# applicant} other {# applicants}}. Content is withheld from {withheld, plural, one {# partner} other {# partners}}: a requirement is overdue.",
              { members, applicants, withheld },
          )
}

function Views({ rows, view, now }: { rows: readonly DirectoryRow[]; view: string; now: number }) {
    return (
        <div className="views">
            <nav aria-label={t("Views")}>
                <p className="side-title">{t("Views")}</p>
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

const sortNames = {
    tier: t("Sorted by tier, then name"),
    name: t("Sorted by name"),
    status: t("Sorted by status"),
    requirement: t("Sorted by next requirement"),
}

function Filters({ filter, change }: { filter: DirectoryFilter; change: ChangeSearch }) {
    return (
        <search className="filters">
            <input
                type="search"
                aria-label={t("Search by name or address")}
                placeholder={t("Name or address")}
                value={filter.query}
                onChange={(event) => change({ q: event.target.value }, { replace: true })}
            />
            <Pick
                label={t("Tier")}
                all={t("All tiers")}
                value={filter.tier}
                from={tierChoices}
                onChange={(tier) => change({ tier })}
            />
            <Pick
                label={t("Status")}
                all={t("All statuses")}
                value={filter.status}
                from={choicesOf(partnerStatuses)}
                onChange={(status) => change({ status })}
            />
            <Pick
                label={t("Sorted by")}
                value={filter.sort}
                from={sorts.map((value) => ({ value, name: sortNames[value] }))}
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
        <PagedTable
            caption={t("Partners")}
            rows={rows}
            keyOf={({ partner }) => partner.id}
            dense
            columns={[
                {
                    name: t("Selected"),
                    title: (
                        <Tick
                            label={t("Select all partners")}
                            on={isAll}
                            onTurn={() => onSelect(new Set(isAll ? [] : ids))}
                        />
                    ),
                    cell: ({ partner: { id, name } }) => (
                        <Tick
                            label={t("Select {partner}", { partner: name })}
                            on={selected.has(id)}
                            onTurn={() => turn(id)}
                        />
                    ),
                },
                { name: t("Partner"), cell: ({ partner }) => <PartnerName partner={partner} /> },
                { name: t("Tier"), cell: ({ partner }) => tierNames[partner.tier] },
                { name: t("Status"), cell: ({ partner }) => <StatusBadge partner={partner} /> },
                { name: t("Next requirement"), cell: (row) => <NextRequirement row={row} /> },
                { name: t("Reporting duties"), cell: ({ partner }) => <Reporting partner={partner} /> },
                { name: t("Keys"), cell: ({ partner }) => <Keys partner={partner} />, end: true },
            ]}
        />
    )
}

function Tick({ label, on, onTurn }: { label: string; on: boolean; onTurn: () => void }) {
    return <input type="checkbox" aria-label={label} checked={on} onChange={onTurn} />
}

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })

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
    if (next === null) return t("all met")
    const isOverdue = next.state === "overdue"
    const requirement = valueText(next.kind)
    return (
        <span className={isOverdue ? "bad" : "due"}>
            {isOverdue
                ? t("{requirement} overdue", { requirement })
                : t("{requirement} due {day}", { requirement, day: day.format(parseInstant(next.dueAt)) })}
        </span>
    )
}

/** Shows the reporting duties. A duty triggered by exploitation changes nothing until a case is exploited. */
function Reporting({ partner: { duties, reportsBeforePublication } }: { partner: PartnerRow }) {
    if (duties.length === 0) return <span className="muted">{t("none")}</span>
    return (
        <>
            {duties.map(({ regime }) => regime).join(", ")}{" "}
            {reportsBeforePublication === "always" && <Badge tone="due">{t("before publication")}</Badge>}
            {reportsBeforePublication === "when_exploited" && <Badge>{t("if exploited")}</Badge>}
        </>
    )
}

function Keys({ partner: { readiness, usableKeys } }: { partner: PartnerRow }) {
    return (
        <>
            {readiness === "untested" && <Badge tone="due">{t("untested")}</Badge>} {usableKeys}
        </>
    )
}
