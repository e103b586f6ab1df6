/** The roster: a lead adds and removes analysts and resends their links. Only the operator changes leads. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Member } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"

export function Roster() {
    const { roster } = useMe().partner
    return (
        <Section title="Roster" aside={<AddAnalyst />}>
            <p className="caution">
                Your lead adds and removes analysts. Only the operator adds and removes leads: ask it when one changes.
                A sign-in link goes to the person's own address by mail; it works once, within 3 days.
            </p>
            <Table
                caption="Your people"
                rows={roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                keyOf={(member) => member.id}
                columns={[
                    { name: "Name", cell: (member) => member.name },
                    { name: "Roles", cell: (member) => member.roles.join(", ") },
                    { name: "Address", cell: (member) => <span className="muted">{member.mail}</span> },
                    { name: "Actions", cell: (member) => <Acts on={member} />, end: true },
                ]}
            />
        </Section>
    )
}

function AddAnalyst() {
    return (
        <FormDialog
            button="Add an analyst…"
            title="Add an analyst"
            submit="Add"
            disabledReason={useWhyNot()("own:extend")}
            requests={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Address", kind: "line", hint: "its sign-in link and its notices go there" },
            ]}
            write={(answers) => writeTo("POST", "/api/roster", { ...answers, roles: ["analyst"] })}
        />
    )
}

function Acts({ on }: { on: Member }) {
    const { person } = useMe()
    const whyNot = useWhyNot()
    const disabledReason = whyNot("own:lead")
    if (on.left) return <Badge>has left</Badge>
    if (on.id === person.id) return <span className="muted">you</span>
    if (on.roles.includes("lead") || disabledReason !== null) return null
    return (
        <span className="row end">
            {whyNot("own:extend") === null && <NewLink to={on} />}
            <Leave member={on} />
        </span>
    )
}

function NewLink({ to }: { to: Member }) {
    return (
        <Opens
            button={
                <>
                    Send new link… <span className="unseen">for {to.name}</span>
                </>
            }
            title={`Send ${to.name} a new sign-in link?`}
        >
            {(close) => (
                <>
                    <p>The link goes to {to.mail} by mail. Sessions, tokens and links of this person end.</p>
                    <div className="row end">
                        <Do write={writeTo("POST", `/api/roster/${to.id}/sign-in-links`)} onDone={close}>
                            Send new link
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Leave({ member }: { member: Member }) {
    return (
        <Opens
            button={
                <>
                    Remove… <span className="unseen">{member.name}</span>
                </>
            }
            title={`Remove ${member.name}?`}
        >
            {(close) => (
                <>
                    <p>Sessions, tokens and links of this person end at once, and do not come back.</p>
                    <p>
                        A key of which this person has the identity is not revoked by it: do that under “Keys”, after
                        adding another.
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/roster/${member.id}`)} onDone={close}>
                            Remove
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
