/** The default schedule of new cases: the waves of each tier, and the program's publication days. */
import { waveTiers } from "../../../../server/src/share/waves/wave.ts"
import { tiers } from "../../../../server/src/trust/partners/partner.ts"
import { useRead, writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { useCalendar } from "./calendar-reads.ts"
import { AddPatchTuesday, CalendarDialog, dayInWords } from "./calendar.tsx"
import type { PlanAnswer } from "../access/policy-answers.ts"
import { RehearseDummy } from "../release/waves/rehearsal.tsx"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"

export function DefaultSchedule() {
    return (
        <Page title="Default schedule" lead="Waves of new cases. Planned cases keep their waves.">
            <Waves />
            <CalendarSection />
        </Page>
    )
}

function Waves() {
    const plan = useRead("/api/default-schedule")
    return (
        <Section title="Waves" aside={plan.data !== undefined && <WavesDialog plan={plan.data} />}>
            <Loaded query={plan}>
                {({ hoursBefore }) => (
                    <Table
                        caption="Waves of the default schedule"
                        rows={waveTiers}
                        keyOf={(tier) => tier}
                        columns={[
                            { name: "Tier", cell: (tier) => <strong>{tierNames[tier]}</strong> },
                            {
                                name: "Release",
                                cell: (tier) =>
                                    tier === "publication" ? "when the embargo ends" : beforeInWords(hoursBefore[tier]),
                            },
                            {
                                name: "Rehearsal",
                                cell: (tier) =>
                                    (tier === "publication" || hoursBefore[tier] !== undefined) && (
                                        <RehearseDummy tier={tier} />
                                    ),
                                end: true,
                            },
                        ]}
                    />
                )}
            </Loaded>
        </Section>
    )
}

function beforeInWords(hours: number | undefined): string {
    if (hours === undefined) return "with publication"
    const days = Math.floor(hours / 24)
    const parts = [days > 0 && `${days} d`, (hours % 24 > 0 || days === 0) && `${hours % 24} h`]
    return `${parts.filter((part) => part !== false).join(" ")} before publication`
}

function WavesDialog({ plan }: { plan: PlanAnswer }) {
    return (
        <FormDialog
            button="Change…"
            title="Default schedule"
            submit="Set the default schedule"
            disabledReason={useWhyNot()("default_schedule:write")}
            requests={tiers.toReversed().map((tier) => ({
                name: tier,
                label: `${tierNames[tier]}: hours before publication`,
                kind: "number" as const,
                optional: true,
                initial: String(plan.hoursBefore[tier] ?? ""),
                check: (value: string) =>
                    /^\s*\d{0,4}\s*$/.test(value) ? null : "enter a whole number of hours, or leave it empty",
                hint: "one day is 24, one week 168; empty: the tier waits for publication",
            }))}
            write={(answers) => {
                const given = tiers.filter((tier) => (answers[tier] ?? "").trim() !== "")
                const hoursBefore = Object.fromEntries(given.map((tier) => [tier, Number(answers[tier])]))
                return writeTo("PUT", "/api/default-schedule", { hoursBefore })
            }}
        >
            <p className="muted">Applies to cases without waves. Planned waves stay.</p>
        </FormDialog>
    )
}

function CalendarSection() {
    const calendar = useCalendar()
    const now = useNow()
    return (
        <Section
            title="Publication days"
            aside={
                calendar.data !== undefined && (
                    <>
                        <AddPatchTuesday items={calendar.data.days} />
                        <CalendarDialog items={calendar.data.days} />
                    </>
                )
            }
        >
            <Loaded query={calendar}>
                {({ days, next }) =>
                    days.length === 0 ? (
                        <Empty title="No publication days yet.">
                            With publication days, you pick the end of an embargo from the next ones.
                        </Empty>
                    ) : (
                        <>
                            <Table
                                caption="Rules of the publication days"
                                rows={days}
                                keyOf={({ name }) => name}
                                columns={[
                                    { name: "Name", cell: ({ name }) => <strong>{name}</strong> },
                                    { name: "Rule", cell: dayInWords },
                                ]}
                            />
                            <h3>Next</h3>
                            <Table
                                caption="Next publication days"
                                rows={next}
                                keyOf={({ name, at }) => `${name} ${at}`}
                                columns={[
                                    { name: "At", cell: ({ at }) => <When at={at} /> },
                                    { name: "Time left", cell: ({ at }) => <Distance at={at} now={now} /> },
                                    { name: "Day", cell: ({ name }) => name },
                                ]}
                            />
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}
