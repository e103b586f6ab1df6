/** The contents of a piece of evidence, and similar evidence. */
import { Link } from "@tanstack/react-router"
import type { SkipReason } from "../../../../../server/src/models/archive/entry.ts"
import type { Content, ContentKind } from "../../../../../server/src/models/content-type.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty, Notice } from "../../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../../kit/table.tsx"
import { type Inside, type LikenessAnswer, nameOfEvidence, useEvidence } from "./evidence-reads.ts"

const kindNames: Readonly<Record<ContentKind, string>> = {
    text: "text",
    archive: "archive",
    image: "image, kept and not read",
    document: "document, kept and not read",
    binary: "no text: kept and not read",
}

export function contentName({ kind, format }: Content): string {
    return format === null ? kindNames[kind] : `${kindNames[kind]} (${format})`
}

const whyNames: Readonly<Record<SkipReason, string>> = {
    empty: "nothing in it",
    folder: "a folder",
    link: "a link: not followed",
    device: "a device",
    encrypted: "encrypted",
    method: "packed in a way that is not opened",
    overlap: "shares its bytes with another entry",
    damaged: "damaged, or not as the archive says",
    ratio: "grows out of proportion: not unpacked",
    size: "more than is unpacked in all",
    depth: "too deep: an archive in archives",
}

const endNames: Readonly<Record<string, string>> = {
    time: "It took too long to open, and was left.",
    size: "There was too much in it, and it was left.",
    broke: "It broke what opens archives, and was left.",
}

export function InsideSection({ inside }: { inside: Inside }) {
    return (
        <Section title="In the archive">
            {inside.ended !== null && <Notice tone="bad">{endNames[inside.ended] ?? "It was left."}</Notice>}
            {inside.ended === null && !inside.isWhole && (
                <Notice tone="due">The archive is not whole, or damaged.</Notice>
            )}
            {inside.ended === null && inside.hasMore && <Notice tone="due">There is more in it than is listed.</Notice>}
            {inside.parts.length === 0 ? (
                <Empty title="Nothing of it could be listed." />
            ) : (
                <Table
                    caption="What is in it"
                    rows={inside.parts.map((part, n) => ({ ...part, n }))}
                    keyOf={({ n }) => String(n)}
                    tall
                    columns={[
                        { name: "Name", cell: ({ name }) => <span className="mono">{name}</span> },
                        {
                            name: "What",
                            cell: (item) => (item.contentType === null ? "" : contentName(item.contentType)),
                        },
                        {
                            name: "State",
                            cell: ({ reason, isWeighed }) =>
                                reason === null ? (
                                    <Badge tone={isWeighed ? "good" : "plain"}>{isWeighed ? "weighed" : "kept"}</Badge>
                                ) : (
                                    <Badge tone="due">{whyNames[reason]}</Badge>
                                ),
                        },
                        { name: "Bytes", end: true, cell: ({ size }) => size.toLocaleString("en-GB") },
                        { name: "SHA-256", cell: ({ sha256 }) => sha256 !== null && <Short id={sha256} /> },
                    ]}
                />
            )}
        </Section>
    )
}

export function LikenessSection({ likeness }: { likeness: LikenessAnswer }) {
    const { identical: equals, similar: alike, inPublic, withoutFingerprints: waiting } = likeness
    return (
        <Section title="What else says it">
            {inPublic !== null && <PublicNotice subject={inPublic} />}
            {equals.length + alike.length === 0 ? (
                <Empty title="No other evidence says nearly the same." />
            ) : (
                <AlikeTable likeness={likeness} />
            )}
            {waiting > 0 && <p className="muted">{waiting} older ones were not compared yet: look again.</p>}
        </Section>
    )
}

function PublicNotice({ subject }: { subject: NonNullable<LikenessAnswer["inPublic"]> }) {
    const { advisory, percent, publicSince, isPublic } = subject
    return (
        <Notice tone={isPublic ? "good" : "plain"}>
            {isPublic ? "All of it is public" : `${percent} % of it is public by now`}: {advisory} says it since{" "}
            <When at={publicSince} short />.{" "}
            {isPublic
                ? "It was so when it was seen: it is held against nobody."
                : percent === 100 && "It was seen before that."}
        </Notice>
    )
}

function AlikeTable({ likeness: { identical: equals, similar: alike } }: { likeness: LikenessAnswer }) {
    const evidences = useEvidence().data?.evidence ?? []
    const others = equals
        .filter((id) => alike.every(({ evidence }) => evidence !== id))
        .map((evidence) => ({ evidence, percentOfThis: 100, percentOfOther: 100 }))
    return (
        <Table
            caption="Other evidence, the most alike first"
            rows={[...others, ...alike]}
            keyOf={({ evidence }) => evidence}
            columns={[
                {
                    name: "Evidence",
                    cell: ({ evidence }) => {
                        const input = evidences.find(({ id }) => id === evidence)
                        return (
                            <Link to={`/leaks/evidence/${evidence}`}>{input ? nameOfEvidence(input) : evidence}</Link>
                        )
                    },
                },
                {
                    name: "Bytes",
                    cell: ({ evidence }) => equals.includes(evidence) && <Badge tone="due">the same</Badge>,
                },
                { name: "Of this, in the other", end: true, cell: ({ percentOfThis }) => `${percentOfThis} %` },
                { name: "Of the other, in this", end: true, cell: ({ percentOfOther }) => `${percentOfOther} %` },
            ]}
        />
    )
}
