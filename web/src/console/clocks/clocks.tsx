/** Regulatory clocks: those of one case on its page, and all running clocks. */
import { Link } from "@tanstack/react-router"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Section } from "../../kit/table.tsx"
import { StartClock } from "./clock-actions.tsx"
import { useClocks } from "./clock-answers.ts"
import { ClockCard } from "./clock-card.tsx"
import { useCan, useNames } from "../artifacts/viewer.tsx"
import { rich, t } from "../../messages/message.ts"

export function CaseClocks({ id: subject }: { id: string }) {
    const clocks = useClocks(subject)
    if (!useCan()("filing:read")) return null
    return (
        <Section title={t("Regulatory clocks")} aside={<StartClock id={subject} />}>
            <Loaded query={clocks}>
                {({ clocks }) =>
                    clocks.length === 0 ? (
                        <Empty title={t("No regulatory clock runs for this case.")} />
                    ) : (
                        clocks.map((clock) => <ClockCard key={clock.id} row={clock} />)
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
        <Page title={t("Regulatory clocks")} lead={t("What you must file with authorities, and by when.")}>
            <Section title={t("Running clocks")}>
                <p className="caution">
                    {rich(
                        "Tocsin sends nothing to an authority. You decide which laws apply to you, under <regimes>Regimes</regimes>.",
                        { regimes: (text) => <Link to="/settings/regimes">{text}</Link> },
                    )}
                </p>
                <Loaded query={clocks}>
                    {({ clocks }) => {
                        const running = clocks.filter((clock) => !clock.closed)
                        if (running.length === 0) return <Empty title={t("No regulatory clock runs.")} />
                        return running.map((row) => (
                            <div key={row.id} className="stack">
                                <Link to={`/cases/${row.case}`}>{names.case(row.case)}</Link>
                                <ClockCard row={row} />
                            </div>
                        ))
                    }}
                </Loaded>
            </Section>
        </Page>
    )
}
