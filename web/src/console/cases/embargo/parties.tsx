/** The external parties of a case (finder, other vendors): their answers, and their invitation link, shown once. */
import { useState } from "react"
import { writeTo, type AnswerTo } from "../../api.ts"
import { partyRoles, partyTextMax } from "../../../../../server/src/share/cases/party.ts"
import type { Write } from "../../../kit/api.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { choicesOf } from "../../../kit/field.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Once } from "../../../kit/once.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import type { Case, PartysConsent } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { Adheres, Said, StateBadge, askedAt, useConsents } from "./consents.tsx"
import { type Party, useParties } from "./parties-reads.ts"
import { useMe, useWhyNot } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

interface Shown {
    readonly party: string
    readonly secret: string
}

export function Parties({ subject }: { subject: Case }) {
    const parties = useParties(subject.id)
    const { portal } = useMe()
    const [shown, setShown] = useState<Shown | null>(null)
    return (
        <Section title={t("External parties")} aside={<AddParty subject={subject} />}>
            {shown !== null && (
                <Once
                    kind={t("Secret of {party} for {portal}/invitation", { party: shown.party, portal })}
                    secret={shown.secret}
                    onClose={() => setShown(null)}
                />
            )}
            <Loaded query={parties}>
                {({ parties }) =>
                    parties.length === 0 ? (
                        <Empty title={t("No external parties yet.")}>
                            {t(
                                "Finders, other vendors and coordinators accept the embargo with the secret of an invitation. They get no content.",
                            )}
                        </Empty>
                    ) : (
                        <PartyTable subject={subject} parties={parties} onSecret={setShown} />
                    )
                }
            </Loaded>
        </Section>
    )
}

interface TableProps {
    subject: Case
    parties: readonly Party[]
    onSecret: (shown: Shown) => void
}

function PartyTable({ subject, parties, onSecret }: TableProps) {
    const partysConsents = useConsents(subject.id).data?.parties ?? []
    const consentOf = ({ id }: Party) => partysConsents.find((partysConsent) => partysConsent.party === id)
    return (
        <Table
            caption={t("External parties of this case")}
            rows={parties}
            keyOf={({ id }) => id}
            columns={[
                {
                    name: t("Party"),
                    cell: ({ name, role, contact }) => (
                        <>
                            <strong>{name}</strong> <span className="muted">{valueText(role)}</span>
                            <span className="muted block">{contact}</span>
                        </>
                    ),
                },
                { name: t("State"), cell: (party) => <StateBadge id={consentOf(party)?.state ?? "none"} /> },
                { name: t("Invited"), cell: (party) => <When at={askedAt(consentOf(party)?.history ?? [])} /> },
                { name: t("Answer"), cell: (party) => <Said subject={consentOf(party)?.history.at(-1)} /> },
                { name: t("Adherence"), cell: (party) => <Adheres subject={consentOf(party)?.adherence} /> },
                {
                    name: t("Actions"),
                    cell: (party) => (
                        <PartyActions subject={subject} party={party} consent={consentOf(party)} onSecret={onSecret} />
                    ),
                    end: true,
                },
            ]}
        />
    )
}

interface ActionsProps {
    subject: Case
    party: Party
    consent: PartysConsent | undefined
    onSecret: (shown: Shown) => void
}

function PartyActions({ subject, party, consent, onSecret }: ActionsProps) {
    const disabledReason = useWhyNot()("case:write") ?? closedWhy(subject)
    const state = consent?.state ?? "none"
    const mayAsk = state === "none" || state === "declined" || state === "expired"
    const path = `/api/cases/${subject.id}/parties/${party.id}` as const
    const show = ({ secret }: Secret) => onSecret({ party: party.name, secret })
    const noTerms =
        subject.phase === "none" || subject.phase === "ended" ? t("propose or agree an embargo first") : null
    return (
        <span className="row end">
            {mayAsk && (
                <FormDialog
                    button={consent === undefined ? t("Invite…") : t("Invite again…")}
                    title={t("Invite {name} to this embargo", { name: party.name })}
                    submit={t("Invite and show the secret")}
                    disabledReason={disabledReason ?? noTerms}
                    requests={[
                        {
                            name: "hours",
                            label: t("Hours for the answer"),
                            kind: "number",
                            initial: "168",
                            check: (input) =>
                                /^\s*\d{1,3}\s*$/.test(input) ? null : t("enter a whole number of hours"),
                            hint: t("72 to 720; silence declines"),
                        },
                    ]}
                    write={({ hours }) => writeTo("POST", `${path}/invite`, { withinHours: Number(hours) })}
                    onDone={show}
                >
                    <p className="muted">{t("The party signs in with this secret, shown once. It gets no content.")}</p>
                </FormDialog>
            )}
            {consent !== undefined && (
                <NewSecret
                    party={party}
                    write={writeTo("POST", `${path}/renew-secret`)}
                    disabledReason={disabledReason}
                    onDone={show}
                />
            )}
        </span>
    )
}

type Secret = AnswerTo<"/api/cases/{id}/parties/{party}/invite", "POST">

interface NewSecretProps {
    party: Party
    write: Write<Secret>
    disabledReason: string | null
    onDone: (answer: Secret) => void
}

function NewSecret({ party, write, disabledReason, onDone }: NewSecretProps) {
    return (
        <Opens
            button={t("New secret…")}
            title={t("New secret for {name}?", { name: party.name })}
            disabledReason={disabledReason}
        >
            {(close) => (
                <>
                    <p>{t("Use this if the secret is lost. The old secret stops working. Earlier answers stay.")}</p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={write}
                            onDone={(answer) => {
                                close()
                                onDone(answer)
                            }}
                        >
                            {t("Create secret")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function AddParty({ subject }: { subject: Case }) {
    const lacks = useWhyNot()("case:write")
    const length = { min: 1, max: partyTextMax }
    return (
        <FormDialog
            button={t("Add party…")}
            title={t("Add an external party")}
            submit={t("Add party")}
            disabledReason={lacks ?? closedWhy(subject)}
            requests={[
                {
                    name: "role",
                    label: t("Role"),
                    kind: "choice",
                    from: choicesOf(partyRoles),
                },
                { name: "name", label: t("Name"), kind: "line", length },
                {
                    name: "contact",
                    label: t("Contact"),
                    kind: "line",
                    length,
                    hint: t("an address or a number; encrypted"),
                },
            ]}
            write={(body) => writeTo("POST", `/api/cases/${subject.id}/parties`, body)}
        />
    )
}
