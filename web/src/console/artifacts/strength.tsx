/** Shows what an artifact's marks can distinguish before release: one leaker, and several who merge their copies. */
import { versionMarkingOf } from "../../../../server/src/share/marking/marking-level.ts"
import type { Strength } from "../../../../server/src/share/marking/strength.ts"
import { useRead } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { Loaded, Notice } from "../../kit/notice.tsx"
import { Facts, Table } from "../../kit/table.tsx"
import type { Artifact } from "../answers.ts"

export function StrengthDialog({ artifact }: { artifact: Artifact }) {
    return (
        <Opens
            button={
                <>
                    Marks… <span className="unseen">of {artifact.name}</span>
                </>
            }
            title={`What the marks of ${artifact.name} can tell`}
            wide
        >
            {() => <Told artifact={artifact} />}
        </Opens>
    )
}

function Told({ artifact }: { artifact: Artifact }) {
    const version = { artifact: artifact.id, version: artifact.version, recipients: 0, class: artifact.class }
    const found = useRead(`/api/artifacts/${artifact.id}/strength`)
    return (
        <Loaded query={found}>
            {({ strength, isPolledMarked }) => (
                <>
                    <p>
                        <strong>This version</strong> {versionMarkingOf(version, strength, isPolledMarked).description}.
                    </p>
                    {strength !== null && <StrengthFacts strength={strength} />}
                </>
            )}
        </Loaded>
    )
}

function StrengthFacts({ strength }: { strength: Strength }) {
    const { lastingSlots: lasts } = strength
    return (
        <>
            <Advice strength={strength} />
            <Facts
                items={[
                    [
                        "Slots",
                        `${strength.slots}: ${lasts.value} values, ${lasts.wording} wordings, ${lasts.order} orders`,
                    ],
                    ["Gone with a formatter", `${lasts.fragile}`],
                    ["Typography layer, not counted", `${lasts.typography}`],
                    ["Colluders to be told", `${strength.colluders}, as its author declared`],
                    ["Partners that cases reach", `${strength.recipients}`],
                ]}
            />
            <Table
                caption="What it takes, by the error that is allowed"
                rows={strength.errors}
                keyOf={({ alpha }) => String(alpha)}
                columns={[
                    { name: "An innocent is named with", cell: ({ alpha }) => `probability ${alpha} at most` },
                    {
                        name: "A whole copy of one names it among",
                        cell: ({ identifiableAmong: among }) => amongWords(among),
                    },
                    {
                        name: "Who merge their copies: slots that must survive, of those that last",
                        cell: ({ merged }) =>
                            merged.map(({ colluders, needed, worth }) => (
                                <div key={colluders}>
                                    {colluders}: about {needed} of {worth}
                                    {worth < needed && <strong> too few</strong>}
                                </div>
                            )),
                    },
                ]}
            />
        </>
    )
}

function amongWords(among: number): string {
    if (among === 0) return "nobody"
    return among > 1_000_000 ? "more than a million" : `${among}`
}

/** Advice at the error bound of a single leak. */
function Advice({ strength }: { strength: Strength }) {
    const [first] = strength.errors
    const merged = first?.merged.find(({ colluders }) => colluders === strength.colluders)
    const isTooFew = merged !== undefined && merged.worth < merged.needed
    if (first === undefined || (first.identifiableAmong >= strength.recipients && !isTooFew)) return null
    return (
        <Notice tone="due">
            {first.identifiableAmong < strength.recipients
                ? "A whole copy may not name its owner: there are too few slots for so many partners. "
                : `${strength.colluders} who merge their copies may go unnamed. `}
            An innocent is named no more often for that. More can be said in two ways: {"{{either|or}}"}.
        </Notice>
    )
}
