/** What partners reported of the exploitation of a case, zero reports too: who, when and what. */
import { Empty, Loaded } from "../kit/notice.tsx"
import { type ShownSighting, SightingsTable } from "../kit/sightings.tsx"
import { Section } from "../kit/table.tsx"
import { Reporter, useCan, useMayRead } from "./viewer.tsx"

interface SightingRow extends ShownSighting {
    readonly partner: string
    readonly name: string
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
                        <SightingsTable
                            caption="What partners saw, newest first"
                            rows={all}
                            keyOf={({ partner, id }) => `${partner} ${id}`}
                            by={{
                                name: "Partner",
                                cell: (one) => <Reporter of={one} />,
                            }}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}
