/** The deployment permission: one rule per case, shown to all warned partners. */
import { writeTo } from "../../api.ts"
import { deployments, permissionTextMax } from "../../../../../server/src/share/cases/deployment-permission.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { deploymentNames } from "../../../kit/permission.tsx"
import type { Case } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { RetellingNotice } from "../amendment-diff.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"

export function PermissionDialog({ subject }: { subject: Case }) {
    const lacks = useWhyNot()("case:write")
    return (
        <FormDialog
            button="Before publication…"
            title="What may be done before publication"
            submit="Say it"
            disabledReason={lacks ?? closedWhy(subject)}
            requests={[
                {
                    name: "deployment",
                    label: "Fixes and mitigations",
                    kind: "choice",
                    from: deployments.map((value) => ({ value, name: deploymentNames[value] })),
                    initial: subject.permission?.deployment ?? "not_allowed",
                },
                {
                    name: "text",
                    label: "Why, and what exactly",
                    kind: "text",
                    initial: subject.permission?.text ?? "",
                    length: { min: 1, max: permissionTextMax },
                    hint: "which versions, which mitigations, what would give it away.",
                },
            ]}
            write={(body) => writeTo("PUT", `/api/cases/${subject.id}/deployment-permission`, body)}
        >
            <p className="muted">Everybody who is warned of the case reads it.</p>
            <RetellingNotice subject={subject} />
        </FormDialog>
    )
}
