/**
 * The terms of an embargo for its invited parties, and their possible actions: the same for partners and external
 * parties.
 */
import { parseInstant } from "@tocsin/base/instant"
import type { Consent } from "../../../../server/src/share/cases/consent.ts"
import type { Write } from "../../kit/api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Notice } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { Asked } from "../answers.ts"

const stateWords: Words<Consent> = {
    none: { name: "you were not asked", tone: "plain" },
    invited: { name: "waits for your answer", tone: "due" },
    signatory: { name: "you keep it", tone: "good" },
    expired: { name: "waits for your answer", tone: "due" },
    declined: { name: "declined", tone: "plain" },
}

export function isOver({ publication, closedAt }: Asked, now: string): boolean {
    return closedAt !== null || (publication !== null && parseInstant(publication) <= parseInstant(now))
}

/** Returns the end that an acceptance consents to: the agreed one, otherwise the earliest proposed one. */
export function termsOf({ publication, history }: Asked): string | null {
    const proposed = history.flatMap(({ open, endsAt }) => (open && endsAt !== null ? [endsAt] : []))
    return publication ?? proposed.toSorted((a, b) => parseInstant(a) - parseInstant(b))[0] ?? null
}

export function isAsked({ state }: Asked): boolean {
    return state === "invited" || state === "expired"
}

export function ConsentBadge({ request, now }: { request: Asked; now: string }) {
    const { state, answerBy, leftAt, closedAt } = request
    if (leftAt !== null) return <Badge>you left it</Badge>
    if (state === "declined")
        return <Badge>{answerBy === null ? "declined" : "not answered in time, so declined"}</Badge>
    if (closedAt !== null) return <Badge>called off</Badge>
    if (isOver(request, now)) return <Badge>over</Badge>
    return <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>
}

/** Shows state, instants and history. `expired`: the consequence of lapsed consent here. */
export function Told({ request, now, lapsed }: { request: Asked; now: string; lapsed: string }) {
    const { state, answerBy, closedAt, leftAt } = request
    return (
        <>
            {closedAt !== null && (
                <Notice tone="due">
                    <span>
                        It was called off, <When at={closedAt} />: there will be no publication.
                    </span>
                </Notice>
            )}
            {state === "expired" && !isOver(request, now) && <Notice tone="due">{lapsed}</Notice>}
            <Facts
                items={[
                    ["Secret until", <Until key="until" request={request} now={now} />],
                    ...(answerBy === null ? [] : [["Answer by", <At key="by" at={answerBy} now={now} />] as const]),
                    ...(leftAt === null ? [] : [["You left", <At key="left" at={leftAt} now={now} />] as const]),
                ]}
            />
            <ToldTurns request={request} />
        </>
    )
}

function Until({ request, now }: { request: Asked; now: string }) {
    const terms = termsOf(request)
    if (request.publication !== null) return <At at={request.publication} now={now} />
    if (terms === null) return <span className="muted">no end is agreed yet</span>
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

const voices = { you: "by you", another: "by the program or a party" } as const

function ToldTurns({ request: { history, state } }: { request: Asked }) {
    if (history.length === 0) return <Empty title="No end was proposed yet." />
    return (
        <>
            <ol className="history" aria-label="Turns of the embargo">
                {history.map(({ kind, at, endsAt, by, open }, n) => (
                    <li key={n}>
                        <strong>{kind}</strong> <When at={at} />
                        {endsAt !== null && (
                            <span>
                                ends <When at={endsAt} />
                            </span>
                        )}
                        {by !== null && <span className="muted">{voices[by]}</span>}
                        {open && <Badge tone="due">waits for a decision</Badge>}
                    </li>
                ))}
            </ol>
            {state === "declined" && <p className="muted">You are told no more of it than this.</p>}
        </>
    )
}

interface ProposeProps {
    request: Asked
    disabledReason?: string | null
    write: (endsAt: string) => Write
}

export function ProposeEnd({ request, disabledReason = null, write }: ProposeProps) {
    return (
        <FormDialog
            button="Propose another end…"
            title="Propose another end"
            submit="Propose it"
            disabledReason={disabledReason}
            requests={[{ name: "endsAt", label: "Ends at", kind: "instant", initial: termsOf(request) ?? "" }]}
            write={({ endsAt }) => write(endsAt)}
        >
            <p className="muted">
                The program decides. Until then, what runs goes on as it did. All who were asked to keep the embargo see
                the end that you propose; only the program sees that it is yours.
            </p>
        </FormDialog>
    )
}
