/** What each role may do, read from the rules that the server applies. */
import { permissions } from "../../../../server/src/kernel/permissions.ts"
import { operatorRoles } from "../../../../server/src/trust/identity/person.ts"
import { Icon } from "../../kit/layout/icon.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { t, valueText } from "../../messages/message.ts"

const rows: readonly (readonly [permission: string, name: string])[] = [
    ["case:write", t("Open and change cases")],
    ["artifact:write", t("Write artifacts")],
    ["artifact:read", t("Read artifacts")],
    ["wave:write", t("Plan waves and request their release")],
    ["wave:freeze", t("Freeze a wave")],
    ["approval:sign", t("Sign as the second person")],
    ["partner:write", t("Manage partners and agreements")],
    ["policy:write", t("Change the policy")],
    ["measure:suspend", t("Suspend a partner")],
    ["inquiry:write", t("Lead inquiries")],
    ["audit_log:read", t("Read the audit log")],
    ["statistics:publish", t("Publish an annual report")],
    ["staff:write", t("Manage staff")],
    ["server_key:read", t("See the keys of the server")],
    ["channel:read", t("See the channels")],
]

export function RolePermissions() {
    return (
        <Section title={t("Permissions by role")} count={rows.length}>
            <Table
                caption={t("Roles and their permissions")}
                rows={rows}
                keyOf={([permission]) => permission}
                columns={[
                    { name: t("Permission"), cell: ([, name]) => <strong>{name}</strong> },
                    ...operatorRoles.map((role) => ({
                        name: valueText(role),
                        cell: ([permission]: (typeof rows)[number]) =>
                            permissions[permission]?.operators.includes(role) ? <Yes /> : <span className="no">–</span>,
                    })),
                ]}
            />
        </Section>
    )
}

const Yes = () => (
    <span className="yes">
        <Icon name="check" />
        <span className="unseen">{t("yes")}</span>
    </span>
)
