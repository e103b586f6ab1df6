/** Alarms that every staff member sees on every screen until they end. */
import type { ReactNode } from "react"
import type { AlarmCause, AlarmCode } from "../../../../server/src/trace/tasks/alarm.ts"
import { type AnswerTo, useWatched } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Notice } from "../../kit/notice.tsx"
import { rich, t } from "../../messages/message.ts"

type Shown = AnswerTo<"/api/alarms">["alarms"][number]

/** Polls, because a stopped worker causes no event. */
const everyMs = 15_000

export function Alarms() {
    const alarms = useWatched("/api/alarms", everyMs).data?.alarms ?? []
    return alarms.map((alarm) => (
        <Notice key={alarm.code} tone="bad">
            <span>{texts[alarm.code](alarm)}</span>
        </Notice>
    ))
}

const strong = (text: ReactNode) => <strong>{text}</strong>

const texts: Readonly<Record<AlarmCode, (alarm: Shown) => ReactNode>> = {
    releases_stopped: ({ cause, since }) => (
        <>
            {since === null
                ? rich("<strong>Releases are not running</strong>.", { strong })
                : rich("<strong>Releases are not running</strong> since {since}.", {
                      strong,
                      since: <When at={since} short />,
                  })}{" "}
            {causes[cause]}
        </>
    ),
}

const causes: Readonly<Record<AlarmCause, string>> = {
    quarantine: t("The database is in quarantine: two people must reconcile it first. Approved waves wait until then."),
    worker_never_ran: t("No worker has run yet: start one on the server. Approved waves wait until then."),
    worker_late: t("The worker has stopped: start it again on the server. Approved waves wait until then."),
    release_overdue: t("The worker runs, but an approved wave is overdue: read the server's log."),
}
