/** The default schedule of new cases: the waves of each tier, and the program's publication days. */
import { waveTiers } from "../../../../server/src/share/waves/wave.ts"
import { tiers } from "../../../../server/src/trust/partners/partner.ts"
import { useRead, writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { CalendarDialog, dayInWords } from "./calendar.tsx"
import type { PlanAnswer } from "../access/policy-answers.ts"
import { RehearseDummy } from "./rehearsal.tsx"
import { useMayRead, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"

export const useCalendar = () => useMayRead("wave:read", "/api/calendar")

export function PlanScreen() {
    return (
        <Page title="Default schedule" lead="For cases that are planned from now on.">
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
                        caption="How long before publication each tier's wave is released"
                        rows={waveTiers}
                        keyOf={(tier) => tier}
                        columns={[
                            { name: "Tier", cell: (tier) => <strong>{tierNames[tier]}</strong> },
                            {
                                name: "Wave released",
                                cell: (tier) =>
                                    tier === "publication" ? "when the embargo ends" : beforeInWords(hoursBefore[tier]),
                            },
                            {
                                name: "With a dummy case",
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
            <p className="caution">
                A case keeps the waves that it was planned with, and each of them is moved in its case.
            </p>
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
                    /^\s*\d{0,4}\s*$/.test(value) ? null : "a whole number of hours, or nothing",
                hint: "a day has 24, a week 168; left empty, the tier waits for publication",
            }))}
            write={(answers) => {
                const given = tiers.filter((tier) => (answers[tier] ?? "").trim() !== "")
                const hoursBefore = Object.fromEntries(given.map((tier) => [tier, Number(answers[tier])]))
                return writeTo("PUT", "/api/default-schedule", { hoursBefore })
            }}
        >
            <p className="muted">It holds for cases that have no waves yet. What is planned already stays.</p>
        </FormDialog>
    )
}

function CalendarSection() {
    const calendar = useCalendar()
    const now = useNow()
    return (
        <Section
            title="Days of publication"
            aside={calendar.data !== undefined && <CalendarDialog items={calendar.data.days} />}
        >
            <Loaded query={calendar}>
                {({ days, next }) =>
                    days.length === 0 ? (
                        <Empty title="The program has no days of its own.">
                            With a calendar, an embargo's end is picked from its next days.
                        </Empty>
                    ) : (
                        <>
                            <Table
                                caption="Days on which the program publishes"
                                rows={days}
                                keyOf={({ name }) => name}
                                columns={[
                                    { name: "Name", cell: ({ name }) => <strong>{name}</strong> },
                                    { name: "Released on", cell: dayInWords },
                                ]}
                            />
                            <h3>Next</h3>
                            <Table
                                caption="The next of these days"
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
