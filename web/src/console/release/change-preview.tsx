/** Previews what a decision about one partner changes over all cases, and how many people it needs. */
import { canonical } from "@tocsin/base/canonical"
import { useAnswer, type AnswerTo } from "../api.ts"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import type { Partner } from "../answers.ts"
import { Differences } from "../access/differences.tsx"
import { useCan } from "../artifacts/viewer.tsx"
import type { BodyAt } from "../../answer-at.ts"

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
        <section className="form" aria-label="What it would change">
            <h3>What it would change</h3>
            {same ? <Empty title="That is how it is now." /> : <Loaded query={preview}>{inWords}</Loaded>}
        </section>
    )
}

function inWords({ peopleNeeded, differences }: Answer) {
    return (
        <>
            <Notice tone={peopleNeeded > 1 ? "due" : "plain"}>
                {peopleNeeded > 1
                    ? "It takes two people: it is asked for here, and holds once a second has signed it and it is applied."
                    : "It takes one person, and holds at once."}
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
            title={`Over all cases, as they stand now, ${alone ? "it gains and loses nothing" : "nobody gains or loses"}.`}
        />
    )
}
