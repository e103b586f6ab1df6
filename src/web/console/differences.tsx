/** What a change of policy does, cell by cell: who would gain or lose what. */
import { When } from "../kit/instant.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Decision, Preview } from "./answers.ts"
import { useNames } from "./viewer.tsx"
import { outcomeWords } from "./words.ts"

export function Differences({ of }: { of: Preview["differences"] }) {
    const names = useNames()
    return (
        <Table
            tall
            caption="Who would gain or lose what"
            rows={of}
            keyOf={(one) => `${one.partner} ${one.artifact}`}
            columns={[
                { name: "Partner", cell: (one) => names.partner(one.partner) },
                { name: "Artifact", cell: (one) => names.artifact(one.artifact) },
                {
                    name: "Change",
                    cell: ({ change }) => (
                        <Badge tone={change === "narrower" || change === "later" ? "plain" : "due"}>{change}</Badge>
                    ),
                },
                { name: "Before", cell: (one) => <Given of={one.before} /> },
                { name: "After", cell: (one) => <Given of={one.after} /> },
            ]}
        />
    )
}

function Given({ of }: { of: Decision }) {
    return (
        <>
            {outcomeWords[of.outcome]}{" "}
            {of.from !== null && (
                <span className="muted">
                    from <When at={of.from} short />
                </span>
            )}
        </>
    )
}
