/** A partner's people: adds and removes them, and sends sign-in links by mail. Staff never see a link. */
import { writeTo } from "../api.ts"
import { partnerRoles } from "../../../../server/src/trust/identity/person.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog, tickedOf } from "../../kit/form.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { BounceOutcome } from "../../../../server/src/trust/mail/bounce.ts"
import type { Member, Partner } from "../answers.ts"
import { useWhyNot } from "../artifacts/viewer.tsx"

export function Roster({ partner }: { partner: Partner }) {
    return (
        <Section title="Roster" aside={<AddMember partner={partner} />}>
            {partner.roster.length === 0 ? (
                <Empty title="Nobody is on the roster.">
                    Add a lead: it accepts the agreement, adds a key, and lets its analysts in.
                </Empty>
            ) : (
                <Table
                    caption="People of this partner"
                    rows={partner.roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                    keyOf={(member) => member.id}
                    columns={[
                        { name: "Name", cell: (member) => <strong>{member.name}</strong> },
                        { name: "Roles", cell: (member) => member.roles.join(", ") },
                        {
                            name: "Address",
                            cell: (member) => <Address partner={partner} person={member.id} mail={member.mail} />,
                        },
                        {
                            name: "Actions",
                            cell: (member) => <MemberActions partner={partner} member={member} />,
                            end: true,
                        },
                    ]}
                />
            )}
        </Section>
    )
}

/** The mail address, and whether mail to it bounces. */
export function Address({ partner, person, mail }: { partner: Partner; person: string | null; mail: string }) {
    const input = partner.bouncingAddresses.find((item) => item.person === person)
    return (
        <span className="row">
            <span className="muted">{mail}</span>
            {input !== undefined && (
                <Badge tone={input.isGivenUp ? "bad" : "due"}>
                    mail came back, {input.times}×{input.isGivenUp && ": nothing more is sent there"}
                </Badge>
            )}
            {partner.reportedBounces
                .filter((item) => item.person === person)
                .map(({ outcome: fate, times }) => (
                    <Badge key={fate} tone="due">
                        {fateWords[fate]}, {times}×
                    </Badge>
                ))}
        </span>
    )
}

const fateWords: Readonly<Record<BounceOutcome, string>> = {
    failed: "a mail server sent it back",
    delayed: "a mail server does not reach it",
}

interface MemberProps {
    partner: Partner
    member: Member
}

function MemberActions({ partner, member }: MemberProps) {
    const disabledReason = useWhyNot()("partner:write")
    if (member.left) return <Badge>has left</Badge>
    const path = `/api/partners/${partner.id}/roster/${member.id}` as const
    return (
        <span className="row end">
            <Opens
                button={<Named verb="Send new link…" of={member.name} />}
                title={`Send ${member.name} a new sign-in link?`}
                disabledReason={disabledReason}
            >
                {(close) => (
                    <>
                        <p>
                            The link goes to {member.mail}, and to no other place. Sessions, tokens and links of this
                            person end. Needs a second signature.
                        </p>
                        <div className="row end">
                            <Do write={writeTo("POST", `${path}/sign-in-links`, {})} onDone={close}>
                                Send new link
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
            <Opens
                button={<Named verb="Remove person…" of={member.name} />}
                title={`${member.name} leaves ${partner.name}?`}
                disabledReason={disabledReason}
            >
                {(close) => (
                    <>
                        <p>Sessions, tokens and links end at once, and nothing new is given.</p>
                        <div className="row end">
                            <Do look="danger" write={writeTo("DELETE", path)} onDone={close}>
                                {member.name} leaves
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </span>
    )
}

/** A button in a table row. Its accessible name includes the person. */
const Named = ({ verb, of: subject }: { verb: string; of: string }) => (
    <>
        {verb} <span className="unseen">{subject}</span>
    </>
)

function AddMember({ partner }: Omit<MemberProps, "member">) {
    return (
        <FormDialog
            button="Add a person…"
            title={`Add a person to ${partner.name}`}
            submit="Add"
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Address", kind: "line" },
                {
                    name: "roles",
                    label: "Roles",
                    kind: "choices",
                    initial: partner.roster.length === 0 ? "lead" : "analyst",
                    from: [
                        { value: "lead", name: "lead (roster, keys, agreement)" },
                        { value: "analyst", name: "analyst (reads and acknowledges)" },
                    ],
                },
            ]}
            write={(answers) => {
                const roles = tickedOf(partnerRoles, answers, "roles")
                if (roles.length === 0) throw new Error("a person has one role at least")
                return writeTo("POST", `/api/partners/${partner.id}/roster`, {
                    name: answers.name,
                    mail: answers.mail,
                    roles,
                })
            }}
        >
            <p className="muted">Needs a second signature. The sign-in link then goes to the address by mail.</p>
        </FormDialog>
    )
}
