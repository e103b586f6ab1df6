/** What each role may do, read from the rules that the server applies. */
import type { OperatorRole } from "../../../../server/src/kernel/actor.ts"
import { operatorRoles } from "../../../../server/src/trust/identity/person.ts"
import { Icon } from "../../kit/layout/icon.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { listText, t, valueText } from "../../messages/message.ts"
import { isGranted, permissionGroups, readNamesOf, sharedPermissions } from "./permission-names.ts"

export function RolePermissions() {
    const count = permissionGroups.reduce((total, { names }) => total + Object.keys(names).length, 0)
    return (
        <Section title={t("Permissions by role")} count={count}>
            <p className="muted">
                {t("Every role may also {permissions}.", { permissions: listText(Object.values(sharedPermissions)) })}
            </p>
            {permissionGroups.map(({ title, names }, n) => (
                <details key={title} className="folded" open={n === 0}>
                    <summary>{title}</summary>
                    <Table
                        dense
                        caption={title}
                        rows={Object.entries(names)}
                        keyOf={([permission]) => permission}
                        columns={[
                            { name: t("Permission"), cell: ([, name]) => <strong>{name}</strong> },
                            ...operatorRoles.map((role) => ({
                                name: valueText(role),
                                cell: ([permission]: [string, string]) =>
                                    isGranted(permission, [role]) ? <Yes /> : <span className="no">–</span>,
                            })),
                        ]}
                    />
                </details>
            ))}
        </Section>
    )
}

const Yes = () => (
    <span className="yes">
        <Icon name="check" />
        <span className="unseen">{t("yes")}</span>
    </span>
)

/** The read access that the roles of a person give. */
export function ReadAccess({ roles }: { roles: readonly OperatorRole[] }) {
    return (
        <>
            <p>
                {t("By {count, plural, one {the role} other {the roles}} {roles}:", {
                    count: roles.length,
                    roles: listText(roles.map((role) => valueText(role))),
                })}
            </p>
            <ul>
                {readNamesOf(roles).map((name) => (
                    <li key={name}>{name}</li>
                ))}
            </ul>
            <p className="muted">
                {t("A case's tab “Who gets what” lists the staff who could read the text of an artifact.")}
            </p>
        </>
    )
}
