/** Applies signed approvals about a partner. */
import { writeTo } from "../api.ts"
import type { Write } from "../../kit/api.ts"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import type { Approval } from "../answers.ts"
import { detail, easesTo } from "./measure-effects.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

/** Builds the request that applies an approval; null: the approval is for another action. */
export function measureWrite(approval: Approval): Write<object> | null {
    const { measure, procedure } = detail(approval)
    const body = { approval: approval.id }
    switch (approval.action) {
        case "measure.extend":
            return writeTo("POST", `/api/measures/${String(measure)}/apply-extension`, body)
        case "measure.sanction":
            return writeTo("POST", `/api/procedures/${String(procedure)}/apply-decision`, body)
        case "measure.appeal":
            return writeTo("POST", `/api/procedures/${String(procedure)}/apply-appeal-decision`, body)
        default:
            return null
    }
}

/** Shows a relaxed restriction with its reason. */
export function Ease({ approval }: { approval: Approval }) {
    const disabledReason = useWhyNot()("measure:restrict")
    const [partner] = approval.effects.recipients
    return (
        <FormDialog
            button={t("Apply…")}
            buttonLook="main"
            title={t("Relax the restriction")}
            submit={t("Relax now")}
            disabledReason={disabledReason}
            requests={[
                {
                    ...reasonField,
                    hint: t("kept encrypted; the partner gets a letter"),
                },
            ]}
            write={({ reason }) =>
                writeTo("POST", "/api/measures", {
                    kind: "restrict",
                    partner: String(partner),
                    reason,
                    approval: approval.id,
                    ...easesTo(approval),
                })
            }
        />
    )
}
