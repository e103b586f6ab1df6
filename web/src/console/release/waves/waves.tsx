/** A case's waves: one row each with its state, one button, and a menu for the rest. */
import { Link } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { inOrder, useWrite } from "../../../kit/api.ts"
import { Button, Do } from "../../../kit/button.tsx"
import { Distance, When } from "../../../kit/instant.tsx"
import { Failed } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { Case, PlannedWave, Wave } from "../../answers.ts"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { useMatrix } from "../../cases/case-reads.ts"
import { closedWhy } from "../../cases/embargo/closure.tsx"
import { WouldBeRefused, usePublication } from "../../cases/publication.tsx"
import { tierNames, waveWords } from "../../words.ts"
import { useApprovals } from "../approval-reads.ts"
import { useCorrections } from "../correction/correction-reads.ts"
import { detailOf } from "../effect-parts.tsx"
import { NotificationStatus } from "./notification-status.tsx"
import { SignAll } from "./sign-all.tsx"
import { UnfreezeWave, WaveMenu } from "./wave-actions.tsx"
import { useWaveRequests } from "./wave-reads.ts"
import { t } from "../../../messages/message.ts"

export function Waves({ subject, waves }: AllProps) {
    return (
        <Section title={t("Waves")} aside={<AllWaves subject={subject} waves={waves} />}>
            <WouldBeRefused caseId={subject.id} />
            <Table
                dense
                caption={t("Waves of this case")}
                rows={waves}
                keyOf={(wave) => wave.id}
                columns={[
                    { name: t("Wave"), cell: (wave) => <WaveLink wave={wave} caseId={subject.id} /> },
                    {
                        name: t("Release"),
                        cell: (wave) => <ReleaseInstant wave={wave} isClosed={subject.closure !== null} />,
                    },
                    { name: t("State"), cell: ({ state }) => <StateBadge state={state} /> },
                    { name: t("Content"), cell: (wave) => <Content wave={wave} caseId={subject.id} /> },
                    { name: t("Actions"), cell: (wave) => <WaveActions wave={wave} subject={subject} />, end: true },
                ]}
            />
        </Section>
    )
}

export function WaveLink({ wave, caseId }: { wave: PlannedWave; caseId: string }) {
    return (
        <Link to={`/cases/${caseId}/release/${wave.id}`}>
            <strong>{tierNames[wave.tier]}</strong>
        </Link>
    )
}

export function StateBadge({ state }: { state: Wave["state"] }) {
    return <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>
}

/** Unreleased waves of a closed case are never released. */
function ReleaseInstant({ wave: { at, releasedAt }, isClosed }: { wave: Wave; isClosed: boolean }) {
    const now = useNow()
    if (isClosed && releasedAt === null) return <span className="muted">{t("never")}</span>
    const instant = releasedAt ?? at
    if (instant === null) return <span className="muted">{t("no end agreed")}</span>
    return (
        <span className="stack">
            <When at={instant} short />
            <Distance at={instant} now={now} />
        </span>
    )
}

function Content({ wave, caseId }: { wave: Wave; caseId: string }) {
    const entitlements = useMatrix(caseId).data?.entitlements
    if (wave.releasedAt !== null) return <NotificationStatus wave={wave} />
    if (entitlements === undefined) return null
    const gained = entitlements.filter(({ decision }) => decision.from !== null && decision.waves[0] === wave.tier)
    const partners = new Set(gained.map(({ partner }) => partner)).size
    const artifacts = new Set(gained.map(({ artifact }) => artifact)).size
    if (partners === 0) return <span className="muted">{t("nothing new")}</span>
    return t(
        "{artifacts, plural, one {# artifact} other {# artifacts}} for {partners, plural, one {# partner} other {# partners}}",
        { artifacts, partners },
    )
}

const isToRequest = ({ state, releasedAt }: PlannedWave): boolean =>
    releasedAt === null && ["planned", "approval_voided", "due", "frozen"].includes(state)

function WaveActions({ wave, subject }: { wave: Wave; subject: Case }) {
    return (
        <span className="row end">
            <MainAction wave={wave} subject={subject} />
            {closedWhy(subject) === null && <WaveMenu wave={wave} caseId={subject.id} />}
        </span>
    )
}

/** The one button of a row, if the wave needs an action. */
function MainAction({ wave, subject }: { wave: Wave; subject: Case }) {
    const lacks = useWhyNot()("wave:write")
    const { current } = useWaveRequests(wave.id)
    if (closedWhy(subject) !== null) return null
    if (wave.releasedAt !== null) {
        return wave.state === "frozen" && wave.tier !== "publication" ? <UnfreezeWave wave={wave} /> : null
    }
    if (wave.state === "requested" && current?.maySign === true) {
        return (
            <Link to={`/cases/${subject.id}/release/${wave.id}`} className="button main">
                {t("Review and sign")}
            </Link>
        )
    }
    if (!isToRequest(wave)) return null
    return <RequestButton wave={wave} disabledReason={lacks} />
}

/** The request button, if a wave of a list over all cases needs a request. */
export function RequestIfOpen({ wave }: { wave: PlannedWave }) {
    const lacks = useWhyNot()("wave:write")
    return isToRequest(wave) ? <RequestButton wave={wave} disabledReason={lacks} /> : null
}

function RequestButton({ wave, disabledReason }: { wave: PlannedWave; disabledReason: string | null }) {
    return (
        <Do disabledReason={disabledReason} write={writeTo("POST", `/api/waves/${wave.id}/release`)}>
            {t("Request release")}
        </Do>
    )
}

interface AllProps {
    subject: Case
    waves: readonly Wave[]
}

function AllWaves(props: AllProps) {
    const own = new Set(props.waves.map(({ id }) => id))
    const pending = useApprovals().data?.pending ?? []
    return (
        <>
            <CorrectionLink caseId={props.subject.id} />
            <RequestAll {...props} />
            <SignAll approvals={pending.filter((approval) => own.has(String(detailOf(approval).wave)))} />
        </>
    )
}

/** A published advisory is corrected on its own page. */
function CorrectionLink({ caseId }: { caseId: string }) {
    const advisory = usePublication(caseId)?.advisory ?? null
    const { open } = useCorrections(caseId)
    if (advisory === null) return null
    return (
        <Link to={`/cases/${caseId}/release/correction`} className="button main">
            {open.length > 0 ? t("Review the correction") : t("Correct the advisory")}
        </Link>
    )
}

/** Requests all waves that have no valid request, in their order. Stops at the first refusal. */
function RequestAll({ subject, waves }: AllProps) {
    const lacks = useWhyNot()("wave:write")
    const open = waves.filter((wave) => isToRequest(wave) && wave.state !== "frozen")
    const requests = useWrite()
    if (open.length < 2 || closedWhy(subject) !== null) return null
    const noEnd = open.some(({ at }) => at === null) ? t("agree an embargo first") : null
    return (
        <>
            <Failed error={requests.error} />
            <Button
                look="main"
                busy={requests.isPending}
                disabledReason={lacks ?? noEnd}
                onPress={() =>
                    requests.mutate(inOrder(open.map(({ id }) => writeTo("POST", `/api/waves/${id}/release`))))
                }
            >
                {t("Request all {count}", { count: open.length })}
            </Button>
        </>
    )
}
