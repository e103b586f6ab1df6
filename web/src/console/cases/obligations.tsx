/** The machine-checkable obligations of an agreement version: reading and editing. */
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { wholeOf } from "../../kit/rows-form.tsx"
import type { Row, RowField } from "../../kit/rows.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Table } from "../../kit/table.tsx"

const kinds = [
    "no offensive use",
    "no onward disclosure before publication",
    "in-house protections only",
    "report a suspected leak",
    "regular reports",
    "attestation",
] as const satisfies readonly Obligation["kind"][]

export function Obligations({ obligations }: { obligations: readonly Obligation[] }) {
    if (obligations.length === 0) return <Empty title="It has no obligations that can be checked." />
    return (
        <Table
            caption="Obligations of this version"
            rows={obligations}
            keyOf={({ id }) => id}
            columns={[
                { name: "Kind", cell: ({ kind }) => <strong>{kind}</strong> },
                { name: "It says", cell: ({ text }) => text },
                { name: "When", cell: whenOf },
                { name: "Id", cell: ({ id }) => <code className="code">{id}</code> },
            ]}
        />
    )
}

function whenOf(obligation: Obligation): string {
    if ("everyDays" in obligation) return `every ${obligation.everyDays} d`
    return "withinHours" in obligation ? `within ${obligation.withinHours} h` : "always"
}

export const obligationFields: readonly RowField[] = [
    { name: "id", label: "Id" },
    { name: "kind", label: "Kind", from: kinds.map((kind) => ({ value: kind, name: kind })) },
    { name: "number", label: "Days, or hours of a leak", kind: "number", optional: true },
    { name: "text", label: "It says" },
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
        case "report a suspected leak":
            return { id, kind, text, withinHours: wholeOf(row, "number", `the hours of “${id}”`) }
        case "regular reports":
        case "attestation":
            return { id, kind, text, everyDays: wholeOf(row, "number", `the days of “${id}”`) }
        case "no offensive use":
        case "no onward disclosure before publication":
        case "in-house protections only":
            return { id, kind, text }
    }
}
