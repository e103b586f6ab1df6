/** What partners reported of the exploitation of a case: who, when and what. */
import type { ClockQuality } from "../../trace/sightings/sighting.ts"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Lines, Section, Table } from "../kit/table.tsx"
import { useCan, useMayRead, useNames } from "./viewer.tsx"

interface SightingRow {
    readonly id: string
    readonly partner: string
    readonly name: string
    readonly seenAt: string
    readonly clock: ClockQuality
    readonly product: string
    readonly indicators: readonly string[]
    readonly confidence: number | null
    readonly note: string
    readonly reportedAt: string
    readonly withdrawnAt: string | null
}

export function Sightings({ of }: { of: string }) {
    const can = useCan()
    const sightings = useMayRead<{ sightings: readonly SightingRow[] }>("sighting:read", `/api/sightings?case=${of}`)
    if (!can("sighting:read")) return null
    return (
        <Section title="Sightings">
            <Loaded of={sightings}>
                {({ sightings: all }) =>
                    all.length === 0 ? (
                        <Empty title="No partner has reported exploitation." />
                    ) : (
                        <SightingsTable of={all} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function SightingsTable({ of }: { of: readonly SightingRow[] }) {
    const names = useNames()
    return (
        <Table
            tall
            caption="What partners saw, newest first"
            rows={of}
            keyOf={({ partner, id }) => `${partner} ${id}`}
            columns={[
                { name: "Seen", cell: (one) => <When at={one.seenAt} short /> },
                { name: "Clock", cell: (one) => <span className="muted">{one.clock}</span> },
                {
                    name: "Partner",
                    cell: (one) => (
                        <>
                            <strong>{names.partner(one.partner)}</strong> <span className="muted">{one.name}</span>
                        </>
                    ),
                },
                { name: "What", cell: (one) => <What of={one} /> },
                { name: "Confidence", cell: ({ confidence }) => confidence, end: true },
                { name: "Reported", cell: (one) => <When at={one.reportedAt} short /> },
            ]}
        />
    )
}

function What({ of: { product, note, indicators, withdrawnAt } }: { of: SightingRow }) {
    return (
        <>
            {withdrawnAt !== null && <Badge>withdrawn</Badge>}
            <Lines of={[...new Set([product, note, ...indicators])].filter((line) => line !== "")} />
        </>
    )
}
