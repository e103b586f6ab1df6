/** The figures of a period, drawn: numbers, counts by category as bars, and spans as ranges. */
import type { AnswerTo } from "../api.ts"
import { Meter } from "../../kit/meter.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { type Range, hoursOf, rangesOf, shareOf } from "./ranges.ts"
import { t, valueText } from "../../messages/message.ts"

type Statistics = AnswerTo<"/api/statistics/{year}">
type Figure = Statistics["figures"][number]

const figureNames: Readonly<Record<Figure["id"], string>> = {
    cases_published: t("cases published"),
    embargo_length: t("embargo length"),
    embargoes_terminated: t("embargoes terminated"),
    embargoes_delayed: t("embargoes moved to a later end"),
    embargoes_ended_early: t("Embargoes ended early"),
    notice_to_acknowledgement: t("notice to acknowledgement"),
    notice_to_protection: t("notice to protection"),
    late_reports: t("partners with late follow-ups"),
    measures: t("Measures"),
}

/** The labels of numbers, which stand below their count. */
const numberLabels = {
    cases_published: (count: number) => t("{count, plural, one {case published} other {cases published}}", { count }),
    embargoes_terminated: (count: number) =>
        t("{count, plural, one {embargo terminated} other {embargoes terminated}}", { count }),
    embargoes_delayed: (count: number) =>
        t("{count, plural, one {embargo moved to a later end} other {embargoes moved to a later end}}", { count }),
    late_reports: (count: number) =>
        t("{count, plural, one {partner with late follow-ups} other {partners with late follow-ups}}", { count }),
} as const

const isNumber = (id: Figure["id"]): id is keyof typeof numberLabels => id in numberLabels

const barIds = ["embargoes_ended_early", "measures"] as const

export function Figures({ statistics: { groupMin, figures } }: { statistics: Statistics }) {
    const ranges = rangesOf(figures)
    const countText = (count: number | null) =>
        count === null ? t("fewer than {count}", { count: groupMin }) : String(count)
    return (
        <>
            <div className="figures">
                {figures.map(
                    ({ id, count }) =>
                        isNumber(id) && (
                            <div key={id}>
                                <span className="v">{countText(count)}</span>
                                <span className="k">{numberLabels[id](count ?? groupMin)}</span>
                            </div>
                        ),
                )}
            </div>
            <Section title={t("Time needed")}>
                {ranges.length === 0 ? (
                    <Empty title={t("No spans yet.")}>
                        {t("Spans are shown for {count} partners or more.", { count: groupMin })}
                    </Empty>
                ) : (
                    <Ranges ranges={ranges} />
                )}
            </Section>
            <div className="half">
                {barIds.map((id) => (
                    <Bars
                        key={id}
                        title={figureNames[id]}
                        figures={figures.filter((figure) => figure.id === id)}
                        countText={countText}
                    />
                ))}
            </div>
            <details className="folded">
                <summary>{t("As a table")}</summary>
                <FigureTable figures={figures} countText={countText} />
            </details>
            <p className="caution">
                {t(
                    "Figures count published cases only. Figures about partners need {count} partners or more, and are given for whole years only. Each partner counts once.",
                    { count: groupMin },
                )}
            </p>
        </>
    )
}

function Ranges({ ranges }: { ranges: readonly Range[] }) {
    const longest = Math.max(...ranges.map(({ third, unit }) => hoursOf(third, unit)))
    return (
        <ul className="panel list ranges">
            {ranges.map(({ id, unit, first, median, third }) => (
                <li key={id}>
                    <span className="title">{figureNames[id as Figure["id"]]}</span>
                    <RangeBar places={[first, median, third].map((span) => shareOf(hoursOf(span, unit), longest))} />
                    <span className="by">
                        <b>{spanOf(median, unit)}</b>
                        <small>{t("half between {first} and {third}", { first, third })}</small>
                    </span>
                </li>
            ))}
        </ul>
    )
}

const spanOf = (count: number, unit: string | null): string =>
    unit === "days"
        ? t("{count, plural, one {# day} other {# days}}", { count })
        : t("{count, plural, one {# hour} other {# hours}}", { count })

/** Half of the spans as a bar, with the median as a line. */
function RangeBar({ places: [first = 0, median = 0, third = 0] }: { places: readonly number[] }) {
    return (
        <svg className="range" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect className="bg" x="0" y="4" width="100" height="2" />
            <rect className="on" x={first} y="2" width={Math.max(1, third - first)} height="6" />
            <rect className="median" x={Math.min(99.4, median)} y="0" width="0.6" height="10" />
        </svg>
    )
}

interface BarsProps {
    title: string
    figures: readonly Figure[]
    countText: (count: number | null) => string
}

function Bars({ title, figures, countText }: BarsProps) {
    const most = Math.max(1, ...figures.map(({ count }) => count ?? 0))
    return (
        <Section title={title}>
            <div className="panel pad">
                <ul className="bar-list">
                    {figures.map(({ category, count }) => (
                        <li key={category}>
                            <span>{category === null ? t("all") : valueText(category)}</span>
                            <Meter share={(count ?? 0) / most} />
                            <b>{countText(count)}</b>
                        </li>
                    ))}
                </ul>
            </div>
        </Section>
    )
}

const countOf = (count: number, about: Figure["about"]): string =>
    about === "cases"
        ? t("{count, plural, one {# case} other {# cases}}", { count })
        : t("{count, plural, one {# partner} other {# partners}}", { count })

function FigureTable({ figures, countText }: Omit<BarsProps, "title">) {
    return (
        <Table
            caption={t("Figures of published cases")}
            rows={figures}
            keyOf={({ id, category }) => `${id} ${category}`}
            columns={[
                {
                    name: t("Figure"),
                    cell: ({ id, category }) =>
                        category === null ? figureNames[id] : `${figureNames[id]}: ${valueText(category)}`,
                },
                {
                    name: t("Count"),
                    cell: ({ count, about }) => (count === null ? countText(count) : countOf(count, about)),
                    end: true,
                },
                {
                    name: t("Median"),
                    cell: ({ quartiles, unit }) => quartiles && spanOf(quartiles.median, unit),
                    end: true,
                },
                {
                    name: t("Quartiles"),
                    cell: ({ quartiles, unit }) =>
                        quartiles &&
                        (unit === "days"
                            ? t("{first} to {third} days", { first: quartiles.first, third: quartiles.third })
                            : t("{first} to {third} hours", { first: quartiles.first, third: quartiles.third })),
                    end: true,
                },
            ]}
        />
    )
}
