/** The contents of a piece of evidence, and similar evidence. */
import { Link } from "@tanstack/react-router"
import type { SkipReason } from "../../../../../server/src/models/archive/entry.ts"
import type { Content, ContentKind } from "../../../../../server/src/models/content-type.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty, Notice } from "../../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../../kit/table.tsx"
import { type Inside, type SimilarAnswer, nameOfEvidence, useEvidence } from "./evidence-reads.ts"
import { locale, rich, t } from "../../../messages/message.ts"

const kindNames: Readonly<Record<ContentKind, string>> = {
    text: t("text"),
    archive: t("archive"),
    image: t("image, stored but not read"),
    document: t("document, stored but not read"),
    binary: t("binary, stored but not read"),
}

export function contentName({ kind, format }: Content): string {
    return format === null ? kindNames[kind] : `${kindNames[kind]} (${format})`
}

const whyNames: Readonly<Record<SkipReason, string>> = {
    empty: t("empty"),
    folder: t("folder"),
    link: t("link, not followed"),
    device: t("device"),
    encrypted: t("encrypted"),
    method: t("compression not supported"),
    overlap: t("overlaps another entry"),
    damaged: t("damaged"),
    ratio: t("compression ratio too high"),
    size: t("total size limit reached"),
    depth: t("nested too deep"),
}

const endNames: Readonly<Record<string, string>> = {
    time: t("The archive took too long to extract."),
    size: t("The archive is too large to extract."),
    broke: t("The extraction failed."),
}

export function InsideSection({ inside }: { inside: Inside }) {
    return (
        <Section title={t("Files in the archive")}>
            {inside.ended !== null && (
                <Notice tone="bad">{endNames[inside.ended] ?? t("The extraction stopped.")}</Notice>
            )}
            {inside.ended === null && !inside.isWhole && (
                <Notice tone="due">{t("The archive is incomplete or damaged.")}</Notice>
            )}
            {inside.ended === null && inside.hasMore && (
                <Notice tone="due">{t("The archive contains more files than the list shows.")}</Notice>
            )}
            {inside.parts.length === 0 ? (
                <Empty title={t("No file could be listed.")} />
            ) : (
                <Table
                    caption={t("Archived files with their sizes")}
                    rows={inside.parts.map((part, n) => ({ ...part, n }))}
                    keyOf={({ n }) => String(n)}
                    tall
                    columns={[
                        { name: t("Name"), cell: ({ name }) => <span className="mono">{name}</span> },
                        {
                            name: t("Content"),
                            cell: (item) => (item.contentType === null ? "" : contentName(item.contentType)),
                        },
                        {
                            name: t("State"),
                            cell: ({ reason, isWeighed }) =>
                                reason === null ? (
                                    <Badge tone={isWeighed ? "good" : "plain"}>
                                        {isWeighed ? t("attributed") : t("stored")}
                                    </Badge>
                                ) : (
                                    <Badge tone="due">{whyNames[reason]}</Badge>
                                ),
                        },
                        { name: t("Bytes"), end: true, cell: ({ size }) => size.toLocaleString(locale) },
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
        <Section title={t("Similar texts")}>
            {inPublic !== null && <PublicNotice subject={inPublic} />}
            {equals.length + alike.length === 0 ? (
                <Empty title={t("No similar evidence.")} />
            ) : (
                <SimilarTable similar={answer} />
            )}
            {waiting > 0 && (
                <p className="muted">
                    {t(
                        "{waiting, plural, one {# older piece is} other {# older pieces are}} not compared yet: reload later.",
                        { waiting },
                    )}
                </p>
            )}
        </Section>
    )
}

function PublicNotice({ subject }: { subject: NonNullable<SimilarAnswer["inPublic"]> }) {
    const { advisory, percent, publicSince, isPublic } = subject
    const values = { advisory, since: <When at={publicSince} short />, percent: shareText(percent) }
    if (isPublic) {
        return (
            <Notice tone="good">
                {rich(
                    "The whole text is public: {advisory} contains it since {since}. It was public when the leak was observed, so it counts against no recipient.",
                    values,
                )}
            </Notice>
        )
    }
    return (
        <Notice tone="plain">
            {percent === 100
                ? rich(
                      "{percent} of the text is public: {advisory} contains it since {since}. The leak was observed before that.",
                      values,
                  )
                : rich("{percent} of the text is public: {advisory} contains it since {since}.", values)}
        </Notice>
    )
}

const shareText = (percent: number): string => (percent / 100).toLocaleString(locale, { style: "percent" })

function SimilarTable({ similar: { identical: equals, similar: alike } }: { similar: SimilarAnswer }) {
    const evidences = useEvidence().data?.evidence ?? []
    const others = equals
        .filter((id) => alike.every(({ evidence }) => evidence !== id))
        .map((evidence) => ({ evidence, percentOfThis: 100, percentOfOther: 100 }))
    return (
        <Table
            caption={t("Similar evidence, most similar first")}
            rows={[...others, ...alike]}
            keyOf={({ evidence }) => evidence}
            columns={[
                {
                    name: t("Evidence"),
                    cell: ({ evidence }) => {
                        const input = evidences.find(({ id }) => id === evidence)
                        return (
                            <Link to={`/leaks/evidence/${evidence}`}>{input ? nameOfEvidence(input) : evidence}</Link>
                        )
                    },
                },
                {
                    name: t("Bytes"),
                    cell: ({ evidence }) => equals.includes(evidence) && <Badge tone="due">{t("identical")}</Badge>,
                },
                { name: t("Share of this"), end: true, cell: ({ percentOfThis }) => shareText(percentOfThis) },
                { name: t("Share of the other"), end: true, cell: ({ percentOfOther }) => shareText(percentOfOther) },
            ]}
        />
    )
}
