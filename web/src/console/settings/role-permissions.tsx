/** What each role may do, read from the rules that the server applies. */
import { permissions } from "../../../../server/src/kernel/permissions.ts"
import { operatorRoles } from "../../../../server/src/trust/identity/person.ts"
import { Section, Table } from "../../kit/table.tsx"

const rows: readonly (readonly [permission: string, name: string])[] = [
    ["case:write", "Open and change cases"],
    ["artifact:write", "Write artifacts"],
    ["artifact:read", "Read artifacts"],
    ["wave:write", "Plan waves and request their release"],
    ["wave:freeze", "Freeze a wave"],
    ["approval:sign", "Sign as the second person"],
    ["partner:write", "Manage partners and agreements"],
    ["policy:write", "Change the policy"],
    ["measure:suspend", "Suspend a partner"],
    ["inquiry:write", "Lead inquiries"],
    ["audit_log:read", "Read the audit log"],
    ["statistics:publish", "Publish an annual report"],
    ["staff:write", "Manage staff"],
]

export function RolePermissions() {
    return (
        <Section title="Permissions by role" count={rows.length}>
            <Table
                caption="Roles and their permissions"
                rows={rows}
                keyOf={([permission]) => permission}
                columns={[
                    { name: "Permission", cell: ([, name]) => name },
                    ...operatorRoles.map((role) => ({
                        name: role,
                        cell: ([permission]: (typeof rows)[number]) =>
                            permissions[permission]?.operators.includes(role) ? "yes" : "–",
                    })),
                ]}
            />
        </Section>
    )
}
