/** Shows what a change of policy or of a partner does: who gains or loses what, and why. Groups equal changes. */
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Decision, Preview } from "../answers.ts"
import { Reasons } from "./reasons.tsx"
import { useArtifacts, useNames } from "../artifacts/viewer.tsx"
import { outcomeWords } from "../words.ts"
import { rich, t } from "../../messages/message.ts"

type Difference = Preview["differences"][number]

const changeNames: Readonly<Record<Difference["change"], string>> = {
    wider: t("wider"),
    earlier: t("earlier"),
    narrower: t("narrower"),
    later: t("later"),
    mixed: t("mixed"),
}

const onceGivenBy = (count: number) =>
    t("{count, plural, one {after it meets its requirements} other {after they meet their requirements}}", { count })

/** `alone`: the differences are about one partner, which the page already names. */
export function Differences({ differences, alone = false }: { differences: Preview["differences"]; alone?: boolean }) {
    const names = useNames()
    const partners = {
        name: t("Partners"),
        cell: (item: Difference) => item.partners.map(names.partner).join(", "),
    }
    const artifactsOf = (item: Difference) => item.artifacts.map(names.artifact).join(", ")
    const caseOf = new Map(useArtifacts().map((artifact) => [artifact.id, artifact.case]))
    const casesOf = ({ artifacts }: Difference) =>
        [...new Set(artifacts.flatMap((id) => caseOf.get(id) ?? []))].map(names.case).join(", ")
    return (
        <Table
            tall
            caption={t("Changes by partner and artifact")}
            rows={differences}
            keyOf={(item) => `${item.partners[0]} ${item.artifacts[0]}`}
            columns={[
                ...(alone ? [] : [partners]),
                {
                    name: t("Artifacts"),
                    cell: (item) => (
                        <>
                            {artifactsOf(item)}
                            <span className="muted small block">{casesOf(item)}</span>
                        </>
                    ),
                },
                {
                    name: t("Change"),
                    cell: ({ change, onceRequirementsMet: onceGiven, partners: those }) => (
                        <>
                            <Badge tone={change === "narrower" || change === "later" ? "plain" : "due"}>
                                {changeNames[change]}
                            </Badge>
                            {onceGiven && <span className="muted"> {onceGivenBy(those.length)}</span>}
                        </>
                    ),
                },
                { name: t("Before"), cell: (item) => <Given decision={item.before} /> },
                { name: t("After"), cell: (item) => <Given decision={item.after} /> },
                {
                    name: t("Why"),
                    cell: (item) => <WhyDialog subject={item} artifacts={artifactsOf(item)} />,
                    end: true,
                },
            ]}
        />
    )
}

function WhyDialog({ subject, artifacts }: { subject: Difference; artifacts: string }) {
    return (
        <Opens
            button={
                <>
                    {rich("Why… <unseen>of {artifacts}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        artifacts,
                    })}
                </>
            }
            title={t("Reasons for the change")}
        >
            {() => (
                <>
                    <p className="muted">{artifacts}</p>
                    <h3>{rich("Before: {decision}", { decision: <Given decision={subject.before} /> })}</h3>
                    <Reasons reason={subject.before.reasons} />
                    <h3>{rich("After: {decision}", { decision: <Given decision={subject.after} /> })}</h3>
                    <Reasons reason={subject.after.reasons} />
                </>
            )}
        </Opens>
    )
}

function Given({ decision }: { decision: Decision }) {
    const outcome = outcomeWords[decision.outcome]
    if (decision.from === null) return outcome
    return rich("{outcome} <muted>from {since}</muted>", {
        outcome,
        muted: (text) => <span className="muted">{text}</span>,
        since: <When at={decision.from} short />,
    })
}
