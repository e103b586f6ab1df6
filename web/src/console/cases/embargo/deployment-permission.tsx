/** The deployment permission: one rule per case, shown to all warned partners. */
import { writeTo } from "../../api.ts"
import { deployments, permissionTextMax } from "../../../../../server/src/share/cases/deployment-permission.ts"
import { FormWindow } from "../../../kit/form.tsx"
import { deploymentNames } from "../../../kit/permission.tsx"
import type { Case } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { AmendmentNotice } from "../amendment-diff.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

export function useWhyNotPermission(subject: Case): string | null {
    const lacks = useWhyNot()("case:write")
    return lacks ?? closedWhy(subject)
}

interface PermissionProps {
    subject: Case
    open: boolean
    onClose: () => void
}

export function PermissionWindow({ subject, open, onClose }: PermissionProps) {
    return (
        <FormWindow
            title={t("Deployment before publication")}
            submit={t("Save permission")}
            open={open}
            onClose={onClose}
            requests={[
                {
                    name: "deployment",
                    label: t("Fixes and mitigations"),
                    kind: "choice",
                    from: deployments.map((value) => ({ value, name: deploymentNames[value] })),
                    initial: subject.permission?.deployment ?? "not_allowed",
                },
                {
                    name: "text",
                    label: t("Details and reason"),
                    kind: "text",
                    initial: subject.permission?.text ?? "",
                    length: { min: 1, max: permissionTextMax },
                    hint: t("which versions, which mitigations, what would reveal the vulnerability"),
                },
            ]}
            write={(body) => writeTo("PUT", `/api/cases/${subject.id}/deployment-permission`, body)}
        >
            <p className="muted">{t("Every warned partner reads this.")}</p>
            <AmendmentNotice subject={subject} />
        </FormWindow>
    )
}
