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
import { t } from "../../messages/message.ts"

export function DefaultSchedule() {
    return (
        <Page title={t("Default schedule")} lead={t("Waves of new cases. Planned cases keep their waves.")}>
            <Waves />
            <CalendarSection />
        </Page>
    )
}

function Waves() {
    const plan = useRead("/api/default-schedule")
    return (
        <Section title={t("Waves")} aside={plan.data !== undefined && <WavesDialog plan={plan.data} />}>
            <Loaded query={plan}>
                {({ hoursBefore }) => (
                    <Table
                        caption={t("Waves of the default schedule")}
                        rows={waveTiers}
                        keyOf={(tier) => tier}
                        columns={[
                            { name: t("Tier"), cell: (tier) => <strong>{tierNames[tier]}</strong> },
                            {
                                name: t("Release"),
                                cell: (tier) =>
                                    tier === "publication"
                                        ? t("when the embargo ends")
                                        : beforeInWords(hoursBefore[tier]),
                            },
                            {
                                name: t("Rehearsal"),
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
    if (hours === undefined) return t("with publication")
    const days = Math.floor(hours / 24)
    const left = hours % 24
    if (days === 0) return t("{hours} h before publication", { hours: left })
    if (left === 0) return t("{days} d before publication", { days })
    return t("{days} d {hours} h before publication", { days, hours: left })
}

function WavesDialog({ plan }: { plan: PlanAnswer }) {
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Default schedule")}
            submit={t("Set the default schedule")}
            disabledReason={useWhyNot()("default_schedule:write")}
            requests={tiers.toReversed().map((tier) => ({
                name: tier,
                label: t("{tier}: hours before publication", { tier: tierNames[tier] }),
                kind: "number" as const,
                optional: true,
                initial: String(plan.hoursBefore[tier] ?? ""),
                check: (value: string) =>
                    /^\s*\d{0,4}\s*$/.test(value) ? null : t("enter a whole number of hours, or leave it empty"),
                hint: t("one day is 24, one week 168; empty: the tier waits for publication"),
            }))}
            write={(answers) => {
                const given = tiers.filter((tier) => (answers[tier] ?? "").trim() !== "")
                const hoursBefore = Object.fromEntries(given.map((tier) => [tier, Number(answers[tier])]))
                return writeTo("PUT", "/api/default-schedule", { hoursBefore })
            }}
        >
            <p className="muted">{t("Applies to cases without waves. Planned waves stay.")}</p>
        </FormDialog>
    )
}

function CalendarSection() {
    const calendar = useCalendar()
    const now = useNow()
    return (
        <Section
            title={t("Publication days")}
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
                        <Empty title={t("No publication days yet.")}>
                            {t("With publication days, you pick the end of an embargo from the next ones.")}
                        </Empty>
                    ) : (
                        <>
                            <Table
                                caption={t("Rules of the publication days")}
                                rows={days}
                                keyOf={({ name }) => name}
                                columns={[
                                    { name: t("Name"), cell: ({ name }) => <strong>{name}</strong> },
                                    { name: t("Rule"), cell: dayInWords },
                                ]}
                            />
                            <h3>{t("Next publication days")}</h3>
                            <Table
                                caption={t("Next publication days")}
                                rows={next}
                                keyOf={({ name, at }) => `${name} ${at}`}
                                columns={[
                                    { name: t("At"), cell: ({ at }) => <When at={at} /> },
                                    { name: t("Time left"), cell: ({ at }) => <Distance at={at} now={now} /> },
                                    { name: t("Day"), cell: ({ name }) => name },
                                ]}
                            />
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}
