/** The staff and their roles: adds people, changes roles and removes people. */
import { useState } from "react"
import { hasOnlyAuditorRole, operatorRoles } from "../../../../server/src/trust/identity/person.ts"
import type { OperatorRole } from "../../../../server/src/kernel/actor.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog, FormWindow, tickedOf } from "../../kit/form.tsx"
import { Avatar } from "../../kit/layout/frame.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { When } from "../../kit/instant.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { type EndedCounts, RemovalResult } from "../../kit/sign-in/removal-result.tsx"
import { RecoveryForm } from "../../kit/sign-in/recovery.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Approval, Operator } from "../answers.ts"
import { useApprovals } from "../release/approval-reads.ts"
import { ApprovalCard, SignedCard } from "../release/approvals.tsx"
import { useMe, useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { roleNames } from "../words.ts"
import { ReadAccess, RolePermissions } from "./role-permissions.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

const rolesAsked = {
    name: "roles",
    label: t("Roles"),
    kind: "choices",
    from: operatorRoles.map((value) => ({ value, name: `${valueText(value)} (${roleNames[value]})` })),
} as const

const mustHaveOne = (roles: readonly OperatorRole[]): readonly OperatorRole[] => {
    if (roles.length === 0) throw new Error(t("choose one role or more"))
    return roles
}

export function People() {
    const people = useRead("/api/staff")
    return (
        <SettingsPage tab={t("People and access")} lead={<Lead people={people.data?.people} />} aside={<AddPerson />}>
            <PendingApprovals />
            <Loaded query={people}>{({ people }) => <StaffTable operators={people} />}</Loaded>
            <p className="caution">
                {t(
                    "A sign-in link goes to the person's mailbox only. Every role except auditor needs a second signature. A person and the person who added them never count as two people for one approval.",
                )}
            </p>
            <RolePermissions />
        </SettingsPage>
    )
}

function Lead({ people }: { people: readonly Operator[] | undefined }) {
    if (people === undefined) return t("The operator’s staff and their roles.")
    const present = people.filter(({ left }) => !left)
    return t(
        "{people, plural, one {# person} other {# people}} in {roles, plural, one {# role} other {# roles}}. Roles combine, but the author of an artifact never approves it.",
        { people: present.length, roles: new Set(present.flatMap(({ roles }) => roles)).size },
    )
}

/** Requests to add a person: unsigned, or signed and not applied. */
function PendingApprovals() {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const isOfPersons = ({ action }: Approval) => action.startsWith("person.")
    const waiting = pending.filter(isOfPersons)
    const signed = recent.filter((approval) => approval.state === "signed" && isOfPersons(approval))
    if (waiting.length + signed.length === 0) return null
    return (
        <Section title={t("Waiting for a second person")}>
            {waiting.map((approval) => (
                <ApprovalCard key={approval.id} approval={approval} />
            ))}
            {signed.map((approval) => (
                <SignedCard key={approval.id} approval={approval} />
            ))}
        </Section>
    )
}

function StaffTable({ operators }: { operators: readonly Operator[] }) {
    const names = useNames()
    const present = operators.filter(({ left }) => !left).length
    return (
        <Section title={t("People")} count={present}>
            <Table
                dense
                caption={t("Staff")}
                rows={operators.toSorted((a, b) => Number(a.left) - Number(b.left) || a.name.localeCompare(b.name))}
                keyOf={(operator) => operator.id}
                columns={[
                    {
                        name: t("Person"),
                        cell: ({ name, mail }) => (
                            <span className="named">
                                <Avatar name={name} />
                                <span>
                                    <strong>{name}</strong>
                                    <small>{mail}</small>
                                </span>
                            </span>
                        ),
                    },
                    {
                        name: t("Roles"),
                        cell: ({ roles }) => (
                            <span className="row">
                                {roles.map((role) => (
                                    <Badge key={role}>{valueText(role)}</Badge>
                                ))}
                            </span>
                        ),
                    },
                    { name: t("Signs in with"), cell: (operator) => <SignsInWith operator={operator} /> },
                    {
                        name: t("Last sign-in"),
                        cell: ({ lastSignInAt }) => (
                            <span className="muted">
                                {lastSignInAt === null ? t("never") : <When at={lastSignInAt} short />}
                            </span>
                        ),
                    },
                    { name: t("Sessions"), end: true, cell: ({ sessions }) => sessions },
                    {
                        name: t("Added by"),
                        cell: ({ addedBy }) => (
                            <span className="muted">
                                {addedBy === null ? t("the installation") : names.person(addedBy)}
                            </span>
                        ),
                    },
                    {
                        name: t("Actions"),
                        cell: (operator) => <PersonActions operator={operator} />,
                        end: true,
                    },
                ]}
            />
        </Section>
    )
}

/** The credentials of a person: passkeys or a link, and tokens; before the first sign-in, the mail with the link. */
function SignsInWith({ operator }: PersonProps) {
    const { left, passkeys, sessions, tokens, lastSignInAt, linkMail, linkMailAt } = operator
    if (left) return <span className="muted">–</span>
    if (linkMail === "failed") return <Badge tone="bad">{t("the mail with the link was not delivered")}</Badge>
    if (linkMailAt !== null && (linkMail === "due" || (lastSignInAt === null && sessions === 0))) {
        const at = <When at={linkMailAt} short />
        return (
            <span className="muted">
                {linkMail === "due" ? rich("link is mailed {at}", { at }) : rich("link mailed {at}", { at })}
            </span>
        )
    }
    return (
        <span className="muted">
            {tokens === 0
                ? t("{passkeys, plural, =0 {sign-in link} one {# passkey} other {# passkeys}}", { passkeys })
                : t(
                      "{passkeys, plural, =0 {sign-in link} one {# passkey} other {# passkeys}}, {tokens, plural, one {# token} other {# tokens}}",
                      { passkeys, tokens },
                  )}
        </span>
    )
}

interface PersonProps {
    operator: Operator
}

function PersonActions({ operator }: PersonProps) {
    const me = useMe()
    const mayWrite = useWhyNot()("staff:write")
    const [isChanging, setChanging] = useState(false)
    const [ended, setEnded] = useState<EndedCounts | null>(null)
    if (operator.left) {
        return (
            <>
                <Badge>{t("left")}</Badge> <RemovalResult ended={ended} />
            </>
        )
    }
    const { id, name, mail, roles } = operator
    return (
        <>
            <ActionMenu
                label={t("{name}: actions", { name })}
                actions={[
                    {
                        id: "roles",
                        name: t("Change roles…"),
                        onAction: () => setChanging(true),
                        disabledReason: mayWrite,
                    },
                    {
                        id: "reads",
                        name: t("Show read access…"),
                        dialog: {
                            title: t("Read access of {name}", { name }),
                            content: () => <ReadAccess roles={roles} />,
                        },
                    },
                    {
                        id: "recover",
                        name: t("Restore sign-in…"),
                        disabledReason: mayWrite ?? (id === me.id ? t("two other people do this") : null),
                        dialog: {
                            title: t("Restore the sign-in of {name}", { name }),
                            content: (close) => (
                                <RecoveryForm
                                    name={name}
                                    mail={mail}
                                    needsSignature={!hasOnlyAuditorRole(roles)}
                                    write={(body) => writeTo("POST", `/api/staff/${id}/recovery`, body)}
                                    onDone={close}
                                />
                            ),
                        },
                    },
                    {
                        id: "remove",
                        name: t("Remove person…"),
                        isDangerous: true,
                        disabledReason: mayWrite,
                        dialog: {
                            title: t("Remove {name}?", { name }),
                            content: (close) => <Remove operator={operator} onEnded={setEnded} onDone={close} />,
                        },
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <ChangeRoles operator={operator} isOpen={isChanging} onClose={() => setChanging(false)} />
        </>
    )
}

interface ChangeRolesProps extends PersonProps {
    isOpen: boolean
    onClose: () => void
}

function ChangeRoles({ operator: { id, name, roles }, isOpen, onClose }: ChangeRolesProps) {
    return (
        <FormWindow
            title={t("Roles of {name}", { name })}
            open={isOpen}
            onClose={onClose}
            submit={t("Change roles")}
            requests={[{ ...rolesAsked, initial: roles.join("\n") }]}
            write={(answers) =>
                writeTo("PUT", `/api/staff/${id}/roles`, {
                    roles: mustHaveOne(tickedOf(operatorRoles, answers, "roles")),
                })
            }
        >
            <p className="muted">{t("Removing a role takes effect at once. A new role needs a second signature.")}</p>
        </FormWindow>
    )
}

interface RemoveProps extends PersonProps {
    onEnded: (ended: EndedCounts) => void
    onDone: () => void
}

function Remove({ operator: { id, name }, onEnded, onDone }: RemoveProps) {
    return (
        <>
            <p>
                {t(
                    "All passkeys, sessions and tokens of this person end at once. The audit log keeps what {name} did.",
                    {
                        name,
                    },
                )}
            </p>
            <div className="row end">
                <Do
                    look="danger"
                    write={writeTo("DELETE", `/api/staff/${id}`)}
                    onDone={({ ended }) => {
                        onEnded(ended)
                        onDone()
                    }}
                >
                    {t("Remove {name}", { name })}
                </Do>
            </div>
        </>
    )
}

function AddPerson() {
    return (
        <FormDialog
            button={t("Add a person…")}
            title={t("Add a person")}
            buttonLook="main"
            disabledReason={useWhyNot()("staff:write")}
            submit={t("Add person")}
            requests={[
                { name: "name", label: t("Name"), kind: "line" },
                { name: "mail", label: t("Address"), kind: "line", hint: t("gets the sign-in link") },
                rolesAsked,
            ]}
            write={({ name, mail, roles }) =>
                writeTo("POST", "/api/staff", {
                    name,
                    mail,
                    roles: mustHaveOne(tickedOf(operatorRoles, { roles }, "roles")),
                })
            }
        >
            <p className="muted">{t("An auditor joins at once. Every other role needs a second signature.")}</p>
        </FormDialog>
    )
}
