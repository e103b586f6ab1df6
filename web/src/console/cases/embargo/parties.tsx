/** The external parties of a case (finder, other vendors): their answers, and their invitation link, shown once. */
import { useState } from "react"
import { writeTo, type AnswerTo } from "../../api.ts"
import { partyRoles, partyTextMax } from "../../../../../server/src/share/cases/party.ts"
import type { Write } from "../../../kit/api.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
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

interface Shown {
    readonly party: string
    readonly secret: string
}

export function Parties({ subject }: { subject: Case }) {
    const parties = useParties(subject.id)
    const { portal } = useMe()
    const [shown, setShown] = useState<Shown | null>(null)
    return (
        <Section title="External parties" aside={<AddParty subject={subject} />}>
            {shown !== null && (
                <Once
                    kind={`Secret of ${shown.party} for ${portal}/invitation`}
                    secret={shown.secret}
                    onClose={() => setShown(null)}
                />
            )}
            <Loaded query={parties}>
                {({ parties }) =>
                    parties.length === 0 ? (
                        <Empty title="No external parties yet.">
                            Finders, other vendors and coordinators accept the embargo with the secret of an invitation.
                            They get no content.
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
            caption="External parties of this case"
            rows={parties}
            keyOf={({ id }) => id}
            columns={[
                {
                    name: "Party",
                    cell: ({ name, role, contact }) => (
                        <>
                            <strong>{name}</strong> <span className="muted">{role}</span>
                            <span className="muted block">{contact}</span>
                        </>
                    ),
                },
                { name: "State", cell: (party) => <StateBadge id={consentOf(party)?.state ?? "none"} /> },
                { name: "Invited", cell: (party) => <When at={askedAt(consentOf(party)?.history ?? [])} /> },
                { name: "Answer", cell: (party) => <Said subject={consentOf(party)?.history.at(-1)} /> },
                { name: "Adherence", cell: (party) => <Adheres subject={consentOf(party)?.adherence} /> },
                {
                    name: "Actions",
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
    const noTerms = subject.phase === "none" || subject.phase === "ended" ? "propose or agree an embargo first" : null
    return (
        <span className="row end">
            {mayAsk && (
                <FormDialog
                    button={consent === undefined ? "Invite…" : "Invite again…"}
                    title={`Invite ${party.name} to this embargo`}
                    submit="Invite and show the secret"
                    disabledReason={disabledReason ?? noTerms}
                    requests={[
                        {
                            name: "hours",
                            label: "Hours for the answer",
                            kind: "number",
                            initial: "168",
                            check: (input) => (/^\s*\d{1,3}\s*$/.test(input) ? null : "enter a whole number of hours"),
                            hint: "72 to 720; silence declines",
                        },
                    ]}
                    write={({ hours }) => writeTo("POST", `${path}/invite`, { withinHours: Number(hours) })}
                    onDone={show}
                >
                    <p className="muted">The party signs in with this secret, shown once. It gets no content.</p>
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
        <Opens button="New secret…" title={`New secret for ${party.name}?`} disabledReason={disabledReason}>
            {(close) => (
                <>
                    <p>Use this if the secret is lost. The old secret stops working. Earlier answers stay.</p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={write}
                            onDone={(answer) => {
                                close()
                                onDone(answer)
                            }}
                        >
                            Create secret
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
            button="Add party…"
            title="Add an external party"
            submit="Add party"
            disabledReason={lacks ?? closedWhy(subject)}
            requests={[
                {
                    name: "role",
                    label: "Role",
                    kind: "choice",
                    from: partyRoles.map((value) => ({ value, name: value })),
                },
                { name: "name", label: "Name", kind: "line", length },
                { name: "contact", label: "Contact", kind: "line", length, hint: "an address or a number; encrypted" },
            ]}
            write={(body) => writeTo("POST", `/api/cases/${subject.id}/parties`, body)}
        />
    )
}
