/** A partner's people: adds and removes them, and sends sign-in links by mail. Staff never see a link. */
import type { ReactNode } from "react"
import { writeTo } from "../../api.ts"
import { partnerRoles } from "../../../../../server/src/trust/identity/person.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog, tickedOf } from "../../../kit/form.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { BounceOutcome } from "../../../../../server/src/trust/mail/bounce.ts"
import type { Member, Partner } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"

export function Roster({ partner }: { partner: Partner }) {
    return (
        <Section title="Roster" aside={<AddMember partner={partner} />}>
            {partner.roster.length === 0 ? (
                <Empty title="No people yet.">
                    Add a lead. The lead accepts the agreement, adds a key and adds analysts.
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
                    bounced {input.times}×{input.isGivenUp && ", no more mail is sent"}
                </Badge>
            )}
            {partner.reportedBounces
                .filter((item) => item.person === person)
                .map(({ outcome, times }) => (
                    <Badge key={outcome} tone="due">
                        {outcomeTexts[outcome]}, {times}×
                    </Badge>
                ))}
        </span>
    )
}

const outcomeTexts: Readonly<Record<BounceOutcome, string>> = {
    failed: "returned by a mail server",
    delayed: "delayed by a mail server",
}

interface MemberProps {
    partner: Partner
    member: Member
}

function MemberActions({ partner, member }: MemberProps) {
    const disabledReason = useWhyNot()("partner:write")
    if (member.left) return <Badge>left</Badge>
    const path = `/api/partners/${partner.id}/roster/${member.id}` as const
    return (
        <ActionMenu
            label={`${member.name}: actions`}
            actions={[
                {
                    id: "link",
                    name: "Send new link…",
                    disabledReason,
                    dialog: {
                        title: `Send ${member.name} a new sign-in link?`,
                        content: (close) => (
                            <Confirm
                                text={`The link goes to ${member.mail} only. This person's sessions, tokens and links end. Needs a second signature.`}
                            >
                                <Do write={writeTo("POST", `${path}/sign-in-links`, {})} onDone={close}>
                                    Send new link
                                </Do>
                            </Confirm>
                        ),
                    },
                },
                {
                    id: "remove",
                    name: "Remove person…",
                    isDangerous: true,
                    disabledReason,
                    dialog: {
                        title: `Remove ${member.name} from ${partner.name}?`,
                        content: (close) => (
                            <Confirm text="This person's sessions, tokens and links end at once.">
                                <Do look="danger" write={writeTo("DELETE", path)} onDone={close}>
                                    Remove {member.name}
                                </Do>
                            </Confirm>
                        ),
                    },
                },
            ]}
        >
            <Icon name="dots" />
        </ActionMenu>
    )
}

function Confirm({ text, children }: { text: string; children: ReactNode }) {
    return (
        <>
            <p>{text}</p>
            <div className="row end">{children}</div>
        </>
    )
}

function AddMember({ partner }: Omit<MemberProps, "member">) {
    return (
        <FormDialog
            button="Add a person…"
            title={`Add a person to ${partner.name}`}
            submit="Add person"
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
                        { value: "lead", name: "lead (people, keys, agreement)" },
                        { value: "analyst", name: "analyst (reads and acknowledges warnings)" },
                    ],
                },
            ]}
            write={(answers) => {
                const roles = tickedOf(partnerRoles, answers, "roles")
                if (roles.length === 0) throw new Error("choose one role or more")
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
