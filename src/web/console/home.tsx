/** What needs somebody now: waves that are due soon and not armed, and what waits for a second person. */
import { useQueries } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { read } from "../kit/api.ts"
import { Distance, When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import type { Case, Wave } from "./answers.ts"
import { ApprovalSections } from "./approvals.tsx"
import { FirstSteps } from "./first-steps.tsx"
import { ProposedEnds } from "./proposed-ends.tsx"
import { useCan, useCases, useNow } from "./viewer.tsx"
import { DeputySection, WaitingForYou } from "./waiting.tsx"
import { WaveActions } from "./waves.tsx"
import { tierNames, waveWords } from "./words.ts"

const soonDays = 21

export function Home() {
    const can = useCan()
    return (
        <Page title="Now">
            <FirstSteps />
            <WaitingForYou />
            <ProposedEnds />
            {can("wave:read") && <DueWaves />}
            <ApprovalSections />
            <DeputySection />
        </Page>
    )
}

interface Due {
    readonly wave: Wave
    readonly of: Case
    readonly at: string
}

function useDue(now: string | null): readonly Due[] {
    const cases = (useCases().data?.cases ?? []).filter(({ closing }) => closing === null)
    return useQueries({
        queries: cases.map(({ id }) => ({
            queryKey: [`/api/cases/${id}/waves`],
            queryFn: () => read<{ waves: readonly Wave[] }>(`/api/cases/${id}/waves`),
        })),
        combine: (answers) =>
            answers
                .flatMap((answer, n) => {
                    const of = cases[n]
                    return of === undefined ? [] : (answer.data?.waves ?? []).map((wave) => ({ wave, of, at: wave.at }))
                })
                .filter((one): one is Due => one.at !== null && isSoon(one.wave, one.at, now))
                .toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at)),
    })
}

function isSoon(wave: Wave, at: string, now: string | null): boolean {
    return (
        wave.state !== "released" &&
        wave.state !== "empty" &&
        now !== null &&
        parseInstant(at) - parseInstant(now) < soonDays * dayMs
    )
}

function DueWaves() {
    const now = useNow()
    const due = useDue(now)
    const open = due.filter(({ wave }) => wave.state !== "armed").length
    return (
        <Section
            title="Waves ahead"
            aside={
                due.length > 0 &&
                (open > 0 ? <Badge tone="due">{open} not armed</Badge> : <Badge tone="good">all armed</Badge>)
            }
        >
            {due.length === 0 ? (
                <Empty title="No wave falls within three weeks." />
            ) : (
                <Table
                    caption="Waves of the next three weeks"
                    rows={due}
                    keyOf={({ wave }) => wave.id}
                    columns={[
                        { name: "Falls", cell: ({ at }) => <When at={at} /> },
                        { name: "Time left", cell: ({ at }) => now !== null && <Distance at={at} now={now} /> },
                        { name: "Wave", cell: ({ wave }) => tierNames[wave.tier] },
                        { name: "Case", cell: ({ of }) => <Link to={`/cases/${of.id}`}>{of.title}</Link> },
                        {
                            name: "State",
                            cell: ({ wave }) => (
                                <Badge tone={waveWords[wave.state].tone}>{waveWords[wave.state].name}</Badge>
                            ),
                        },
                        { name: "Actions", cell: ({ wave }) => <WaveActions wave={wave} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}
