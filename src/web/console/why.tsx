/** Why partners get what an act would open: the policies that decide it, artifact by artifact, at that instant. */
import { useState } from "react"
import { useRead } from "../kit/api.ts"
import { Opens } from "../kit/dialog.tsx"
import { Field } from "../kit/field.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import type { Entitlement, Matrix } from "./answers.ts"
import { Reasons } from "./reasons.tsx"
import { useNames } from "./viewer.tsx"
import { outcomeWords } from "./words.ts"

interface WhyProps {
    caseId: string
    at: string
    partners: readonly string[]
    artifacts: readonly string[]
}

/** `of`: for those who hear it, which of several. */
export function WhyButton({ of, ...why }: WhyProps & { of: string }) {
    if (why.partners.length === 0) return null
    return (
        <Opens
            button={
                <>
                    Why… <span className="unseen">{of}</span>
                </>
            }
            title={`Why: ${of}`}
            look="quiet"
            wide
        >
            {() => <WhyList {...why} />}
        </Opens>
    )
}

function WhyList({ caseId, at, partners, artifacts }: WhyProps) {
    const names = useNames()
    const choices = partners
        .map((value) => ({ value, name: names.partner(value) }))
        .toSorted((a, b) => a.name.localeCompare(b.name))
    const [partner, setPartner] = useState(choices[0]?.value ?? "")
    const matrix = useRead<Matrix>(`/api/entitlements?case=${caseId}&at=${encodeURIComponent(at)}`)
    return (
        <>
            {choices.length > 1 && (
                <Field label="Partner" kind="choice" value={partner} from={choices} onChange={setPartner} />
            )}
            <Loaded of={matrix}>
                {({ policy, at: asOf, entitlements }) => (
                    <>
                        <p className="muted">
                            By policy version {policy ?? "none"}, as of <When at={asOf} short />.
                        </p>
                        <OnesReasons
                            of={entitlements.filter(
                                (one) => one.partner === partner && artifacts.includes(one.artifact),
                            )}
                        />
                    </>
                )}
            </Loaded>
        </>
    )
}

function OnesReasons({ of }: { of: readonly Entitlement[] }) {
    const names = useNames()
    if (of.length === 0) return <Empty title="It gets nothing of it." />
    return (
        <ul className="stack">
            {of.map((one) => (
                <li key={one.artifact} className="card">
                    <div className="card-head">
                        <h3>{names.artifact(one.artifact)}</h3>
                        <span className="muted">
                            {outcomeWords[one.decision.outcome]}
                            {one.decision.from !== null && (
                                <>
                                    , from <When at={one.decision.from} short />
                                </>
                            )}
                        </span>
                    </div>
                    <Reasons of={one.decision.why} />
                </li>
            ))}
        </ul>
    )
}
