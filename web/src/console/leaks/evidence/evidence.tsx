/** Evidence: lists leaks, adds evidence, and shows which copy a leak matches. */
import { valueText } from "@tocsin/base/value-text"
import { Link, useNavigate } from "@tanstack/react-router"
import { useLook, writeTo } from "../../api.ts"
import { bytesMark } from "../../../kit/file-field.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Badge, Facts, Section, Short, Table } from "../../../kit/table.tsx"
import { clockNames } from "../../../kit/text.ts"
import { AttributionSection } from "./attribution.tsx"
import { BesideSection } from "./leak-view.tsx"
import { InsideSection, LikenessSection, contentName } from "./evidence-parts.tsx"
import { CustodySection, DeletedFacts, HoldActions, NotesSection, SaveOriginal } from "./retention.tsx"
import { type EvidenceAnswer, type EvidenceRow, nameOfEvidence, useEvidence } from "./evidence-reads.ts"
import { FileCatalogue, FileSeen, seenFields } from "../../cases/reports/observations.tsx"
import { useCaseChoices, useNames, useNow, useWhyNot } from "../../artifacts/viewer.tsx"

export function EvidenceList() {
    const evidence = useEvidence()
    const names = useNames()
    return (
        <Page
            title="Evidence"
            aside={
                <>
                    <Link to="/leaks/cross-case">Cross-case evidence</Link>
                    <FileCatalogue />
                    <FileSeen />
                    <FileLeak />
                </>
            }
        >
            <Loaded query={evidence}>
                {({ evidence }) =>
                    evidence.length === 0 ? (
                        <Empty title="Nothing was filed.">
                            A leaked text is held against every copy that was handed out; a first exploitation stands in
                            its case's timeline; that and what else was seen propose the end of an embargo.
                        </Empty>
                    ) : (
                        <Table
                            caption="Evidence, newest first"
                            rows={evidence}
                            keyOf={(item) => item.id}
                            columns={[
                                {
                                    name: "Name",
                                    cell: (item) => (
                                        <Link to={`/leaks/evidence/${item.id}`}>{nameOfEvidence(item)}</Link>
                                    ),
                                },
                                {
                                    name: "Kind",
                                    cell: (item) => (
                                        <>
                                            <KindBadge row={item} />{" "}
                                            {item.isHeld && <Badge tone="due">legal hold</Badge>}
                                            {item.deletedAt !== null && <Badge>deleted</Badge>}
                                        </>
                                    ),
                                },
                                { name: "Case", cell: (item) => (item.case === null ? "" : names.case(item.case)) },
                                { name: "Source", cell: (item) => item.source },
                                { name: "Seen", cell: (item) => <When at={item.observedAt} short /> },
                                { name: "Clock", cell: (item) => <span className="muted">{item.clock}</span> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

function KindBadge({ row }: { row: EvidenceRow }) {
    return <Badge tone={row.kind === "leak" ? "due" : "bad"}>{valueText(row.kind)}</Badge>
}

function FileLeak() {
    const navigate = useNavigate()
    const now = useNow()
    const from = useCaseChoices()
    return (
        <FormDialog
            button="File a leak…"
            title="File a leak"
            buttonLook="main"
            submit="File it"
            wide
            disabledReason={useWhyNot()("evidence:write")}
            requests={[
                { name: "name", label: "Name", kind: "line", hint: "what it shall be called here" },
                { name: "source", label: "Where it was found, and who told", kind: "line" },
                {
                    name: "case",
                    label: "Case",
                    kind: "choice",
                    from,
                    optional: true,
                    hint: "none: it is held against what was handed out in every case",
                },
                {
                    name: "content",
                    label: "What was found",
                    kind: "file",
                    anyBytes: true,
                    hint: "as it was found; texts and archives (zip, tar, gzip) are read, all else is kept as it is",
                },
                ...seenFields("Seen at", now),
            ]}
            write={({ content, case: caseId, ...words }) => {
                const input = content.startsWith(bytesMark)
                    ? { content: content.slice(bytesMark.length), encoding: "base64" as const }
                    : { content }
                return writeTo("POST", "/api/evidence", {
                    kind: "leak",
                    ...words,
                    ...input,
                    case: caseId === "" ? null : caseId,
                })
            }}
            onDone={(answer) => void navigate({ to: `/leaks/evidence/${answer.evidence}` })}
        />
    )
}

export function Evidence({ id }: { id: string }) {
    const query = useLook(`/api/evidence/${id}`)
    return (
        <Loaded query={query}>
            {(found) => (
                <Page
                    title={nameOfEvidence(found)}
                    tabTitle="Evidence"
                    path={[{ to: "/leaks/evidence", name: "Evidence" }]}
                    aside={
                        <>
                            <KindBadge row={found} />
                            {found.deletedAt === null && (
                                <HoldActions evidence={found} onDone={() => void query.refetch()} />
                            )}
                        </>
                    }
                >
                    <DeletedFacts evidence={found} />
                    {found.size !== null && found.deletedAt === null && <Weighed evidence={found} />}
                    <Filed evidence={found} />
                    {found.archive !== null && <InsideSection inside={found.archive} />}
                    <NotesSection evidence={found} onDone={() => void query.refetch()} />
                    <CustodySection evidence={id} />
                    {found.content !== null && <BesideSection evidence={id} text={found.content} />}
                </Page>
            )}
        </Loaded>
    )
}

/** Shows the weight. Texts that were public when the leak was seen count against no recipient. */
function Weighed({ evidence }: { evidence: EvidenceAnswer }) {
    const likeness = useLook(`/api/evidence/${evidence.id}/similar`)
    return (
        <Loaded query={likeness}>
            {(likeness) => (
                <>
                    {evidence.content !== null && likeness.inPublic?.isPublic !== true && (
                        <AttributionSection evidence={evidence.id} caseId={evidence.case} />
                    )}
                    <LikenessSection likeness={likeness} />
                </>
            )}
        </Loaded>
    )
}

function Filed({ evidence }: { evidence: EvidenceAnswer }) {
    const names = useNames()
    return (
        <Section
            title="What was filed"
            aside={evidence.size !== null && evidence.deletedAt === null && <SaveOriginal evidence={evidence} />}
        >
            <Facts
                items={[
                    ["Case", evidence.case === null ? "not said" : names.case(evidence.case)],
                    ...(evidence.cve === null ? [] : [["CVE id", evidence.cve] as const]),
                    ["Source", evidence.source],
                    ["Seen", <When key="seen" at={evidence.observedAt} />],
                    ["Clock", clockNames[evidence.clock]],
                    ["Filed", <When key="filed" at={evidence.addedAt} />],
                    ["By", evidence.addedBy === null ? "itself" : names.person(evidence.addedBy)],
                    ["Note", evidence.note === "" ? "none" : evidence.note],
                    ...(evidence.kind === "canary_touched"
                        ? [["Whose copy", <ToCanaries key="canaries" />] as const]
                        : []),
                    ...(evidence.contentType === null ? [] : [["Content", contentName(evidence.contentType)] as const]),
                    ...(evidence.sha256 === null
                        ? []
                        : [["SHA-256", <Short key="hash" id={evidence.sha256} length={64} />] as const]),
                    ...(evidence.size === null ? [] : [["Size", `${evidence.size} bytes`] as const]),
                ]}
            />
        </Section>
    )
}

function ToCanaries() {
    return <Link to="/leaks/canaries">under Canaries</Link>
}
