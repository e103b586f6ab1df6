/** Ends of embargoes that are proposed: by whom and why, until when they wait, what stays if nobody decides. */
import { Link } from "@tanstack/react-router"
import { type Trigger, triggers } from "../../share/cases/embargo.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Section, Table } from "../kit/table.tsx"
import type { Case, EmbargoDecision } from "./answers.ts"
import { useParties } from "./parties-reads.ts"
import { useCan, useColleagues, useMayRead, useNames, useNow, useWhyNot } from "./viewer.tsx"

export const triggerNames: Readonly<Record<Trigger, string>> = {
    exploitation: "it is exploited",
    "public proof of concept": "a proof of concept is public",
    "listed as exploited": "it is listed as exploited",
    leak: "it has leaked",
}

const useDecisions = () =>
    useMayRead<{ decisions: readonly EmbargoDecision[] }>("case:read", "/api/embargo-proposals").data?.decisions ?? []

/** Over all cases: nothing stands here while nothing is proposed. */
export function ProposedEnds() {
    const all = useDecisions()
    if (!useCan()("case:read") || all.length === 0) return null
    return (
        <Section title="Proposed ends of embargoes">
            <DecisionTable of={all} withCase />
        </Section>
    )
}

export function ProposedEndsOf({ of }: { of: Case }) {
    const its = useDecisions().filter((one) => one.case === of.id)
    if (its.length === 0) return null
    return <DecisionTable of={its} withCase={false} />
}

function DecisionTable({ of, withCase }: { of: readonly EmbargoDecision[]; withCase: boolean }) {
    const names = useNames()
    const toCase = { name: "Case", cell: (one: EmbargoDecision) => <CaseLink id={one.case} name={names.case} /> }
    return (
        <Table
            caption="Proposed ends that wait for a decision"
            rows={of}
            keyOf={(one) => `${one.case} ${one.proposal}`}
            columns={[
                ...(withCase ? [toCase] : []),
                { name: "Would end, and waits until then", cell: ({ endsAt }) => <Until at={endsAt} /> },
                { name: "Why, and by whom", cell: (one) => <WhyAndWho of={one} /> },
                { name: "If nobody decides", cell: ({ lapsesTo }) => <Stays until={lapsesTo} /> },
                { name: "Actions", cell: (one) => <Decide of={one} among={of} />, end: true },
            ]}
        />
    )
}

const CaseLink = ({ id, name }: { id: string; name: (id: string) => string }) => (
    <Link to={`/cases/${id}`}>{name(id)}</Link>
)

function Until({ at }: { at: string }) {
    return (
        <>
            <When at={at} /> <Distance at={at} now={useNow()} />
        </>
    )
}

function Stays({ until }: { until: string | null }) {
    if (until === null) return "there is no embargo"
    return (
        <>
            it runs on until <When at={until} />
        </>
    )
}

function WhyAndWho({ of }: { of: EmbargoDecision }) {
    const names = useNames()
    const { teardown } = of
    return (
        <>
            {teardown !== null && <strong className="block">{triggerNames[teardown.trigger]}</strong>}
            <span className="block">
                proposed by <Voice caseId={of.case} by={of.by} />, <When at={of.at} short />
            </span>
            {teardown !== null && (
                <span className="muted block">
                    {teardown.owner === null ? "whoever may decide" : names.person(teardown.owner)} sees to it
                </span>
            )}
        </>
    )
}

/** Whose word a turn is: the operator's, a partner's, another party's. */
export function Voice({ caseId, by }: { caseId: string; by: string | null }) {
    const names = useNames()
    const party = useParties(by === null ? null : caseId).data?.parties.find(({ id }) => id === by)
    if (by === null) return "the operator"
    return party === undefined ? names.partner(by) : `${party.name} (${party.role})`
}

function Decide({ of, among }: { of: EmbargoDecision; among: readonly EmbargoDecision[] }) {
    const not = useWhyNot()("case:write")
    const path = `/api/cases/${of.case}/embargo-entries`
    const isFirst = of.lapsesTo === null
    const earlier = among.some((one) => one.case === of.case && one.endsAt < of.endsAt)
    const tooLate = isFirst && earlier ? "an earlier end is proposed: that one first" : null
    return (
        <span className="row end">
            <Opens button="Accept…" title="Accept this end" look="main" not={not ?? tooLate}>
                {(close) => (
                    <>
                        <p>
                            {isFirst ? "The embargo begins, and ends " : "The end of the embargo moves to "}
                            <When at={of.endsAt} />. The waves move with it; what was signed for later falls.
                        </p>
                        <div className="row end">
                            <Do
                                look="main"
                                write={{ method: "POST", path, body: { act: "accept", proposal: of.proposal } }}
                                onDone={close}
                            >
                                Accept it
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <FormDialog
                button="Reject…"
                title="Reject this end"
                submit="Reject it"
                not={not}
                asked={[{ name: "why", label: "Why", kind: "text", length: { min: 1, max: 2000 } }]}
                write={({ why }) => ({ method: "POST", path, body: { act: "reject", proposal: of.proposal, why } })}
            >
                <p className="muted">
                    What runs goes on as it did. Those who were asked are told that it was rejected.
                </p>
            </FormDialog>
        </span>
    )
}

export function TeardownDialog({ of, not }: { of: Case; not: string | null }) {
    const authors = useColleagues().filter(({ left, roles }) => !left && roles.includes("author"))
    return (
        <FormDialog
            button="Propose an early end…"
            title="Propose an early end"
            submit="Propose it"
            not={not}
            asked={[
                {
                    name: "trigger",
                    label: "Because",
                    kind: "choice",
                    from: triggers.map((value) => ({ value, name: triggerNames[value] })),
                },
                {
                    name: "hours",
                    label: "Hours for the decision",
                    kind: "number",
                    initial: "48",
                    check: (said) => (/^\s*[1-9]\d{0,2}\s*$/.test(said) ? null : "a whole number of hours"),
                    hint: "1 to 336; then it would end, unless the proposal lapses",
                },
                {
                    name: "owner",
                    label: "Who sees to it",
                    kind: "choice",
                    optional: true,
                    from: authors.map(({ id, name }) => ({ value: id, name })),
                    hint: "none: the case's author",
                },
            ]}
            write={({ trigger, hours, owner }) => ({
                method: "POST",
                path: `/api/cases/${of.id}/propose-termination`,
                body: { trigger, withinHours: Number(hours), ...(owner !== "" && { owner }) },
            })}
        >
            <p className="muted">
                It ends nothing by itself: it is accepted or rejected here, or lapses, and the embargo runs on as
                agreed.
            </p>
        </FormDialog>
    )
}
