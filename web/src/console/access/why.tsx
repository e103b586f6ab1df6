/** Explains why partners get the content that an action would release, for each artifact, at that instant. */
import { type ReactNode, useState } from "react"
import { Opens } from "../../kit/dialog.tsx"
import { Field } from "../../kit/field.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import type { Entitlement } from "../answers.ts"
import { useEntitlements } from "./matrix-reads.ts"
import { Reasons } from "./reasons.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { outcomeWords } from "../words.ts"
import { rich, t } from "../../messages/message.ts"

interface WhyProps {
    caseId: string
    at: string
    partners: readonly string[]
    artifacts: readonly string[]
}

/** `id` names the object for screen readers, where there are several buttons. */
export function WhyButton({ id: subject, ...reason }: WhyProps & { id: string }) {
    if (reason.partners.length === 0) return null
    return (
        <Opens
            button={
                <>
                    {rich("Why… <unseen>{subject}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        subject,
                    })}
                </>
            }
            title={t("Why: {subject}", { subject })}
            look="quiet"
            wide
        >
            {() => <WhyList {...reason} />}
        </Opens>
    )
}

function WhyList({ caseId, at, partners, artifacts }: WhyProps) {
    const names = useNames()
    const choices = partners
        .map((value) => ({ value, name: names.partner(value) }))
        .toSorted((a, b) => a.name.localeCompare(b.name))
    const [partner, setPartner] = useState(choices[0]?.value ?? "")
    const matrix = useEntitlements(partner === "" ? null : { case: caseId, at, partner })
    return (
        <>
            {choices.length > 1 && (
                <Field label={t("Partner")} kind="choice" value={partner} from={choices} onChange={setPartner} />
            )}
            <Loaded query={matrix}>
                {({ policy, at: asOf, entitlements }) => (
                    <>
                        <p className="muted">
                            {policy === null
                                ? rich("By no policy, as of {at}.", { at: <When at={asOf} short /> })
                                : rich("By policy version {policy}, as of {at}.", {
                                      policy,
                                      at: <When at={asOf} short />,
                                  })}
                        </p>
                        <OnesReasons
                            entitlements={entitlements.filter(({ artifact }) => artifacts.includes(artifact))}
                        />
                    </>
                )}
            </Loaded>
        </>
    )
}

function OnesReasons({ entitlements }: { entitlements: readonly Entitlement[] }) {
    const names = useNames()
    if (entitlements.length === 0) return <Empty title={t("It gets nothing of it.")} />
    return (
        <ul className="stack">
            {entitlements.map((entitlement) => (
                <li key={entitlement.artifact} className="card">
                    <div className="card-head">
                        <h3>{names.artifact(entitlement.artifact)}</h3>
                        <span className="muted">{outcomeText(entitlement.decision)}</span>
                    </div>
                    <Reasons reason={entitlement.decision.reasons} />
                </li>
            ))}
        </ul>
    )
}

function outcomeText({ outcome, from }: Entitlement["decision"]): ReactNode {
    if (from === null) return outcomeWords[outcome]
    return rich("{outcome}, from {since}", { outcome: outcomeWords[outcome], since: <When at={from} short /> })
}
