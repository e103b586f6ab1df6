/** Adds a partner, as an applicant or invited. */
import { useNavigate } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { t } from "../../../messages/message.ts"

export function AddPartner() {
    const navigate = useNavigate()
    return (
        <FormDialog
            button={t("Add a partner…")}
            title={t("Add a partner")}
            buttonLook="main"
            disabledReason={useWhyNot()("partner:write")}
            submit={t("Add partner")}
            requests={[
                { name: "name", label: t("Name"), kind: "line" },
                {
                    name: "mail",
                    label: t("Address for warnings"),
                    kind: "line",
                    hint: t("a mailbox that several people read, like psirt@partner.example"),
                },
                {
                    name: "tier",
                    label: t("Tier"),
                    kind: "choice",
                    from: tiers.map((value) => ({ value, name: tierNames[value] })),
                },
                {
                    name: "status",
                    label: t("Status"),
                    kind: "choice",
                    from: [
                        { value: "invited", name: t("invited: may join now") },
                        { value: "applicant", name: t("applicant: you decide later") },
                    ],
                },
            ]}
            write={(body) => writeTo("POST", "/api/partners", body)}
            onDone={(answer) => void navigate({ to: `/partners/${answer.id}` })}
        />
    )
}
