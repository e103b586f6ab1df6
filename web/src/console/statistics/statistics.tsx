/** Statistics of a year or a quarter: drawn, exported, and published as an annual report. */
import { useState } from "react"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { type SearchTexts, useSearchTexts } from "../../kit/address.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Loaded, Notice, WaitsForSecond, waits } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { Figures } from "./figures.tsx"
import { t } from "../../messages/message.ts"

type Published = AnswerTo<"/api/statistics">

const quarters = ["", "1", "2", "3", "4"]

/** The years before the current one that can be chosen. */
const earlierYears = 9

export function StatisticsScreen() {
    const known = useRead("/api/statistics")
    const [texts, change] = useSearchTexts()
    const thisYear = Number(useNow().slice(0, 4))
    const { year, quarter } = periodOf(texts, thisYear)
    const request = quarter === "" ? "" : `?quarter=${quarter}`
    const statistics = useRead(`/api/statistics/${year}${request}` as "/api/statistics/{year}")
    return (
        <Page
            title={t("Statistics")}
            lead={t("What the program achieved, by the year in which a case was published.")}
            aside={
                <>
                    <ActionMenu
                        label={t("Actions")}
                        actions={["csv", "json"].map((form) => ({
                            id: form,
                            name: t("Export as {format}", { format: form.toUpperCase() }),
                            onAction: () => window.location.assign(`/api/statistics/${year}/export.${form}${request}`),
                        }))}
                    >
                        <Icon name="dots" />
                    </ActionMenu>
                    {known.data !== undefined && <Publish year={year} known={known.data} isOver={year < thisYear} />}
                </>
            }
        >
            <div className="filters">
                <select aria-label={t("Year")} value={year} onChange={(event) => change({ year: event.target.value })}>
                    {Array.from({ length: earlierYears + 1 }, (_, ago) => thisYear - ago).map((choice) => (
                        <option key={choice}>{choice}</option>
                    ))}
                </select>
                <select
                    aria-label={t("Quarter")}
                    value={quarter}
                    onChange={(event) => change({ quarter: event.target.value })}
                >
                    {quarters.map((choice) => (
                        <option key={choice} value={choice}>
                            {choice === "" ? t("Whole year") : t("Quarter {quarter}", { quarter: choice })}
                        </option>
                    ))}
                </select>
            </div>
            <Loaded query={statistics}>{(found) => <Figures statistics={found} />}</Loaded>
            <Loaded query={known}>{(found) => <AnnualReports published={found} />}</Loaded>
        </Page>
    )
}

function periodOf({ year = "", quarter = "" }: SearchTexts, thisYear: number) {
    return { year: /^2\d{3}$/.test(year) ? Number(year) : thisYear, quarter: quarters.includes(quarter) ? quarter : "" }
}

function AnnualReports({ published: { published } }: { published: Published }) {
    const names = useNames()
    if (published.length === 0) return null
    return (
        <Section title={t("Annual reports")}>
            <Table
                caption={t("Published annual reports, at /annual-reports of the portal")}
                rows={published}
                keyOf={({ year }) => String(year)}
                columns={[
                    { name: t("Year"), cell: ({ year }) => year },
                    { name: t("Published by"), cell: ({ by }) => names.person(by) },
                    { name: t("Published"), cell: ({ at }) => <When at={at} short /> },
                ]}
            />
        </Section>
    )
}

function Publish({ year, known, isOver }: { year: number; known: Published; isOver: boolean }) {
    const [isAsked, setAsked] = useState(false)
    const disabledReason = useWhyNot()("statistics:publish")
    if (known.published.some((item) => item.year === year)) return <Badge tone="good">{t("published")}</Badge>
    return (
        <>
            {isAsked && <WaitsForSecond />}
            <Opens
                title={t("Publish the annual report of {year}", { year })}
                button={t("Publish…")}
                look="main"
                disabledReason={disabledReason ?? (isOver ? null : t("the year is not over"))}
            >
                {(close) => (
                    <>
                        <Notice tone="due">
                            {t(
                                "The report is public and does not change later. You cannot undo this. Late follow-ups and measures are not in it.",
                            )}
                        </Notice>
                        <div className="row end">
                            <Do
                                look="main"
                                write={writeTo("POST", `/api/statistics/${year}/publish`, {})}
                                onDone={(answer) => {
                                    setAsked(waits(answer))
                                    close()
                                }}
                            >
                                {t("Request approval")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </>
    )
}
