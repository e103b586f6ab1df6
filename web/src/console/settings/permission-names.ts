/** Names of the permissions of staff, in the groups in which Settings show them. */
import { permissions } from "../../../../server/src/kernel/permissions.ts"
import type { OperatorRole } from "../../../../server/src/kernel/actor.ts"
import { t } from "../../messages/message.ts"

export interface PermissionGroup {
    readonly title: string
    readonly names: Readonly<Record<string, string>>
}

export const permissionGroups: readonly PermissionGroup[] = [
    {
        title: t("Cases and artifacts"),
        names: {
            "case:read": t("Read cases"),
            "case:write": t("Open and change cases"),
            "case:hold": t("Place and lift legal holds of cases"),
            "case:delete": t("Delete the content of a case"),
            "artifact:read": t("Read artifacts"),
            "artifact:write": t("Write artifacts"),
            "artifact:recall": t("Recall an artifact"),
            "recall:read": t("Read recalls"),
            "recall:lift": t("Lift a recall"),
            "test_result:read": t("Read test results"),
            "entitlement:read": t("See who gets what"),
            "warning_question:read": t("Read questions about warnings"),
            "warning_question:answer": t("Answer questions about warnings"),
        },
    },
    {
        title: t("Waves and approvals"),
        names: {
            "wave:read": t("See waves"),
            "wave:write": t("Plan waves and request their release"),
            "wave:freeze": t("Freeze a wave"),
            "default_schedule:write": t("Change the default schedule"),
            "approval:sign": t("Sign as the second person"),
            "approval:text": t("Read the names in an approval"),
            "approval:void": t("Withdraw or void an approval"),
            "delivery:read": t("See deliveries"),
        },
    },
    {
        title: t("Partners"),
        names: {
            "partner:read": t("Read partners"),
            "partner:write": t("Manage partners and agreements"),
            "application:read": t("Read applications"),
            "application:score": t("Score applications"),
            "agreement:read": t("Read the agreement"),
            "agreement:write": t("Change the agreement"),
            "policy:read": t("Read the policy"),
            "policy:write": t("Change the policy"),
            "sighting:read": t("Read reports of exploitation"),
            "exploitation:dismiss": t("Dismiss reports of exploitation"),
        },
    },
    {
        title: t("Leaks and measures"),
        names: {
            "evidence:read": t("Read evidence"),
            "evidence:write": t("Add evidence and attribute leaks"),
            "marks:disclose": t("Disclose mark keys to an expert"),
            "canary:read": t("See the canaries"),
            "exposure:read": t("See who could have read a text"),
            "inquiry:read": t("Take part in inquiries"),
            "inquiry:write": t("Lead inquiries"),
            "measure:read": t("Read measures"),
            "measure:suspend": t("Suspend a partner"),
            "measure:restrict": t("Restrict a partner"),
            "measure:reinstate": t("Reinstate a partner"),
            "measure:decide": t("Decide procedures and appeals"),
            "letter:write": t("Write letters"),
            "letter:mark_read": t("Mark answers to letters as read"),
        },
    },
    {
        title: t("Authorities and statistics"),
        names: {
            "filing:read": t("Read filings"),
            "filing:write": t("Write filings"),
            "regime:write": t("Change the regimes"),
            "statistics:read": t("Read statistics"),
            "statistics:publish": t("Publish an annual report"),
        },
    },
    {
        title: t("The program"),
        names: {
            "staff:read": t("See how staff sign in"),
            "staff:write": t("Manage staff"),
            "audit_log:read": t("Read the audit log"),
            "server_key:read": t("See the keys of the server"),
            "channel:read": t("See the channels"),
            "clock:confirm": t("Confirm the clocks"),
            "quarantine:reconcile": t("Reconcile a restored database"),
        },
    },
]

/** The names of the permissions that every role has. */
export const sharedPermissions: Readonly<Record<string, string>> = {
    "event_stream:read": t("follow changes on the screen"),
    "checkpoint:read": t("read the signed checkpoint of the audit log"),
    "staff_name:read": t("see the names and roles of staff"),
    "task:read": t("see own tasks"),
    "deputy:write": t("name a deputy"),
    "approval:read": t("see approvals"),
    "clock:read": t("read the clocks"),
    "health:read": t("read the health of the installation"),
    "quarantine:read": t("see a quarantine"),
    "clock:move": t("move the clock of the demonstration"),
}

/** Whether one of these roles has the permission. */
export const isGranted = (permission: string, roles: readonly OperatorRole[]): boolean =>
    roles.some((role) => permissions[permission]?.operators.includes(role))

/** Names what these roles let a person read. */
export function readNamesOf(roles: readonly OperatorRole[]): string[] {
    return permissionGroups
        .flatMap(({ names }) => Object.entries(names))
        .filter(([permission]) => /:(read|text)$/.test(permission) && isGranted(permission, roles))
        .map(([, name]) => name)
}
