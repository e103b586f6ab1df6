/** The tasks of this partner as a short list, for the rail. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { dayOf, distance } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Section } from "../../kit/table.tsx"
import { useMe } from "../viewer.ts"
import { SendZeroReport, SentReports, useSentReports } from "../warnings/zero-report.tsx"
import { useTasks } from "./tasks.ts"
import { t } from "../../messages/message.ts"

export function DueList() {
    const tasks = useTasks()
    const { now } = useMe()
    const reports = useSentReports()
    return (
        <Section title={t("Due")} count={tasks.length}>
            <SentReports {...reports} />
            {tasks.length === 0 ? (
                <p className="soft">{t("You have no tasks.")}</p>
            ) : (
                <ul className="list plain-list">
                    {tasks.map(({ id, title, to, dueAt, isOverdue, icon, toSearch }) => (
                        <li key={id}>
                            <span className={isOverdue ? "square bad" : "square due"}>
                                <Icon name={icon} />
                            </span>
                            <div className="grow">
                                <Link className="title" to={to}>
                                    {title}
                                </Link>
                                <div className="why">
                                    {isOverdue
                                        ? t("overdue since {due}", { due: dayOf(dueAt) })
                                        : t("due {due}, {distance}", {
                                              due: dayOf(dueAt),
                                              distance: distance(parseInstant(dueAt), parseInstant(now)),
                                          })}
                                </div>
                            </div>
                            {toSearch !== undefined && <SendZeroReport warning={toSearch} reports={reports} />}
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    )
}
