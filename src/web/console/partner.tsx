/** One partner: what is true of it and since when, its people and keys, and what can be decided about it. */
import { useState } from "react"
import { useRead } from "../kit/api.ts"
import { Window } from "../kit/dialog.tsx"
import { FormDialog, ticked } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, Facts, Page, Section, Short, Table } from "../kit/table.tsx"
import type { Partner } from "./answers.ts"
import { Deliveries } from "./deliveries.tsx"
import { PartnerMeasures } from "./measures.tsx"
import { PartnerActions } from "./partner-actions.tsx"
import { AgreementBadge, StandingBadge } from "./partners.tsx"
import { useNames, useWhyNot } from "./viewer.tsx"
import { tierNames } from "./words.ts"

export function PartnerScreen({ id }: { id: string }) {
    const one = useRead<Partner>(`/api/partners/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page
                    title={found.name}
                    kind={`Partner · ${tierNames[found.tier]} tier`}
                    aside={<StandingBadge of={found} />}
                >
                    <Section title="What is true now" aside={<PartnerActions of={found} />}>
                        <Now of={found} />
                    </Section>
                    <PartnerMeasures of={found} />
                    <Deliveries of="partner" id={found.id} />
                    <Duties of={found} />
                    <Roster of={found} />
                    <Keys of={found} />
                    <History of={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Now({ of }: { of: Partner }) {
    const accepted = of.acceptances.at(-1)
    return (
        <Facts
            of={[
                ["Standing", <StandingBadge key="standing" of={of} />],
                ["Tier", tierNames[of.tier]],
                [
                    "Agreement",
                    <span key="agreement" className="row">
                        <AgreementBadge of={of} />
                        {accepted !== undefined && (
                            <span className="muted">
                                version {accepted.version}
                                {accepted.endsAt !== null && (
                                    <>
                                        , until <When at={accepted.endsAt} short />
                                    </>
                                )}
                            </span>
                        )}
                    </span>,
                ],
                ["Reports before publication", of.reportsBeforePublication ? "yes, by duty" : "no"],
                ["Restriction", <RestrictionWords key="restriction" of={of} />],
                ["Contact", of.mail],
            ]}
        />
    )
}

function RestrictionWords({ of: { restriction } }: { of: Partner }) {
    const names = useNames()
    if (restriction === null) return "none"
    const { withhold, notBeforePublication, cases } = restriction
    const parts = [
        withhold.length > 0 && `without ${withhold.join(", ")}`,
        notBeforePublication && "nothing before publication",
        cases === null ? "in all cases" : `in ${cases.map(names.case).join(", ")}`,
    ]
    return parts.filter((part) => part !== false).join("; ")
}

function Duties({ of }: { of: Partner }) {
    return (
        <Section title="Duties">
            {of.duties.length === 0 ? (
                <Empty title="No duty to report is known." />
            ) : (
                <Table
                    caption="Duties to report"
                    rows={of.duties}
                    keyOf={(duty) => duty.regime}
                    columns={[
                        { name: "Regime", cell: (duty) => <strong>{duty.regime}</strong> },
                        { name: "Applies to", cell: (duty) => duty.appliesTo },
                        { name: "Trigger", cell: (duty) => duty.trigger },
                        { name: "Within", cell: (duty) => `${duty.deadlineHours} h`, end: true },
                        { name: "Authority", cell: (duty) => duty.authority },
                        { name: "Source", cell: (duty) => <span className="muted">{duty.source}</span> },
                    ]}
                />
            )}
        </Section>
    )
}

function Roster({ of }: { of: Partner }) {
    const [link, setLink] = useState<string | null>(null)
    return (
        <Section title="Roster" aside={<AddMember of={of} onLink={setLink} />}>
            {link !== null && (
                <Notice tone="good">
                    The new person's sign-in secret, shown once: <code className="code">{link}</code>
                </Notice>
            )}
            <Table
                caption="Persons of this partner"
                rows={of.roster}
                keyOf={(one) => one.id}
                columns={[
                    { name: "Name", cell: (one) => one.name },
                    { name: "Roles", cell: (one) => one.roles.join(", ") },
                    { name: "Address", cell: (one) => <span className="muted">{one.mail}</span> },
                    { name: "Left", cell: (one) => one.left && <Badge>has left</Badge> },
                ]}
            />
        </Section>
    )
}

function AddMember({ of, onLink }: { of: Partner; onLink: (link: string) => void }) {
    return (
        <FormDialog
            button="Add a person…"
            title={`Add a person to ${of.name}`}
            submit="Add"
            not={useWhyNot()("partner:write")}
            asked={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Address", kind: "line" },
                {
                    name: "roles",
                    label: "Roles",
                    kind: "choices",
                    initial: "analyst",
                    from: ["lead", "analyst"].map((value) => ({ value, name: value })),
                },
            ]}
            write={(answers) => ({
                method: "POST",
                path: `/api/partners/${of.id}/roster`,
                body: { name: answers.name, mail: answers.mail, roles: ticked(answers, "roles") },
            })}
            onDone={(answer) => {
                const { link } = answer as { link?: string }
                if (link !== undefined) onLink(link)
            }}
        />
    )
}

function Keys({ of }: { of: Partner }) {
    return (
        <Section title="Keys">
            {of.keys.length === 0 ? (
                <Empty title="It has no key: nothing can be sealed for it." />
            ) : (
                <Table
                    caption="Keys of this partner"
                    rows={of.keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: "Recipient", cell: (key) => <Short of={key.recipient} length={24} /> },
                        { name: "Usable from", cell: (key) => <When at={key.usableFrom} short /> },
                        {
                            name: "Revoked",
                            cell: (key) => (key.revokedAt === null ? "no" : <When at={key.revokedAt} short />),
                        },
                    ]}
                />
            )}
        </Section>
    )
}

function History({ of }: { of: Partner }) {
    const names = useNames()
    const [shown, setShown] = useState<Partner["history"][number] | null>(null)
    return (
        <Section title="What was decided, and when">
            <Table
                caption="History of decisions about this partner"
                rows={of.history.toReversed()}
                keyOf={(row) => `${row.fact} ${row.from} ${JSON.stringify(row.value)}`}
                columns={[
                    { name: "From", cell: (row) => <When at={row.from} /> },
                    { name: "Fact", cell: (row) => row.fact },
                    {
                        name: "Value",
                        cell: (row) =>
                            typeof row.value === "string" ? (
                                row.value
                            ) : (
                                <button type="button" className="link" onClick={() => setShown(row)}>
                                    {summaryOf(row.value)}
                                </button>
                            ),
                    },
                    {
                        name: "By",
                        cell: (row) => (
                            <span className="muted">{row.by === null ? "the program" : names.person(row.by)}</span>
                        ),
                    },
                ]}
            />
            <Window title={shown?.fact ?? ""} open={shown !== null} onClose={() => setShown(null)}>
                <Reading label="Value" text={JSON.stringify(shown?.value, null, 2) ?? ""} />
            </Window>
        </Section>
    )
}

function summaryOf(value: unknown): string {
    if (value === null) return "none"
    return Array.isArray(value) ? `${value.length} in the list` : "details"
}
