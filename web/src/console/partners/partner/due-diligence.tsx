/** Due diligence of a partner: owners and jurisdictions, each with its source. It decides nothing; only a duty does. */
import {
    type Jurisdiction,
    type Owner,
    jurisdictionKinds,
} from "../../../../../server/src/trust/partners/onboarding/due-diligence.ts"
import { useRead, writeTo } from "../../api.ts"
import { Opens } from "../../../kit/dialog.tsx"
import { When, dayOf } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { RowsDialog } from "../../../kit/rows-form.tsx"
import type { Row } from "../../../kit/rows.tsx"
import { Lines, Section, Table } from "../../../kit/table.tsx"
import type { Partner } from "../../answers.ts"
import type { KnownBackground } from "../../access/policy-answers.ts"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { factNames } from "./history.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export function DueDiligence({ partner }: { partner: Partner }) {
    const known = useRead(`/api/partners/${partner.id}/due-diligence`)
    return (
        <Section
            title={t("Due diligence")}
            aside={known.data !== undefined && <SetDialog partner={partner} known={known.data} />}
        >
            <Loaded query={known}>
                {(found) =>
                    found.history.length === 0 ? (
                        <Empty title={t("No due diligence yet.")}>
                            {t("Owners and jurisdictions are recorded here, each with its source.")}
                        </Empty>
                    ) : (
                        <Known background={found} />
                    )
                }
            </Loaded>
        </Section>
    )
}

const sourced = [
    { name: t("Source"), cell: ({ source }: { source: string }) => <span className="muted">{source}</span> },
    {
        name: t("Date"),
        cell: ({ date }: { date: string }) => <span className="nowrap">{dayOf(`${date}T00:00:00Z`)}</span>,
    },
]

const shareText = (percent: number | null): string =>
    percent === null ? t("unknown") : t("{percent, number} %", { percent })

function Known({ background }: { background: KnownBackground }) {
    const names = useNames()
    const last = background.history.at(-1)
    return (
        <>
            {background.ownership.length > 0 && (
                <Table
                    caption={t("Owners")}
                    rows={background.ownership}
                    keyOf={({ name, source }) => `${name} ${source}`}
                    columns={[
                        { name: t("Owner"), cell: ({ name }) => <strong>{name}</strong> },
                        { name: t("Share"), cell: ({ percent }) => shareText(percent) },
                        { name: t("Country"), cell: ({ seat }) => seat ?? t("unknown") },
                        ...sourced,
                    ]}
                />
            )}
            {background.jurisdictions.length > 0 && (
                <Table
                    caption={t("Jurisdictions")}
                    rows={background.jurisdictions}
                    keyOf={({ place, kind }) => `${place} ${kind}`}
                    columns={[
                        { name: t("Jurisdiction"), cell: ({ place }) => <strong>{place}</strong> },
                        { name: t("Connection"), cell: ({ kind }) => valueText(kind) },
                        ...sourced,
                    ]}
                />
            )}
            {last !== undefined && (
                <div className="row">
                    <p className="muted">
                        {rich(
                            "Last changed {changedAt} by {author}. Due diligence decides nothing; only reporting duties do.",
                            {
                                changedAt: <When at={last.from} short />,
                                author: last.by === null ? "Tocsin" : names.person(last.by),
                            },
                        )}
                    </p>
                    <EarlierEntries background={background} />
                </div>
            )}
        </>
    )
}

/** Lists earlier, superseded entries. */
function EarlierEntries({ background }: { background: KnownBackground }) {
    const names = useNames()
    return (
        <Opens button={t("View history…")} look="quiet" title={t("History of the due diligence")} wide>
            {() => (
                <Table
                    caption={t("Entries, newest first")}
                    rows={background.history.toReversed()}
                    keyOf={({ fact, from }) => `${fact} ${from}`}
                    columns={[
                        { name: t("From"), cell: ({ from }) => <When at={from} /> },
                        { name: t("Fact"), cell: ({ fact }) => factNames[fact] ?? fact },
                        { name: t("Value"), cell: ({ value }) => <Lines items={linesOf(value)} /> },
                        { name: t("By"), cell: ({ by }) => (by === null ? "Tocsin" : names.person(by)) },
                    ]}
                />
            )}
        </Opens>
    )
}

function linesOf(value: unknown): string[] {
    const values = Array.isArray(value) ? (value as readonly (Owner | Jurisdiction)[]) : []
    if (values.length === 0) return [t("none")]
    return values.map((value) =>
        "name" in value
            ? `${value.name}, ${value.percent ?? "?"} %, ${value.seat ?? "?"} (${value.source}, ${value.date})`
            : `${value.place}, ${valueText(value.kind)} (${value.source}, ${value.date})`,
    )
}

const sourceFields = [
    { name: "source", label: t("Source") },
    { name: "date", label: t("Date of the source") },
]
const ownerFields = [
    { name: "name", label: t("Owner") },
    { name: "percent", label: t("Share in %"), kind: "number" as const, optional: true },
    { name: "seat", label: t("Country"), optional: true },
    ...sourceFields,
]
const jurisdictionFields = [
    { name: "place", label: t("Jurisdiction") },
    {
        name: "kind",
        label: t("Connection"),
        from: jurisdictionKinds.map((value) => ({ value, name: valueText(value) })),
    },
    ...sourceFields,
]

const ownerRow = ({ percent, seat, ...rest }: Owner): Row => ({
    ...rest,
    percent: percent === null ? "" : String(percent),
    seat: seat ?? "",
})

function ownerOf({ name = "", percent: share = "", seat = "", source = "", date = "" }: Row): Owner {
    const percent = share.replace(",", ".")
    if (!/^\s*\d*([.]\d+)?\s*$/.test(percent))
        throw new Error(t("the share of “{owner}” must be a number", { owner: name }))
    return {
        name: name.trim(),
        percent: percent.trim() === "" ? null : Number(percent),
        seat: seat.trim() === "" ? null : placeOf(seat),
        source,
        date: date.trim(),
    }
}

function jurisdictionOf({ place = "", kind = "", source = "", date = "" }: Row): Jurisdiction {
    const by = jurisdictionKinds.find((jurisdictionKind) => jurisdictionKind === kind) ?? jurisdictionKinds[0]
    return { place: placeOf(place), kind: by, source, date: date.trim() }
}

function placeOf(written: string): string {
    const place = written.trim().toUpperCase()
    if (!/^[A-Z]{2}$/.test(place))
        throw new Error(t("“{input}” must be a country in two letters, like NO", { input: written }))
    return place
}

function SetDialog({ partner, known }: { partner: Partner; known: KnownBackground }) {
    const ownership = {
        many: t("Owners"),
        singular: "owner" as const,
        fields: ownerFields,
        initial: known.ownership.map(ownerRow),
    }
    const initial = known.jurisdictions.map((jurisdiction) => ({ ...jurisdiction }))
    const jurisdictions = {
        many: t("Jurisdictions"),
        singular: "jurisdiction" as const,
        fields: jurisdictionFields,
        initial,
    }
    return (
        <RowsDialog
            button={t("Edit…")}
            title={t("Due diligence of {partner}", { partner: partner.name })}
            submit={t("Save")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[ownership, jurisdictions]}
            write={(owners = [], places = []) =>
                writeTo("PUT", `/api/partners/${partner.id}/due-diligence`, {
                    ownership: owners.map(ownerOf),
                    jurisdictions: places.map(jurisdictionOf),
                })
            }
        >
            <p className="muted">
                {t("Countries in two letters, dates like 2026-03-31. Earlier entries stay in the history.")}
            </p>
        </RowsDialog>
    )
}
