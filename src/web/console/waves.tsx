/** A case's waves: the table, and what can be done with each. */
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Wave } from "./answers.ts"
import { useNow, useWhyNot } from "./viewer.tsx"
import { tierNames, waveWords } from "./words.ts"

export function Waves({ waves }: { waves: readonly Wave[] }) {
    const now = useNow()
    return (
        <Table
            caption="Waves of this case"
            rows={waves}
            keyOf={(wave) => wave.id}
            columns={[
                { name: "Wave", cell: (wave) => <strong>{tierNames[wave.tier]}</strong> },
                { name: "Falls", cell: (wave) => <When at={wave.at} /> },
                { name: "Time left", cell: ({ at }) => at !== null && now !== null && <Distance at={at} now={now} /> },
                {
                    name: "State",
                    cell: ({ state }) => <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>,
                },
                { name: "Released", cell: (wave) => <When at={wave.releasedAt} short /> },
                { name: "Actions", cell: (wave) => <WaveActions wave={wave} />, end: true },
            ]}
        />
    )
}

export function WaveActions({ wave }: { wave: Wave }) {
    const whyNot = useWhyNot()
    if (wave.state === "released") return null
    const asked = wave.state === "requested" || wave.state === "armed"
    return (
        <span className="row end">
            {!asked && (
                <Do
                    look="main"
                    not={whyNot("wave:write")}
                    write={{ method: "POST", path: `/api/waves/${wave.id}/release` }}
                >
                    Request release
                </Do>
            )}
            {wave.state !== "frozen" && <FreezeDialog wave={wave} not={whyNot("wave:freeze")} />}
        </span>
    )
}

function FreezeDialog({ wave, not }: { wave: Wave; not: string | null }) {
    return (
        <Opens button="Freeze…" title={`Freeze the ${tierNames[wave.tier]} wave?`} not={not}>
            {(close) => (
                <>
                    <p>
                        It stops, and nobody gets anything by it. One person suffices; a frozen wave falls no more until
                        a release is asked for and signed anew.
                    </p>
                    <div className="row end">
                        <Do
                            look="danger"
                            write={{ method: "POST", path: `/api/waves/${wave.id}/freeze` }}
                            onDone={close}
                        >
                            Freeze it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
