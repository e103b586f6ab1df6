/** What each warned partner has done with its copies, grouped by wave. */
import { Link } from "@tanstack/react-router"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import { When, spanParts } from "../../../kit/instant.tsx"
import { TableFrame } from "../../../kit/scroll.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { Tone } from "../../../kit/notice.tsx"
import type { Case } from "../../answers.ts"
import { useCan, useMayRead, useNames, useNow } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { useWaves } from "../case-reads.ts"
import type { PartnerProgress } from "./progress.ts"
import { useProgress } from "./progress-reads.ts"
import { t, valueText } from "../../../messages/message.ts"

const protectionTones: Readonly<Record<NonNullable<PartnerProgress["protection"]>, Tone>> = {
    protected: "good",
    in_progress: "due",
    not_applicable: "plain",
    needs_more: "bad",
}

export function Delivery({ subject }: { subject: Case }) {
    const progress = useProgress(subject.id)
    if (!useCan()("delivery:read") || progress === null || progress.length === 0) return null
    const groups = [...Map.groupBy(progress, ({ tier }) => tier)]
    return (
        <Section title={t("Delivery")} count={progress.length} aside={t("notified, fetched, acknowledged, protected")}>
            <TableFrame label={t("Progress of each partner")} tall={progress.length > 30}>
                <table className="delivery">
                    <caption className="unseen">{t("Progress of each warned partner")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t("Partner")}</th>
                            <th scope="col">{t("Progress")}</th>
                            <th scope="col">{t("Fetched after")}</th>
                            <th scope="col">{t("Acknowledged after")}</th>
                            <th scope="col">{t("Protection")}</th>
                        </tr>
                    </thead>
                    {groups.map(([tier, rows]) => (
                        <WaveRows key={tier} tier={tier} rows={rows} subject={subject} />
                    ))}
                </table>
            </TableFrame>
            <WithoutAccess subject={subject} shown={progress.length} />
        </Section>
    )
}

/** Partners that waves notified and that have no access now are not listed, so they are counted. */
function WithoutAccess({ subject, shown }: { subject: Case; shown: number }) {
    const waves = useWaves(subject.id).data?.waves ?? []
    const notified = waves.filter(({ tier, releasedAt }) => releasedAt !== null && tier !== "publication")
    const others = notified.reduce((sum, { recipients }) => sum + recipients, 0) - shown
    if (others <= 0) return null
    return (
        <p className="muted small">
            {t("{count, plural, one {# notified partner} other {# notified partners}} without access now.", {
                count: others,
            })}
        </p>
    )
}

function WaveRows({ tier, rows, subject }: { tier: WaveTier; rows: readonly PartnerProgress[]; subject: Case }) {
    const names = useNames()
    const sighted = useSighted(subject.id)
    const [first] = rows
    return (
        <tbody>
            <tr className="group">
                <th colSpan={5} scope="rowgroup">
                    {t("{tier} wave", { tier: tierNames[tier] })}{" "}
                    {first !== undefined && <When at={formatInstant(first.warnedAt)} short />}
                </th>
            </tr>
            {rows
                .toSorted((a, b) => names.partner(a.partner).localeCompare(names.partner(b.partner)))
                .map((row) => (
                    <tr key={row.partner}>
                        <th scope="row">
                            <Link to={`/partners/${row.partner}`}>{names.partner(row.partner)}</Link>
                        </th>
                        <td>
                            <ProgressBar progress={row} />
                        </td>
                        <td className="num" data-column={t("Fetched after")}>
                            <After at={row.fetchedAt} since={row.warnedAt} />
                        </td>
                        <td className="num">
                            {row.acknowledgedAt === null ? "–" : spanText(row.acknowledgedAt - row.warnedAt)}
                        </td>
                        <td>
                            <Protection progress={row} hasSighting={sighted.has(row.partner)} caseId={subject.id} />
                        </td>
                    </tr>
                ))}
        </tbody>
    )
}

/** Returns the partners that reported exploitation. */
function useSighted(caseId: string): ReadonlySet<string> {
    const { data } = useMayRead("sighting:read", `/api/sightings?case=${caseId}`)
    const seen = (data?.sightings ?? []).filter(
        ({ zeroReportSince, withdrawnAt }) => zeroReportSince === null && !withdrawnAt,
    )
    return new Set(seen.map(({ partner }) => partner))
}

function Protection({
    progress,
    hasSighting,
    caseId,
}: {
    progress: PartnerProgress
    hasSighting: boolean
    caseId: string
}) {
    return (
        <span className="row">
            {progress.protection === null ? (
                <span className="muted">{t("nothing yet")}</span>
            ) : (
                <Badge tone={protectionTones[progress.protection]}>{valueText(progress.protection)}</Badge>
            )}
            {hasSighting && (
                <Link to={`/cases/${caseId}/reports/sightings`}>
                    <Badge tone="bad">{t("sighting")}</Badge>
                </Link>
            )}
        </span>
    )
}

/** Four parts, one a step. The words beside it say the same to a screen reader. */
function ProgressBar({ progress }: { progress: PartnerProgress }) {
    const { isNotified, fetchedAt, acknowledgedAt, protection } = progress
    const last = protection === "protected" ? "on" : protection === "in_progress" ? "part" : ""
    const parts = [isNotified ? "on" : "", fetchedAt === null ? "" : "on", acknowledgedAt === null ? "" : "on", last]
    const done = [
        isNotified && t("notified"),
        fetchedAt !== null && t("fetched"),
        acknowledgedAt !== null && t("acknowledged"),
    ]
    const text = done.filter((item) => item !== false).join(", ")
    return (
        <>
            <svg className="progress-bar" viewBox="0 0 96 6" aria-hidden="true">
                {parts.map((part, n) => (
                    <rect key={n} className={part} x={n * 25} y="0" width="21" height="6" rx="3" />
                ))}
            </svg>
            <span className="unseen">{text === "" ? t("not notified") : text}</span>
        </>
    )
}

function After({ at, since }: { at: Instant | null; since: Instant }) {
    const now = parseInstant(useNow())
    if (at !== null) return spanText(at - since)
    return <span className="warn">{t("not in {span}", { span: spanText(now - since) })}</span>
}

function spanText(ms: number): string {
    return spanParts(Math.max(0, ms))
        .slice(0, 2)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(" ")
}
