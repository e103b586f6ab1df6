/** The effects of a wave: one sentence, the changes since the last request, the recipients, and what is not included. */
import type { ReactNode } from "react"
import { formatInstant } from "@tocsin/base/instant"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import { When, wordsOf } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Notice } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import type { Approval } from "../../answers.ts"
import { AlternativesToSign } from "../../artifacts/alternatives.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import { useCaseArtifacts, useMatrix } from "../../cases/case-reads.ts"
import { SaidOf } from "../../cases/amendment-diff.tsx"
import { PublicText } from "../../cases/public-text.tsx"
import { voidWords } from "../../words.ts"
import { type EffectChange, changesBetween, isWider } from "./effect-changes.ts"
import { publicWords } from "../effects.tsx"
import { Recipients } from "./recipients.tsx"
import { isGiven } from "./recipient-table.ts"
import { HowItGoesOut } from "./unmarked-parts.tsx"
import { reasonTitle } from "../../access/reason-title.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export interface WaveEffectsProps {
    caseId: string
    wave: string
    tier: WaveTier
    effects: Approval["effects"]
    /** The request; null while there is none. */
    approval: Approval | null
    /** The last earlier request for this wave. */
    earlier: Approval | null
}

export function WaveEffects({ caseId, wave, tier, effects, approval, earlier }: WaveEffectsProps) {
    return (
        <>
            <WaveSummary tier={tier} effects={effects} earlier={earlier} />
            <Recipients caseId={caseId} effects={effects} />
            <Statement caseId={caseId} effects={effects} />
            {effects.artifacts.length > 0 && (
                <Section title={t("Marks")}>
                    <HowItGoesOut subject={approval === null ? { wave } : { approval: approval.id }} />
                </Section>
            )}
            {approval !== null && <AlternativesToSign approval={approval} />}
            {approval !== null && <PublicText approval={approval} />}
            <div className="half">
                <NotIncluded caseId={caseId} effects={effects} />
                <Section title={t("Limits")}>
                    <p className="soft">
                        {t(
                            "You cannot call back a fetched copy. A recipient can retype a text. Marks identify a copy, not a person.",
                        )}
                    </p>
                </Section>
            </div>
        </>
    )
}

/** The facts of the case that partners read with this wave. The signer signs them too. */
function Statement({ caseId, effects: { detail } }: Pick<WaveEffectsProps, "caseId" | "effects">) {
    const revision = typeof detail === "object" && detail !== null && "revision" in detail ? detail.revision : null
    if (typeof revision !== "number") return null
    return (
        <Section title={t("Text for partners")}>
            <SaidOf case={caseId} revision={revision} />
        </Section>
    )
}

/** What the release does, and what changed since the last request. */
export function WaveSummary({ tier, effects, earlier }: Pick<WaveEffectsProps, "tier" | "effects" | "earlier">) {
    return (
        <>
            <Sentence tier={tier} effects={effects} />
            {deniesReports(effects) && (
                <Notice tone="bad">
                    {t("The public text denies exploitation that was reported. Read both before you sign.")}
                </Notice>
            )}
            {earlier !== null && <Changes earlier={earlier} effects={effects} />}
        </>
    )
}

const deniesReports = ({ detail }: Approval["effects"]): boolean =>
    typeof detail === "object" && detail !== null && "deniesReports" in detail

function Sentence({ tier, effects: { recipients, artifacts, at } }: Pick<WaveEffectsProps, "tier" | "effects">) {
    const values = {
        b: (text: ReactNode) => <b>{text}</b>,
        partners: recipients.length,
        artifacts: artifacts.length,
    }
    return (
        <p className="effect">
            {at === null
                ? rich(
                      "Once applied, <b>{partners, plural, one {# partner} other {# partners}}</b> can fetch <b>{artifacts, plural, one {# artifact} other {# artifacts}}</b>. Each partner gets marked copies, sealed to its own key.",
                      values,
                  )
                : rich(
                      "On {at}, <b>{partners, plural, one {# partner} other {# partners}}</b> can fetch <b>{artifacts, plural, one {# artifact} other {# artifacts}}</b>. Each partner gets marked copies, sealed to its own key.",
                      { ...values, at: <When at={formatInstant(at)} short /> },
                  )}{" "}
            {tier === "publication" && publicWords}
        </p>
    )
}

function Changes({ earlier, effects }: { earlier: Approval; effects: Approval["effects"] }) {
    const changes = changesBetween(earlier.effects, effects)
    const { requestedAt, voidReason, state } = earlier
    const at = wordsOf(requestedAt)
    return (
        <Section
            title={t("Changed since the last request")}
            aside={
                voidReason === null
                    ? t("requested {at}, {state}", { at, state: valueText(state) })
                    : t("requested {at}, void: {reason}", { at, reason: voidWords[voidReason] })
            }
        >
            <ul className="panel list">
                {changes.map((change) => (
                    <li key={JSON.stringify(change)} className={isWider(change) ? "wider" : "narrower"}>
                        <span aria-hidden="true">{isWider(change) ? "+" : "−"}</span>
                        <ChangeText change={change} />
                    </li>
                ))}
                {changes.length === 0 && (
                    <li>
                        <Icon name="check" /> {t("The effects are the same.")}
                    </li>
                )}
            </ul>
        </Section>
    )
}

function ChangeText({ change }: { change: EffectChange }) {
    const names = useNames()
    switch (change.kind) {
        case "gains":
            return <span>{rich("{partner} gets content", { partner: <b>{names.partner(change.partner)}</b> })}</span>
        case "loses":
            return <span>{rich("{partner} gets nothing", { partner: <b>{names.partner(change.partner)}</b> })}</span>
        case "added":
            return (
                <span>
                    {rich("{artifact}, version {version}, is included", {
                        artifact: <b>{names.artifact(change.artifact)}</b>,
                        version: change.version,
                    })}
                </span>
            )
        case "removed":
            return (
                <span>
                    {rich("{artifact} is not included", { artifact: <b>{names.artifact(change.artifact)}</b> })}
                </span>
            )
        case "revised":
            return (
                <span>
                    {rich("{artifact}, version {to} instead of version {from}", {
                        artifact: <b>{names.artifact(change.artifact)}</b>,
                        to: change.to,
                        from: change.from,
                    })}
                </span>
            )
        case "moved":
            return (
                <span>
                    {rich("Released {to} instead of {from}", {
                        to: <When at={change.to === null ? null : formatInstant(change.to)} short />,
                        from: <When at={change.from === null ? null : formatInstant(change.from)} short />,
                    })}
                </span>
            )
    }
}

const shownMax = 12

/** Artifacts that no recipient gets, and partners that get nothing, with the reason. */
function NotIncluded({ caseId, effects }: { caseId: string; effects: Approval["effects"] }) {
    const names = useNames()
    const artifacts = useCaseArtifacts(caseId).data?.artifacts ?? []
    const entitlements = useMatrix(caseId).data?.entitlements ?? []
    const left = artifacts.filter(({ id }) => !effects.recipients.some((partner) => isGiven(effects, partner, id)))
    const never = [...Map.groupBy(entitlements, ({ partner }) => partner)].flatMap(([partner, own]) => {
        const reason = own[0]?.decision.reasons.find(({ effect }) => effect !== "permits")
        return own.every(({ decision }) => decision.from === null)
            ? [{ partner, reason: reason === undefined ? t("withheld") : reasonTitle(reason) }]
            : []
    })
    const lines = [
        ...left.map(({ id, name, recalled }) => ({
            id,
            text: `${name}: ${recalled ? t("recalled") : t("not in this wave")}`,
        })),
        ...never.map(({ partner, reason }) => ({ id: partner, text: `${names.partner(partner)}: ${reason}` })),
    ]
    return (
        <Section title={t("Not included")} count={lines.length}>
            {lines.length === 0 ? (
                <p className="soft">{t("Every artifact is included, and every partner gets something.")}</p>
            ) : (
                <ul className="checks-list">
                    {lines.slice(0, shownMax).map(({ id, text }) => (
                        <li key={id}>
                            <Icon name="lock" /> {text}
                        </li>
                    ))}
                    {lines.length > shownMax && <li>{t("and {count} more", { count: lines.length - shownMax })}</li>}
                </ul>
            )}
        </Section>
    )
}
