/** The coming waves by week. Narrow windows show the list below instead. */
import { Link } from "@tanstack/react-router"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { Section } from "../../kit/table.tsx"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { useCalendar } from "./calendar-reads.ts"
import type { ComingWave } from "./coming-waves.ts"
import { isOnDay, weeksOf } from "./weeks.ts"
import { locale, t } from "../../messages/message.ts"

const weeksMax = 8
/** More waves of one day are in the list below. */
const dayMax = 4
const weekdays = [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")] as const

export function WaveCalendar({ waves }: { waves: readonly ComingWave[] }) {
    const now = parseInstant(useNow())
    const weeks = weeksOf(
        now,
        waves.map(({ at }) => parseInstant(at)),
        weeksMax,
    )
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
                                    <DayCell key={day} day={day} now={now} waves={waves} />
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

function DayCell({ day, now, waves }: { day: Instant; now: Instant; waves: readonly ComingWave[] }) {
    const names = useNames()
    const special = (useCalendar().data?.next ?? []).filter(({ at }) => isOnDay(parseInstant(at), day))
    const own = waves.filter(({ at }) => isOnDay(parseInstant(at), day))
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
    return (
        <td className={isOnDay(now, day) ? "today" : isWeekend ? "weekend" : ""}>
            <b>{dayFormat.format(day)}</b>
            {isOnDay(now, day) && <small> {t("today")}</small>}
            {special.map(({ name }) => (
                <small key={name}> {name}</small>
            ))}
            <ul>
                {own.slice(0, dayMax).map(({ id, case: caseId, tier, at, state }) => (
                    <li key={id} className={state === "approved" ? "" : "warn"}>
                        {timeFormat.format(parseInstant(at))}{" "}
                        <Link to={`/cases/${caseId}/release/${id}`}>
                            {tierNames[tier]}, {names.case(caseId)}
                        </Link>
                        {state !== "approved" && <span> {t("(not signed)")}</span>}
                    </li>
                ))}
                {own.length > dayMax && (
                    <li className="muted">{t("and {count} more", { count: own.length - dayMax })}</li>
                )}
            </ul>
        </td>
    )
}
