/** One wave of a case: what its release does, what is ready, and the request or the signature. */
import { writeTo } from "../../api.ts"
import { Do } from "../../../kit/button.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import type { Approval, Case, Wave } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { useWaves } from "../../cases/case-reads.ts"
import { WouldBeRefused } from "../../cases/publication.tsx"
import { closedWhy } from "../../cases/embargo/closure.tsx"
import { tierNames } from "../../words.ts"
import { TakeBack } from "../approvals.tsx"
import { Checks, SignatureCard } from "./signature-card.tsx"
import { NextSteps } from "./next-steps.tsx"
import { WaveEffects } from "./wave-effects.tsx"
import { useReadiness, useWaveEffects, useWaveRequests } from "./wave-reads.ts"
import { t } from "../../../messages/message.ts"

export function WaveReview({ subject, id }: { subject: Case; id: string }) {
    const waves = useWaves(subject.id)
    return (
        <Loaded query={waves}>
            {({ waves }) => {
                const wave = waves.find((item) => item.id === id)
                if (wave === undefined) return <Empty title={t("This case has no such wave.")} />
                return <Review subject={subject} wave={wave} />
            }}
        </Loaded>
    )
}

function Review({ subject, wave }: { subject: Case; wave: Wave }) {
    const { current, earlier } = useWaveRequests(wave.id)
    const fresh = useWaveEffects(wave)
    const effects: Approval["effects"] | undefined = current?.effects ?? (fresh.data as Approval["effects"] | undefined)
    return (
        <Columns rail={<Rail subject={subject} wave={wave} approval={current} />}>
            <h2 className="page-question">{titleOf(wave, current)}</h2>
            {wave.tier === "publication" && <WouldBeRefused caseId={subject.id} />}
            {effects === undefined ? (
                <Loaded query={fresh}>{() => <Empty title={t("This wave has no effects.")} />}</Loaded>
            ) : (
                <WaveEffects
                    caseId={subject.id}
                    wave={wave.id}
                    tier={wave.tier}
                    effects={effects}
                    approval={current}
                    earlier={earlier}
                />
            )}
        </Columns>
    )
}

function titleOf({ tier, releasedAt }: Wave, approval: Approval | null): string {
    const values = { tier: tierNames[tier] }
    if (releasedAt !== null || approval?.state === "signed") return t("Effects of the {tier} wave", values)
    return approval === null ? t("Request the {tier} wave", values) : t("Sign the {tier} wave", values)
}

function Rail({ subject, wave, approval }: { subject: Case; wave: Wave; approval: Approval | null }) {
    const checks = useReadiness(subject.id, wave) ?? []
    return (
        <>
            {approval === null ? (
                <RequestCard subject={subject} wave={wave} />
            ) : (
                <SignatureCard approval={approval} checks={checks}>
                    {wave.releasedAt === null && <TakeBack approval={approval} />}
                </SignatureCard>
            )}
            {wave.releasedAt === null && <NextSteps wave={wave} effects={approval?.effects ?? null} />}
        </>
    )
}

function RequestCard({ subject, wave }: { subject: Case; wave: Wave }) {
    const lacks = useWhyNot()("wave:write")
    const checks = useReadiness(subject.id, wave)
    if (wave.releasedAt !== null) return null
    return (
        <section className="panel pad signature" aria-label={t("Request")}>
            <h2>{t("Request")}</h2>
            {checks !== null && <Checks checks={checks} />}
            <Do
                look="main"
                disabledReason={lacks ?? closedWhy(subject)}
                write={writeTo("POST", `/api/waves/${wave.id}/release`)}
            >
                {t("Request release")}
            </Do>
            <p className="muted small">{t("Needs a second signature, by a person who wrote none of the artifacts.")}</p>
        </section>
    )
}
