/** Rehearses a wave: what would be released, to whom, who would be notified, and what blocks it. Changes nothing. */
import { useState } from "react"
import { writeTo, type AnswerTo } from "../../api.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Notice } from "../../../kit/notice.tsx"
import { Badge, Facts, Table } from "../../../kit/table.tsx"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import type { PlannedWave } from "../../answers.ts"
import { HowItGoesOut } from "./unmarked-parts.tsx"
import { WouldBeRefused } from "../../cases/publication.tsx"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { WhyButton } from "../../access/why.tsx"
import { tierNames } from "../../words.ts"
import { t, valueText } from "../../../messages/message.ts"

type Rehearsal = AnswerTo<"/api/waves/{id}/rehearse", "POST">

const obstacleWords: Readonly<Record<string, string>> = {
    "case.closed": t("the case is closed"),
    "wave.frozen": t("the wave is frozen: request its release again"),
    "release.clocks_distrusted": t("the clocks are distrusted"),
    "release.no_recipients": t("no partner would get an artifact"),
    "artifact.not_valid": t("an artifact has an error that stops the release"),
    "approval.not_signed": t("the second signature is missing"),
    "approval.voided": t("the approval is void"),
    "approval.expired": t("the request expired unsigned"),
    "approval.effects_exceeded": t("the effects exceed the signed approval: request a new one"),
    "embargo.not_due": t("the embargo would not have ended"),
    "delivery.no_address": t("no person on the roster would be notified"),
    "delivery.nothing_to_read": t("it would get nothing"),
    "delivery.no_key": t("no usable key: no copy can be sealed to it"),
}

export function Rehearsing({ wave, caseId }: { wave: PlannedWave; caseId: string }) {
    const [answer, setAnswer] = useState<Rehearsal | null>(null)
    return (
        <>
            <p>
                {t(
                    "Tocsin computes the release as it would happen at its instant, then discards it. No partner is notified and no partner gets access. The audit log records the rehearsal.",
                )}
            </p>
            {answer !== null && wave.tier === "publication" && <WouldBeRefused caseId={caseId} />}
            {answer !== null && <Answer rehearsal={answer} caseId={caseId} />}
            {answer !== null && <HowItGoesOut subject={{ wave: wave.id }} />}
            <div className="row end">
                <Do look="main" write={writeTo("POST", `/api/waves/${wave.id}/rehearse`)} onDone={setAnswer}>
                    {answer === null ? t("Rehearse") : t("Rehearse again")}
                </Do>
            </div>
        </>
    )
}

function Answer({ rehearsal, caseId }: { rehearsal: Rehearsal; caseId: string }) {
    const names = useNames()
    const opened = rehearsal.artifacts.map(({ artifact, version }) => `${names.artifact(artifact)} v${version}`)
    return (
        <>
            <Summary reported={rehearsal} opened={opened} />
            {rehearsal.recipients.length === 0 ? (
                <Empty title={t("No partner would get an artifact.")} />
            ) : (
                <Recipients rehearsal={rehearsal} caseId={caseId} />
            )}
        </>
    )
}

type Reported = Pick<Rehearsal, "at" | "obstacles" | "ms"> & {
    readonly recipients: readonly { readonly notices: number }[]
}

function Summary({ reported, opened }: { reported: Reported; opened: readonly string[] }) {
    const stops = reported.obstacles.filter(({ partner }) => partner === null)
    return (
        <>
            {stops.length === 0 ? (
                <Notice tone="good">{t("Nothing would stop the release.")}</Notice>
            ) : (
                <Notice tone="bad">
                    <div className="stack">
                        <strong>{t("The wave would not be released")}</strong>
                        {stops.map(({ code }) => (
                            <Obstacle key={code} code={code} />
                        ))}
                    </div>
                </Notice>
            )}
            <Facts
                items={[
                    [t("Released"), <When key="at" at={reported.at} />],
                    [
                        t("Artifacts ({count})", { count: opened.length }),
                        opened.length === 0 ? t("nothing") : opened.toSorted().join(", "),
                    ],
                    [t("Partners"), reported.recipients.length],
                    [t("Notices"), reported.recipients.reduce((sum, item) => sum + item.notices, 0)],
                    [t("The rehearsal took"), t("{ms} ms", { ms: Math.round(reported.ms) })],
                ]}
            />
        </>
    )
}

type DummyRehearsal = AnswerTo<"/api/default-schedule/rehearse", "POST">

/** Rehearses without a case, for example after a change of schedule, policy or partners. */
export function RehearseDummy({ tier }: { tier: WaveTier }) {
    return (
        <Opens
            button={t("Rehearse…")}
            title={t("Rehearse the {tier} wave with a dummy case", { tier: tierNames[tier] })}
            wide
            disabledReason={useWhyNot()("wave:write")}
        >
            {() => <RehearsingDummy tier={tier} />}
        </Opens>
    )
}

function RehearsingDummy({ tier }: { tier: WaveTier }) {
    const [answer, setAnswer] = useState<DummyRehearsal | null>(null)
    return (
        <>
            <p>
                {t(
                    "Tocsin opens a dummy case with one artifact of each class, plans it with the current partners, policy and schedule, and discards it. No partner is notified. The audit log records the rehearsal.",
                )}
            </p>
            {answer !== null && <Summary reported={answer} opened={answer.classes.map(valueText)} />}
            {answer !== null && <DummyRecipients dummyRehearsal={answer} />}
            <div className="row end">
                <Do look="main" write={writeTo("POST", "/api/default-schedule/rehearse", { tier })} onDone={setAnswer}>
                    {answer === null ? t("Rehearse") : t("Rehearse again")}
                </Do>
            </div>
        </>
    )
}

function DummyRecipients({ dummyRehearsal }: { dummyRehearsal: DummyRehearsal }) {
    const names = useNames()
    if (dummyRehearsal.recipients.length === 0) return <Empty title={t("No partner would get an artifact.")} />
    return (
        <Table
            tall
            caption={t("Who would get which classes")}
            rows={dummyRehearsal.recipients.toSorted((a, b) =>
                names.partner(a.partner).localeCompare(names.partner(b.partner)),
            )}
            keyOf={({ partner }) => partner}
            columns={[
                { name: t("Partner"), cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                { name: t("Notices"), cell: ({ notices }) => notices, end: true },
                { name: t("Would get"), cell: ({ classes }) => classes.map(valueText).join(", ") },
                {
                    name: t("Obstacles"),
                    cell: ({ partner }) => <Obstacles rehearsal={dummyRehearsal} partner={partner} />,
                },
            ]}
        />
    )
}

function Recipients({ rehearsal, caseId }: { rehearsal: Rehearsal; caseId: string }) {
    const names = useNames()
    return (
        <Table
            tall
            caption={t("Who would get what")}
            rows={rehearsal.recipients.toSorted((a, b) =>
                names.partner(a.partner).localeCompare(names.partner(b.partner)),
            )}
            keyOf={({ partner }) => partner}
            columns={[
                { name: t("Partner"), cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                { name: t("Notices"), cell: ({ notices }) => notices, end: true },
                {
                    name: t("Would get"),
                    cell: ({ artifacts }) =>
                        artifacts
                            .map(({ artifact }) => names.artifact(artifact))
                            .toSorted()
                            .join(", "),
                },
                { name: t("Obstacles"), cell: ({ partner }) => <Obstacles rehearsal={rehearsal} partner={partner} /> },
                {
                    name: t("Reasons"),
                    cell: ({ partner }) => (
                        <WhyButton
                            id={names.partner(partner)}
                            caseId={caseId}
                            at={rehearsal.at}
                            partners={[partner]}
                            artifacts={rehearsal.artifacts.map(({ artifact }) => artifact)}
                        />
                    ),
                    end: true,
                },
            ]}
        />
    )
}

function Obstacles({ rehearsal, partner }: { rehearsal: Pick<Rehearsal, "obstacles">; partner: string }) {
    const obstacles = rehearsal.obstacles.filter((obstacle) => obstacle.partner === partner)
    if (obstacles.length === 0) return <Badge tone="good">{t("nothing")}</Badge>
    return (
        <span className="stack">
            {obstacles.map(({ code }) => (
                <Obstacle key={code} code={code} />
            ))}
        </span>
    )
}

function Obstacle({ code }: { code: string }) {
    return (
        <span>
            {obstacleWords[code] ?? t("the release would be refused")} <code className="code">{code}</code>
        </span>
    )
}
