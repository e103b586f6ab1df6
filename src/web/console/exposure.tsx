/** Exposure: who could have had, was told of, fetched and confirmed a class of a case before an instant. Four questions, four answers. */
import { type ReactNode, useState } from "react"
import { type ArtifactClass, artifactClasses } from "../../share/artifacts/artifact.ts"
import type { CaseExposure, Exposed } from "../../trace/inquiries/exposure.ts"
import { parseInstant } from "../../lib/instant.ts"
import { useLook } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Field } from "../kit/field.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import { useCases, useNames, useNow } from "./viewer.tsx"

type Told = "entitledFrom" | "notifiedAt" | "fetchedAt" | "acknowledgedAt"
type Row = Pick<Exposed, "partner" | "readers"> &
    Readonly<Record<Told, string | null>> & { readonly held: readonly unknown[] }
interface Answer {
    readonly class: ArtifactClass
    readonly before: string
    readonly cases: readonly (Pick<CaseExposure, "case" | "asked" | "own"> & { readonly partners: readonly Row[] })[]
}

export function Exposure() {
    const now = useNow()
    const cases = useCases().data?.cases
    return (
        <Page title="Exposure" kind="Only what was fetched was held">
            {now !== null && cases !== undefined && <Question now={now} />}
        </Page>
    )
}

function Question({ now }: { now: string }) {
    const cases = useCases().data?.cases ?? []
    const [of, setOf] = useState(cases[0]?.id ?? "")
    const [kind, setKind] = useState<string>("poc")
    const [before, setBefore] = useState(now)
    const [path, setPath] = useState<string | null>(null)
    const [wrong, setWrong] = useState<string | null>(null)
    const from = cases.flatMap(({ id, title, vulnerabilities }) => [
        { value: id, name: title },
        ...vulnerabilities.map(({ cve }) => ({ value: cve, name: `${cve} (${title})` })),
    ])
    const ask = () => {
        try {
            parseInstant(before)
            setWrong(null)
            setPath(`/api/exposure?${new URLSearchParams({ case: of, class: kind, before }).toString()}`)
        } catch (error) {
            setWrong((error as Error).message)
        }
    }
    return (
        <>
            <Section title="The question">
                <div className="question">
                    <Field label="Case or CVE" kind="choice" value={of} onChange={setOf} from={from} />
                    <Field
                        label="Class"
                        kind="choice"
                        value={kind}
                        onChange={setKind}
                        from={artifactClasses.map((value) => ({ value, name: value }))}
                    />
                    <Field label="Before" kind="instant" value={before} onChange={setBefore} />
                    <Button look="main" onPress={ask}>
                        Ask
                    </Button>
                </div>
                {wrong !== null && <Notice tone="bad">{wrong}</Notice>}
            </Section>
            {path !== null && <Answered path={path} />}
        </>
    )
}

function Answered({ path }: { path: string }) {
    const answer = useLook<Answer>(path)
    const names = useNames()
    return (
        <Loaded of={answer}>
            {({ cases, class: kind, before }) =>
                cases.map((one) => (
                    <Section
                        key={one.case}
                        title={`${names.case(one.case)}: ${kind}`}
                        aside={
                            <>
                                {!one.asked && <Badge>carried over by a link</Badge>}
                                <span className="muted">
                                    before <When at={before} />
                                </span>
                            </>
                        }
                    >
                        <Exposures of={one.partners} />
                        <p>Of the operator, {ownReaders(one.own.map(names.person))}.</p>
                    </Section>
                ))
            }
        </Loaded>
    )
}

function ownReaders(names: readonly string[]): string {
    if (names.length === 0) return "nobody wrote or read it"
    return `${names.length === 1 ? "1 person" : `${names.length} persons`} wrote or read it: ${names.toSorted().join(", ")}`
}

const strength = (row: Row): number =>
    [row.acknowledgedAt, row.fetchedAt, row.notifiedAt, row.entitledFrom].findIndex((at) => at !== null)
const rank = (row: Row): number => (strength(row) === -1 ? 9 : row.fetchedAt === null ? 5 : 0)

function Exposures({ of }: { of: readonly Row[] }) {
    const names = useNames()
    const rows = of.toSorted(
        (a, b) => rank(a) - rank(b) || names.partner(a.partner).localeCompare(names.partner(b.partner)),
    )
    if (rows.length === 0) return <Empty title="There are no partners." />
    const count = (what: Told) => of.filter((row) => row[what] !== null).length
    return (
        <>
            <p>
                Of {of.length} partners, <strong>{count("entitledFrom")}</strong> could have had it,{" "}
                <strong>{count("notifiedAt")}</strong> were told, <strong>{count("fetchedAt")}</strong> fetched it,{" "}
                <strong>{count("acknowledgedAt")}</strong> confirmed.
            </p>
            <Table
                caption="Exposure by partner"
                rows={rows}
                keyOf={(row) => row.partner}
                columns={[
                    {
                        name: "Partner",
                        cell: (row) => <strong className="nowrap">{names.partner(row.partner)}</strong>,
                    },
                    { name: "Entitled from", cell: (row) => at(row.entitledFrom) },
                    { name: "Persons who could read", cell: (row) => row.readers.length, end: true },
                    { name: "Notified", cell: (row) => at(row.notifiedAt) },
                    { name: "Fetched", cell: (row) => held(row) },
                    { name: "Acknowledged", cell: (row) => at(row.acknowledgedAt) },
                    { name: "Versions held", cell: (row) => row.held.length, end: true },
                ]}
            />
        </>
    )
}

function at(instant: string | null): ReactNode {
    return instant === null ? <span className="muted">no</span> : <When at={instant} short />
}

function held(row: Row): ReactNode {
    if (row.fetchedAt === null) return at(null)
    return (
        <Badge tone="due">
            <When at={row.fetchedAt} short />
        </Badge>
    )
}
