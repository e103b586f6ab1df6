/** Adds a partner, as an applicant or invited. */
import { useNavigate } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"

export function AddPartner() {
    const navigate = useNavigate()
    return (
        <FormDialog
            button="Add a partner…"
            title="Add a partner"
            buttonLook="main"
            disabledReason={useWhyNot()("partner:write")}
            submit="Add partner"
            requests={[
                { name: "name", label: "Name", kind: "line" },
                {
                    name: "mail",
                    label: "Address for warnings",
                    kind: "line",
                    hint: "a mailbox that several people read, like psirt@partner.example",
                },
                {
                    name: "tier",
                    label: "Tier",
                    kind: "choice",
                    from: tiers.map((value) => ({ value, name: tierNames[value] })),
                },
                {
                    name: "status",
                    label: "Status",
                    kind: "choice",
                    from: [
                        { value: "invited", name: "invited: may join now" },
                        { value: "applicant", name: "applicant: you decide later" },
                    ],
                },
            ]}
            write={(body) => writeTo("POST", "/api/partners", body)}
            onDone={(answer) => void navigate({ to: `/partners/${answer.id}` })}
        />
    )
}
