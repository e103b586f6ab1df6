/** The deployment permission in words, the same for the operator and for partners. */
import type { Deployment, Permission } from "../../../server/src/share/cases/deployment-permission.ts"
import { t } from "../messages/message.ts"

export const deploymentNames: Readonly<Record<Deployment, string>> = {
    allowed: t("deploying fixes and mitigations is allowed"),
    hosted_only: t("deploying only where outsiders cannot see the change"),
    not_allowed: t("deploying is not allowed"),
}

export function PermissionWords({ permission }: { permission: Permission | null }) {
    if (permission === null) return <span className="muted">{t("not specified whether fixes may be deployed")}</span>
    return (
        <>
            <strong>{deploymentNames[permission.deployment]}</strong>
            <p className="letter">{permission.text}</p>
        </>
    )
}
