/** The people of a partner: a lead adds and removes analysts and resends their links. Only the operator changes leads. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Window } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Avatar } from "../../kit/layout/frame.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Member } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { Vouching } from "./vouch.tsx"

export function People() {
    return (
        <Page title="Organisation" tabTitle="People" aside={<AddPerson />}>
            <PeopleTable />
            <Vouching />
        </Page>
    )
}

export function PeopleTable() {
    const { roster } = useMe().partner
    return (
        <Section
            title="People"
            count={roster.filter(({ left }) => !left).length}
            aside={<span>Removed people lose access at once</span>}
        >
            <Table
                caption="Your people"
                rows={roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                keyOf={(member) => member.id}
                columns={[
                    { name: "Person", cell: (member) => <Person member={member} /> },
                    { name: "Role", cell: (member) => <Role member={member} /> },
                    { name: "Address", cell: ({ mail }) => <span className="muted">{mail}</span> },
                    { name: "Actions", cell: (member) => <Actions member={member} />, end: true },
                ]}
            />
            <p className="small muted">A lead adds and removes analysts. Only the operator adds and removes leads.</p>
        </Section>
    )
}

function Person({ member: { name } }: { member: Member }) {
    return (
        <span className="row">
            <Avatar name={name} />
            <strong>{name}</strong>
        </span>
    )
}

function Role({ member: { roles, left } }: { member: Member }) {
    if (left) return <Badge>left</Badge>
    return roles.includes("lead") ? <Badge tone="good">{roles.join(", ")}</Badge> : roles.join(", ")
}

function AddPerson() {
    return (
        <FormDialog
            button="Add person…"
            title="Add person"
            submit="Add person"
            buttonLook="main"
            disabledReason={useWhyNot()("own:extend")}
            requests={[
                { name: "name", label: "Name", kind: "line" },
                {
                    name: "mail",
                    label: "Address",
                    kind: "line",
                    hint: "The sign-in link and notices go to this address. The link works once, within 3 days.",
                },
            ]}
            write={(answers) => writeTo("POST", "/api/roster", { ...answers, roles: ["analyst"] })}
        />
    )
}

function Actions({ member }: { member: Member }) {
    const { person } = useMe()
    const whyNot = useWhyNot()
    const [open, setOpen] = useState<"link" | "remove" | null>(null)
    if (member.left) return null
    if (member.id === person.id) return <span className="muted">you</span>
    const isLead = member.roles.includes("lead") ? "only the operator changes leads" : null
    return (
        <>
            <ActionMenu
                label={`Actions for ${member.name}`}
                actions={[
                    {
                        id: "link",
                        name: "Send new link…",
                        disabledReason: isLead ?? whyNot("own:extend"),
                        onAction: () => setOpen("link"),
                    },
                    {
                        id: "remove",
                        name: "Remove person…",
                        isDangerous: true,
                        disabledReason: isLead ?? whyNot("own:lead"),
                        onAction: () => setOpen("remove"),
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <Window
                title={`Send ${member.name} a new sign-in link?`}
                open={open === "link"}
                onClose={() => setOpen(null)}
            >
                <p>The link goes to {member.mail}. The person's sessions, tokens and earlier links end.</p>
                <div className="row end">
                    <Do
                        look="main"
                        write={writeTo("POST", `/api/roster/${member.id}/sign-in-links`)}
                        onDone={() => setOpen(null)}
                    >
                        Send new link
                    </Do>
                </div>
            </Window>
            <Window title={`Remove ${member.name}?`} open={open === "remove"} onClose={() => setOpen(null)}>
                <p>Sessions, tokens and links of this person end at once. You cannot undo this.</p>
                <p>
                    Keys stay usable. If this person knows the identity of a key, add another key and revoke the old one
                    under Keys.
                </p>
                <div className="row end">
                    <Do
                        look="danger"
                        write={writeTo("DELETE", `/api/roster/${member.id}`)}
                        onDone={() => setOpen(null)}
                    >
                        Remove person
                    </Do>
                </div>
            </Window>
        </>
    )
}
