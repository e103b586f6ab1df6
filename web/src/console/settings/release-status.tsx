/** Whether releases run, with the conditions that this depends on. */
import type { ReactNode } from "react"
import type { AnswerTo } from "../api.ts"
import { When, spanText } from "../../kit/instant.tsx"
import { doubtWords } from "../words.ts"
import { type Condition, StatusBand } from "./status-band.tsx"
import { rich, t } from "../../messages/message.ts"

export type HealthAnswer = AnswerTo<"/api/health">

export function ReleaseStatus({ health }: { health: HealthAnswer }) {
    return (
        <StatusBand
            label={t("Releases")}
            works={health.canRelease}
            title={health.canRelease ? t("Releases can run") : t("Releases do not run")}
            conditions={conditionsOf(health)}
        />
    )
}

function conditionsOf(health: HealthAnswer): readonly Condition[] {
    const { conditions, next } = health
    const required = conditions.map(({ condition, isMet }) => ({
        key: condition,
        isMet,
        text: isMet ? met[condition] : unmet[condition](health),
    }))
    return [
        ...required,
        ...(next === null ? [] : [{ key: "next", isMet: next.approved === next.waves, text: nextText(next) }]),
    ]
}

function nextText({ at, waves, approved }: NonNullable<HealthAnswer["next"]>): ReactNode {
    return rich(
        "Next release {at}: {waves, plural, one {{approved} of # wave approved} other {{approved} of # waves approved}}",
        { at: <When at={at} short />, waves, approved },
    )
}

type Name = HealthAnswer["conditions"][number]["condition"]

const met: Readonly<Record<Name, string>> = {
    quarantine: t("Database not in quarantine"),
    clocks: t("Clocks trusted"),
    worker: t("Worker runs"),
    overdue: t("No release overdue"),
}

const unmet: Readonly<Record<Name, (health: HealthAnswer) => string>> = {
    quarantine: () => t("The database is in quarantine: two people must reconcile it first."),
    clocks: ({ doubt }) =>
        doubt === null ? t("Clocks distrusted") : t("Clocks distrusted: {doubt}", { doubt: doubtWords[doubt] }),
    worker: ({ jobs }) => workerText(jobs.find(({ job }) => job === "releasing")?.ageMs ?? null),
    overdue: ({ overdue }) =>
        t("{overdue, plural, one {# release is overdue} other {# releases are overdue}}: read the server’s log.", {
            overdue,
        }),
}

const workerText = (ageMs: number | null): string =>
    ageMs === null
        ? t("No worker has run yet: start one on the server.")
        : t("The last release run that succeeded was {ago}: start the worker again, and read its log.", {
              ago: agoText(ageMs),
          })

/** Formats the time since something happened, in seconds below a minute. */
export const agoText = (ageMs: number): string =>
    ageMs < 60_000
        ? t("{seconds} s ago", { seconds: Math.round(ageMs / 1000) })
        : t("{span} ago", { span: spanText(ageMs) })
