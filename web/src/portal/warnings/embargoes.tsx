/** The embargoes that this partner accepted or is invited to: their ends, histories and possible actions. */
import { Link } from "@tanstack/react-router"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section } from "../../kit/table.tsx"
import type { Consents, Invitation, Warning } from "../answers.ts"
import { Leave, afterPublication } from "./exit-embargo.tsx"
import { ConsentBadge, ProposeEnd, Told, isAsked, isOver, termsOf } from "./notices.tsx"
import { useConsents, useWarnings, useWhyNot } from "../viewer.ts"

/** Returns whether an answer is open: a new invitation, or a moved end; and the embargo has not ended. */
export function isOpen(invitation: Invitation, now: string): boolean {
    return isAsked(invitation) && !isOver(invitation, now) && termsOf(invitation) !== null
}

export function Embargoes() {
    const consents = useConsents()
    return (
        <Page title="Embargoes">
            <p className="caution">
                Your agreement consents to embargoes beforehand. Some are asked about one by one, before you learn what
                they are about.
            </p>
            <Loaded query={consents}>{(answer) => <AllOf at={answer} />}</Loaded>
        </Page>
    )
}

function AllOf({ at }: { at: Consents }) {
    const read = useWarnings()
    const warnings = read.data?.warnings ?? []
    const requests = new Set(at.invitations.map(({ id }) => id))
    const byAgreement = warnings.filter((warning) => !requests.has(warning.id) && !isPast(warning))
    const isEmpty = at.invitations.length === 0 && byAgreement.length === 0
    if (isEmpty && read.data === undefined) return <Loaded query={read}>{() => null}</Loaded>
    if (isEmpty) return <Empty title="You keep no embargo now, and were not asked about any." />
    return (
        <>
            {at.invitations
                .toSorted((a, b) => Number(isOpen(b, at.now)) - Number(isOpen(a, at.now)))
                .map((invitation) => (
                    <OneEmbargo key={invitation.id} invitation={invitation} now={at.now} />
                ))}
            {byAgreement.map((warning) => (
                <ByAgreement key={warning.id} warning={warning} now={at.now} />
            ))}
        </>
    )
}

export const isPast = ({ published, withdrawnAt }: Pick<Warning, "published" | "withdrawnAt">): boolean =>
    published || withdrawnAt !== null

function OneEmbargo({ invitation, now }: { invitation: Invitation; now: string }) {
    const warning = useWarnings().data?.warnings.find(({ id }) => id === invitation.id)
    return (
        <Section title={warning?.title ?? "An embargo"} aside={<ConsentBadge request={invitation} now={now} />}>
            <Told
                request={invitation}
                now={now}
                lapsed="The end was moved beyond what you signed, so your consent lapsed. Sign again or decline; until then nothing more of it is handed out."
            />
            {!isOver(invitation, now) && <Acts invitation={invitation} />}
            {warning !== undefined && <Link to={`/warnings/${warning.id}`}>Open the warning</Link>}
        </Section>
    )
}

function ByAgreement({ warning, now }: { warning: Warning; now: string }) {
    const { publication } = warning
    return (
        <Section title={warning.title} aside={<Badge tone="good">you keep it, by your agreement</Badge>}>
            {publication !== null && (
                <Facts
                    items={[
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
                <Leave id={warning.id} />
            </div>
            <Link to={`/warnings/${warning.id}`}>Open the warning</Link>
        </Section>
    )
}

/** Shows the actions. A party that declined or left has none. */
function Acts({ invitation }: { invitation: Invitation }) {
    const disabledReason = useWhyNot()("consent:answer")
    const isIn = invitation.state === "signatory" || invitation.state === "expired"
    if (!isIn && !isAsked(invitation)) return null
    if (disabledReason !== null)
        return <p className="muted">{disabledReason}: to answer, to propose another end, to leave.</p>
    const terms = termsOf(invitation)
    return (
        <div className="row end">
            <ProposeEnd
                request={invitation}
                write={(endsAt) => writeTo("POST", `/api/consents/${invitation.id}/proposals`, { endsAt })}
            />
            {isIn && <Leave id={invitation.id} />}
            {isAsked(invitation) && <Decline id={invitation.id} />}
            {isAsked(invitation) && terms !== null && <Sign id={invitation.id} terms={terms} />}
        </div>
    )
}

function Decline({ id }: { id: string }) {
    const write = writeTo("POST", `/api/consents/${id}/answer`, { accepts: false })
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
    const write = writeTo("POST", `/api/consents/${id}/answer`, { accepts: true })
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
