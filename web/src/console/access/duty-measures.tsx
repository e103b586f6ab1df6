/** Restricts all partners with a duty to report before publication, by a policy version, and ends that restriction. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { LetterText } from "../../../../server/src/trace/measures/letter.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Loaded, Notice } from "../../kit/notice.tsx"
import type { Policy, Preview } from "../answers.ts"
import { Differences } from "./differences.tsx"
import { FoldedLetter, type DraftOf } from "../measures/letter-editor.tsx"
import { measureReason } from "../measures/measure-actions.tsx"
import { useMayRead, useWhyNot } from "../artifacts/viewer.tsx"
import { stillLoading } from "../../kit/text.ts"
import { rich, t } from "../../messages/message.ts"

function useOthers(): { readonly others: readonly Policy[]; readonly noOther: string | null } {
    const policies = useMayRead("policy:read", "/api/policies")
    const others = (policies.data?.policies ?? []).filter((policy) => !policy.active)
    const noOther = policies.isLoading ? stillLoading : t("there is no other version")
    return { others, noOther: others.length === 0 ? noOther : null }
}

export function RestrictByDuty() {
    const { others, noOther } = useOthers()
    const disabledReason = useWhyNot()("measure:restrict")
    return (
        <Opens
            button={t("Restrict by duty…")}
            title={t("Restrict by duty")}
            wide
            disabledReason={disabledReason ?? noOther}
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "Activates a version with the duty rule. Partners that must report before publication then get less, or get it later, and are notified by letter. It finds no fault. One person is enough if no partner gains.",
                        )}
                    </p>
                    {others.map((policy) => (
                        <Candidate key={policy.version} policy={policy}>
                            {({ peopleNeeded }) =>
                                peopleNeeded > 1 ? (
                                    <p className="muted">
                                        {t("A partner gains: request approval on the page of this version.")}
                                    </p>
                                ) : (
                                    <RestrictForm version={policy.version} onDone={close} />
                                )
                            }
                        </Candidate>
                    ))}
                </>
            )}
        </Opens>
    )
}

/** The template of the letter. The server fills it in for each notified partner. */
const toEach: DraftOf = { path: "/api/letters/draft", body: { kind: "restrict" } }

function RestrictForm({ version, onDone }: { version: number; onDone: () => void }) {
    const [letter, setLetter] = useState<LetterText | null>(null)
    return (
        <AskForm
            requests={[measureReason]}
            submit={t("Restrict by this version")}
            write={({ reason }) =>
                writeTo("POST", "/api/measures", {
                    kind: "restrict_by_reporting_duty",
                    policy: version,
                    reason,
                    ...(letter !== null && { letter }),
                })
            }
            onDone={onDone}
            below={() => <FoldedLetter draft={toEach} letter={letter} onChange={setLetter} />}
        />
    )
}

export function LiftByDuty() {
    const { others, noOther } = useOthers()
    const disabledReason = useWhyNot()("policy:write")
    return (
        <Opens
            button={t("Lift…")}
            title={t("Lift the restriction by duty")}
            wide
            disabledReason={disabledReason ?? noOther}
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "The restriction ends when another version is active. Partners that got a letter about it are then notified.",
                        )}
                    </p>
                    {others.map((policy) => (
                        <Candidate key={policy.version} policy={policy}>
                            {({ peopleNeeded }) =>
                                peopleNeeded > 1 ? (
                                    <RequestApproval version={policy.version} onDone={close} />
                                ) : (
                                    <p className="muted">{t("No partner gains by this version.")}</p>
                                )
                            }
                        </Candidate>
                    ))}
                </>
            )}
        </Opens>
    )
}

function RequestApproval({ version, onDone }: { version: number; onDone: () => void }) {
    const [isRequested, setAsked] = useState(false)
    if (isRequested) {
        return (
            <Notice tone="due">
                <span>
                    {rich("A second person must sign this first. See <link>Overview</link>.", {
                        link: (text) => (
                            <Link to="/" onClick={onDone}>
                                {text}
                            </Link>
                        ),
                    })}
                </span>
            </Notice>
        )
    }
    return (
        <div className="row end">
            <Do
                look="main"
                write={writeTo("POST", `/api/policies/${version}/request-approval`)}
                onDone={() => setAsked(true)}
            >
                {t("Request approval")}
            </Do>
        </div>
    )
}

interface CandidateProps {
    policy: Policy
    children: (preview: Preview) => React.ReactNode
}

/** Shows a version that can be put in force, with the changes that it makes. */
function Candidate({ policy, children }: CandidateProps) {
    const preview = useRead(`/api/policies/${policy.version}/preview`)
    return (
        <article className="card">
            <div className="card-head">
                <h3>
                    <Link to={`/policy/${policy.version}`}>{policy.name}</Link>
                </h3>
                <span className="muted">{t("version {version}", { version: policy.version })}</span>
            </div>
            <Loaded query={preview}>
                {(found) => (
                    <>
                        {children(found)}
                        {found.differences.length === 0 ? (
                            <p className="muted">{t("No decision changes now.")}</p>
                        ) : (
                            <Differences differences={found.differences} />
                        )}
                    </>
                )}
            </Loaded>
        </article>
    )
}
