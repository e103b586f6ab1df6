/** Proposed ends of embargoes: who proposed them and why, their deadline, and what remains without a decision. */
import { writeTo } from "../../api.ts"
import { type Trigger, triggers } from "../../../../../server/src/share/cases/embargo.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { AskForm, FormDialog, reasonField } from "../../../kit/form.tsx"
import { Distance, When } from "../../../kit/instant.tsx"
import { Table } from "../../../kit/table.tsx"
import type { Case, EmbargoDecision } from "../../answers.ts"
import { useParties } from "./parties-reads.ts"
import { useColleagues, useMayRead, useNames, useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export const triggerNames: Readonly<Record<Trigger, string>> = {
    exploitation: t("exploitation"),
    public_proof_of_concept: t("public proof of concept"),
    listed_as_exploited: t("listed as exploited"),
    leak: t("leak"),
}

const useDecisions = () => useMayRead("case:read", "/api/embargo-proposals").data?.decisions ?? []

export function ProposedEndsOf({ subject }: { subject: Case }) {
    const embargoDecisions = useDecisions().filter((embargoDecision) => embargoDecision.case === subject.id)
    if (embargoDecisions.length === 0) return null
    return <DecisionTable embargoDecisions={embargoDecisions} />
}

function DecisionTable({ embargoDecisions }: { embargoDecisions: readonly EmbargoDecision[] }) {
    return (
        <Table
            caption={t("Proposed ends that wait for a decision")}
            rows={embargoDecisions}
            keyOf={(embargoDecision) => `${embargoDecision.case} ${embargoDecision.proposal}`}
            columns={[
                {
                    name: t("Proposed end"),
                    cell: ({ endsAt, endIfExpired }) => (
                        <span className="stack">
                            <Until at={endsAt} />
                            <span className="muted">
                                {rich("If no one decides: {outcome}", { outcome: <Stays until={endIfExpired} /> })}
                            </span>
                        </span>
                    ),
                },
                {
                    name: t("Reason"),
                    cell: (embargoDecision) => <WhyAndWho embargoDecision={embargoDecision} />,
                },
                {
                    name: t("Actions"),
                    cell: (embargoDecision) => <Decide embargoDecision={embargoDecision} among={embargoDecisions} />,
                    end: true,
                },
            ]}
        />
    )
}

function Until({ at }: { at: string }) {
    return (
        <span>
            <When at={at} /> <Distance at={at} now={useNow()} />
        </span>
    )
}

function Stays({ until }: { until: string | null }) {
    if (until === null) return t("no embargo")
    return rich("it continues until {until}", { until: <When at={until} /> })
}

function WhyAndWho({ embargoDecision }: { embargoDecision: EmbargoDecision }) {
    const names = useNames()
    const { terminationProposal } = embargoDecision
    return (
        <>
            {terminationProposal !== null && (
                <strong className="block">{triggerNames[terminationProposal.trigger]}</strong>
            )}
            <span className="block">
                {rich("proposed by {author}, {when}", {
                    author: <Voice caseId={embargoDecision.case} by={embargoDecision.by} />,
                    when: <When at={embargoDecision.at} short />,
                })}
            </span>
            {terminationProposal !== null && (
                <span className="muted block">
                    {terminationProposal.owner === null
                        ? t("an author decides")
                        : t("{person} decides", { person: names.person(terminationProposal.owner) })}
                </span>
            )}
        </>
    )
}

/** Names the author of an entry: the operator, a partner or an external party. */
export function Voice({ caseId, by }: { caseId: string; by: string | null }) {
    const names = useNames()
    const party = useParties(by === null ? null : caseId).data?.parties.find(({ id }) => id === by)
    if (by === null) return t("the operator")
    return party === undefined ? names.partner(by) : `${party.name} (${valueText(party.role)})`
}

function Decide({ embargoDecision, among }: { embargoDecision: EmbargoDecision; among: readonly EmbargoDecision[] }) {
    const disabledReason = useWhyNot()("case:write")
    const path = `/api/cases/${embargoDecision.case}/embargo-entries` as const
    const isFirst = embargoDecision.endIfExpired === null
    const earlier = among.some((item) => item.case === embargoDecision.case && item.endsAt < embargoDecision.endsAt)
    const tooLate = isFirst && earlier ? t("decide the earlier proposal first") : null
    const when = <When at={embargoDecision.endsAt} />
    return (
        <span className="row end">
            <Opens
                button={t("Accept…")}
                title={t("Accept this end")}
                look="main"
                disabledReason={disabledReason ?? tooLate}
            >
                {(close) => (
                    <>
                        <p>
                            {isFirst
                                ? rich(
                                      "The embargo begins. It ends {when}. The waves move with it. Approvals for later instants are void.",
                                      { when },
                                  )
                                : rich(
                                      "The end of the embargo moves to {when}. The waves move with it. Approvals for later instants are void.",
                                      { when },
                                  )}
                        </p>
                        <div className="row end">
                            <Do
                                look="main"
                                write={writeTo("POST", path, { action: "accept", proposal: embargoDecision.proposal })}
                                onDone={close}
                            >
                                {t("Accept end")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <FormDialog
                button={t("Reject…")}
                title={t("Reject this end")}
                submit={t("Reject end")}
                disabledReason={disabledReason}
                requests={[{ ...reasonField, length: { min: 1, max: 2000 } }]}
                write={({ reason }) =>
                    writeTo("POST", path, { action: "reject", proposal: embargoDecision.proposal, reason })
                }
            >
                <p className="muted">
                    {t("The embargo continues as agreed. Invited parties are notified of the rejection.")}
                </p>
            </FormDialog>
        </span>
    )
}

export function ProposeEarlyEnd({ subject, onDone }: { subject: Case; onDone: () => void }) {
    const authors = useColleagues().filter(({ left, roles }) => !left && roles.includes("author"))
    return (
        <AskForm
            submit={t("Propose early end")}
            onDone={onDone}
            requests={[
                {
                    name: "trigger",
                    label: t("Trigger"),
                    kind: "choice",
                    from: triggers.map((value) => ({ value, name: triggerNames[value] })),
                },
                {
                    name: "hours",
                    label: t("Hours for the decision"),
                    kind: "number",
                    initial: "48",
                    check: (input) => (/^\s*[1-9]\d{0,2}\s*$/.test(input) ? null : t("enter a whole number of hours")),
                    hint: t("1 to 336"),
                },
                {
                    name: "owner",
                    label: t("Decided by"),
                    kind: "choice",
                    optional: true,
                    from: authors.map(({ id, name }) => ({ value: id, name })),
                    hint: t("none: the case's author"),
                },
            ]}
            write={({ trigger, hours, owner }) =>
                writeTo("POST", `/api/cases/${subject.id}/propose-termination`, {
                    trigger,
                    withinHours: Number(hours),
                    ...(owner !== "" && { owner }),
                })
            }
        >
            <p className="muted">
                {t("The embargo continues until the proposal is accepted. Without a decision, the proposal expires.")}
            </p>
        </AskForm>
    )
}
