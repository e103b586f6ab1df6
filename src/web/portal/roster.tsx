/** The roster: a lead adds analysts, lets them in again, and removes them; leads come and go by the operator. */
import { useState } from "react"
import { linkOf } from "../kit/access.tsx"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Once } from "../kit/once.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import type { Member } from "./answers.ts"
import { useMe, useWhyNot } from "./viewer.ts"

interface Given {
    readonly to: string
    readonly secret: string
}

export function Roster() {
    const { roster } = useMe().partner
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Section title="Roster" aside={<AddAnalyst onLink={setGiven} />}>
            <p className="caution">
                Your lead adds and removes analysts. Leads come and go by the program: ask it when one changes.
            </p>
            {given !== null && (
                <Once
                    what={`The sign-in link of ${given.to}. Hand it over by a way that you trust; it works once, within 3 days`}
                    secret={linkOf(given.secret)}
                    onClose={() => setGiven(null)}
                />
            )}
            <Table
                caption="Your persons"
                rows={roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                keyOf={(one) => one.id}
                columns={[
                    { name: "Name", cell: (one) => one.name },
                    { name: "Roles", cell: (one) => one.roles.join(", ") },
                    { name: "Address", cell: (one) => <span className="muted">{one.mail}</span> },
                    { name: "Actions", cell: (one) => <Acts on={one} onLink={setGiven} />, end: true },
                ]}
            />
        </Section>
    )
}

function AddAnalyst({ onLink }: { onLink: (given: Given) => void }) {
    const [name, setName] = useState("")
    return (
        <FormDialog
            button="Add an analyst…"
            title="Add an analyst"
            submit="Add"
            not={useWhyNot()("own:extend")}
            asked={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Address", kind: "line", hint: "its notices go there, and nothing else" },
            ]}
            write={(answers) => {
                setName(answers["name"] ?? "")
                const body = { name: answers["name"], mail: answers["mail"], roles: ["analyst"] }
                return { method: "POST", path: "/api/roster", body }
            }}
            onDone={(answer) => onLink({ to: name, secret: (answer as { link: string }).link })}
        />
    )
}

function Acts({ on, onLink }: { on: Member; onLink: (given: Given) => void }) {
    const { person } = useMe()
    const whyNot = useWhyNot()
    const not = whyNot("own:lead")
    if (on.left) return <Badge>has left</Badge>
    if (on.id === person.id) return <span className="muted">you</span>
    if (on.roles.includes("lead") || not !== null) return null
    return (
        <span className="row end">
            {whyNot("own:extend") === null && <NewLink to={on} onLink={onLink} />}
            <Leave of={on} />
        </span>
    )
}

function NewLink({ to, onLink }: { to: Member; onLink: (given: Given) => void }) {
    const given = (answer: unknown) => onLink({ to: to.name, secret: (answer as { link: string }).link })
    return (
        <Do write={{ method: "POST", path: `/api/roster/${to.id}/link` }} onDone={given}>
            New link <span className="unseen">for {to.name}</span>
        </Do>
    )
}

function Leave({ of }: { of: Member }) {
    return (
        <Opens
            button={
                <>
                    Remove… <span className="unseen">{of.name}</span>
                </>
            }
            title={`Remove ${of.name}?`}
        >
            {(close) => (
                <>
                    <p>Sessions, tokens and links of this person end at once, and do not come back.</p>
                    <p>
                        A key of which this person has the identity is not revoked by it: do that under “Keys”, after
                        adding another.
                    </p>
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
