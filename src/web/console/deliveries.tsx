/** What was fetched and acknowledged, of one case or by one partner: only what was fetched is held. */
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Section, Table } from "../kit/table.tsx"
import { useCan, useMayRead, useNames } from "./viewer.tsx"

interface Receipt {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly at: string
}

interface Receipts {
    readonly fetched: readonly (Receipt & { readonly id: string })[]
    readonly acknowledged: readonly Receipt[]
}

export const useDeliveries = (of: "case" | "partner", id: string) =>
    useMayRead<Receipts>("delivery:read", `/api/deliveries?${of}=${id}`)

export function Deliveries({ of, id }: { of: "case" | "partner"; id: string }) {
    const can = useCan()
    const names = useNames()
    const receipts = useDeliveries(of, id)
    if (!can("delivery:read")) return null
    const first =
        of === "case"
            ? { name: "Partner", cell: (one: Receipt) => names.partner(one.partner) }
            : { name: "Case", cell: (one: Receipt) => names.case(one.case) }
    return (
        <Section title="Deliveries">
            <Loaded of={receipts}>
                {({ fetched, acknowledged }) =>
                    fetched.length === 0 ? (
                        <Empty title="Nothing was fetched." />
                    ) : (
                        <Table
                            tall
                            caption="What was fetched and acknowledged"
                            rows={fetched.toSorted((a, b) => b.at.localeCompare(a.at))}
                            keyOf={(one) => one.id}
                            columns={[
                                first,
                                { name: "Artifact", cell: (one) => names.artifact(one.artifact) },
                                { name: "Version", cell: (one) => one.version, end: true },
                                { name: "Fetched", cell: (one) => <When at={one.at} /> },
                                {
                                    name: "Acknowledged",
                                    cell: (one) => (
                                        <When
                                            at={acknowledged.find((other) => confirms(other, one))?.at ?? null}
                                            short
                                        />
                                    ),
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** A version is acknowledged once, however often it is fetched: whether before or after a fetch, the instants tell. */
function confirms(other: Receipt, one: Receipt): boolean {
    return one.partner === other.partner && one.artifact === other.artifact && one.version === other.version
}
