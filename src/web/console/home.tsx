/** What needs somebody now: waves that are due soon and not armed, and what waits for a second person. */
import { useQueries } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { read } from "../kit/api.ts"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import type { Case, Wave } from "./answers.ts"
import { ApprovalCard, SignedCard, useApprovals } from "./approvals.tsx"
import { useCan, useCases, useNow } from "./viewer.tsx"
import { WaveActions } from "./waves.tsx"
import { tierNames, waveWords } from "./words.ts"

const soonDays = 21

export function Home() {
    const can = useCan()
    return (
        <Page title="Now">
            {can("wave:read") && <DueWaves />}
            <WaitingApprovals />
        </Page>
    )
}

interface Due {
    readonly wave: Wave
    readonly of: Case
    readonly at: string
}

function useDue(now: string | null): readonly Due[] {
    const cases = useCases().data?.cases ?? []
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
    return wave.state !== "released" && now !== null && parseInstant(at) - parseInstant(now) < soonDays * dayMs
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

function WaitingApprovals() {
    const approvals = useApprovals()
    return (
        <Loaded of={approvals}>
            {({ pending, recent }) => {
                const signed = recent.filter(({ state, act }) => state === "signed" && act !== "wave.release")
                return (
                    <>
                        <Section title="Waits for a second person">
                            {pending.length === 0 && <Empty title="Nothing waits for a signature." />}
                            {pending.map((one) => (
                                <ApprovalCard key={one.id} of={one} />
                            ))}
                        </Section>
                        {signed.length > 0 && (
                            <Section title="Signed, and to be carried out">
                                {signed.map((one) => (
                                    <SignedCard key={one.id} of={one} />
                                ))}
                            </Section>
                        )}
                    </>
                )
            }}
        </Loaded>
    )
}
