/** The facts that the drafts use, with a letter for each draft that uses one. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Badge } from "../../../kit/table.tsx"
import { useCan, useNames } from "../../artifacts/viewer.tsx"
import type { ClockRow } from "../../clocks/clock-answers.ts"
import { useSightings } from "../reports/reports-reads.ts"
import { type ClockFacts, type Fact, factCounts, factGroups, isKnown } from "./filing-facts.ts"
import { ChangeFacts } from "../change-facts.tsx"
import { lettersOf } from "./filing-rows.ts"
import { rich, t } from "../../../messages/message.ts"

interface FactSheetProps {
    clock: ClockRow
    facts: ClockFacts
}

export function FactSheet({ clock, facts }: FactSheetProps) {
    const groups = factGroups(facts)
    const { count, missing } = factCounts(groups)
    const { filings } = clock.terms
    const letters = lettersOf(filings.map(({ title }) => title))
    const filingIds = new Set(filings.map(({ id }) => id))
    const drafts = filings.map(({ id, title }, n) => ({ id, title, letter: letters[n] ?? "" }))
    return (
        <section className="section" aria-label={t("Facts")}>
            <div className="section-head">
                <h2>
                    {t("Facts")}
                    <span className="n">
                        {missing === 0 ? count : t("{count}, {missing} missing", { count, missing })}
                    </span>
                </h2>
                <ul className="draft-letters">
                    {drafts.map(({ id, title, letter }) => (
                        <li key={id}>
                            <b>{letter}</b> {title}
                        </li>
                    ))}
                </ul>
            </div>
            <div className="panel">
                <table className="fact-sheet">
                    <caption className="unseen">{t("Facts of the drafts, and the drafts that use each")}</caption>
                    {groups.map(({ name, facts: rows }) => (
                        <FactRows key={name} name={name}>
                            {rows.map((fact) => (
                                <FactRow key={fact.id} name={fact.name} drafts={drafts} usedIn={filingIds}>
                                    <FactValue fact={fact} clock={clock} facts={facts} />
                                </FactRow>
                            ))}
                        </FactRows>
                    ))}
                    <Questions clock={clock} drafts={drafts} />
                </table>
            </div>
            <div className="row wraps">
                <ChangeFacts caseId={clock.case} />
                <span className="soft">{t("Every draft uses the changed facts of the case.")}</span>
            </div>
        </section>
    )
}

interface DraftLetter {
    readonly id: string
    readonly title: string
    readonly letter: string
}

/** The questions of the authority that no fact of the case answers. */
function Questions({ clock, drafts }: { clock: ClockRow; drafts: readonly DraftLetter[] }) {
    const { filings } = clock.terms
    const questions = [...new Set(filings.flatMap((filing) => filing.questions))]
    if (questions.length === 0) return null
    return (
        <FactRows name={t("Answered by a person")}>
            {questions.map((question) => {
                const usedIn = new Set(
                    filings.filter((filing) => filing.questions.includes(question)).map(({ id }) => id),
                )
                return <FactRow key={question} name={question} drafts={drafts} usedIn={usedIn} />
            })}
        </FactRows>
    )
}

function FactRows({ name, children }: { name: string; children: ReactNode }) {
    return (
        <tbody>
            <tr className="group">
                <th colSpan={3} scope="rowgroup">
                    {name}
                </th>
            </tr>
            {children}
        </tbody>
    )
}

interface FactRowProps {
    name: string
    drafts: readonly DraftLetter[]
    usedIn: ReadonlySet<string>
    /** Without it, the name takes both columns. */
    children?: ReactNode
}

function FactRow({ name, drafts, usedIn, children }: FactRowProps) {
    const titles = drafts.filter(({ id }) => usedIn.has(id)).map(({ title }) => title)
    return (
        <tr>
            <th scope="row" colSpan={children === undefined ? 2 : 1}>
                {name}
            </th>
            {children !== undefined && <td>{children}</td>}
            <td>
                <span className="unseen">{t("used in: {drafts}", { drafts: titles.join(", ") })}</span>
                <span className="used-in" aria-hidden="true">
                    {drafts.map(({ id, letter }) => (
                        <i key={id} className={usedIn.has(id) ? "on" : ""}>
                            {letter}
                        </i>
                    ))}
                </span>
            </td>
        </tr>
    )
}

function FactValue({ fact, clock, facts }: { fact: Fact } & FactSheetProps) {
    if (!isKnown(fact))
        return (
            <>
                <Badge tone="due">{t("missing")}</Badge> <span className="soft">{fact.missing}</span>
            </>
        )
    return (
        <span className="stack">
            {fact.lines.map((line) => (
                <span key={line}>{line}</span>
            ))}
            {fact.id === "aware" && <AwareSource caseId={clock.case} facts={facts} />}
        </span>
    )
}

/** The source of a fact, as a link if the viewer may open it. */
function AwareSource({ caseId, facts: { awareAt, awareSource: source } }: { caseId: string; facts: ClockFacts }) {
    const names = useNames()
    const can = useCan()
    const reports = useSightings(caseId).data?.sightings ?? []
    if (source === null) return null
    const { kind, id } = source
    // Awareness starts when the report arrives.
    const reporter = reports.find((report) => report.reportedAt === awareAt)?.partner
    const text = {
        sighting:
            reporter === undefined
                ? t("sighting of a partner")
                : t("sighting of {partner}", { partner: names.partner(reporter) }),
        evidence: t("exploitation that staff recorded"),
        person: rich("entered by {person}", { person: id === null ? t("staff") : names.person(id) }),
    }[kind]
    if (kind === "sighting") return <Link to={`/cases/${caseId}/reports/sightings`}>{text}</Link>
    if (kind === "evidence" && id !== null && can("evidence:read"))
        return <Link to={`/leaks/evidence/${id}`}>{text}</Link>
    return <span className="soft">{text}</span>
}
