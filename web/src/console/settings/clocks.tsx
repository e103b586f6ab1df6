/** The time sources of releases: their differences, whether they are trusted, and the limits. */
import {
    backwardMsMax,
    disagreementMsMax,
    forwardMsMax,
    trustAgainMs,
} from "../../../../server/src/models/clock-trust.ts"
import { useWatched } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Facts, Section, Table } from "../../kit/table.tsx"
import type { ClockState } from "../access/policy-answers.ts"
import { doubtWords } from "../words.ts"
import { SettingsPage } from "./settings-page.tsx"
import { StatusBand } from "./status-band.tsx"
import { rich, t } from "../../messages/message.ts"

type Reading = NonNullable<ClockState["reading"]>

/** Polls, because a reading causes no event. */
const everyMs = 15_000

export function ClockSettings() {
    const clock = useWatched("/api/clock", everyMs)
    return (
        <SettingsPage
            tab={t("Clocks")}
            lead={t("Waves are released by these clocks. Distrusted clocks pause all releases.")}
        >
            <Loaded query={clock}>
                {(state) =>
                    state.reading === null ? (
                        <Empty title={t("No clock reading yet.")}>
                            {t("The worker reads the clocks every few seconds.")}
                        </Empty>
                    ) : (
                        <>
                            <Trust state={state} />
                            <Sources reading={state.reading} />
                            <Limits />
                        </>
                    )
                }
            </Loaded>
        </SettingsPage>
    )
}

function Trust({ state: { state, since, doubt, agreedSince, highWater } }: { state: ClockState }) {
    const isTrusted = state !== "distrusted"
    return (
        <StatusBand
            label={t("Trust")}
            works={isTrusted}
            title={isTrusted ? t("Clocks trusted") : t("Clocks distrusted")}
            conditions={[
                ...(isTrusted || doubt === null ? [] : [{ key: "doubt", isMet: false, text: doubtWords[doubt] }]),
                ...(since === null
                    ? []
                    : [
                          {
                              key: "since",
                              isMet: false,
                              text: rich("since {since}", { since: <When at={since} short /> }),
                          },
                      ]),
                ...(agreedSince === null
                    ? []
                    : [
                          {
                              key: "agreed",
                              isMet: true,
                              text: rich("they agree again since {since}", { since: <When at={agreedSince} short /> }),
                          },
                      ]),
                ...(highWater === null
                    ? []
                    : [
                          {
                              key: "high",
                              isMet: true,
                              text: rich("latest trusted instant: {at}", { at: <When at={highWater} short /> }),
                          },
                      ]),
            ]}
        />
    )
}

const milliseconds = (ms: number): string => t("{ms, number} ms", { ms: Math.round(Math.abs(ms)) })

interface Source {
    readonly name: string
    readonly at: string | null
    /** Null: not compared. */
    readonly offMs: number | null
    readonly note: string
}

function sourcesOf({ application, database, apartMs, hasTwoClocks, isOneEnough, offByServiceMs }: Reading): Source[] {
    return [
        { name: t("Database"), at: database, offMs: null, note: t("decides when a wave is released") },
        {
            name: t("Server"),
            at: application,
            offMs: apartMs,
            note: hasTwoClocks ? t("another machine than the database") : t("same machine as the database"),
        },
        {
            name: t("Time service"),
            at: null,
            offMs: offByServiceMs,
            note:
                offByServiceMs !== null
                    ? t("synchronises the server")
                    : isOneEnough
                      ? t("not used: this program accepts one clock")
                      : t("no time service answers on the server"),
        },
    ]
}

function Sources({ reading }: { reading: Reading }) {
    return (
        <Section title={t("Time sources")} count={3}>
            <Table
                caption={t("Time sources at the last reading")}
                rows={sourcesOf(reading)}
                keyOf={({ name }) => name}
                columns={[
                    { name: t("Source"), cell: ({ name }) => <strong>{name}</strong> },
                    { name: t("Last reading"), cell: ({ at }) => (at === null ? "–" : <When at={at} short />) },
                    { name: t("Note"), cell: ({ note }) => <span className="muted">{note}</span> },
                    {
                        name: t("Difference"),
                        end: true,
                        cell: ({ offMs }) => (offMs === null ? "–" : milliseconds(offMs)),
                    },
                    { name: t("State"), end: true, cell: ({ offMs }) => <Agreement offMs={offMs} /> },
                ]}
            />
        </Section>
    )
}

function Agreement({ offMs }: { offMs: number | null }) {
    if (offMs === null) return <Badge>{t("not compared")}</Badge>
    return Math.abs(offMs) <= disagreementMsMax ? (
        <Badge tone="good">{t("agrees")}</Badge>
    ) : (
        <Badge tone="bad">{t("too far")}</Badge>
    )
}

function Limits() {
    const seconds = (ms: number) => t("{seconds, number} s", { seconds: ms / 1000 })
    return (
        <Section title={t("Limits")}>
            <div className="panel pad">
                <Facts
                    items={[
                        [t("Difference between two sources"), milliseconds(disagreementMsMax)],
                        [t("Forward jump, against the time that passed"), seconds(forwardMsMax)],
                        [t("Backward jump, against the latest trusted instant"), seconds(backwardMsMax)],
                        [
                            t("Trusted again"),
                            t("after {span} of agreement, or when two people confirm the clock", {
                                span: seconds(trustAgainMs),
                            }),
                        ],
                    ]}
                />
            </div>
            <p className="muted">
                {t(
                    "Beyond a limit, the clocks are distrusted at once. After a restart, a server with a single clock needs a time service, or two people who confirm the clock.",
                )}
            </p>
        </Section>
    )
}
