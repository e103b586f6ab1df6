/** The overview: waves that are due soon without approval, and requests that need a second signature. */
import { Link } from "@tanstack/react-router"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { type AnswerTo, useRead } from "../api.ts"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { ApprovalSections } from "../release/approvals.tsx"
import { FirstSteps } from "./first-steps.tsx"
import { ProposedEnds } from "../cases/embargo/proposed-ends.tsx"
import { useCan, useNames, useNow } from "../artifacts/viewer.tsx"
import { DeputySection, WaitingForYou } from "./tasks.tsx"
import { PlannedActions } from "../release/waves.tsx"
import { tierNames, waveWords } from "../words.ts"

const soonDays = 21

export function Home() {
    const can = useCan()
    return (
        <Page title="Overview">
            <FirstSteps />
            <WaitingForYou />
            <ProposedEnds />
            {can("wave:read") && <DueWaves />}
            <ApprovalSections />
            <DeputySection />
        </Page>
    )
}

type Ahead = AnswerTo<"/api/waves">["waves"][number]

/** Rounds to days, so that the address does not change with the clock. */
function DueWaves() {
    const now = useNow()
    const before = formatInstant((Math.floor(parseInstant(now) / dayMs) + soonDays) * dayMs)
    const waves = useRead(`/api/waves?before=${before}`)
    const due = (waves.data?.waves ?? []).filter(({ state }) => state !== "no_recipients")
    const open = due.filter(({ state }) => state !== "approved").length
    return (
        <Section
            title="Waves ahead"
            aside={
                due.length > 0 &&
                (open > 0 ? <Badge tone="due">{open} not armed</Badge> : <Badge tone="good">all armed</Badge>)
            }
        >
            <Loaded query={waves}>{() => <WavesAhead aheads={due} now={now} />}</Loaded>
        </Section>
    )
}

function WavesAhead({ aheads, now }: { aheads: readonly Ahead[]; now: string }) {
    const names = useNames()
    const due = aheads.toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))
    if (due.length === 0) return <Empty title="No wave is released within three weeks." />
    return (
        <Table
            caption="Waves of the next three weeks"
            rows={due}
            keyOf={({ id }) => id}
            columns={[
                { name: "Released", cell: ({ at }) => <When at={at} /> },
                { name: "Time left", cell: ({ at }) => <Distance at={at} now={now} /> },
                { name: "Wave", cell: ({ tier }) => tierNames[tier] },
                { name: "Case", cell: ({ case: caseId }) => <Link to={`/cases/${caseId}`}>{names.case(caseId)}</Link> },
                {
                    name: "State",
                    cell: ({ state }) => <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>,
                },
                { name: "Actions", cell: (wave) => <PlannedActions wave={wave} />, end: true },
            ]}
        />
    )
}
