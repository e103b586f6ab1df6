/** Measures: what was taken away and given back, by whom and why, and the letters about it. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "../../lib/instant.ts"
import type { Measure, MeasureKind } from "../../trace/measures/measure.ts"
import { useRead } from "../kit/api.ts"
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, type Column, Page, Section, Table } from "../kit/table.tsx"
import type { Partner } from "./answers.ts"
import { LiftByDuty, RestrictByDuty } from "./duty-measures.tsx"
import { LetterCard } from "./letter-card.tsx"
import { MeasureActions } from "./measure-actions.tsx"
import type { SentLetter } from "./procedure-answers.ts"
import { Procedures } from "./procedures.tsx"
import { RestrictionWords } from "./restriction-words.tsx"
import { Review } from "./reviewing.tsx"
import { Templates } from "./templates.tsx"
import { useCan, useMayRead, useNames, useNow } from "./viewer.tsx"
import { measureNames } from "./words.ts"

interface MeasureRow extends Omit<Measure, "takenAt" | "reviewBy" | "endedAt"> {
    readonly takenAt: string
    readonly reviewBy: string | null
    readonly endedAt: string | null
}

interface MeasureLetters {
    readonly letters: readonly SentLetter[]
}

interface Rows {
    readonly measures: readonly MeasureRow[]
}

export function Measures() {
    const measures = useRead<Rows>("/api/measures")
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
            <Loaded of={measures}>
                {({ measures: all }) => <MeasureTable of={all} caption="All measures, newest first" everybody />}
            </Loaded>
            <Procedures />
        </Page>
    )
}

export function PartnerMeasures({ of }: { of: Partner }) {
    const can = useCan()
    const measures = useMayRead<Rows>("measure:read", `/api/measures?partner=${of.id}`)
    if (!can("measure:read")) return null
    return (
        <>
            <Section title="Measures" aside={<MeasureActions of={of} open={openKinds(measures.data)} />}>
                <Loaded of={measures}>
                    {({ measures: all }) => (
                        <MeasureTable of={all} caption="Measures about this partner, newest first" />
                    )}
                </Loaded>
            </Section>
            <Procedures partner={of.id} />
        </>
    )
}

function openKinds(rows: Rows | undefined): MeasureKind[] | null {
    if (rows === undefined) return null
    return rows.measures.filter(({ endedAt }) => endedAt === null).map(({ kind }) => kind)
}

interface MeasureTableProps {
    of: readonly MeasureRow[]
    caption: string
    everybody?: boolean
}

function MeasureTable({ of, caption, everybody = false }: MeasureTableProps) {
    const names = useNames()
    if (of.length === 0) return <Empty title="No measure was taken." />
    const about: Column<MeasureRow> = { name: "About", cell: (one) => <About of={one} /> }
    return (
        <Table
            caption={caption}
            rows={of}
            keyOf={(one) => one.id}
            columns={[
                { name: "Measure", cell: (one) => <What of={one} /> },
                ...(everybody ? [about] : []),
                { name: "Taken", cell: (one) => <When at={one.takenAt} short /> },
                { name: "By", cell: (one) => names.person(one.takenBy) },
                { name: "State", cell: (one) => <State of={one} /> },
                { name: "Reason", cell: (one) => one.reason },
                { name: "Actions", cell: (one) => <Letters of={one} />, end: true },
            ]}
        />
    )
}

function What({ of }: { of: MeasureRow }) {
    return (
        <>
            <strong>{measureNames[of.kind]}</strong>
            {of.restriction !== null && (
                <span className="muted block">
                    <RestrictionWords of={of.restriction} />
                </span>
            )}
        </>
    )
}

function About({ of }: { of: MeasureRow }) {
    const names = useNames()
    if (of.partner !== null) return <Link to={`/partners/${of.partner}`}>{names.partner(of.partner)}</Link>
    return (
        <>
            whoever is under a duty, by <Link to={`/policies/${of.policy}`}>policy version {of.policy}</Link>
        </>
    )
}

/** What gives back has no state: it is done. */
function State({ of }: { of: MeasureRow }) {
    const now = useNow()
    if (of.kind === "lift" || of.kind === "reinstatement") return null
    if (of.endedAt !== null) {
        return (
            <>
                <Badge>ended</Badge> <When at={of.endedAt} short />
            </>
        )
    }
    const isLate = of.reviewBy !== null && now !== null && parseInstant(now) >= parseInstant(of.reviewBy)
    return (
        <>
            <Badge tone={isLate ? "bad" : "due"}>{isLate ? "review overdue" : "open"}</Badge>
            {of.reviewBy !== null && (
                <span className="muted block">
                    review by <When at={of.reviewBy} short />
                </span>
            )}
            {of.procedure !== null && (
                <span className="muted block">
                    <Link to={`/procedures/${of.procedure}`}>by its procedure</Link>
                </span>
            )}
        </>
    )
}

function Letters({ of }: { of: MeasureRow }) {
    return (
        <span className="row end">
            {of.kind === "restrict by duty" && of.endedAt === null && <LiftByDuty />}
            {of.kind === "interim suspension" && of.endedAt === null && of.partner !== null && (
                <Review measure={of.id} partner={of.partner} takenBy={of.takenBy} />
            )}
            <Opens button="Letters…" title={`Letters about the ${measureNames[of.kind]}`} look="quiet" wide>
                {() => <LettersOf id={of.id} />}
            </Opens>
        </span>
    )
}

function LettersOf({ id }: { id: string }) {
    const measure = useRead<MeasureLetters>(`/api/measures/${id}`)
    return (
        <Loaded of={measure}>
            {({ letters }) =>
                letters.length === 0 ? (
                    <Empty title="No letter was sent: there was nobody whom it concerns." />
                ) : (
                    letters.map((letter) => <LetterCard key={letter.id} of={letter} notes />)
                )
            }
        </Loaded>
    )
}
