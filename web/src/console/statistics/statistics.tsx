/** Statistics: the figures of a year or a quarter, to read, export and publish. */
import { valueText } from "@tocsin/base/value-text"
import { useState } from "react"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { When } from "../../kit/instant.tsx"
import { Loaded, Notice, WaitsForSecond, waits } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"

type Published = AnswerTo<"/api/statistics">

type Report = AnswerTo<"/api/statistics/{year}">

const quarters = [
    { value: "", name: "the whole year" },
    ...["1", "2", "3", "4"].map((value) => ({ value, name: `quarter ${value}` })),
]

export function Reports() {
    const known = useRead("/api/statistics")
    const now = useNow()
    return <Loaded query={known}>{(found) => now !== null && <OfYear known={found} now={now} />}</Loaded>
}

function OfYear({ known, now }: { known: Published; now: string }) {
    const [year, setYear] = useState(now.slice(0, 4))
    const [quarter, setQuarter] = useState("")
    const isYear = /^2\d{3}$/.test(year)
    const request = quarter === "" ? "" : `?quarter=${quarter}`
    const report = useRead(isYear ? `/api/statistics/${year}${request}` : null)
    return (
        <Page
            title="Statistics"
            aside={<Publish year={year} known={known} isOver={isYear && now >= `${Number(year) + 1}-01-01`} />}
        >
            <div className="question">
                <Field
                    label="Year"
                    kind="number"
                    value={year}
                    wrong={isYear ? null : "four digits"}
                    onChange={setYear}
                />
                <Field label="Of it" kind="choice" from={quarters} value={quarter} onChange={setQuarter} />
            </div>
            <Section title="Figures" aside={isYear && <Exports year={year} request={request} />}>
                {isYear && <Loaded query={report}>{(found) => <Figures report={found} />}</Loaded>}
            </Section>
            <PublishedYears published={known} />
        </Page>
    )
}

function Exports({ year, request }: { year: string; request: string }) {
    return (
        <span className="row">
            {["csv", "json"].map((form) => (
                <a
                    key={form}
                    className="button plain"
                    href={`/api/statistics/${year}/export.${form}${request}`}
                    download
                >
                    Export as {form.toUpperCase()}
                </a>
            ))}
        </span>
    )
}

function Figures({ report: { groupMin, figures } }: { report: Report }) {
    return (
        <>
            <Table
                caption="Of cases that are published"
                rows={figures}
                keyOf={({ id, category: subject }) => `${id} ${subject}`}
                columns={[
                    {
                        name: "Figure",
                        cell: ({ id, category: subject }) => (
                            <>
                                <strong>{valueText(id)}</strong>{" "}
                                {subject !== null && <span className="muted">{valueText(subject)}</span>}
                            </>
                        ),
                    },
                    {
                        name: "Count",
                        cell: ({ count, about }) =>
                            count === null ? <span className="muted">fewer than {groupMin}</span> : `${count} ${about}`,
                        end: true,
                    },
                    {
                        name: "Median",
                        cell: ({ quartiles, unit }) => quartiles && `${quartiles.median} ${unit}`,
                        end: true,
                    },
                    {
                        name: "Quartiles",
                        cell: ({ quartiles, unit }) => quartiles && `${quartiles.first}, ${quartiles.third} ${unit}`,
                        end: true,
                    },
                ]}
            />
            <p className="muted">
                By when a case was published; nothing of a case that is not. What is about partners is told of{" "}
                {groupMin} of them at least, each counted once, and by the year alone.
            </p>
        </>
    )
}

function PublishedYears({ published: { published } }: { published: Published }) {
    const names = useNames()
    if (published.length === 0) return null
    return (
        <Section title="Published">
            <Table
                caption="Published years, at /annual-reports of the portal"
                rows={published}
                keyOf={({ year }) => String(year)}
                columns={[
                    { name: "Year", cell: ({ year }) => year },
                    { name: "By", cell: ({ by }) => names.person(by) },
                    { name: "Since", cell: ({ at }) => <When at={at} short /> },
                ]}
            />
        </Section>
    )
}

function Publish({ year, known, isOver }: { year: string; known: Published; isOver: boolean }) {
    const [isAsked, setAsked] = useState(false)
    const disabledReason = useWhyNot()("statistics:publish")
    if (known.published.some((item) => String(item.year) === year)) return <Badge tone="good">published</Badge>
    return (
        <>
            {isAsked && <WaitsForSecond />}
            <Opens
                title={`Publish the report of ${year}`}
                button="Publish…"
                disabledReason={disabledReason ?? (isOver ? null : "the year is not over")}
            >
                {(close) => (
                    <>
                        <Notice tone="due">
                            Anybody reads it from then on, without signing in, and it stays as it is. Late reports and
                            measures are not in it.
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
                                Ask for a second signature
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </>
    )
}
