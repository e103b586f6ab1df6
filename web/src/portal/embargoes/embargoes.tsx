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
import { useConsents, useWarnings, useWhyNot } from "../viewer.ts"
import { isPast } from "../warnings/inbox.ts"
import { ConsentBadge, EmbargoTerms, ProposeEnd } from "./embargo-terms.tsx"
import { Leave } from "./exit-embargo.tsx"
import { isAsked, isOpen, isOver, termsOf } from "./terms.ts"
import { rich, t } from "../../messages/message.ts"

export function Embargoes() {
    const consents = useConsents()
    return (
        <Page
            title={t("To do")}
            tabTitle={t("Embargoes")}
            lead={t(
                "Your agreement consents to most embargoes beforehand. The operator asks you about the others, before you see the case.",
            )}
        >
            <Loaded query={consents}>{(answer) => <AllEmbargoes answer={answer} />}</Loaded>
        </Page>
    )
}

function AllEmbargoes({ answer }: { answer: Consents }) {
    const query = useWarnings()
    const warnings = query.data?.warnings ?? []
    const invited = new Set(answer.invitations.map(({ id }) => id))
    const byAgreement = warnings.filter((warning) => !invited.has(warning.id) && !isPast(warning))
    const isEmpty = answer.invitations.length === 0 && byAgreement.length === 0
    if (isEmpty && query.data === undefined) return <Loaded query={query}>{() => null}</Loaded>
    if (isEmpty)
        return <Empty title={t("No embargoes yet.")}>{t("Invitations and accepted embargoes appear here.")}</Empty>
    return (
        <>
            {answer.invitations
                .toSorted((a, b) => Number(isOpen(b, answer.now)) - Number(isOpen(a, answer.now)))
                .map((invitation) => (
                    <OneEmbargo key={invitation.id} invitation={invitation} now={answer.now} />
                ))}
            {byAgreement.map((warning) => (
                <ByAgreement key={warning.id} warning={warning} now={answer.now} />
            ))}
        </>
    )
}

function OneEmbargo({ invitation, now }: { invitation: Invitation; now: string }) {
    const warning = useWarnings().data?.warnings.find(({ id }) => id === invitation.id)
    return (
        <Section
            title={warning?.title ?? t("Embargo invitation")}
            aside={<ConsentBadge request={invitation} now={now} />}
        >
            <div className="panel pad">
                <EmbargoTerms
                    request={invitation}
                    now={now}
                    lapsed={t(
                        "The end is now later than the one that you accepted. Accept again or decline. Until then you get no further content of the case.",
                    )}
                />
                {!isOver(invitation, now) && <Actions invitation={invitation} />}
                {warning !== undefined && <Link to={`/warnings/${warning.id}`}>{t("Open warning")}</Link>}
            </div>
        </Section>
    )
}

function ByAgreement({ warning, now }: { warning: Warning; now: string }) {
    const { publication } = warning
    return (
        <Section title={warning.title} aside={<Badge tone="good">{t("advance consent")}</Badge>}>
            <div className="panel pad">
                {publication !== null && (
                    <Facts
                        items={[
                            [
                                t("Embargo until"),
                                <span key="until">
                                    <When at={publication} /> <Distance at={publication} now={now} />
                                </span>,
                            ],
                        ]}
                    />
                )}
                <div className="row">
                    <Link to={`/warnings/${warning.id}`}>{t("Open warning")}</Link>
                    <span className="push">
                        <Leave id={warning.id} />
                    </span>
                </div>
            </div>
        </Section>
    )
}

/** Shows the actions. A party that declined or left has none. */
function Actions({ invitation }: { invitation: Invitation }) {
    const disabledReason = useWhyNot()("consent:answer")
    const isIn = invitation.state === "signatory" || invitation.state === "expired"
    if (!isIn && !isAsked(invitation)) return null
    if (disabledReason !== null)
        return <p className="muted">{t("You cannot answer: {reason}.", { reason: disabledReason })}</p>
    const terms = termsOf(invitation)
    return (
        <div className="row end">
            <ProposeEnd
                request={invitation}
                write={(endsAt) => writeTo("POST", `/api/consents/${invitation.id}/proposals`, { endsAt })}
            />
            {isIn && <Leave id={invitation.id} />}
            {isAsked(invitation) && <Decline id={invitation.id} />}
            {isAsked(invitation) && terms !== null && <Accept id={invitation.id} terms={terms} />}
        </div>
    )
}

function Decline({ id }: { id: string }) {
    const write = writeTo("POST", `/api/consents/${id}/answer`, { accepts: false })
    return (
        <Opens button={t("Decline…")} title={t("Decline this embargo?")}>
            {(close) => (
                <>
                    <p>
                        {t(
                            "You get no content of the case. This stays so after publication, unless the operator invites you again. No answer counts as declined.",
                        )}
                    </p>
                    <div className="row end">
                        <Do look="danger" write={write} onDone={close}>
                            {t("Decline embargo")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Accept({ id, terms }: { id: string; terms: string }) {
    const write = writeTo("POST", `/api/consents/${id}/answer`, { accepts: true })
    return (
        <Opens button={t("Accept…")} title={t("Accept this embargo?")} look="main">
            {(close) => (
                <>
                    <p>
                        {rich(
                            "You keep the content secret until {end}, under your agreement. An earlier end binds you only until then. If the end moves later, the operator asks you again.",
                            { end: <When at={terms} short /> },
                        )}
                    </p>
                    <div className="row end">
                        <Do look="main" write={write} onDone={close}>
                            {t("Accept embargo")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
