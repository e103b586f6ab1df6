/** The coming waves by week. Narrow windows show the list below instead. */
import { Link } from "@tanstack/react-router"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { Section } from "../../kit/table.tsx"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { InlineSign, type SignKind, SignLegend, signNames, signOf } from "../overview/timeline-signs.tsx"
import { tierNames } from "../words.ts"
import { useCalendar } from "./calendar-reads.ts"
import type { ComingWave } from "./coming-waves.ts"
import { useDueFilings } from "./due-filings.ts"
import { byDay, startOfDay, weeksOf } from "./weeks.ts"
import { locale, t } from "../../messages/message.ts"

const weeksMax = 8
/** More waves of one day are in the list below. */
const dayMax = 4
const weekdays = [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")] as const

export function WaveCalendar({ waves }: { waves: readonly ComingWave[] }) {
    const now = parseInstant(useNow())
    const entriesOn = byDay(useEntries(waves))
    const specialOn = byDay(useCalendar().data?.next ?? [])
    const weeks = weeksOf(now, [...entriesOn.keys()], weeksMax)
    return (
        <div className="wide-only">
            <Section title={t("Calendar")} aside={t("times in UTC")}>
                <table className="calendar">
                    <caption className="unseen">{t("Waves by week")}</caption>
                    <thead>
                        <tr>
                            {weekdays.map((name) => (
                                <th key={name} scope="col">
                                    {name}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {weeks.map((days) => (
                            <tr key={days[0]}>
                                {days.map((day) => (
                                    <DayCell
                                        key={day}
                                        day={day}
                                        isToday={day === startOfDay(now)}
                                        special={specialOn.get(day) ?? []}
                                        entries={entriesOn.get(day) ?? []}
                                    />
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
                <SignLegend />
            </Section>
        </div>
    )
}

const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })
const timeFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" })

interface Entry {
    readonly id: string
    readonly at: string
    readonly kind: SignKind
    readonly text: string
    readonly to: string
}

/** The waves and the filings that are due, the earliest of each first. */
function useEntries(waves: readonly ComingWave[]): readonly Entry[] {
    const names = useNames()
    const filings = useDueFilings().map(({ title, caseId, at, to }): Entry => ({
        id: to,
        at,
        kind: "deadline",
        text: `${title}, ${names.case(caseId)}`,
        to,
    }))
    return [
        ...filings,
        ...waves.map((wave): Entry => ({
            id: wave.id,
            at: wave.at,
            kind: signOf(wave),
            text: `${tierNames[wave.tier]}, ${names.case(wave.case)}`,
            to: `/cases/${wave.case}/release/${wave.id}`,
        })),
    ]
}

interface DayCellProps {
    day: Instant
    isToday: boolean
    /** The publication days of the program on this day. */
    special: readonly { readonly name: string }[]
    entries: readonly Entry[]
}

function DayCell({ day, isToday, special, entries }: DayCellProps) {
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
    return (
        <td className={isToday ? "today" : isWeekend ? "weekend" : ""}>
            <b>{dayFormat.format(day)}</b>
            {isToday && <small> {t("today")}</small>}
            {special.map(({ name }) => (
                <small key={name}> {name}</small>
            ))}
            <ul>
                {entries.slice(0, dayMax).map(({ id, at, kind, text, to }) => (
                    <li key={id} className={kind}>
                        <InlineSign kind={kind} />
                        <span title={text}>
                            {timeFormat.format(parseInstant(at))} <Link to={to}>{text}</Link>
                            <span className="unseen">, {signNames[kind]}</span>
                        </span>
                    </li>
                ))}
                {entries.length > dayMax && (
                    <li className="muted">{t("and {count} more", { count: entries.length - dayMax })}</li>
                )}
            </ul>
        </td>
    )
}
