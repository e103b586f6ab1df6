/**
 * Canaries: requests for names that only one copy contains, the rate of strangers' requests, and where the names are.
 */
import { Link } from "@tanstack/react-router"
import type { BackgroundRate } from "../../../../server/src/share/canaries/background-rate.ts"
import type { LikelySource } from "../../../../server/src/share/canaries/touch.ts"
import { type AnswerTo, useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice, type Tone } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { type Names, useNames } from "../artifacts/viewer.tsx"
import { guessReasonTexts } from "./evidence/fixed-texts.ts"
import { percentText } from "./evidence/e-value.ts"
import { decimalText, t, valueText } from "../../messages/message.ts"

type Touch = Answer["touches"][number]

type Planted = Answer["versions"][number]

type Answer = AnswerTo<"/api/canaries">

const sourceNames: Readonly<Record<LikelySource, string>> = {
    resolver: t("a resolver"),
    link_preview: t("a link preview"),
    scanner: t("a scanner"),
    tool: t("a tool"),
    browser: t("a browser"),
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
    return (
        <Page
            title={t("Canaries")}
            lead={t("Was a name requested that only one copy contains?")}
            aside={
                <Button look="quiet" onPress={() => void look.refetch()}>
                    {t("Reload")}
                </Button>
            }
        >
            <Loaded query={look}>
                {(found) => (
                    <>
                        {found.zone === null && (
                            <Notice tone="due">
                                {t("No zone is set, so texts contain no host names as canaries.")}
                            </Notice>
                        )}
                        <Touches touches={found.touches} />
                        <p className="caution">
                            {t(
                                "A touch says that a canary was requested. It does not say who leaked the copy: mail gateways, link previews and scanners request names too. It identifies no person.",
                            )}
                        </p>
                        <BackgroundSection backgrounds={found.background} />
                        <PlantedSection planted={found.versions} />
                        <UnknownNames unknown={found.unknownNames} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Touches({ touches }: { touches: readonly Touch[] }) {
    const names = useNames()
    return (
        <Section title={t("Touches")} count={touches.length}>
            {touches.length === 0 ? (
                <Empty title={t("No canary was touched yet.")} />
            ) : (
                <Table
                    caption={t("Touches of canaries, newest first")}
                    rows={touches}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: t("Last"), cell: (touch) => <When at={touch.lastAt} short /> },
                        { name: t("Likely source"), cell: (touch) => <Source touch={touch} /> },
                        { name: t("Copy of"), cell: (touch) => <Holder touch={touch} names={names} /> },
                        { name: t("Where"), cell: (touch) => <Where touch={touch} names={names} /> },
                        { name: t("Origin"), cell: (touch) => <Origin touch={touch} /> },
                        { name: t("Times"), cell: ({ times }) => times, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Source({ touch: { likelySource, channel, reasons } }: { touch: Touch }) {
    return (
        <>
            <Badge tone={tones[likelySource]}>{sourceNames[likelySource]}</Badge> {channel.toUpperCase()}
            <span className="muted block">
                {reasons.map((reason) => guessReasonTexts[reason.code](reason)).join("; ")}
            </span>
        </>
    )
}

function Holder({ touch, names }: { touch: Touch; names: Names }) {
    if (!touch.decoy) return names.recipient(touch)
    return (
        <>
            <Badge tone="bad">{t("decoy")}</Badge>
            <span className="muted block">{t("No partner has it. Someone read keys or reproduced copies.")}</span>
        </>
    )
}

function Where({ touch, names }: { touch: Touch; names: Names }) {
    return (
        <>
            <Link to={`/cases/${touch.case}`}>{names.case(touch.case)}</Link>
            <span className="muted block">
                {t("{artifact}, version {version}, {canary}", {
                    artifact: names.artifact(touch.artifact),
                    version: touch.version,
                    canary: touch.what,
                })}
            </span>
        </>
    )
}

function Origin({ touch: { source, agent } }: { touch: Touch }) {
    return (
        <>
            {source === "" ? t("many networks") : <code className="code">{source}</code>}
            <span className="muted block">{agent === "" ? t("no user agent") : agent}</span>
        </>
    )
}

function BackgroundSection({ backgrounds }: { backgrounds: readonly BackgroundRate[] }) {
    const decoys = backgrounds[0]?.decoys ?? 0
    return (
        <Section title={t("Touches without a leak")}>
            {decoys === 0 ? (
                <Empty title={t("No decoys yet.")}>
                    {t("Tocsin creates decoys with the first text that contains a host name.")}
                </Empty>
            ) : (
                <Table
                    caption={t(
                        "Rate of strangers' touches, from {decoys, plural, one {# decoy} other {# decoys}} that no partner has, with 95% confidence",
                        { decoys },
                    )}
                    rows={backgrounds}
                    keyOf={({ likelySource }) => likelySource}
                    columns={[
                        { name: t("Likely source"), cell: ({ likelySource }) => sourceNames[likelySource] },
                        {
                            name: t("Decoys touched"),
                            cell: (background) =>
                                t("{touched} of {total}", { touched: background.touched, total: background.decoys }),
                            end: true,
                        },
                        {
                            name: t("Rate of strangers, at most"),
                            cell: ({ max: upTo }) => percentText(upTo),
                            end: true,
                        },
                        {
                            name: t("Canaries touched"),
                            cell: (background) =>
                                t("{touched} of {total}", {
                                    touched: background.namesTouched,
                                    total: background.names,
                                }),
                            end: true,
                        },
                        {
                            name: t("Expected, at most"),
                            cell: (background) => decimalText(background.expectedMax, 1),
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
        <Section title={t("Canaries in copies")}>
            {planted.length === 0 ? (
                <Empty title={t("No copy contains a canary yet.")}>
                    {t("An author writes {canary} into technical detail, steps or a proof of concept.", {
                        canary: "{{canary:host}}",
                    })}
                </Empty>
            ) : (
                <Table
                    caption={t("Canaries by version and kind")}
                    rows={planted}
                    keyOf={(planted) => `${planted.artifact} ${planted.version} ${planted.kind} ${planted.decoy}`}
                    columns={[
                        {
                            name: t("Artifact"),
                            cell: (planted) =>
                                t("{artifact}, version {version}", {
                                    artifact: names.artifact(planted.artifact),
                                    version: planted.version,
                                }),
                        },
                        { name: t("Kind"), cell: ({ kind }) => valueText(kind) },
                        { name: t("In"), cell: ({ decoy }) => (decoy ? t("decoys") : t("copies")) },
                        { name: t("Canaries"), cell: (planted) => planted.names, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function UnknownNames({ unknown }: { unknown: Answer["unknownNames"] }) {
    if (unknown.length === 0) return null
    return (
        <Section title={t("Unknown names")}>
            <Table
                caption={t("Requested names that were never issued, by day")}
                rows={unknown}
                keyOf={(item) => `${item.day} ${item.channel} ${item.formed}`}
                columns={[
                    { name: t("Day"), cell: ({ day }) => day },
                    { name: t("Channel"), cell: ({ channel }) => channel.toUpperCase() },
                    { name: t("Form of a canary"), cell: ({ formed }) => (formed ? t("yes") : t("no")) },
                    { name: t("Times"), cell: ({ times }) => times, end: true },
                ]}
            />
        </Section>
    )
}
