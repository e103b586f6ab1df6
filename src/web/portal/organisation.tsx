/** What a partner sees and keeps of itself: standing, duties, agreement, people, keys. */
import { useState } from "react"
import { agreementWords, standingWords } from "../kit/words.ts"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog, ticked } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, Facts, Page, Section, Short, Table } from "../kit/table.tsx"
import type { Agreement, Key, Member } from "./answers.ts"
import { useMe, useWhyNot } from "./viewer.ts"

export function Organisation() {
    const { partner } = useMe()
    const standing = standingWords[partner.standing]
    return (
        <Page title={partner.name} kind="My organisation" aside={<Badge tone={standing.tone}>{standing.name}</Badge>}>
            <Section title="What is true now">
                <Facts
                    of={[
                        ["Standing", standing.name],
                        ["Tier", partner.tier],
                        ["Contact", partner.mail],
                        ["Duties to report", <DutyWords key="duties" />],
                    ]}
                />
            </Section>
            <AgreementSection />
            <Keys />
            <Roster />
        </Page>
    )
}

function DutyWords() {
    const { duties } = useMe().partner
    if (duties.length === 0) return "none known"
    return (
        <ul className="stack">
            {duties.map((duty) => (
                <li key={duty.regime}>
                    <strong>{duty.regime}</strong>: {duty.trigger}, within {duty.deadlineHours} h, to {duty.authority}.{" "}
                    <span className="muted">Source: {duty.source}</span>
                </li>
            ))}
        </ul>
    )
}

function AgreementSection() {
    const { partner } = useMe()
    const agreements = useRead<{ agreements: readonly Agreement[] }>("/api/agreements")
    const state = agreementWords[partner.agreement]
    const accepted = partner.acceptances.at(-1)
    return (
        <Section title="Agreement" aside={<Badge tone={state.tone}>{state.name}</Badge>}>
            <Loaded of={agreements}>
                {({ agreements: all }) => {
                    const newest = all.at(-1)
                    if (newest === undefined) return <Empty title="There is no agreement yet." />
                    return (
                        <div className="row">
                            <span>
                                The newest version is {newest.version}, of <When at={newest.since} short />.
                                {accepted !== undefined && ` Accepted: version ${accepted.version}`}
                                {accepted !== undefined && accepted.endsAt !== null && (
                                    <>
                                        , until <When at={accepted.endsAt} short />
                                    </>
                                )}
                            </span>
                            <ReadAgreement of={newest} accepted={partner.agreement === "accepted"} />
                        </div>
                    )
                }}
            </Loaded>
        </Section>
    )
}

function ReadAgreement({ of, accepted }: { of: Agreement; accepted: boolean }) {
    const not = useWhyNot()("own:lead")
    return (
        <Opens
            button={accepted ? "Read it…" : "Read and accept…"}
            title={`Agreement, version ${of.version}`}
            look={accepted ? "plain" : "main"}
            wide
        >
            {(close) => (
                <>
                    <Reading label="Text of the agreement" text={of.text} />
                    {!accepted && (
                        <div className="row end">
                            <Do
                                look="main"
                                not={not}
                                write={{
                                    method: "POST",
                                    path: "/api/agreements/acceptance",
                                    body: { version: of.version },
                                }}
                                onDone={close}
                            >
                                {`Accept${of.termDays === null ? "" : ` for ${of.termDays} days`}`}
                            </Do>
                        </div>
                    )}
                </>
            )}
        </Opens>
    )
}

function Keys() {
    const { keys } = useMe().partner
    return (
        <Section title="Keys" aside={<AddKey />}>
            {keys.length === 0 ? (
                <Empty title="No key is registered: nothing can be sealed for you." />
            ) : (
                <Table
                    caption="Keys that copies are sealed for"
                    rows={keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: "Recipient", cell: (key) => <Short of={key.recipient} length={28} /> },
                        { name: "Added", cell: (key) => <When at={key.addedAt} short /> },
                        { name: "Usable from", cell: (key) => <When at={key.usableFrom} short /> },
                        { name: "Actions", cell: (key) => <Revoke of={key} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function AddKey() {
    return (
        <FormDialog
            button="Add a key…"
            title="Add an age recipient"
            submit="Add it"
            not={useWhyNot()("own:lead")}
            asked={[
                {
                    name: "recipient",
                    label: "Public recipient",
                    kind: "line",
                    hint: "age1…; the public half only. The first is usable at once, later ones after 24 hours.",
                },
            ]}
            write={({ recipient = "" }) => ({
                method: "POST",
                path: "/api/keys",
                body: { recipient: recipient.trim() },
            })}
        />
    )
}

function Revoke({ of }: { of: Key }) {
    const not = useWhyNot()("own:lead")
    if (of.revokedAt !== null) return <Badge>revoked</Badge>
    return (
        <Opens button="Revoke…" title="Revoke this key?" not={not}>
            {(close) => (
                <>
                    <p>Nothing more is sealed for it. What was sealed before can still be opened with it.</p>
                    <code className="hash">{of.recipient}</code>
                    <div className="row end">
                        <Do look="danger" write={{ method: "DELETE", path: `/api/keys/${of.id}` }} onDone={close}>
                            Revoke it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Roster() {
    const { roster } = useMe().partner
    const [link, setLink] = useState<string | null>(null)
    return (
        <Section title="Roster" aside={<AddAnalyst onLink={setLink} />}>
            {link !== null && (
                <Notice tone="good">
                    <span>
                        The sign-in link, shown once: <code className="code">{link}</code>
                    </span>
                </Notice>
            )}
            <Table
                caption="Your persons"
                rows={roster}
                keyOf={(one) => one.id}
                columns={[
                    { name: "Name", cell: (one) => one.name },
                    { name: "Roles", cell: (one) => one.roles.join(", ") },
                    { name: "Address", cell: (one) => <span className="muted">{one.mail}</span> },
                    { name: "Actions", cell: (one) => <Leave of={one} />, end: true },
                ]}
            />
        </Section>
    )
}

function AddAnalyst({ onLink }: { onLink: (link: string) => void }) {
    return (
        <FormDialog
            button="Add an analyst…"
            title="Add an analyst"
            submit="Add"
            not={useWhyNot()("own:lead")}
            asked={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Address", kind: "line" },
                {
                    name: "roles",
                    label: "Roles",
                    kind: "choices",
                    initial: "analyst",
                    from: [{ value: "analyst", name: "analyst" }],
                },
            ]}
            write={(answers) => ({
                method: "POST",
                path: "/api/roster",
                body: { name: answers.name, mail: answers.mail, roles: ticked(answers, "roles") },
            })}
            onDone={(answer) => onLink(`${window.location.origin}/sign-in#${(answer as { link: string }).link}`)}
        />
    )
}

function Leave({ of }: { of: Member }) {
    const not = useWhyNot()("own:lead")
    if (of.left) return <Badge>has left</Badge>
    if (of.roles.includes("lead")) return null
    return (
        <Opens button="Remove…" title={`Remove ${of.name}?`} not={not}>
            {(close) => (
                <>
                    <p>Sessions, tokens and links of this person end at once.</p>
                    <div className="row end">
                        <Do look="danger" write={{ method: "DELETE", path: `/api/roster/${of.id}` }} onDone={close}>
                            Remove
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
