/** Shows what a change of policy or of a partner does: who gains or loses what, and why. Groups equal changes. */
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Decision, Preview } from "../answers.ts"
import { Reasons } from "./reasons.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { outcomeWords } from "../words.ts"

type Difference = Preview["differences"][number]

const onceGivenBy = (count: number) =>
    count > 1 ? "after they meet their requirements" : "after it meets its requirements"

/** `alone`: the differences are about one partner, which the page already names. */
export function Differences({ differences, alone = false }: { differences: Preview["differences"]; alone?: boolean }) {
    const names = useNames()
    const partners = {
        name: "Partners",
        cell: (item: Difference) => item.partners.map(names.partner).join(", "),
    }
    const artifactsOf = (item: Difference) => item.artifacts.map(names.artifact).join(", ")
    return (
        <Table
            tall
            caption="Changes by partner and artifact"
            rows={differences}
            keyOf={(item) => `${item.partners[0]} ${item.artifacts[0]}`}
            columns={[
                ...(alone ? [] : [partners]),
                { name: "Artifacts", cell: artifactsOf },
                {
                    name: "Change",
                    cell: ({ change, onceRequirementsMet: onceGiven, partners: those }) => (
                        <>
                            <Badge tone={change === "narrower" || change === "later" ? "plain" : "due"}>{change}</Badge>
                            {onceGiven && <span className="muted"> {onceGivenBy(those.length)}</span>}
                        </>
                    ),
                },
                { name: "Before", cell: (item) => <Given decision={item.before} /> },
                { name: "After", cell: (item) => <Given decision={item.after} /> },
                { name: "Why", cell: (item) => <WhyDialog subject={item} kind={artifactsOf(item)} />, end: true },
            ]}
        />
    )
}

function WhyDialog({ subject, kind }: { subject: Difference; kind: string }) {
    return (
        <Opens
            button={
                <>
                    Why… <span className="unseen">of {kind}</span>
                </>
            }
            title="Reasons for the change"
        >
            {() => (
                <>
                    <p className="muted">{kind}</p>
                    <h3>
                        Before: <Given decision={subject.before} />
                    </h3>
                    <Reasons reason={subject.before.reasons} />
                    <h3>
                        After: <Given decision={subject.after} />
                    </h3>
                    <Reasons reason={subject.after.reasons} />
                </>
            )}
        </Opens>
    )
}

function Given({ decision }: { decision: Decision }) {
    return (
        <>
            {outcomeWords[decision.outcome]}{" "}
            {decision.from !== null && (
                <span className="muted">
                    from <When at={decision.from} short />
                </span>
            )}
        </>
    )
}
