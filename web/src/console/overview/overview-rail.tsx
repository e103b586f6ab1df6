/** Beside the overview: regulatory clocks, the last wave, and the health of the program. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRead } from "../api.ts"
import { distance, spanParts, wordsOf } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Meter } from "../../kit/meter.tsx"
import { Section } from "../../kit/table.tsx"
import type { Case } from "../answers.ts"
import { useCan, useCases, useMayRead, useNow } from "../artifacts/viewer.tsx"
import { useClocks } from "../clocks/clock-answers.ts"
import { useWaves } from "../cases/case-reads.ts"
import { type DueFiling, addressOf, dueFilings, dueSoonShare, timeUsed } from "../cases/filings/filing-rows.ts"
import { useProgress } from "../cases/overview/progress-reads.ts"
import { tierNames } from "../words.ts"
import { t } from "../../messages/message.ts"

export function OverviewRail() {
    const running = (useCases().data?.cases ?? [])
        .filter(({ phase, publication }) => phase === "running" && publication !== null)
        .toSorted((a, b) => (a.publication ?? "").localeCompare(b.publication ?? ""))[0]
    return (
        <>
            <RegulatoryClocks />
            {running !== undefined && <LastWave subject={running} />}
            <Health subject={running ?? null} />
        </>
    )
}

function RegulatoryClocks() {
    const clocks = useClocks(null).data?.clocks
    if (!useCan()("filing:read") || clocks === undefined) return null
    const due = dueFilings(clocks)
    return (
        <Section
            title={t("Regulatory clocks")}
            count={due.length}
            aside={<Link to="/schedule/clocks">{t("All")}</Link>}
        >
            {due.length === 0 && <p className="soft">{t("No filing is due.")}</p>}
            {due.slice(0, 4).map((item) => (
                <ClockMeter key={addressOf(item)} item={item} />
            ))}
        </Section>
    )
}

function ClockMeter({ item }: { item: DueFiling }) {
    const { clock, filing } = item
    const now = parseInstant(useNow())
    const end = parseInstant(filing.dueAt)
    const share = timeUsed(item, now)
    const tone = share >= 1 ? "bad" : share > dueSoonShare ? "due" : ""
    return (
        <div className="clock-meter">
            <Link to={addressOf(item)}>{filing.title}</Link>
            <b className={tone}>{end <= now ? t("overdue") : remainingText(end - now)}</b>
            <Meter share={share} tone={tone} />
            <small>
                {t("{authority}, since {since}", {
                    authority: clock.terms.authority,
                    since: wordsOf(filing.from),
                })}
            </small>
        </div>
    )
}

/** The two largest units that are left. */
function remainingText(leftMs: number): string {
    const parts = spanParts(leftMs).filter(([count]) => count > 0)
    return parts
        .slice(0, 2)
        .map((part) => part.join(" "))
        .join(" ")
}

/** The progress of the last released wave of the case that is published next. */
function LastWave({ subject }: { subject: Case }) {
    const now = parseInstant(useNow())
    const progress = useProgress(subject.id)
    const wave = (useWaves(subject.id).data?.waves ?? []).findLast(({ releasedAt }) => releasedAt !== null)
    if (!useCan()("delivery:read") || wave === undefined || wave.releasedAt === null || progress === null) return null
    const rows = progress.filter(({ tier }) => tier === wave.tier)
    const steps = [
        [t("Notified"), rows.filter(({ isNotified }) => isNotified).length, ""],
        [t("Fetched"), rows.filter(({ fetchedAt }) => fetchedAt !== null).length, ""],
        [t("Acknowledged"), rows.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length, ""],
        [t("Protected"), rows.filter(({ protectedAt }) => protectedAt !== null).length, "good"],
    ] as const
    return (
        <Section
            title={t("{tier} wave", { tier: tierNames[wave.tier] })}
            aside={distance(parseInstant(wave.releasedAt), now)}
        >
            <p>
                <Link to={`/cases/${subject.id}`}>{subject.title}</Link>
            </p>
            <div className="funnel">
                {steps.map(([name, count, tone]) => (
                    <FunnelStep key={name} name={name} count={count} all={rows.length} tone={tone} />
                ))}
            </div>
        </Section>
    )
}

function FunnelStep({ name, count, all, tone }: { name: string; count: number; all: number; tone: string }) {
    return (
        <>
            <span>{name}</span>
            <Meter share={all === 0 ? 0 : count / all} tone={tone} />
            <b>
                {count} / {all}
            </b>
        </>
    )
}

function Health({ subject }: { subject: Case | null }) {
    const alarms = useRead("/api/alarms").data?.alarms
    const clock = useMayRead("clock:read", "/api/clock").data
    const waves = useMayRead("wave:read", subject === null ? null : (`/api/cases/${subject.id}/waves` as const)).data
        ?.waves
    const released = waves?.filter(({ releasedAt }) => releasedAt !== null) ?? []
    const notified = released.reduce((sum, wave) => sum + wave.notified, 0)
    const recipients = released.reduce((sum, wave) => sum + wave.recipients, 0)
    const reading = clock?.reading ?? null
    const apart = reading === null ? null : Math.abs(Math.round(reading.apartMs))
    return (
        <Section title={t("Health")}>
            <ul className="checks-list">
                {alarms !== undefined && (
                    <HealthLine
                        isGood={alarms.length === 0}
                        text={t("Releases running")}
                        note={alarms.length === 0 ? "" : t("stopped")}
                    />
                )}
                {recipients > 0 && (
                    <HealthLine
                        isGood={notified === recipients}
                        text={t("Partners notified")}
                        note={t("{notified} of {recipients}", { notified, recipients })}
                    />
                )}
                {clock !== undefined && (
                    <HealthLine
                        isGood={clock.state !== "distrusted"}
                        text={clock.state === "distrusted" ? t("Clocks distrusted") : t("Clocks agree")}
                        note={apart === null ? "" : t("{milliseconds} ms apart", { milliseconds: apart })}
                    />
                )}
            </ul>
        </Section>
    )
}

function HealthLine({ isGood, text, note }: { isGood: boolean; text: string; note: string }) {
    return (
        <li className={isGood ? "good" : "warn"}>
            <Icon name={isGood ? "check" : "warning"} />
            <span className="grow">{text}</span>
            <span className="muted">{note}</span>
        </li>
    )
}
