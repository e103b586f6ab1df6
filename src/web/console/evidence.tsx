/** Evidence: what was found outside, filing more of it, and whose copy it points at. */
import { Link, useNavigate } from "@tanstack/react-router"
import { clockQualities } from "../../trace/evidence/evidence.ts"
import { useLook } from "../kit/api.ts"
import { type Asked, FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, Facts, Page, Section, Short, Table } from "../kit/table.tsx"
import { AttributionSection } from "./attribution.tsx"
import { type EvidenceRow, useEvidence } from "./evidence-reads.ts"
import { useCases, useNames, useNow, useWhyNot } from "./viewer.tsx"

export function EvidenceList() {
    const evidence = useEvidence()
    const names = useNames()
    return (
        <Page
            title="Evidence"
            aside={
                <>
                    <FileExploitation />
                    <FileLeak />
                </>
            }
        >
            <Loaded of={evidence}>
                {({ evidence: all }) =>
                    all.length === 0 ? (
                        <Empty title="Nothing was filed.">
                            A leaked text is held against every copy that was handed out; a first exploitation stands in
                            its case's timeline.
                        </Empty>
                    ) : (
                        <Table
                            caption="Evidence, newest first"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                { name: "Name", cell: (one) => <Link to={`/evidence/${one.id}`}>{nameOf(one)}</Link> },
                                { name: "Kind", cell: (one) => <KindBadge of={one} /> },
                                { name: "Case", cell: (one) => (one.case === null ? "" : names.case(one.case)) },
                                { name: "Source", cell: (one) => one.source },
                                { name: "Seen", cell: (one) => <When at={one.seenAt} /> },
                                { name: "Clock", cell: (one) => <span className="muted">{one.clock}</span> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

const nameOf = (one: EvidenceRow): string => (one.name === "" ? "First exploitation" : one.name)

function KindBadge({ of }: { of: EvidenceRow }) {
    return of.kind === "leak" ? <Badge tone="due">leak</Badge> : <Badge tone="bad">exploitation</Badge>
}

const clockField: Asked = {
    name: "clock",
    label: "Its clock was",
    kind: "choice",
    from: clockQualities.map((value) => ({ value, name: value })),
}
const noteField: Asked = { name: "note", label: "Note", kind: "text", optional: true }

function FileLeak() {
    const navigate = useNavigate()
    const now = useNow()
    return (
        <FormDialog
            button="File a leak…"
            title="File a leaked text"
            buttonLook="main"
            submit="File it"
            wide
            not={useWhyNot()("evidence:write")}
            asked={[
                { name: "name", label: "Name", kind: "line", hint: "what it shall be called here" },
                { name: "source", label: "Where it was found, and who told", kind: "line" },
                { name: "seenAt", label: "Seen at", kind: "instant", initial: now ?? "" },
                clockField,
                { name: "content", label: "The text", kind: "file", hint: "as it was found; nothing is cleaned up" },
                noteField,
            ]}
            write={(body) => ({ method: "POST", path: "/api/evidence", body: { kind: "leak", ...body } })}
            onDone={(answer) => void navigate({ to: `/evidence/${(answer as { evidence: string }).evidence}` })}
        />
    )
}

function FileExploitation() {
    const cases = useCases().data?.cases ?? []
    const now = useNow()
    return (
        <FormDialog
            button="File a first exploitation…"
            title="File a first exploitation"
            submit="File it"
            not={useWhyNot()("evidence:write")}
            asked={[
                {
                    name: "case",
                    label: "Case",
                    kind: "choice",
                    from: cases.map(({ id, title }) => ({ value: id, name: title })),
                },
                { name: "source", label: "Who saw it, and where", kind: "line" },
                { name: "seenAt", label: "It happened at", kind: "instant", initial: now ?? "" },
                clockField,
                noteField,
            ]}
            write={(body) => ({ method: "POST", path: "/api/evidence", body: { kind: "exploitation", ...body } })}
        />
    )
}

export function Evidence({ id }: { id: string }) {
    const one = useLook<EvidenceRow & { content: string | null }>(`/api/evidence/${id}`)
    const names = useNames()
    return (
        <Loaded of={one}>
            {(found) => (
                <Page title={nameOf(found)} kind="Evidence" aside={<KindBadge of={found} />}>
                    {found.kind === "leak" && <AttributionSection evidence={id} caseId={found.case} />}
                    <Section title="What was filed">
                        <Facts
                            of={[
                                ["Case", found.case === null ? "not said" : names.case(found.case)],
                                ["Source", found.source],
                                ["Seen", <When key="seen" at={found.seenAt} />],
                                ["Clock", found.clock],
                                ["Filed", <When key="filed" at={found.filedAt} />],
                                ["Note", found.note === "" ? "none" : found.note],
                                ...(found.sha256 === null
                                    ? []
                                    : [["SHA-256", <Short key="hash" of={found.sha256} length={64} />] as const]),
                                ...(found.size === null ? [] : [["Size", `${found.size} bytes`] as const]),
                            ]}
                        />
                    </Section>
                    {found.content !== null && (
                        <Section title="The text, as it was found">
                            <Reading label="Leaked text" text={found.content} />
                        </Section>
                    )}
                </Page>
            )}
        </Loaded>
    )
}
