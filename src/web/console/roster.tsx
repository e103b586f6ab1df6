/** A partner's persons: adding one, a new sign-in link, leaving. A link is for its person, and is shown once. */
import { useState } from "react"
import { linkOf } from "../kit/access.tsx"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog, ticked } from "../kit/form.tsx"
import { Empty } from "../kit/notice.tsx"
import { Once } from "../kit/once.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import type { Fate } from "../../trust/mailing/returned.ts"
import type { Member, Partner } from "./answers.ts"
import { useMe, useWhyNot } from "./viewer.tsx"

/** With the link's secret; or without, and it waits for a second person. */
interface Given {
    readonly link?: string
}

type OnGiven = (name: string) => (answer: unknown) => void

export function Roster({ of }: { of: Partner }) {
    const { portal } = useMe()
    const [shown, setShown] = useState<{ readonly what: string; readonly secret: string } | null>(null)
    const onGiven: OnGiven = (name) => (answer) => {
        const { link } = answer as Given
        setShown(link === undefined ? null : { what: `The sign-in link of ${name}`, secret: linkOf(link, portal) })
    }
    return (
        <Section title="Roster" aside={<AddMember of={of} onGiven={onGiven} />}>
            {shown !== null && <Once {...shown} onClose={() => setShown(null)} />}
            {of.roster.length === 0 ? (
                <Empty title="Nobody is on the roster.">
                    Add a lead: it accepts the agreement, adds a key, and lets its analysts in.
                </Empty>
            ) : (
                <Table
                    caption="Persons of this partner"
                    rows={of.roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                    keyOf={(one) => one.id}
                    columns={[
                        { name: "Name", cell: (one) => <strong>{one.name}</strong> },
                        { name: "Roles", cell: (one) => one.roles.join(", ") },
                        { name: "Address", cell: (one) => <Address of={of} person={one.id} mail={one.mail} /> },
                        {
                            name: "Actions",
                            cell: (one) => <MemberActions of={of} member={one} onGiven={onGiven} />,
                            end: true,
                        },
                    ]}
                />
            )}
        </Section>
    )
}

/** Beside it, whether mail to it comes back. */
export function Address({ of, person, mail }: { of: Partner; person: string | null; mail: string }) {
    const its = of.bouncing.find((one) => one.person === person)
    return (
        <span className="row">
            <span className="muted">{mail}</span>
            {its !== undefined && (
                <Badge tone={its.givenUp ? "bad" : "due"}>
                    mail came back, {its.times}×{its.givenUp && ": nothing more is sent there"}
                </Badge>
            )}
            {of.returned
                .filter((one) => one.person === person)
                .map(({ fate, times }) => (
                    <Badge key={fate} tone="due">
                        {fateWords[fate]}, {times}×
                    </Badge>
                ))}
        </span>
    )
}

const fateWords: Readonly<Record<Fate, string>> = {
    failed: "a mail server sent it back",
    delayed: "a mail server does not reach it",
}

interface MemberProps {
    of: Partner
    member: Member
    onGiven: OnGiven
}

function MemberActions({ of, member, onGiven }: MemberProps) {
    const not = useWhyNot()("partner:write")
    if (member.left) return <Badge>has left</Badge>
    const path = `/api/partners/${of.id}/roster/${member.id}`
    return (
        <span className="row end">
            <Do not={not} write={{ method: "POST", path: `${path}/link`, body: {} }} onDone={onGiven(member.name)}>
                New link
            </Do>
            <Opens button="Leaves…" title={`${member.name} leaves ${of.name}?`} not={not}>
                {(close) => (
                    <>
                        <p>Sessions, tokens and links end at once, and nothing new is given.</p>
                        <div className="row end">
                            <Do look="danger" write={{ method: "DELETE", path }} onDone={close}>
                                {member.name} leaves
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </span>
    )
}

function AddMember({ of, onGiven }: Omit<MemberProps, "member">) {
    const [name, setName] = useState("")
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
                    initial: of.roster.length === 0 ? "lead" : "analyst",
                    from: [
                        { value: "lead", name: "lead (roster, keys, agreement)" },
                        { value: "analyst", name: "analyst (reads and acknowledges)" },
                    ],
                },
            ]}
            write={(answers) => {
                setName(answers["name"] ?? "")
                const roles = ticked(answers, "roles")
                if (roles.length === 0) throw new Error("a person has one role at least")
                return {
                    method: "POST",
                    path: `/api/partners/${of.id}/roster`,
                    body: { name: answers.name, mail: answers.mail, roles },
                }
            }}
            onDone={onGiven(name)}
        >
            {of.standing !== "applicant" && of.standing !== "invited" && (
                <p className="muted">It was in already, so a second person signs this first.</p>
            )}
        </FormDialog>
    )
}
