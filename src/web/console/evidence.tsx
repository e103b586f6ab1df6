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
import { type EvidenceRow, nameOfEvidence, useEvidence } from "./evidence-reads.ts"
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
                                { name: "Kind", cell: (one) => <KindBadge of={one} /> },
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
    const one = useLook<EvidenceRow & { content: string | null }>(`/api/evidence/${id}`)
    const names = useNames()
    return (
        <Loaded of={one}>
            {(found) => (
                <Page title={nameOfEvidence(found)} kind="Evidence" aside={<KindBadge of={found} />}>
                    {found.kind === "leak" && <AttributionSection evidence={id} caseId={found.case} />}
                    <Section title="What was filed">
                        <Facts
                            of={[
                                ["Case", found.case === null ? "not said" : names.case(found.case)],
                                ...(found.cve === null ? [] : [["CVE id", found.cve] as const]),
                                ["Source", found.source],
                                ["Seen", <When key="seen" at={found.seenAt} />],
                                ["Clock", clockNames[found.clock]],
                                ["Filed", <When key="filed" at={found.filedAt} />],
                                ["By", names.person(found.filedBy)],
                                ["Note", found.note === "" ? "none" : found.note],
                                ...(found.sha256 === null
                                    ? []
                                    : [["SHA-256", <Short key="hash" of={found.sha256} length={64} />] as const]),
                                ...(found.size === null ? [] : [["Size", `${found.size} bytes`] as const]),
                            ]}
                        />
                    </Section>
                    {found.content !== null && <BesideSection evidence={id} text={found.content} />}
                </Page>
            )}
        </Loaded>
    )
}
