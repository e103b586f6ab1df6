/** The coming waves by week. Narrow windows show the list below instead. */
import { Link } from "@tanstack/react-router"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { Section } from "../../kit/table.tsx"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { useCalendar } from "./calendar-reads.ts"
import type { ComingWave } from "./coming-waves.ts"
import { byDay, startOfDay, weeksOf } from "./weeks.ts"
import { locale, t } from "../../messages/message.ts"

const weeksMax = 8
/** More waves of one day are in the list below. */
const dayMax = 4
const weekdays = [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")] as const

export function WaveCalendar({ waves }: { waves: readonly ComingWave[] }) {
    const now = parseInstant(useNow())
    const names = useNames()
    const wavesOn = byDay(waves)
    const specialOn = byDay(useCalendar().data?.next ?? [])
    const weeks = weeksOf(now, [...wavesOn.keys()], weeksMax)
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
                                        waves={wavesOn.get(day) ?? []}
                                        caseName={names.case}
                                    />
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </Section>
        </div>
    )
}

const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })
const timeFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" })

interface DayCellProps {
    day: Instant
    isToday: boolean
    /** The publication days of the program on this day. */
    special: readonly { readonly name: string }[]
    waves: readonly ComingWave[]
    caseName: (id: string) => string
}

function DayCell({ day, isToday, special, waves, caseName }: DayCellProps) {
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
    return (
        <td className={isToday ? "today" : isWeekend ? "weekend" : ""}>
            <b>{dayFormat.format(day)}</b>
            {isToday && <small> {t("today")}</small>}
            {special.map(({ name }) => (
                <small key={name}> {name}</small>
            ))}
            <ul>
                {waves.slice(0, dayMax).map(({ id, case: caseId, tier, at, state }) => (
                    <li key={id} className={state === "approved" ? "" : "warn"}>
                        {timeFormat.format(parseInstant(at))}{" "}
                        <Link to={`/cases/${caseId}/release/${id}`}>
                            {tierNames[tier]}, {caseName(caseId)}
                        </Link>
                        {state !== "approved" && <span> {t("(not signed)")}</span>}
                    </li>
                ))}
                {waves.length > dayMax && (
                    <li className="muted">{t("and {count} more", { count: waves.length - dayMax })}</li>
                )}
            </ul>
        </td>
    )
}
