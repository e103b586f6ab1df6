/** Evidence: what was found outside, filing more of it, and whose copy it points at. */
import { Link, useNavigate } from "@tanstack/react-router"
import { useLook } from "../kit/api.ts"
import { bytesMark } from "../kit/file-field.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Page, Section, Short, Table } from "../kit/table.tsx"
import { clockNames } from "../kit/words.ts"
import { AttributionSection } from "./attribution.tsx"
import { BesideSection } from "./beside.tsx"
import { InsideSection, LikenessSection, contentName } from "./evidence-inside.tsx"
import { CustodySection, DeletedFacts, HoldActions, NotesSection, SaveOriginal } from "./evidence-kept.tsx"
import {
    type EvidenceAnswer,
    type EvidenceRow,
    type LikenessAnswer,
    nameOfEvidence,
    useEvidence,
} from "./evidence-reads.ts"
import { FileCatalogue, FileSeen, seenFields } from "./seen.tsx"
import { useCaseChoices, useNames, useNow, useWhyNot } from "./viewer.tsx"

export function EvidenceList() {
    const evidence = useEvidence()
    const names = useNames()
    return (
        <Page
            title="Evidence"
            aside={
                <>
                    <Link to="/evidence/cross-case">Cross-case evidence</Link>
                    <FileCatalogue />
                    <FileSeen />
                    <FileLeak />
                </>
            }
        >
            <Loaded of={evidence}>
                {({ evidence: all }) =>
                    all.length === 0 ? (
                        <Empty title="Nothing was filed.">
                            A leaked text is held against every copy that was handed out; a first exploitation stands in
                            its case's timeline; that and what else was seen propose the end of an embargo.
                        </Empty>
                    ) : (
                        <Table
                            caption="Evidence, newest first"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                {
                                    name: "Name",
                                    cell: (one) => <Link to={`/evidence/${one.id}`}>{nameOfEvidence(one)}</Link>,
                                },
                                {
                                    name: "Kind",
                                    cell: (one) => (
                                        <>
                                            <KindBadge of={one} /> {one.isHeld && <Badge tone="due">legal hold</Badge>}
                                            {one.deletedAt !== null && <Badge>deleted</Badge>}
                                        </>
                                    ),
                                },
                                { name: "Case", cell: (one) => (one.case === null ? "" : names.case(one.case)) },
                                { name: "Source", cell: (one) => one.source },
                                { name: "Seen", cell: (one) => <When at={one.seenAt} short /> },
                                { name: "Clock", cell: (one) => <span className="muted">{one.clock}</span> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

function KindBadge({ of }: { of: EvidenceRow }) {
    return <Badge tone={of.kind === "leak" ? "due" : "bad"}>{of.kind}</Badge>
}

const opened = (answer: unknown): string => `/evidence/${(answer as { evidence: string }).evidence}`

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
            not={useWhyNot()("evidence:write")}
            asked={[
                { name: "name", label: "Name", kind: "line", hint: "what it shall be called here" },
                { name: "source", label: "Where it was found, and who told", kind: "line" },
                {
                    ...{ name: "case", label: "Case", kind: "choice", from, optional: true },
                    hint: "none: it is held against what was handed out in every case",
                },
                {
                    ...{ name: "content", label: "What was found", kind: "file", anyBytes: true },
                    hint: "as it was found; texts and archives (zip, tar, gzip) are read, all else is kept as it is",
                },
                ...seenFields("Seen at", now),
            ]}
            write={({ content = "", case: of = "", ...words }) => {
                const its = content.startsWith(bytesMark)
                    ? { content: content.slice(bytesMark.length), encoding: "base64" }
                    : { content }
                const body = { kind: "leak", ...words, ...its, case: of === "" ? null : of }
                return { method: "POST", path: "/api/evidence", body }
            }}
            onDone={(answer) => void navigate({ to: opened(answer) })}
        />
    )
}

export function Evidence({ id }: { id: string }) {
    const one = useLook<EvidenceAnswer>(`/api/evidence/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page
                    title={nameOfEvidence(found)}
                    kind="Evidence"
                    aside={
                        <>
                            <KindBadge of={found} />
                            {found.deletedAt === null && <HoldActions of={found} onDone={() => void one.refetch()} />}
                        </>
                    }
                >
                    <DeletedFacts of={found} />
                    {found.size !== null && found.deletedAt === null && <Weighed of={found} />}
                    <Filed of={found} />
                    {found.inside !== null && <InsideSection of={found.inside} />}
                    <NotesSection of={found} onDone={() => void one.refetch()} />
                    <CustodySection evidence={id} />
                    {found.content !== null && <BesideSection evidence={id} text={found.content} />}
                </Page>
            )}
        </Loaded>
    )
}

/** What was public when it was seen is held against nobody. */
function Weighed({ of }: { of: EvidenceAnswer }) {
    const likeness = useLook<LikenessAnswer>(`/api/evidence/${of.id}/similar`)
    return (
        <Loaded of={likeness}>
            {(its) => (
                <>
                    {of.content !== null && its.inPublic?.isPublic !== true && (
                        <AttributionSection evidence={of.id} caseId={of.case} />
                    )}
                    <LikenessSection of={its} />
                </>
            )}
        </Loaded>
    )
}

function Filed({ of }: { of: EvidenceAnswer }) {
    const names = useNames()
    return (
        <Section title="What was filed" aside={of.size !== null && of.deletedAt === null && <SaveOriginal of={of} />}>
            <Facts
                of={[
                    ["Case", of.case === null ? "not said" : names.case(of.case)],
                    ...(of.cve === null ? [] : [["CVE id", of.cve] as const]),
                    ["Source", of.source],
                    ["Seen", <When key="seen" at={of.seenAt} />],
                    ["Clock", clockNames[of.clock]],
                    ["Filed", <When key="filed" at={of.filedAt} />],
                    ["By", of.filedBy === null ? "itself" : names.person(of.filedBy)],
                    ["Note", of.note === "" ? "none" : of.note],
                    ...(of.kind === "canary touched" ? [["Whose copy", <ToCanaries key="canaries" />] as const] : []),
                    ...(of.is === null ? [] : [["Content", contentName(of.is)] as const]),
                    ...(of.sha256 === null
                        ? []
                        : [["SHA-256", <Short key="hash" of={of.sha256} length={64} />] as const]),
                    ...(of.size === null ? [] : [["Size", `${of.size} bytes`] as const]),
                ]}
            />
        </Section>
    )
}

function ToCanaries() {
    return <Link to="/canaries">under Canaries</Link>
}
