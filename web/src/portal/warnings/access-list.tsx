/** The access list of a warning: its lead narrows it to some people, and widens it to all. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog, ticked } from "../../kit/form.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { AccessList, Member } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { t, valueText } from "../../messages/message.ts"

/** For leads. It shows nothing to other people, not even that a list exists. */
export function AccessListSection({ id: subject }: { id: string }) {
    const mayNot = useWhyNot()("access_list:write")
    const query = useRead(mayNot === null ? `/api/warnings/${subject}/access-list` : null)
    if (mayNot !== null) return null
    return <Loaded query={query}>{(found) => <People id={subject} accessList={found} />}</Loaded>
}

const isLead = ({ roles }: Member): boolean => roles.includes("lead")

function People({ id: subject, accessList }: { id: string; accessList: AccessList }) {
    const roster = useMe().partner.roster.filter(({ left }) => !left)
    const write = (people: readonly string[] | null) =>
        writeTo("PUT", `/api/warnings/${subject}/access-list`, { people })
    return (
        <Section
            title={t("Access list")}
            aside={
                <span className="row">
                    {accessList.narrowed && <Do write={write(null)}>{t("Give everyone access")}</Do>}
                    <FormDialog
                        button={accessList.narrowed ? t("Change people…") : t("Limit people…")}
                        title={t("Limit the access list")}
                        submit={t("Save access list")}
                        requests={[
                            {
                                name: "people",
                                label: t("People with access, besides your leads"),
                                kind: "choices",
                                from: roster
                                    .filter((member) => !isLead(member))
                                    .map(({ id, name }) => ({ value: id, name })),
                                initial: accessList.people.join("\n"),
                            },
                        ]}
                        write={(answers) => {
                            const chosen = ticked(answers, "people")
                            const is = (member: Member) => isLead(member) || chosen.includes(member.id)
                            return write(roster.filter(is).map(({ id }) => id))
                        }}
                    >
                        <p>
                            {t(
                                "People without a tick lose the warning, its copies, its receipts and its notices at once. You cannot call back what they have read, or copies that your organisation stores.",
                            )}
                        </p>
                        <p>
                            {t("Leads always have access. People who join later get access only if you add them here.")}
                        </p>
                    </FormDialog>
                </span>
            }
        >
            <p>
                {accessList.narrowed
                    ? t("Some of your people have access. People who join later do not, until you add them.")
                    : t("All your people have access, and people who join later.")}
            </p>
            <Table
                caption={t("Your people and their access")}
                rows={roster}
                keyOf={({ id }) => id}
                columns={[
                    { name: t("Name"), cell: (member) => member.name },
                    { name: t("Roles"), cell: (member) => member.roles.map(valueText).join(", ") },
                    {
                        name: t("This warning"),
                        cell: (member) => <Access is={accessList.people.includes(member.id)} />,
                    },
                ]}
            />
        </Section>
    )
}

function Access({ is }: { is: boolean }) {
    return is ? <Badge tone="good">{t("has access")}</Badge> : <Badge>{t("no access")}</Badge>
}
