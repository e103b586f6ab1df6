/** Previews what a decision about one partner changes over all cases, and how many people it needs. */
import { canonical } from "@tocsin/base/canonical"
import { useAnswer, type AnswerTo } from "../api.ts"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import type { Partner } from "../answers.ts"
import { Differences } from "../access/differences.tsx"
import { useCan } from "../artifacts/viewer.tsx"
import type { BodyAt } from "../../answer-at.ts"
import { t } from "../../messages/message.ts"

export type Answer = AnswerTo<"/api/entitlements/preview", "POST">
type Question = BodyAt<"console", "POST", "/api/entitlements/preview">
export type Change = Extract<Question, { readonly partner: string }>["change"]
export type Restriction = NonNullable<Extract<Change, { readonly fact: "restriction" }>["value"]>

export function ChangePreview({ partner, change }: { partner: Partner; change: Change }) {
    const may = useCan()("entitlement:read")
    const same = canonical(partner[change.fact]) === canonical(change.value)
    const request = may && !same ? { partner: partner.id, change } : null
    const preview = useAnswer("/api/entitlements/preview", request)
    if (!may) return null
    return (
        <section className="form" aria-label={t("Effects on {partner}", { partner: partner.name })}>
            <h3>{t("Effects")}</h3>
            {same ? <Empty title={t("No change.")} /> : <Loaded query={preview}>{inWords}</Loaded>}
        </section>
    )
}

function inWords({ peopleNeeded, differences }: Answer) {
    return (
        <>
            <Notice tone={peopleNeeded > 1 ? "due" : "plain"}>
                {peopleNeeded > 1
                    ? t("Needs a second signature. It takes effect after the approval is applied.")
                    : t("One person is enough. It takes effect at once.")}
            </Notice>
            <Changed differences={differences} alone />
        </>
    )
}

/** `alone`: the differences are about one partner, which the page already names. */
export function Changed({ differences, alone }: { differences: Answer["differences"]; alone: boolean }) {
    if (differences.length > 0) return <Differences differences={differences} alone={alone} />
    return (
        <Empty
            title={
                alone ? t("This partner gains and loses nothing now.") : t("No partner gains or loses anything now.")
            }
        />
    )
}
