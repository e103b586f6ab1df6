/** The people of a partner: a lead adds and removes analysts and resends their links. Only the operator changes leads. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Window } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Avatar } from "../../kit/layout/frame.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { type EndedCounts, RemovalResult } from "../../kit/sign-in/removal-result.tsx"
import { RecoveryForm } from "../../kit/sign-in/recovery.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Member } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { Vouching } from "./vouch.tsx"
import { t, valueText } from "../../messages/message.ts"

export function People() {
    return (
        <Page title={t("Organisation")} tabTitle={t("People")} aside={<AddPerson />}>
            <PeopleTable />
            <Vouching />
        </Page>
    )
}

export function PeopleTable() {
    const { roster } = useMe().partner
    return (
        <Section
            title={t("People")}
            count={roster.filter(({ left }) => !left).length}
            aside={<span>{t("Removed people lose access at once")}</span>}
        >
            <Table
                caption={t("Your people")}
                rows={roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                keyOf={(member) => member.id}
                dense
                columns={[
                    { name: t("Person"), cell: (member) => <Person member={member} /> },
                    { name: t("Role"), cell: (member) => <Role member={member} /> },
                    { name: t("Address"), cell: ({ mail }) => <span className="muted">{mail}</span> },
                    { name: t("Actions"), cell: (member) => <Actions member={member} />, end: true },
                ]}
            />
            <p className="small muted">
                {t("A lead adds and removes analysts. Only the operator adds and removes leads.")}
            </p>
        </Section>
    )
}

function Person({ member: { id, name } }: { member: Member }) {
    const { person } = useMe()
    return (
        <span className="row">
            <Avatar name={name} />
            <strong>{name}</strong>
            {id === person.id && <span className="muted">{t("you")}</span>}
        </span>
    )
}

function Role({ member: { roles, left } }: { member: Member }) {
    if (left) return <Badge>{t("left")}</Badge>
    const names = roles.map(valueText).join(", ")
    return roles.includes("lead") ? <Badge tone="good">{names}</Badge> : names
}

export function AddPerson() {
    return (
        <FormDialog
            button={t("Add person…")}
            title={t("Add person")}
            submit={t("Add person")}
            buttonLook="main"
            disabledReason={useWhyNot()("own:extend")}
            requests={[
                { name: "name", label: t("Name"), kind: "line" },
                {
                    name: "mail",
                    label: t("Address"),
                    kind: "line",
                    hint: t("The sign-in link and notices go to this address. The link works once, within 3 days."),
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
    const [ended, setEnded] = useState<EndedCounts | null>(null)
    if (member.left) return <RemovalResult ended={ended} />
    if (member.id === person.id) return null
    const isLead = member.roles.includes("lead") ? t("only the operator changes leads") : null
    return (
        <>
            <ActionMenu
                label={t("Actions for {name}", { name: member.name })}
                actions={[
                    {
                        id: "link",
                        name: t("Restore sign-in…"),
                        disabledReason: isLead ?? whyNot("own:extend"),
                        onAction: () => setOpen("link"),
                    },
                    {
                        id: "remove",
                        name: t("Remove person…"),
                        isDangerous: true,
                        disabledReason: isLead ?? whyNot("own:lead"),
                        onAction: () => setOpen("remove"),
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <Window
                title={t("Restore the sign-in of {name}", { name: member.name })}
                open={open === "link"}
                onClose={() => setOpen(null)}
            >
                <RecoveryForm
                    name={member.name}
                    mail={member.mail}
                    needsSignature={false}
                    write={(body) => writeTo("POST", `/api/roster/${member.id}/sign-in-links`, body)}
                    onDone={() => setOpen(null)}
                />
            </Window>
            <RemovePerson member={member} open={open === "remove"} onClose={() => setOpen(null)} onRemoved={setEnded} />
        </>
    )
}

interface RemovePersonProps {
    member: Member
    open: boolean
    onClose: () => void
    onRemoved: (ended: EndedCounts) => void
}

function RemovePerson({ member, open, onClose, onRemoved }: RemovePersonProps) {
    return (
        <Window title={t("Remove {name}?", { name: member.name })} open={open} onClose={onClose}>
            <p>{t("All passkeys, sessions and tokens of this person end at once. You cannot undo this.")}</p>
            <p>
                {t(
                    "Keys stay usable. If this person knows the identity of a key, add another key and revoke the old one under Keys.",
                )}
            </p>
            <div className="row end">
                <Do
                    look="danger"
                    write={writeTo("DELETE", `/api/roster/${member.id}`)}
                    onDone={({ ended }) => {
                        onRemoved(ended)
                        onClose()
                    }}
                >
                    {t("Remove person")}
                </Do>
            </div>
        </Window>
    )
}
