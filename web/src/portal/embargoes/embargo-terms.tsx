/**
 * The terms of an embargo for its invited parties, and their possible actions: the same for partners and external
 * parties.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Consent } from "../../../../server/src/share/cases/consent.ts"
import type { Write } from "../../kit/api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Notice } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { Invited } from "../answers.ts"
import { isOver, termsOf } from "./terms.ts"

const stateWords: Words<Consent> = {
    none: { name: "not invited", tone: "plain" },
    invited: { name: "answer needed", tone: "due" },
    signatory: { name: "accepted", tone: "good" },
    expired: { name: "answer needed", tone: "due" },
    declined: { name: "declined", tone: "plain" },
}

export function ConsentBadge({ request, now }: { request: Invited; now: string }) {
    const { state, answerBy, leftAt, closedAt } = request
    if (leftAt !== null) return <Badge>left</Badge>
    if (state === "declined") return <Badge>{answerBy === null ? "declined" : "expired, declined"}</Badge>
    if (closedAt !== null) return <Badge>cancelled</Badge>
    if (isOver(request, now)) return <Badge>ended</Badge>
    return <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>
}

/** Shows state, instants and history. `lapsed`: the consequence of lapsed consent here. */
export function EmbargoTerms({ request, now, lapsed }: { request: Invited; now: string; lapsed: string }) {
    const { state, answerBy, closedAt, leftAt } = request
    return (
        <>
            {closedAt !== null && (
                <Notice tone="due">
                    <span>
                        The case was cancelled on <When at={closedAt} />. It will not be published.
                    </span>
                </Notice>
            )}
            {state === "expired" && !isOver(request, now) && <Notice tone="due">{lapsed}</Notice>}
            <Facts
                items={[
                    ["Embargo until", <Until key="until" request={request} now={now} />],
                    ...(answerBy === null ? [] : [["Answer by", <At key="by" at={answerBy} now={now} />] as const]),
                    ...(leftAt === null ? [] : [["You left", <At key="left" at={leftAt} now={now} />] as const]),
                ]}
            />
            <History request={request} />
        </>
    )
}

function Until({ request, now }: { request: Invited; now: string }) {
    const terms = termsOf(request)
    if (request.publication !== null) return <At at={request.publication} now={now} />
    if (terms === null) return <span className="muted">no end agreed yet</span>
    return (
        <>
            <At at={terms} now={now} /> <span className="muted">proposed, not agreed yet</span>
        </>
    )
}

function At({ at, now }: { at: string; now: string }) {
    return (
        <>
            <When at={at} /> <Distance at={at} now={now} />
        </>
    )
}

const authors = { you: "by you", another: "by the operator or another party" } as const

function History({ request: { history, state } }: { request: Invited }) {
    if (history.length === 0) return <Empty title="No end proposed yet." />
    return (
        <>
            <ol className="history" aria-label="History of the embargo">
                {history.map(({ kind, at, endsAt, by, open }, n) => (
                    <li key={n}>
                        <strong>{valueText(kind)}</strong> <When at={at} />
                        {endsAt !== null && (
                            <span>
                                ends <When at={endsAt} />
                            </span>
                        )}
                        {by !== null && <span className="muted">{authors[by]}</span>}
                        {open && <Badge tone="due">not decided</Badge>}
                    </li>
                ))}
            </ol>
            {state === "declined" && <p className="muted">You see no more of this embargo, because you declined it.</p>}
        </>
    )
}

interface ProposeProps {
    request: Invited
    disabledReason?: string | null
    write: (endsAt: string) => Write
}

export function ProposeEnd({ request, disabledReason = null, write }: ProposeProps) {
    return (
        <FormDialog
            button="Propose another end…"
            title="Propose another end"
            submit="Propose end"
            disabledReason={disabledReason}
            requests={[{ name: "endsAt", label: "Ends at", kind: "instant", initial: termsOf(request) ?? "" }]}
            write={({ endsAt }) => write(endsAt)}
        >
            <p className="muted">
                The operator decides. Until then the agreed end stays. All invited parties see the proposed end; only
                the operator sees that you proposed it.
            </p>
        </FormDialog>
    )
}
