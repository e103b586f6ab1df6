/** The embargoes that this partner keeps or was asked to keep: until when, what was said, and its own say in them. */
import { Link } from "@tanstack/react-router"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Page, Section } from "../kit/table.tsx"
import type { Consents, Invitation, Warning } from "./answers.ts"
import { Leave, afterPublication } from "./leaving.tsx"
import { ConsentBadge, ProposeEnd, Told, isAsked, isOver, termsOf } from "./told.tsx"
import { useConsents, useWarnings, useWhyNot } from "./viewer.ts"

/** Whether an answer is waited for: asked, or asked anew because the end was moved; and there is something to keep. */
export function isOpen(one: Invitation, now: string): boolean {
    return isAsked(one) && !isOver(one, now) && termsOf(one) !== null
}

export function Embargoes() {
    const consents = useConsents()
    return (
        <Page title="Embargoes">
            <p className="caution">
                Your agreement consents to embargoes beforehand. Some are asked about one by one, before you learn what
                they are about.
            </p>
            <Loaded of={consents}>{(answer) => <AllOf at={answer} />}</Loaded>
        </Page>
    )
}

function AllOf({ at }: { at: Consents }) {
    const read = useWarnings()
    const warnings = read.data?.warnings ?? []
    const asked = new Set(at.invitations.map(({ id }) => id))
    const byAgreement = warnings.filter((one) => !asked.has(one.id) && !isPast(one))
    const isEmpty = at.invitations.length === 0 && byAgreement.length === 0
    if (isEmpty && read.data === undefined) return <Loaded of={read}>{() => null}</Loaded>
    if (isEmpty) return <Empty title="You keep no embargo now, and were not asked about any." />
    return (
        <>
            {at.invitations
                .toSorted((a, b) => Number(isOpen(b, at.now)) - Number(isOpen(a, at.now)))
                .map((one) => (
                    <OneEmbargo key={one.id} of={one} now={at.now} />
                ))}
            {byAgreement.map((one) => (
                <ByAgreement key={one.id} of={one} now={at.now} />
            ))}
        </>
    )
}

export const isPast = ({ published, withdrawnAt }: Pick<Warning, "published" | "withdrawnAt">): boolean =>
    published || withdrawnAt !== null

function OneEmbargo({ of, now }: { of: Invitation; now: string }) {
    const warning = useWarnings().data?.warnings.find(({ id }) => id === of.id)
    return (
        <Section title={warning?.title ?? "An embargo"} aside={<ConsentBadge of={of} now={now} />}>
            <Told
                of={of}
                now={now}
                lapsed="The end was moved beyond what you signed, so your consent lapsed. Sign again or decline; until then nothing more of it is handed out."
            />
            {!isOver(of, now) && <Acts of={of} />}
            {warning !== undefined && <Link to={`/warnings/${warning.id}`}>Open the warning</Link>}
        </Section>
    )
}

function ByAgreement({ of, now }: { of: Warning; now: string }) {
    const { publication } = of
    return (
        <Section title={of.title} aside={<Badge tone="good">you keep it, by your agreement</Badge>}>
            {publication !== null && (
                <Facts
                    of={[
                        [
                            "Secret until",
                            <span key="until">
                                <When at={publication} /> <Distance at={publication} now={now} />
                            </span>,
                        ],
                    ]}
                />
            )}
            <div className="row end">
                <Leave id={of.id} />
            </div>
            <Link to={`/warnings/${of.id}`}>Open the warning</Link>
        </Section>
    )
}

/** Whoever declined or left has no say any more. */
function Acts({ of }: { of: Invitation }) {
    const not = useWhyNot()("consent:answer")
    const isIn = of.state === "signatory" || of.state === "lapsed"
    if (!isIn && !isAsked(of)) return null
    if (not !== null) return <p className="muted">{not}: to answer, to propose another end, to leave.</p>
    const terms = termsOf(of)
    return (
        <div className="row end">
            <ProposeEnd
                of={of}
                write={(endsAt) => ({ method: "POST", path: `/api/consents/${of.id}/proposals`, body: { endsAt } })}
            />
            {isIn && <Leave id={of.id} />}
            {isAsked(of) && <Decline id={of.id} />}
            {isAsked(of) && terms !== null && <Sign id={of.id} terms={terms} />}
        </div>
    )
}

function Decline({ id }: { id: string }) {
    const write = { method: "POST", path: `/api/consents/${id}/answer`, body: { accepts: false } } as const
    return (
        <Opens button="Decline…" title="Decline this embargo?">
            {(close) => (
                <>
                    <p>Nothing of it is handed out to you. {afterPublication} No answer is the same as declining.</p>
                    <div className="row end">
                        <Do look="danger" write={write} onDone={close}>
                            Decline it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Sign({ id, terms }: { id: string; terms: string }) {
    const write = { method: "POST", path: `/api/consents/${id}/answer`, body: { accepts: true } } as const
    return (
        <Opens button="Sign…" title="Keep this embargo?" look="main">
            {(close) => (
                <>
                    <p>
                        You keep secret what you get of it until <When at={terms} short />, under your agreement. If
                        that end comes earlier, you are still bound to it and no longer; if it is moved later, you are
                        asked again.
                    </p>
                    <div className="row end">
                        <Do look="main" write={write} onDone={close}>
                            Sign it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
