/** A partner's people: adds and removes them, and sends sign-in links by mail. Staff never see a link. */
import { useState } from "react"
import { writeTo } from "../../api.ts"
import { partnerRoles } from "../../../../../server/src/trust/identity/person.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog, tickedOf } from "../../../kit/form.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { type EndedCounts, RemovalResult } from "../../../kit/sign-in/removal-result.tsx"
import { RecoveryForm } from "../../../kit/sign-in/recovery.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { Member, Partner } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function Roster({ partner }: { partner: Partner }) {
    return (
        <Section title={t("Roster")} aside={<AddMember partner={partner} />}>
            {partner.roster.length === 0 ? (
                <Empty title={t("No people yet.")}>
                    {t("Add a lead. The lead accepts the agreement, adds a key and adds analysts.")}
                </Empty>
            ) : (
                <Table
                    caption={t("People of this partner")}
                    rows={partner.roster.toSorted((a, b) => Number(a.left) - Number(b.left))}
                    keyOf={(member) => member.id}
                    columns={[
                        { name: t("Name"), cell: (member) => <strong>{member.name}</strong> },
                        { name: t("Roles"), cell: (member) => member.roles.map(valueText).join(", ") },
                        {
                            name: t("Address"),
                            cell: (member) => <Address partner={partner} person={member.id} mail={member.mail} />,
                        },
                        {
                            name: t("Actions"),
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
                    {input.isGivenUp
                        ? t("bounced {times}×: no further mail", { times: input.times })
                        : t("bounced {times}×", { times: input.times })}
                </Badge>
            )}
            {partner.reportedBounces
                .filter((item) => item.person === person)
                .map(({ outcome, times }) => (
                    <Badge key={outcome} tone="due">
                        {outcome === "failed"
                            ? t("returned by a mail server, {times}×", { times })
                            : t("delayed by a mail server, {times}×", { times })}
                    </Badge>
                ))}
        </span>
    )
}

interface MemberProps {
    partner: Partner
    member: Member
}

function MemberActions({ partner, member }: MemberProps) {
    const disabledReason = useWhyNot()("partner:write")
    const [ended, setEnded] = useState<EndedCounts | null>(null)
    if (member.left) {
        return (
            <>
                <Badge>{t("left")}</Badge> <RemovalResult ended={ended} />
            </>
        )
    }
    const path = `/api/partners/${partner.id}/roster/${member.id}` as const
    return (
        <ActionMenu
            label={t("{person}: actions", { person: member.name })}
            actions={[
                {
                    id: "link",
                    name: t("Restore sign-in…"),
                    disabledReason,
                    dialog: {
                        title: t("Restore the sign-in of {name}", { name: member.name }),
                        content: (close) => (
                            <RecoveryForm
                                name={member.name}
                                mail={member.mail}
                                needsSignature
                                write={(body) => writeTo("POST", `${path}/sign-in-links`, body)}
                                onDone={close}
                            />
                        ),
                    },
                },
                {
                    id: "remove",
                    name: t("Remove person…"),
                    isDangerous: true,
                    disabledReason,
                    dialog: {
                        title: t("Remove {person} from {partner}?", { person: member.name, partner: partner.name }),
                        content: (close) => (
                            <Remove partner={partner} member={member} onEnded={setEnded} onDone={close} />
                        ),
                    },
                },
            ]}
        >
            <Icon name="dots" />
        </ActionMenu>
    )
}

interface RemoveProps extends MemberProps {
    onEnded: (ended: EndedCounts) => void
    onDone: () => void
}

function Remove({ partner, member, onEnded, onDone }: RemoveProps) {
    return (
        <>
            <p>{t("All passkeys, sessions and tokens of this person end at once.")}</p>
            <div className="row end">
                <Do
                    look="danger"
                    write={writeTo("DELETE", `/api/partners/${partner.id}/roster/${member.id}`)}
                    onDone={({ ended }) => {
                        onEnded(ended)
                        onDone()
                    }}
                >
                    {t("Remove {person}", { person: member.name })}
                </Do>
            </div>
        </>
    )
}

function AddMember({ partner }: Omit<MemberProps, "member">) {
    return (
        <FormDialog
            button={t("Add a person…")}
            title={t("Add a person to {partner}", { partner: partner.name })}
            submit={t("Add person")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                { name: "name", label: t("Name"), kind: "line" },
                { name: "mail", label: t("Address"), kind: "line" },
                {
                    name: "roles",
                    label: t("Roles"),
                    kind: "choices",
                    initial: partner.roster.length === 0 ? "lead" : "analyst",
                    from: [
                        { value: "lead", name: t("lead (people, keys, agreement)") },
                        { value: "analyst", name: t("analyst (reads and acknowledges warnings)") },
                    ],
                },
            ]}
            write={(answers) => {
                const roles = tickedOf(partnerRoles, answers, "roles")
                if (roles.length === 0) throw new Error(t("choose one role or more"))
                return writeTo("POST", `/api/partners/${partner.id}/roster`, {
                    name: answers.name,
                    mail: answers.mail,
                    roles,
                })
            }}
        >
            <p className="muted">{t("Needs a second signature. The sign-in link then goes to the address by mail.")}</p>
        </FormDialog>
    )
}
