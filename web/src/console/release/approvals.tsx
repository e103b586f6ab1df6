/** Approvals: the effects in words, the requester, the signature over their hash, and the outcome. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { AlternativesToSign } from "../artifacts/alternatives.tsx"
import type { Approval } from "../answers.ts"
import { ApplyAll, CarryOut } from "./apply-approval.tsx"
import { type Given, GivenToExpert } from "../leaks/evidence/expert.tsx"
import { detailOf } from "./effect-parts.tsx"
import { EffectsInWords } from "./effects.tsx"
import { PublicText } from "../cases/public-text.tsx"
import { SignAll, useCaseOf } from "./waves/sign-all.tsx"
import { SignButton, useWhyNotSign } from "./waves/signature-card.tsx"
import { SignedChange } from "./signed-change.tsx"
import { useMe, useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { WaveEffects, WaveSummary } from "./waves/wave-effects.tsx"
import { useApprovals } from "./approval-reads.ts"
import { useCorrectedCase } from "./correction/correction-reads.ts"
import { useWaveRequests } from "./waves/wave-reads.ts"
import { actNames, approvalWords, tierNames, voidWords } from "../words.ts"
import { rich, t } from "../../messages/message.ts"

export { useApprovals } from "./approval-reads.ts"

const nameOf = ({ action }: Approval): string => actNames[action] ?? action

export function ApprovalSections() {
    const approvals = useApprovals()
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded query={approvals}>
            {({ pending, recent }) => {
                const signed = recent.filter(({ state, action }) => state === "signed" && action !== "wave.release")
                const over = recent.filter(
                    ({ state }) => state === "applied" || state === "voided" || state === "expired",
                )
                return (
                    <>
                        <Section title={t("Waiting for a second signature")} aside={<SignAll approvals={pending} />}>
                            {pending.length === 0 && <p className="soft">{t("No approvals wait for a signature.")}</p>}
                            {pending.map((approval) => (
                                <ApprovalCard key={approval.id} approval={approval} />
                            ))}
                        </Section>
                        {given !== null && <GivenToExpert given={given} onClose={() => setGiven(null)} />}
                        {signed.length > 0 && (
                            <Section title={t("Signed, to apply")} aside={<ApplyAll approvals={signed} />}>
                                {signed.map((approval) => (
                                    <SignedCard key={approval.id} approval={approval} onGiven={setGiven} />
                                ))}
                            </Section>
                        )}
                        {over.length > 0 && <FinishedApprovals approvals={over} />}
                    </>
                )
            }}
        </Loaded>
    )
}

/** Actions that are signed in their inquiry, where the signer can read them. */
const readElsewhere: ReadonlySet<string> = new Set([
    "finding.confirm",
    "tracing_instruction.activate",
    "tracing_instruction.extend",
])

export function ApprovalCard({ approval }: { approval: Approval }) {
    const correctedCase = useCorrectedCase(approval)
    return (
        <article className="card" aria-label={nameOf(approval)}>
            <div className="card-head">
                <h3>
                    <ActionName approval={approval} />
                </h3>
                <span className="muted">{requestText(approval)}</span>
            </div>
            <CardEffects approval={approval} />
            <div className="row end">
                <TakeBack approval={approval} />
                {correctedCase !== null ? (
                    <CorrectionLink caseId={correctedCase} text={t("Review and sign")} />
                ) : (
                    !readElsewhere.has(approval.action) && <SignDialog approval={approval} />
                )}
            </div>
        </article>
    )
}

function requestText({ requestedBy, requestedAt, expiresAt }: Approval): ReactNode {
    const values = { requester: requestedBy.name, at: <When at={requestedAt} short /> }
    if (expiresAt === null) return rich("requested by {requester}, {at}", values)
    return rich("requested by {requester}, {at}; expires {until}", {
        ...values,
        until: <When at={expiresAt} short />,
    })
}

function CorrectionLink({ caseId, text }: { caseId: string; text: string }) {
    return (
        <Link to={`/cases/${caseId}/release/correction`} className="button main">
            {text}
        </Link>
    )
}

/** A wave in one sentence, with a link to its page; other actions in full. */
function CardEffects({ approval }: { approval: Approval }) {
    const names = useNames()
    const caseId = useCaseOf(approval)
    const { tier, wave } = detailOf(approval)
    const { earlier } = useWaveRequests(String(wave))
    if (approval.action !== "wave.release" || caseId === null) return <EffectsInWords approval={approval} />
    return (
        <>
            <p>
                <Link to={`/cases/${caseId}/release/${String(wave)}`}>
                    {t("{case}: review all effects", { case: names.case(caseId) })}
                </Link>
            </p>
            <WaveSummary tier={tier as WaveTier} effects={approval.effects} earlier={earlier} />
        </>
    )
}

export function TakeBack({ approval }: { approval: Approval }) {
    const isOwn = useMe().id === approval.requestedBy.id
    const disabledReason = useWhyNot()("approval:void")
    return (
        <Do look="quiet" disabledReason={disabledReason} write={writeTo("DELETE", `/api/approvals/${approval.id}`)}>
            {isOwn ? t("Withdraw") : t("Decline")}
        </Do>
    )
}

export function SignDialog({ approval }: { approval: Approval }) {
    return (
        <Opens
            button={t("Sign…")}
            title={t("Sign: {action}", { action: nameOf(approval) })}
            look="main"
            wide
            disabledReason={useWhyNotSign(approval)}
            foot={(close) => <SignButton approval={approval} onDone={close} />}
        >
            {() => (
                <>
                    <Effects approval={approval} />
                    <p>
                        {t("You sign these effects, and nothing wider or earlier. The audit log records their hash:")}
                    </p>
                    <code className="hash">{approval.effectsHash}</code>
                </>
            )}
        </Opens>
    )
}

/** The effects as the signer reads them. */
export function Effects({ approval }: { approval: Approval }) {
    const caseId = useCaseOf(approval)
    const { tier, wave } = detailOf(approval)
    const requests = useWaveRequests(String(wave))
    if (approval.action === "wave.release" && caseId !== null) {
        return (
            <WaveEffects
                caseId={caseId}
                wave={String(wave)}
                tier={tier as WaveTier}
                effects={approval.effects}
                approval={approval}
                earlier={requests.earlier}
            />
        )
    }
    return (
        <>
            <EffectsInWords approval={approval} />
            <SignedChange approval={approval} />
            <AlternativesToSign approval={approval} />
            <PublicText approval={approval} />
        </>
    )
}

interface SignedProps {
    approval: Approval
    onGiven?: ((given: Given) => void) | undefined
}

export function SignedCard({ approval, onGiven }: SignedProps) {
    const correctedCase = useCorrectedCase(approval)
    return (
        <article className="card" aria-label={nameOf(approval)}>
            <div className="card-head">
                <h3>{nameOf(approval)}</h3>
                <span className="muted">{signatureText(approval)}</span>
            </div>
            <EffectsInWords approval={approval} />
            <div className="row end">
                <TakeBack approval={approval} />
                {correctedCase !== null ? (
                    <CorrectionLink caseId={correctedCase} text={t("Review and publish")} />
                ) : (
                    <CarryOut approval={approval} onGiven={onGiven} />
                )}
            </div>
        </article>
    )
}

function signatureText({ requestedBy, signedBy, expiresAt }: Approval): ReactNode {
    const values = { requester: requestedBy.name, signer: signedBy?.name }
    if (expiresAt === null) return t("requested by {requester}, signed by {signer}", values)
    return rich("requested by {requester}, signed by {signer}; apply before {until}", {
        ...values,
        until: <When at={expiresAt} short />,
    })
}

/** Lists ended approvals with their outcome. An expired request must be made again on its own screen. */
function FinishedApprovals({ approvals }: { approvals: readonly Approval[] }) {
    return (
        <details className="folded">
            <summary>{t("Finished approvals ({count})", { count: approvals.length })}</summary>
            <Table
                tall
                caption={t("Finished approvals, newest first")}
                rows={approvals}
                keyOf={(approval) => approval.id}
                columns={[
                    { name: t("Action"), cell: (approval) => <ActionName approval={approval} /> },
                    { name: t("Requested"), cell: (approval) => <When at={approval.requestedAt} short /> },
                    { name: t("By"), cell: (approval) => approval.requestedBy.name },
                    {
                        name: t("Signed by"),
                        cell: (approval) => approval.signedBy?.name ?? <span className="muted">{t("not signed")}</span>,
                    },
                    { name: t("State"), cell: (approval) => <Ended approval={approval} /> },
                    { name: t("Effects"), cell: (approval) => <ReadEffects approval={approval} />, end: true },
                ]}
            />
        </details>
    )
}

function Ended({ approval: { state, voidReason, signedBy } }: { approval: Approval }) {
    const { tone, name } = approvalWords[state]
    const lapsed = state === "expired" && signedBy !== null
    return (
        <span className="stack">
            <Badge tone={tone}>{lapsed ? t("not applied in time") : name}</Badge>
            {voidReason !== null && <span className="muted">{voidWords[voidReason]}</span>}
        </span>
    )
}

/** Names the wave, because several waves of a case can wait at once. */
function ActionName({ approval }: { approval: Approval }) {
    const { tier } = detailOf(approval)
    const isOfWave = approval.action.startsWith("wave.") && typeof tier === "string"
    return (
        <>
            <strong>{nameOf(approval)}</strong>{" "}
            {isOfWave && <span className="muted">{tierNames[tier as WaveTier] ?? tier}</span>}
        </>
    )
}

function ReadEffects({ approval }: { approval: Approval }) {
    return (
        <Opens button={t("Read…")} title={nameOf(approval)} look="quiet">
            {() => <EffectsInWords approval={approval} />}
        </Opens>
    )
}
