/** The waves of all cases in the coming weeks, earliest first. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useMemo } from "react"
import { Distance, When, distance } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, PagedTable } from "../../kit/table.tsx"
import { useNames, useNow } from "../artifacts/viewer.tsx"
import { tierNames, waveWords } from "../words.ts"
import { type ComingWave, earliestFirst, useComingWaves } from "./coming-waves.ts"
import { WaveCalendar } from "./wave-calendar.tsx"
import { RequestIfOpen } from "../release/waves/waves.tsx"
import { t } from "../../messages/message.ts"

const comingDays = 90

export function ScheduleScreen() {
    const waves = useComingWaves(comingDays)
    const coming = useMemo(() => earliestFirst(waves.data?.waves ?? []), [waves.data])
    const open = coming.filter(({ state }) => state !== "approved").length
    const lead =
        coming.length === 0
            ? t("No wave is planned in the next three months.")
            : open === 0
              ? t("All waves are approved.")
              : t("{open} of {all} waves are not approved.", { open, all: coming.length })
    return (
        <Page
            title={t("Schedule")}
            lead={
                waves.data === undefined ? (
                    t("Waves of all cases.")
                ) : (
                    <>
                        {lead} <NextWave waves={coming} />
                    </>
                )
            }
        >
            {coming.length > 0 && <WaveCalendar waves={coming} />}
            <Section title={t("Waves")} count={coming.length}>
                <Loaded query={waves}>{() => <ComingWaves waves={coming} />}</Loaded>
            </Section>
        </Page>
    )
}

function NextWave({ waves }: { waves: readonly ComingWave[] }) {
    const names = useNames()
    const now = parseInstant(useNow())
    const next = waves.find(({ at }) => parseInstant(at) > now)
    if (next === undefined) return null
    const { tier, case: caseId, at } = next
    return t("Next: the {tier} wave of {case}, {distance}.", {
        tier: tierNames[tier],
        case: names.case(caseId),
        distance: distance(parseInstant(at), now),
    })
}

function ComingWaves({ waves }: { waves: readonly ComingWave[] }) {
    const names = useNames()
    const now = useNow()
    if (waves.length === 0)
        return <Empty title={t("No waves planned yet.")}>{t("Open a case and plan its waves.")}</Empty>
    return (
        <PagedTable
            caption={t("Waves of the next three months")}
            rows={waves}
            dense
            keyOf={({ id }) => id}
            columns={[
                { name: t("Release"), cell: ({ at }) => <When at={at} /> },
                { name: t("Time left"), cell: ({ at }) => <Distance at={at} now={now} /> },
                {
                    name: t("Wave"),
                    cell: ({ id, case: caseId, tier }) => (
                        <Link to={`/cases/${caseId}/release/${id}`}>
                            <strong>{tierNames[tier]}</strong>
                        </Link>
                    ),
                },
                {
                    name: t("Case"),
                    cell: ({ case: caseId }) => <Link to={`/cases/${caseId}`}>{names.case(caseId)}</Link>,
                },
                {
                    name: t("State"),
                    cell: ({ state }) => <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>,
                },
                { name: t("Actions"), cell: (wave) => <RequestIfOpen wave={wave} />, end: true },
            ]}
        />
    )
}
