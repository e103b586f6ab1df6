/** The parties asked to accept a case's embargo, their answers, and the next invitation. */
import type { ReactNode } from "react"
import { tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { useRead, writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { Case, OnesConsent, PartnersConsent } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { useNames, usePartners, useWhyNot } from "../../artifacts/viewer.tsx"
import { consentWords, tierNames } from "../../words.ts"
import { stillLoading } from "../../../kit/text.ts"
import { rich, t } from "../../../messages/message.ts"

export const useConsents = (id: string) => useRead(`/api/cases/${id}/consents`)

export function ConsentSection({ subject }: { subject: Case }) {
    const consents = useConsents(subject.id)
    const names = useNames()
    return (
        <Section
            title={t("Consent to the embargo")}
            aside={
                <>
                    <InviteTier subject={subject} />
                    <Invite subject={subject} />
                </>
            }
        >
            <Loaded query={consents}>
                {({ consents }) =>
                    consents.length === 0 ? (
                        <Empty title={t("No invitations yet.")}>
                            {t(
                                "Partners that accepted the agreement are bound by it, and learn of the case in their wave.",
                            )}
                        </Empty>
                    ) : (
                        <Table
                            caption={t("Partners invited to this embargo")}
                            rows={consents}
                            keyOf={(partnersConsent) => partnersConsent.partner}
                            columns={[
                                {
                                    name: t("Partner"),
                                    cell: (partnersConsent) => names.partner(partnersConsent.partner),
                                },
                                { name: t("State"), cell: ({ state }) => <StateBadge id={state} /> },
                                { name: t("Invited"), cell: ({ history }) => <When at={askedAt(history)} /> },
                                { name: t("Answer"), cell: ({ history }) => <Said subject={history.at(-1)} /> },
                                { name: t("Adherence"), cell: ({ adherence }) => <Adheres subject={adherence} /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

export function StateBadge({ id: consent }: { id: PartnersConsent["state"] }) {
    return <Badge tone={consentWords[consent].tone}>{consentWords[consent].name}</Badge>
}

export const askedAt = (history: OnesConsent["history"]): string | null =>
    history.findLast(({ kind }) => kind === "invited")?.at ?? null

/** Shows whether a party adheres, or adhered, to the end that it accepted. */
export function Adheres({ subject }: { subject: OnesConsent["adherence"] | undefined }) {
    if (subject === undefined || subject.state === "none") return <span className="muted">{t("no consent")}</span>
    if (subject.state === "exited") {
        return (
            <>
                <Badge tone="bad">{t("left early")}</Badge> <When at={subject.exitedAt} />
            </>
        )
    }
    const parts = {
        badge: (text: ReactNode) => <Badge tone="good">{text}</Badge>,
        until: <When at={subject.until} />,
    }
    return subject.state === "adhered"
        ? rich("<badge>kept until</badge> {until}", parts)
        : rich("<badge>keeps it until</badge> {until}", parts)
}

export function Said({ subject }: { subject: OnesConsent["history"][number] | undefined }) {
    if (subject === undefined) return <span className="muted">{t("not invited")}</span>
    if (subject.kind === "invited") {
        return (
            <span className="muted">
                {rich("no answer yet; possible until {until}", { until: <When at={subject.answerBy ?? null} short /> })}
            </span>
        )
    }
    if (subject.kind === "signed")
        return <span>{rich("accepted until {until}", { until: <When at={subject.endsAt ?? null} short /> })}</span>
    const when = <When at={subject.at} short />
    return <span>{subject.kind === "exited" ? rich("left {when}", { when }) : rich("declined {when}", { when })}</span>
}

function Invite({ subject }: { subject: Case }) {
    const lacks = useWhyNot()("case:write")
    const known = usePartners()
    const consents = useConsents(subject.id)
    const isLoading = known.isLoading || consents.isLoading
    const partners = known.data?.partners ?? []
    const partnersConsents = consents.data?.consents ?? []
    const open = partners
        .filter(({ status }) => status === "active" || status === "restricted")
        .filter(({ id }) =>
            partnersConsents.every(
                (partnersConsent) => partnersConsent.partner !== id || partnersConsent.state === "declined",
            ),
        )
        .toSorted((a, b) => b.tier.localeCompare(a.tier) || a.name.localeCompare(b.name))
    const nothing = isLoading ? stillLoading : open.length === 0 ? t("all partners are invited") : null
    const none = subject.phase !== "running" ? t("agree an embargo first") : nothing
    return (
        <FormDialog
            button={t("Invite partner…")}
            title={t("Invite a partner to this embargo")}
            submit={t("Invite partner")}
            disabledReason={lacks ?? closedWhy(subject) ?? none}
            requests={[
                {
                    name: "partner",
                    label: t("Partner"),
                    kind: "choice",
                    from: open.map(({ id, name, tier }) => ({ value: id, name: `${name} (${tierNames[tier]})` })),
                },
            ]}
            write={(body) => writeTo("POST", `/api/cases/${subject.id}/invitations`, body)}
        >
            <p className="muted">
                {t(
                    "For partners that take part early. The partner has seven days to answer and gets nothing before it accepts. Silence declines. If acceptance opens released content, the invitation needs a second signature.",
                )}
            </p>
        </FormDialog>
    )
}

/** Invites the partners of a tier that participate early. It skips partners that were already invited. */
function InviteTier({ subject }: { subject: Case }) {
    const lacks = useWhyNot()("case:write")
    const none = subject.phase === "running" ? null : t("agree an embargo first")
    return (
        <FormDialog
            button={t("Invite tier…")}
            title={t("Invite the partners of a tier to this embargo")}
            submit={t("Invite tier")}
            disabledReason={lacks ?? closedWhy(subject) ?? none}
            requests={[
                {
                    name: "tier",
                    label: t("Tier"),
                    kind: "choice",
                    from: tiers.toReversed().map((value) => ({ value, name: tierNames[value] })),
                },
            ]}
            write={(body) => writeTo("POST", `/api/cases/${subject.id}/invite-tier`, body)}
        >
            <p className="muted">
                {t(
                    "Each partner has seven days to answer and gets nothing before it accepts. Partners already invited get no new invitation. If acceptance opens released content, the invitation needs a second signature.",
                )}
            </p>
        </FormDialog>
    )
}
