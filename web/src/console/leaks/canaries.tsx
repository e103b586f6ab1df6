/**
 * Canaries: requests for names that only one copy contains, the rate of strangers' requests, and where the names are.
 */
import { Link } from "@tanstack/react-router"
import type { BackgroundRate } from "../../../../server/src/share/canaries/background-rate.ts"
import type { LikelySource } from "../../../../server/src/share/canaries/touch.ts"
import { type AnswerTo, useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, type Tone } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { type Names, useNames } from "../artifacts/viewer.tsx"

type Touch = Answer["touches"][number]

type Planted = Answer["versions"][number]

type Answer = AnswerTo<"/api/canaries">

const gradeNames: Readonly<Record<LikelySource, string>> = {
    resolver: "a resolver",
    link_preview: "a link preview",
    scanner: "a scanner",
    tool: "a tool",
    browser: "a browser",
}

const tones: Readonly<Record<LikelySource, Tone>> = {
    resolver: "plain",
    link_preview: "plain",
    scanner: "plain",
    tool: "due",
    browser: "due",
}

/** Each view is recorded, so this screen does not reload automatically. */
export function Canaries() {
    const look = useLook("/api/canaries")
    const again = (
        <Button look="quiet" onPress={() => void look.refetch()}>
            Look again
        </Button>
    )
    return (
        <Page
            title="Canaries"
            lead="Names that stand in one copy alone. Whoever looks one up holds that copy."
            aside={again}
        >
            <Loaded query={look}>
                {(found) => (
                    <>
                        <p className="caution">
                            A touch says that somebody asked for a name, and not who leaked it: mail gateways, previews
                            and scanners do that too. It accuses nobody.
                            {found.zone === null && " No zone is set: texts hold no names of hosts."}
                        </p>
                        <Touches touches={found.touches} />
                        <BackgroundSection backgrounds={found.background} />
                        <PlantedSection planted={found.versions} />
                        <Unknown unknown={found.unknownNames} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Touches({ touches }: { touches: readonly Touch[] }) {
    const names = useNames()
    return (
        <Section title="Touched">
            {touches.length === 0 ? (
                <Empty title="No name was asked for." />
            ) : (
                <Table
                    caption="Touches of names, the newest first"
                    rows={touches}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: "Last", cell: (touch) => <When at={touch.lastAt} short /> },
                        { name: "By", cell: (touch) => <Graded touch={touch} /> },
                        { name: "In the copy of", cell: (touch) => <Holder touch={touch} names={names} /> },
                        { name: "Of", cell: (touch) => <Where touch={touch} names={names} /> },
                        { name: "From", cell: (touch) => <From touch={touch} /> },
                        { name: "Times", cell: ({ times }) => times, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Graded({ touch: { likelySource, channel, reasons } }: { touch: Touch }) {
    return (
        <>
            <Badge tone={tones[likelySource]}>{gradeNames[likelySource]}</Badge> {channel.toUpperCase()}
            <span className="muted block">{reasons.join("; ")}</span>
        </>
    )
}

function Holder({ touch, names }: { touch: Touch; names: Names }) {
    if (!touch.decoy) return names.recipient(touch)
    return (
        <>
            <Badge tone="bad">nobody: a decoy</Badge>
            <span className="muted block">somebody reads keys or makes copies</span>
        </>
    )
}

function Where({ touch, names }: { touch: Touch; names: Names }) {
    return (
        <>
            <Link to={`/cases/${touch.case}`}>{names.case(touch.case)}</Link>
            <span className="muted block">
                {names.artifact(touch.artifact)}, version {touch.version}, {touch.what}
            </span>
        </>
    )
}

function From({ touch: { source, agent } }: { touch: Touch }) {
    return (
        <>
            {source === "" ? "many networks" : <code className="code">{source}</code>}
            <span className="muted block">{agent === "" ? "says nothing of itself" : agent}</span>
        </>
    )
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`

function BackgroundSection({ backgrounds }: { backgrounds: readonly BackgroundRate[] }) {
    const decoys = backgrounds[0]?.decoys ?? 0
    return (
        <Section title="How often that comes from whoever has no copy">
            {decoys === 0 ? (
                <Empty title="There are no decoys yet: nothing is known of it.">
                    They are made with the first text that holds names of hosts.
                </Empty>
            ) : (
                <Table
                    caption={`What ${decoys} names of decoys, which nobody has, have taught, with 95 % confidence`}
                    rows={backgrounds}
                    keyOf={({ likelySource }) => likelySource}
                    columns={[
                        { name: "Grade", cell: ({ likelySource }) => gradeNames[likelySource] },
                        {
                            name: "Names of decoys touched",
                            cell: (background) => `${background.touched} of ${background.decoys}`,
                            end: true,
                        },
                        { name: "By strangers, up to", cell: ({ max: upTo }) => percent(upTo), end: true },
                        {
                            name: "Names touched",
                            cell: (background) => `${background.namesTouched} of ${background.names}`,
                            end: true,
                        },
                        {
                            name: "Expected, up to",
                            cell: (background) => background.expectedMax.toFixed(1),
                            end: true,
                        },
                    ]}
                />
            )}
        </Section>
    )
}

function PlantedSection({ planted }: { planted: readonly Planted[] }) {
    const names = useNames()
    return (
        <Section title="Where names stand">
            {planted.length === 0 ? (
                <Empty title="No copy holds a name of its own.">
                    An author writes {"{{canary:host}}"} into technical detail, steps or a proof of concept.
                </Empty>
            ) : (
                <Table
                    caption="Names by version and kind"
                    rows={planted}
                    keyOf={(planted) => `${planted.artifact} ${planted.version} ${planted.kind} ${planted.decoy}`}
                    columns={[
                        {
                            name: "Artifact",
                            cell: (planted) => `${names.artifact(planted.artifact)}, version ${planted.version}`,
                        },
                        { name: "Kind", cell: ({ kind }) => kind },
                        { name: "In", cell: ({ decoy }) => (decoy ? "decoys" : "copies") },
                        { name: "Names", cell: (planted) => planted.names, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Unknown({ unknown }: { unknown: Answer["unknownNames"] }) {
    if (unknown.length === 0) return null
    return (
        <Section title="Unknown names">
            <Table
                caption="Names that were asked for and never given out, by day"
                rows={unknown}
                keyOf={(item) => `${item.day} ${item.channel} ${item.formed}`}
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
