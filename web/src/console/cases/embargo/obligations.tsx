/** The machine-checkable obligations of an agreement version: reading and editing. */
import type { Obligation } from "../../../../../server/src/trust/partners/agreements/obligation.ts"
import { wholeOf } from "../../../kit/rows-form.tsx"
import type { Row, RowField } from "../../../kit/rows.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Table } from "../../../kit/table.tsx"
import { t, valueText } from "../../../messages/message.ts"

const kinds = [
    "no_offensive_use",
    "no_onward_disclosure_before_publication",
    "in_house_protections_only",
    "report_suspected_leak",
    "regular_reports",
    "attestation",
] as const satisfies readonly Obligation["kind"][]

export function Obligations({ obligations }: { obligations: readonly Obligation[] }) {
    if (obligations.length === 0) return <Empty title={t("It has no obligations that can be checked.")} />
    return (
        <Table
            caption={t("Obligations of this version")}
            rows={obligations}
            keyOf={({ id }) => id}
            columns={[
                { name: t("Kind"), cell: ({ kind }) => <strong>{valueText(kind)}</strong> },
                { name: t("It says"), cell: ({ text }) => text },
                { name: t("When"), cell: whenOf },
                { name: t("Id"), cell: ({ id }) => <code className="code">{id}</code> },
            ]}
        />
    )
}

function whenOf(obligation: Obligation): string {
    if ("everyDays" in obligation) return t("every {days} d", { days: obligation.everyDays })
    return "withinHours" in obligation ? t("within {hours} h", { hours: obligation.withinHours }) : t("always")
}

export const obligationFields: readonly RowField[] = [
    { name: "id", label: t("Id") },
    { name: "kind", label: t("Kind"), from: kinds.map((kind) => ({ value: kind, name: valueText(kind) })) },
    { name: "number", label: t("Days, or hours of a leak"), kind: "number", optional: true },
    { name: "text", label: t("It says") },
]

export function rowOf(obligation: Obligation): Row {
    const { id, kind, text } = obligation
    const number =
        "everyDays" in obligation
            ? String(obligation.everyDays)
            : "withinHours" in obligation
              ? String(obligation.withinHours)
              : ""
    return { id, kind, text, number }
}

/** Converts a row to an obligation. Throws the message to show. */
export function obligationOf(row: Row): Obligation {
    const { text = "" } = row
    const id = (row["id"] ?? "").trim()
    const kind = kinds.find((kind) => kind === row["kind"]) ?? kinds[0]
    switch (kind) {
        case "report_suspected_leak":
            return { id, kind, text, withinHours: wholeOf(row, "number", t("the hours of “{id}”", { id })) }
        case "regular_reports":
        case "attestation":
            return { id, kind, text, everyDays: wholeOf(row, "number", t("the days of “{id}”", { id })) }
        case "no_offensive_use":
        case "no_onward_disclosure_before_publication":
        case "in_house_protections_only":
            return { id, kind, text }
    }
}
