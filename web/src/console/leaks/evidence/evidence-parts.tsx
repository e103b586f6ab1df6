/** The contents of a piece of evidence, and similar evidence. */
import { Link } from "@tanstack/react-router"
import type { SkipReason } from "../../../../../server/src/models/archive/entry.ts"
import type { Content, ContentKind } from "../../../../../server/src/models/content-type.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty, Notice } from "../../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../../kit/table.tsx"
import { type Inside, type SimilarAnswer, nameOfEvidence, useEvidence } from "./evidence-reads.ts"

const kindNames: Readonly<Record<ContentKind, string>> = {
    text: "text",
    archive: "archive",
    image: "image, stored but not read",
    document: "document, stored but not read",
    binary: "binary, stored but not read",
}

export function contentName({ kind, format }: Content): string {
    return format === null ? kindNames[kind] : `${kindNames[kind]} (${format})`
}

const whyNames: Readonly<Record<SkipReason, string>> = {
    empty: "empty",
    folder: "folder",
    link: "link, not followed",
    device: "device",
    encrypted: "encrypted",
    method: "compression not supported",
    overlap: "overlaps another entry",
    damaged: "damaged",
    ratio: "compression ratio too high",
    size: "total size limit reached",
    depth: "nested too deep",
}

const endNames: Readonly<Record<string, string>> = {
    time: "The archive took too long to extract.",
    size: "The archive is too large to extract.",
    broke: "The extraction failed.",
}

export function InsideSection({ inside }: { inside: Inside }) {
    return (
        <Section title="Files in the archive">
            {inside.ended !== null && <Notice tone="bad">{endNames[inside.ended] ?? "The extraction stopped."}</Notice>}
            {inside.ended === null && !inside.isWhole && (
                <Notice tone="due">The archive is incomplete or damaged.</Notice>
            )}
            {inside.ended === null && inside.hasMore && (
                <Notice tone="due">The archive contains more files than the list shows.</Notice>
            )}
            {inside.parts.length === 0 ? (
                <Empty title="No file could be listed." />
            ) : (
                <Table
                    caption="Archived files with their sizes"
                    rows={inside.parts.map((part, n) => ({ ...part, n }))}
                    keyOf={({ n }) => String(n)}
                    tall
                    columns={[
                        { name: "Name", cell: ({ name }) => <span className="mono">{name}</span> },
                        {
                            name: "Content",
                            cell: (item) => (item.contentType === null ? "" : contentName(item.contentType)),
                        },
                        {
                            name: "State",
                            cell: ({ reason, isWeighed }) =>
                                reason === null ? (
                                    <Badge tone={isWeighed ? "good" : "plain"}>
                                        {isWeighed ? "attributed" : "stored"}
                                    </Badge>
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

export function SimilarSection({ similar: answer }: { similar: SimilarAnswer }) {
    const { identical: equals, similar: alike, inPublic, withoutFingerprints: waiting } = answer
    return (
        <Section title="Similar texts">
            {inPublic !== null && <PublicNotice subject={inPublic} />}
            {equals.length + alike.length === 0 ? (
                <Empty title="No similar evidence." />
            ) : (
                <SimilarTable similar={answer} />
            )}
            {waiting > 0 && <p className="muted">{waiting} older pieces are not compared yet: reload later.</p>}
        </Section>
    )
}

function PublicNotice({ subject }: { subject: NonNullable<SimilarAnswer["inPublic"]> }) {
    const { advisory, percent, publicSince, isPublic } = subject
    return (
        <Notice tone={isPublic ? "good" : "plain"}>
            {isPublic ? "The whole text is public" : `${percent}% of the text is public`}: {advisory} contains it since{" "}
            <When at={publicSince} short />.{" "}
            {isPublic
                ? "It was public when the leak was observed, so it counts against no recipient."
                : percent === 100 && "The leak was observed before that."}
        </Notice>
    )
}

function SimilarTable({ similar: { identical: equals, similar: alike } }: { similar: SimilarAnswer }) {
    const evidences = useEvidence().data?.evidence ?? []
    const others = equals
        .filter((id) => alike.every(({ evidence }) => evidence !== id))
        .map((evidence) => ({ evidence, percentOfThis: 100, percentOfOther: 100 }))
    return (
        <Table
            caption="Similar evidence, most similar first"
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
                    cell: ({ evidence }) => equals.includes(evidence) && <Badge tone="due">identical</Badge>,
                },
                { name: "Share of this", end: true, cell: ({ percentOfThis }) => `${percentOfThis}%` },
                { name: "Share of the other", end: true, cell: ({ percentOfOther }) => `${percentOfOther}%` },
            ]}
        />
    )
}
