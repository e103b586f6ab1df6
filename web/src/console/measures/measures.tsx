/** Measures: restrictions and restorations, by whom and why, with their letters. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import type { MeasureKind } from "../../../../server/src/trace/measures/measure.ts"
import { type AnswerTo, useRead } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, type Column, Section, Table } from "../../kit/table.tsx"
import type { Partner } from "../answers.ts"
import { LiftByDuty, RestrictByDuty } from "../access/duty-measures.tsx"
import { LetterCard } from "./letter-card.tsx"
import { MeasureActions } from "./measure-actions.tsx"
import { Procedures } from "./procedures.tsx"
import { RestrictionWords } from "./restriction-text.tsx"
import { Review } from "./review-suspension.tsx"
import { Templates } from "./letter-templates.tsx"
import { useCan, useMayRead, useNames, useNow } from "../artifacts/viewer.tsx"
import { measureNames } from "../words.ts"

type MeasureRow = AnswerTo<"/api/measures">["measures"][number]

interface Rows {
    readonly measures: readonly MeasureRow[]
}

export function Measures() {
    const measures = useRead("/api/measures")
    return (
        <Page
            title="Measures"
            aside={
                <>
                    <Templates />
                    <RestrictByDuty />
                </>
            }
        >
            <Loaded query={measures}>
                {({ measures }) => <MeasureTable rows={measures} caption="All measures, newest first" everybody />}
            </Loaded>
            <Procedures />
        </Page>
    )
}

export function PartnerMeasures({ partner }: { partner: Partner }) {
    const can = useCan()
    const measures = useMayRead("measure:read", `/api/measures?partner=${partner.id}`)
    if (!can("measure:read")) return null
    return (
        <>
            <Section title="Measures" aside={<MeasureActions partner={partner} open={openKinds(measures.data)} />}>
                <Loaded query={measures}>
                    {({ measures }) => (
                        <MeasureTable rows={measures} caption="Measures about this partner, newest first" />
                    )}
                </Loaded>
            </Section>
            <Procedures partner={partner.id} />
        </>
    )
}

function openKinds(rows: Rows | undefined): MeasureKind[] | null {
    if (rows === undefined) return null
    return rows.measures.filter(({ endedAt }) => endedAt === null).map(({ kind }) => kind)
}

interface MeasureTableProps {
    rows: readonly MeasureRow[]
    caption: string
    everybody?: boolean
}

function MeasureTable({ rows, caption, everybody = false }: MeasureTableProps) {
    const names = useNames()
    if (rows.length === 0) return <Empty title="No measure was taken." />
    const about: Column<MeasureRow> = { name: "About", cell: (row) => <About row={row} /> }
    return (
        <Table
            caption={caption}
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
                { name: "Measure", cell: (row) => <What row={row} /> },
                ...(everybody ? [about] : []),
                { name: "Taken", cell: (row) => <When at={row.takenAt} short /> },
                { name: "By", cell: (row) => names.person(row.takenBy) },
                { name: "State", cell: (row) => <State row={row} /> },
                { name: "Reason", cell: (row) => row.reason },
                { name: "Actions", cell: (row) => <Letters row={row} />, end: true },
            ]}
        />
    )
}

function What({ row }: { row: MeasureRow }) {
    return (
        <>
            <strong>{measureNames[row.kind]}</strong>
            {row.restriction !== null && (
                <span className="muted block">
                    <RestrictionWords restriction={row.restriction} />
                </span>
            )}
        </>
    )
}

function About({ row }: { row: MeasureRow }) {
    const names = useNames()
    if (row.partner !== null) return <Link to={`/partners/${row.partner}`}>{names.partner(row.partner)}</Link>
    return (
        <>
            whoever is under a duty, by <Link to={`/policy/${row.policy}`}>policy version {row.policy}</Link>
        </>
    )
}

/** Shows the state of a measure. A restoration has none, because it is complete at once. */
function State({ row }: { row: MeasureRow }) {
    const now = useNow()
    if (row.kind === "lift" || row.kind === "reinstatement") return null
    if (row.endedAt !== null) {
        return (
            <>
                <Badge>ended</Badge> <When at={row.endedAt} short />
            </>
        )
    }
    const isLate = row.reviewBy !== null && now !== null && parseInstant(now) >= parseInstant(row.reviewBy)
    return (
        <>
            <Badge tone={isLate ? "bad" : "due"}>{isLate ? "review overdue" : "open"}</Badge>
            {row.reviewBy !== null && (
                <span className="muted block">
                    review by <When at={row.reviewBy} short />
                </span>
            )}
            {row.procedure !== null && (
                <span className="muted block">
                    <Link to={`/leaks/procedures/${row.procedure}`}>by its procedure</Link>
                </span>
            )}
        </>
    )
}

function Letters({ row }: { row: MeasureRow }) {
    return (
        <span className="row end">
            {row.kind === "restrict_by_reporting_duty" && row.endedAt === null && <LiftByDuty />}
            {row.kind === "interim_suspension" && row.endedAt === null && row.partner !== null && (
                <Review measure={row.id} partner={row.partner} takenBy={row.takenBy} />
            )}
            <Opens button="Letters…" title={`Letters about the ${measureNames[row.kind]}`} look="quiet" wide>
                {() => <LettersOf id={row.id} />}
            </Opens>
        </span>
    )
}

function LettersOf({ id }: { id: string }) {
    const measure = useRead(`/api/measures/${id}`)
    return (
        <Loaded query={measure}>
            {({ letters }) =>
                letters.length === 0 ? (
                    <Empty title="No letter was sent: there was nobody whom it concerns." />
                ) : (
                    letters.map((letter) => <LetterCard key={letter.id} letter={letter} notes />)
                )
            }
        </Loaded>
    )
}
