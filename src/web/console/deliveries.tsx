/** What was fetched and acknowledged, of one case or by one partner: only what was fetched is held. */
import type { Channel, PolledChannel } from "../../share/delivery/channel.ts"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
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
    readonly fetched: readonly (Receipt & { readonly id: string; readonly channel: Channel })[]
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
                                {
                                    name: "Fetched",
                                    cell: (one) => (
                                        <>
                                            <When at={one.at} />{" "}
                                            {one.channel !== "copy" && <Badge>{channelNames[one.channel]}</Badge>}
                                        </>
                                    ),
                                },
                                {
                                    name: "Acknowledged",
                                    cell: (one) => <Acknowledged of={one} all={acknowledged} />,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** A version is acknowledged once, however often it is fetched: what is fetched later needs no word of its own. */
function Acknowledged({ of, all }: { of: Receipt; all: readonly Receipt[] }) {
    const found = all.find((other) => confirms(other, of))
    if (found !== undefined && found.at < of.at) return <span className="muted">before this fetch</span>
    return <When at={found?.at ?? null} short />
}

function confirms(other: Receipt, one: Receipt): boolean {
    return one.partner === other.partner && one.artifact === other.artifact && one.version === other.version
}

const channelNames: Readonly<Record<PolledChannel, string>> = {
    misp: "for MISP",
    csaf: "by CSAF",
    taxii: "by TAXII",
    "taxii copy": "by TAXII",
}
