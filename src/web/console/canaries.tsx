/** Canaries: what touched a name that one copy alone holds, how often that comes from strangers, and where names stand. */
import { Link } from "@tanstack/react-router"
import type { CanaryKind } from "../../lib/canary.ts"
import type { Whose } from "../../lib/recipient.ts"
import type { Background } from "../../share/canaries/background.ts"
import type { Channel, Grade } from "../../share/canaries/touch.ts"
import { useLook } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, type Tone } from "../kit/notice.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import { type Names, useNames } from "./viewer.tsx"

interface Touch extends Whose {
    readonly id: string
    readonly case: string
    readonly artifact: string
    readonly version: number
    readonly kind: CanaryKind
    readonly what: string
    readonly decoy: boolean
    readonly channel: Channel
    readonly grade: Grade
    readonly reasons: readonly string[]
    readonly times: number
    readonly firstAt: string
    readonly lastAt: string
    readonly source: string
    readonly agent: string
}

interface Planted {
    readonly artifact: string
    readonly version: number
    readonly kind: CanaryKind
    readonly decoy: boolean
    readonly names: number
}

interface Answer {
    readonly zone: string | null
    readonly planted: readonly Planted[]
    readonly touches: readonly Touch[]
    readonly background: readonly Background[]
    readonly unknown: readonly {
        readonly day: string
        readonly channel: Channel
        readonly formed: boolean
        readonly times: number
    }[]
}

const gradeNames: Readonly<Record<Grade, string>> = {
    echo: "a resolver's echo",
    preview: "a link preview",
    scanner: "a scanner",
    program: "a program",
    human: "a human",
}

const tones: Readonly<Record<Grade, Tone>> = {
    ...{ echo: "plain", preview: "plain", scanner: "plain" },
    ...{ program: "due", human: "due" },
}

/** Each look is on record, so it is not repeated by itself. */
export function Canaries() {
    const look = useLook<Answer>("/api/canaries")
    const again = (
        <Button look="quiet" onPress={() => void look.refetch()}>
            Look again
        </Button>
    )
    return (
        <Page title="Canaries" kind="Names that one copy alone holds" aside={again}>
            <Loaded of={look}>
                {(found) => (
                    <>
                        <p className="caution">
                            A touch says that somebody asked for a name, and not who leaked it: mail gateways, previews
                            and scanners do that too. It accuses nobody.
                            {found.zone === null && " No zone is set: texts hold no names of hosts."}
                        </p>
                        <Touches of={found.touches} />
                        <BackgroundSection of={found.background} />
                        <PlantedSection of={found.planted} />
                        <Unknown of={found.unknown} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Touches({ of }: { of: readonly Touch[] }) {
    const names = useNames()
    return (
        <Section title="Touched">
            {of.length === 0 ? (
                <Empty title="No name was asked for." />
            ) : (
                <Table
                    caption="Touches of names, the newest first"
                    rows={of}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: "Last", cell: (one) => <When at={one.lastAt} short /> },
                        { name: "By", cell: (one) => <Graded of={one} /> },
                        { name: "In the copy of", cell: (one) => <Holder of={one} names={names} /> },
                        { name: "Of", cell: (one) => <Where of={one} names={names} /> },
                        { name: "From", cell: (one) => <From of={one} /> },
                        { name: "Times", cell: ({ times }) => times, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Graded({ of: { grade, channel, reasons } }: { of: Touch }) {
    return (
        <>
            <Badge tone={tones[grade]}>{gradeNames[grade]}</Badge> {channel.toUpperCase()}
            <span className="muted block">{reasons.join("; ")}</span>
        </>
    )
}

function Holder({ of, names }: { of: Touch; names: Names }) {
    if (!of.decoy) return names.recipient(of)
    return (
        <>
            <Badge tone="bad">nobody: a decoy</Badge>
            <span className="muted block">somebody reads keys or makes copies</span>
        </>
    )
}

function Where({ of, names }: { of: Touch; names: Names }) {
    return (
        <>
            <Link to={`/cases/${of.case}`}>{names.case(of.case)}</Link>
            <span className="muted block">
                {names.artifact(of.artifact)}, version {of.version}, {of.what}
            </span>
        </>
    )
}

function From({ of: { source, agent } }: { of: Touch }) {
    return (
        <>
            {source === "" ? "many networks" : <code className="code">{source}</code>}
            <span className="muted block">{agent === "" ? "says nothing of itself" : agent}</span>
        </>
    )
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`

function BackgroundSection({ of }: { of: readonly Background[] }) {
    const decoys = of[0]?.decoys ?? 0
    return (
        <Section title="How often that comes from whoever has no copy">
            {decoys === 0 ? (
                <Empty title="There are no decoys yet: nothing is known of it.">
                    They are made with the first text that holds names of hosts.
                </Empty>
            ) : (
                <Table
                    caption={`What ${decoys} names of decoys, which nobody has, have taught, with 95 % confidence`}
                    rows={of}
                    keyOf={({ grade }) => grade}
                    columns={[
                        { name: "Grade", cell: ({ grade }) => gradeNames[grade] },
                        {
                            name: "Names of decoys touched",
                            cell: (one) => `${one.touched} of ${one.decoys}`,
                            end: true,
                        },
                        { name: "By strangers, up to", cell: ({ upTo }) => percent(upTo), end: true },
                        { name: "Names touched", cell: (one) => `${one.namesTouched} of ${one.names}`, end: true },
                        { name: "Expected, up to", cell: (one) => one.expectedUpTo.toFixed(1), end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function PlantedSection({ of }: { of: readonly Planted[] }) {
    const names = useNames()
    return (
        <Section title="Where names stand">
            {of.length === 0 ? (
                <Empty title="No copy holds a name of its own.">
                    An author writes {"{{canary:host}}"} into technical detail, steps or a proof of concept.
                </Empty>
            ) : (
                <Table
                    caption="Names by version and kind"
                    rows={of}
                    keyOf={(one) => `${one.artifact} ${one.version} ${one.kind} ${one.decoy}`}
                    columns={[
                        { name: "Artifact", cell: (one) => `${names.artifact(one.artifact)}, version ${one.version}` },
                        { name: "Kind", cell: ({ kind }) => kind },
                        { name: "In", cell: ({ decoy }) => (decoy ? "decoys" : "copies") },
                        { name: "Names", cell: (one) => one.names, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Unknown({ of }: { of: Answer["unknown"] }) {
    if (of.length === 0) return null
    return (
        <Section title="Unknown names">
            <Table
                caption="Names that were asked for and never given out, by day"
                rows={of}
                keyOf={(one) => `${one.day} ${one.channel} ${one.formed}`}
                columns={[
                    { name: "Day", cell: ({ day }) => day },
                    { name: "By", cell: ({ channel }) => channel.toUpperCase() },
                    { name: "Look like ours", cell: ({ formed }) => (formed ? "yes" : "no") },
                    { name: "Times", cell: ({ times }) => times, end: true },
                ]}
            />
        </Section>
    )
}
