/** Shows the signer what an approval would change over all cases. */
import { useAnswer } from "../api.ts"
import { Loaded } from "../../kit/notice.tsx"
import type { Approval } from "../answers.ts"
import { type Change, Changed } from "./change-preview.tsx"
import { detail, easesTo } from "../measures/measure-effects.tsx"
import { useCan, useNames } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

type Asked = { policy: number } | { partners: readonly string[]; change: Change }

export function SignedChange({ approval }: { approval: Approval }) {
    const may = useCan()("entitlement:read")
    const request = askedOf(approval)
    const preview = useAnswer("/api/entitlements/preview", may ? request : null)
    const names = useNames()
    const { recipients } = approval.effects
    if (!may || request === null) return null
    const [partner] = recipients
    const title =
        recipients.length === 1 && partner !== undefined
            ? t("Effects on {partner}", { partner: names.partner(partner) })
            : t("Effects")
    return (
        <section className="form" aria-label={title}>
            <h3>{title}</h3>
            <Loaded query={preview}>
                {({ differences }) => <Changed differences={differences} alone={recipients.length === 1} />}
            </Loaded>
        </section>
    )
}

/** Returns the question to the server; null: the action changes no facts and no policy. */
function askedOf(approval: Approval): Asked | null {
    if (approval.action === "policy.activate") return { policy: Number(detail(approval).version) }
    const change = changeIn(approval)
    return change && { partners: approval.effects.recipients, change }
}

function changeIn(approval: Approval): Change | null {
    switch (approval.action) {
        case "partner.change_tier":
            return { fact: "tier", value: detail(approval).tier } as Change
        case "partner.activate":
            return { fact: "status", value: "active" }
        case "partner.reinstate":
            return { fact: "status", value: detail(approval).status } as Change
        case "partner.relax_duties":
            return approval.text === null ? null : ({ fact: "duties", value: approval.text.duties } as Change)
        case "partner.relax_restriction":
            return { fact: "restriction", value: easesTo(approval) }
        case "measure.sanction":
        case "measure.appeal":
            return standingAfter(detail(approval).outcome)
        default:
            return null
    }
}

function standingAfter(outcome: unknown): Change | null {
    if (outcome === "suspension") return { fact: "status", value: "suspended" }
    return outcome === "termination" ? { fact: "status", value: "terminated" } : null
}
