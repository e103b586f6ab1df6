/** What an approval would change over all cases, shown to whoever is about to sign it. */
import type { Change } from "../../trust/partners/facts.ts"
import { useAnswer } from "../kit/api.ts"
import { Loaded } from "../kit/notice.tsx"
import type { Approval } from "./answers.ts"
import { type Answer, Changed } from "./change-preview.tsx"
import { detail, easesTo } from "./measure-effects.tsx"
import { useCan } from "./viewer.tsx"

type Asked = { policy: number } | { partners: readonly string[]; change: Change }

export function SignedChange({ of }: { of: Approval }) {
    const may = useCan()("entitlement:read")
    const asked = askedOf(of)
    const preview = useAnswer<Answer>("/api/entitlements/preview", may ? asked : null)
    if (!may || asked === null) return null
    return (
        <section className="form" aria-label="What it would change">
            <h3>What it would change</h3>
            <Loaded of={preview}>
                {({ differences }) => <Changed of={differences} alone={of.effects.recipients.length === 1} />}
            </Loaded>
        </section>
    )
}

/** Null where the act changes nobody's facts and no policy. */
function askedOf(of: Approval): Asked | null {
    if (of.act === "policy.activate") return { policy: Number(detail(of).version) }
    const change = changeIn(of)
    return change && { partners: of.effects.recipients, change }
}

function changeIn(of: Approval): Change | null {
    switch (of.act) {
        case "partner.change_tier":
            return { fact: "tier", value: detail(of).tier } as Change
        case "partner.activate":
            return { fact: "standing", value: "active" }
        case "partner.reinstate":
            return { fact: "standing", value: detail(of).standing } as Change
        case "partner.relax_duties":
            return of.words === null ? null : ({ fact: "duties", value: of.words.duties } as Change)
        case "partner.relax_restriction":
            return { fact: "restriction", value: easesTo(of) }
        case "measure.sanction":
        case "measure.appeal":
            return standingAfter(detail(of).outcome)
        default:
            return null
    }
}

function standingAfter(outcome: unknown): Change | null {
    if (outcome === "suspension") return { fact: "standing", value: "suspended" }
    return outcome === "termination" ? { fact: "standing", value: "terminated" } : null
}
