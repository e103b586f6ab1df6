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
import { Empty, Loaded, Notice, WaitsForSecond, waits } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useMe, useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"
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
            <Loaded query={known}>{(found) => <AnnualReports published={found} year={year} />}</Loaded>
        </Page>
    )
}

function periodOf({ year = "", quarter = "" }: SearchTexts, thisYear: number) {
    return { year: /^2\d{3}$/.test(year) ? Number(year) : thisYear, quarter: quarters.includes(quarter) ? quarter : "" }
}

/** The published years, and the public page of the shown year as it would be published now. */
function AnnualReports({ published: { published }, year }: { published: Published; year: number }) {
    const names = useNames()
    const { portal } = useMe()
    const isPublished = published.some((report) => report.year === year)
    return (
        <Section title={t("Annual reports")} aside={!isPublished && <PreviewLink year={year} />}>
            {published.length === 0 ? (
                <Empty title={t("No annual report yet.")}>
                    {t("After a year is over, two people publish it for everyone.")}
                </Empty>
            ) : (
                <Table
                    caption={t("Published annual reports")}
                    rows={published}
                    keyOf={(report) => String(report.year)}
                    columns={[
                        {
                            name: t("Year"),
                            cell: (report) => (
                                <a href={`${portal}/annual-reports/${report.year}`} target="_blank" rel="noreferrer">
                                    {report.year}
                                </a>
                            ),
                        },
                        { name: t("Published by"), cell: ({ by }) => names.person(by) },
                        { name: t("Published"), cell: ({ at }) => <When at={at} short /> },
                    ]}
                />
            )}
        </Section>
    )
}

function PreviewLink({ year }: { year: number }) {
    return (
        <a href={`/api/statistics/${year}/annual-report`} target="_blank" rel="noreferrer">
            {t("Preview of the annual report of {year}", { year })}
        </a>
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
                                "The report is public and does not change later. You cannot undo this. Late follow-ups are not in it. Suspensions and terminations are in it only as one number, and only if enough partners are counted.",
                            )}
                        </Notice>
                        <p>
                            <PreviewLink year={year} />
                        </p>
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
