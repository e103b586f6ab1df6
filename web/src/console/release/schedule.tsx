/** The waves of all cases in the coming weeks, earliest first. */
import { Link } from "@tanstack/react-router"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { Distance, When } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { type AnswerTo, useRead } from "../api.ts"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { tierNames, waveWords } from "../words.ts"
import { PlannedActions } from "./waves.tsx"

const comingDays = 90

type ComingWave = AnswerTo<"/api/waves">["waves"][number]

/** Reads the waves of the coming days. The address has whole days, so that it does not change with the clock. */
export function useComingWaves(days: number) {
    const before = formatInstant((Math.floor(parseInstant(useNow()) / dayMs) + days) * dayMs)
    return useRead(`/api/waves?before=${before}`)
}

export function ScheduleScreen() {
    const waves = useComingWaves(comingDays)
    const coming = (waves.data?.waves ?? []).filter(({ state }) => state !== "no_recipients")
    const open = coming.filter(({ state }) => state !== "approved").length
    const lead =
        coming.length === 0
            ? "No wave is planned in the next three months."
            : open === 0
              ? "All waves are approved."
              : `${open} of ${coming.length} waves are not approved.`
    return (
        <Page title="Schedule" lead={waves.data === undefined ? "Waves of all cases." : lead}>
            <Section title="Waves">
                <Loaded query={waves}>{() => <ComingWaves waves={coming} />}</Loaded>
            </Section>
        </Page>
    )
}

function ComingWaves({ waves }: { waves: readonly ComingWave[] }) {
    const names = useNames()
    const now = useNow()
    if (waves.length === 0) return <Empty title="No wave is planned.">Open a case and plan its waves.</Empty>
    return (
        <Table
            caption="Waves of the next three months"
            rows={waves.toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))}
            keyOf={({ id }) => id}
            columns={[
                { name: "Released", cell: ({ at }) => <When at={at} /> },
                { name: "Time left", cell: ({ at }) => <Distance at={at} now={now} /> },
                { name: "Wave", cell: ({ tier }) => <strong>{tierNames[tier]}</strong> },
                {
                    name: "Case",
                    cell: ({ case: caseId }) => <Link to={`/cases/${caseId}/release`}>{names.case(caseId)}</Link>,
                },
                {
                    name: "State",
                    cell: ({ state }) => <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>,
                },
                { name: "Actions", cell: (wave) => <PlannedActions wave={wave} />, end: true },
            ]}
        />
    )
}
