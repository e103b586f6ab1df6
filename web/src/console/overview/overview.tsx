/** The overview: alarms, the viewer's tasks, approvals, and the next releases of all cases. */
import { parseInstant } from "@tocsin/base/instant"
import { useRead } from "../api.ts"
import { distance } from "../../kit/instant.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { useCan, useNow } from "../artifacts/viewer.tsx"
import { ApprovalSections } from "../release/approvals.tsx"
import { useComingWaves } from "../schedule/coming-waves.ts"
import { EarlyEndAlarms } from "./early-end-alarms.tsx"
import { FirstSteps } from "./first-steps.tsx"
import { OverviewRail } from "./overview-rail.tsx"
import { PasskeyNotice } from "./passkey-notice.tsx"
import { YourTasks } from "./tasks.tsx"
import { timeline } from "./timeline-scale.ts"
import { Timeline } from "./timeline.tsx"
import { t } from "../../messages/message.ts"

export function OverviewScreen() {
    const can = useCan()
    const tasks = useRead("/api/tasks").data?.tasks.length
    return (
        <Page
            title={t("Overview")}
            lead={
                <>
                    {tasks !== undefined && t("{tasks, plural, one {# task} other {# tasks}}.", { tasks })}{" "}
                    {can("wave:read") && <NextRelease />}
                </>
            }
        >
            <EarlyEndAlarms />
            <PasskeyNotice />
            <Columns rail={<OverviewRail />}>
                <FirstSteps />
                <YourTasks />
                <ApprovalSections />
                {can("wave:read") && <Timeline />}
            </Columns>
        </Page>
    )
}

function NextRelease() {
    const now = parseInstant(useNow())
    const waves = useComingWaves(timeline.days).data?.waves
    if (waves === undefined) return null
    const next = waves
        .filter(({ state }) => state === "approved")
        .map(({ at }) => parseInstant(at))
        .toSorted((a, b) => a - b)[0]
    return next === undefined
        ? t("No approved release in the next 30 days.")
        : t("The next release is {distance}.", { distance: distance(next, now) })
}
