/** Reports about exploitation, including zero reports, as the reporter and the operator both see them. */
import type { ReactNode } from "react"
import { CopyButton } from "./button.tsx"
import { Opens } from "./dialog.tsx"
import { When, wordsOf } from "./instant.tsx"
import { Reading } from "./scroll.tsx"
import { Badge, type Column, Table } from "./table.tsx"
import { clockNames } from "./text.ts"
import type { AnswerAt } from "../answer-at.ts"
import { rich, t, valueText } from "../messages/message.ts"

export type ShownSighting = Omit<AnswerAt<"portal", "GET", "/api/sightings">["sightings"][number], "warning">

interface SightingsProps<Row> {
    caption: string
    rows: readonly Row[]
    keyOf: (row: Row) => string
    /** The column of the reporter. */
    by: Column<Row>
    /** The column of actions on a report. */
    action?: Column<Row>
}

export function SightingsTable<Row extends ShownSighting>({ by, action, ...table }: SightingsProps<Row>) {
    return (
        <Table
            tall
            {...table}
            columns={[
                { name: t("Seen"), cell: (item) => <Seen sighting={item} /> },
                by,
                { name: t("Details"), cell: (item) => <Details sighting={item} /> },
                {
                    name: t("Confidence"),
                    cell: ({ confidence }) => confidence !== null && <span className="nowrap">{confidence} %</span>,
                    end: true,
                },
                { name: t("Reported"), cell: (item) => <Reported sighting={item} /> },
                ...(action === undefined ? [] : [action]),
            ]}
        />
    )
}

function Seen({ sighting: { observedAt, zeroReportSince, clock } }: { sighting: ShownSighting }) {
    return (
        <span className="stack">
            {zeroReportSince !== null && (
                <>
                    <span>
                        <Badge tone="good">{t("nothing seen")}</Badge>
                    </span>
                    <span>{rich("from {since}", { since: <When at={zeroReportSince} short /> })}</span>
                </>
            )}
            {zeroReportSince === null ? (
                <When at={observedAt} short />
            ) : (
                <span>{rich("until {until}", { until: <When at={observedAt} short /> })}</span>
            )}
            <span className="muted" title={clockNames[clock]}>
                {t("clock {quality}", { quality: valueText(clock) })}
            </span>
        </span>
    )
}

function Reported({ sighting: { reportedAt, correctedAt, withdrawnAt } }: { sighting: ShownSighting }) {
    return (
        <span className="stack">
            <When at={reportedAt} short />
            {correctedAt !== null && (
                <span>{rich("corrected {corrected}", { corrected: <When at={correctedAt} short /> })}</span>
            )}
            {withdrawnAt !== null && (
                <span>
                    <Badge tone="due">{t("withdrawn")}</Badge> <When at={withdrawnAt} short />
                </span>
            )}
        </span>
    )
}

const noteShown = 160
const indicatorsShown = 3
const indicatorShown = 60

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text)

const unseen = (text: ReactNode[]) => <span className="unseen">{text}</span>

/** Shows as much as fits in a row; a press shows the rest. */
function Details({ sighting }: { sighting: ShownSighting }) {
    const { product, note, indicators } = sighting
    const shown = indicators.slice(0, indicatorsShown)
    const isWhole =
        note.length <= noteShown &&
        indicators.length === shown.length &&
        shown.every(({ length }) => length <= indicatorShown)
    if (product === "" && note === "" && indicators.length === 0)
        return <span className="muted">{t("no details")}</span>
    return (
        <span className="stack what">
            {product !== "" && <strong>{product}</strong>}
            {note !== "" && <span>{cut(note, noteShown)}</span>}
            {shown.map((item, n) => (
                <code key={n} className="code">
                    {cut(item, indicatorShown)}
                </code>
            ))}
            {!isWhole && <Whole sighting={sighting} />}
        </span>
    )
}

function Whole({ sighting: { reportedAt, product, note, indicators } }: { sighting: ShownSighting }) {
    const text = indicators.join("\n")
    return (
        <span>
            <Opens
                button={
                    indicators.length > indicatorsShown
                        ? rich("All {count} indicators… <unseen>of the report of {reported}</unseen>", {
                              count: indicators.length,
                              reported: wordsOf(reportedAt),
                              unseen,
                          })
                        : rich("Whole report… <unseen>of the report of {reported}</unseen>", {
                              reported: wordsOf(reportedAt),
                              unseen,
                          })
                }
                title={product === "" ? t("Whole report") : product}
                wide
            >
                {() => (
                    <>
                        {note !== "" && <p className="letter">{note}</p>}
                        {text !== "" && (
                            <>
                                <Reading label={t("Indicators")} text={text} />
                                <span className="row">
                                    <CopyButton text={text}>{t("Copy the indicators")}</CopyButton>
                                </span>
                            </>
                        )}
                    </>
                )}
            </Opens>
        </span>
    )
}
