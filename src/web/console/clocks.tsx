/** Regulatory clocks: those of a case, on its page; and all that run, with the regimes that they run by. */
import { Link } from "@tanstack/react-router"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Page, Section } from "../kit/table.tsx"
import { StartClock } from "./clock-actions.tsx"
import { useClocks } from "./clock-answers.ts"
import { ClockCard } from "./clock-card.tsx"
import { RegimeSection } from "./regimes.tsx"
import { useCan, useNames } from "./viewer.tsx"

export function CaseClocks({ of }: { of: string }) {
    const clocks = useClocks(of)
    if (!useCan()("filing:read")) return null
    return (
        <Section title="Regulatory clocks" aside={<StartClock of={of} />}>
            <Loaded of={clocks}>
                {({ clocks: all }) =>
                    all.length === 0 ? (
                        <Empty title="No regulatory clock runs for this case." />
                    ) : (
                        all.map((one) => <ClockCard key={one.id} of={one} />)
                    )
                }
            </Loaded>
        </Section>
    )
}

export function ClocksScreen() {
    const clocks = useClocks(null)
    const names = useNames()
    return (
        <Page title="Regulatory clocks" kind="What the law asks of you">
            <Section title="What runs">
                <p className="caution">
                    Nothing is sent to an authority from here. Which law applies to you, and whether, is yours to say.
                </p>
                <Loaded of={clocks}>
                    {({ clocks: all }) => {
                        const running = all.filter((one) => !one.closed)
                        if (running.length === 0) return <Empty title="No regulatory clock runs." />
                        return running.map((one) => (
                            <div key={one.id} className="stack">
                                <Link to={`/cases/${one.case}`}>{names.case(one.case)}</Link>
                                <ClockCard of={one} />
                            </div>
                        ))
                    }}
                </Loaded>
            </Section>
            <RegimeSection />
        </Page>
    )
}
