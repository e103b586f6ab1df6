/** What a change does, of policy or of a partner, equal changes together: who would gain or lose what, and why. */
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Decision, Preview } from "./answers.ts"
import { Reasons } from "./reasons.tsx"
import { useNames } from "./viewer.tsx"
import { outcomeWords } from "./words.ts"

type Difference = Preview["differences"][number]

const onceGivenBy = (count: number) => (count > 1 ? "once they give what they owe" : "once it gives what it owes")

/** `alone`: it is about one partner, who is named already. */
export function Differences({ of, alone = false }: { of: Preview["differences"]; alone?: boolean }) {
    const names = useNames()
    const partners = {
        name: "Partners",
        cell: (one: Difference) => one.partners.map(names.partner).join(", "),
    }
    const artifactsOf = (one: Difference) => one.artifacts.map(names.artifact).join(", ")
    return (
        <Table
            tall
            caption="Who would gain or lose what"
            rows={of}
            keyOf={(one) => `${one.partners[0]} ${one.artifacts[0]}`}
            columns={[
                ...(alone ? [] : [partners]),
                { name: "Artifacts", cell: artifactsOf },
                {
                    name: "Change",
                    cell: ({ change, onceGiven, partners: those }) => (
                        <>
                            <Badge tone={change === "narrower" || change === "later" ? "plain" : "due"}>{change}</Badge>
                            {onceGiven && <span className="muted"> {onceGivenBy(those.length)}</span>}
                        </>
                    ),
                },
                { name: "Before", cell: (one) => <Given of={one.before} /> },
                { name: "After", cell: (one) => <Given of={one.after} /> },
                { name: "Why", cell: (one) => <WhyDialog of={one} what={artifactsOf(one)} />, end: true },
            ]}
        />
    )
}

function WhyDialog({ of, what }: { of: Difference; what: string }) {
    return (
        <Opens
            button={
                <>
                    Why… <span className="unseen">of {what}</span>
                </>
            }
            title="Why it changes"
        >
            {() => (
                <>
                    <p className="muted">{what}</p>
                    <h3>
                        Before: <Given of={of.before} />
                    </h3>
                    <Reasons of={of.before.why} />
                    <h3>
                        After: <Given of={of.after} />
                    </h3>
                    <Reasons of={of.after.why} />
                </>
            )}
        </Opens>
    )
}

function Given({ of }: { of: Decision }) {
    return (
        <>
            {outcomeWords[of.outcome]}{" "}
            {of.from !== null && (
                <span className="muted">
                    from <When at={of.from} short />
                </span>
            )}
        </>
    )
}
