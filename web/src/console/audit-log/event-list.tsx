/** The events of one page, by day, each as a sentence. */
import { Fragment } from "react"
import { parseInstant } from "@tocsin/base/instant"
import type { ChangeSearch } from "../../kit/address.ts"
import { Icon } from "../../kit/layout/icon.tsx"
import { TableFrame } from "../../kit/scroll.tsx"
import type { Event } from "../answers.ts"
import { type Naming, ObjectName, Sentence, actorOf, subjectsOf } from "./event-names.tsx"
import { type Row, rowsOf } from "./event-rows.ts"
import { groupOf, sentenceOf } from "./sentence.ts"
import { locale, rich, t } from "../../messages/message.ts"

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })
const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone: "UTC" })

interface EventListProps {
    events: readonly Event[]
    naming: Naming
    chosen: string | null
    change: ChangeSearch
    /** The case of the page, which its rows do not name again. */
    ofCase: string | null
}

export function EventList({ events, naming, chosen, change, ofCase }: EventListProps) {
    const days = Map.groupBy(events, ({ at }) => day.format(parseInstant(at)))
    return (
        <TableFrame label={t("Events, newest first")} tall={false}>
            <table className="events">
                <caption className="unseen">{t("Events, newest first")}</caption>
                <thead className="unseen">
                    <tr>
                        <th scope="col">{t("Time (UTC)")}</th>
                        <th scope="col">{t("Event")}</th>
                        <th scope="col">{t("About")}</th>
                        <th scope="col">{t("Number")}</th>
                    </tr>
                </thead>
                {[...days].map(([name, ofDay]) => (
                    <tbody key={name}>
                        <tr className="day">
                            <th colSpan={4} scope="rowgroup">
                                {name}
                            </th>
                        </tr>
                        {rowsOf(ofDay).map((row) => (
                            <EventRow
                                key={row.event.seq}
                                row={row}
                                naming={naming}
                                isChosen={chosen === String(row.event.seq)}
                                change={change}
                                ofCase={ofCase}
                            />
                        ))}
                    </tbody>
                ))}
            </table>
        </TableFrame>
    )
}

interface EventRowProps {
    row: Row<Event>
    naming: Naming
    isChosen: boolean
    change: ChangeSearch
    ofCase: string | null
}

function EventRow({ row: { event, count }, naming, isChosen, change, ofCase }: EventRowProps) {
    const { at, kind, body, seq, index } = event
    const number = index === null ? t("new") : index.toLocaleString(locale)
    const parts = sentenceOf(kind, body)
    const sentence = <Sentence parts={parts} naming={naming} />
    const named = new Set([ofCase, ...parts.map((part) => (typeof part === "string" ? "" : part.id))])
    return (
        <tr className={isChosen ? "on" : ""}>
            <td className="time">
                <time dateTime={at}>{time.format(parseInstant(at))}</time>
            </td>
            <td className="what">
                <Icon name={groupOf(kind)?.icon ?? "log"} /> <b>{actorOf(body, naming)}</b>{" "}
                {count > 1
                    ? rich("{sentence}, {count, plural, one {# event} other {# events}}", { sentence, count })
                    : sentence}
            </td>
            <td className="about">
                {subjectsOf(body)
                    .filter(({ id }) => !named.has(id))
                    .map((subject, n) => (
                        <Fragment key={subject.id}>
                            {n > 0 && ", "}
                            <ObjectName {...subject} naming={naming} />
                        </Fragment>
                    ))}
            </td>
            <td className="end">
                <button
                    type="button"
                    className="number"
                    aria-label={t("Event {number}: details", { number })}
                    aria-pressed={isChosen}
                    onClick={() => change({ event: isChosen ? null : String(seq) })}
                >
                    {number}
                </button>
            </td>
        </tr>
    )
}
