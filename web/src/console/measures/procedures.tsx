/** Procedures: status, history, letters and possible actions. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, type Column, Facts, Section, Table } from "../../kit/table.tsx"
import { Decide, MoreTime } from "./decision.tsx"
import { LetterCard } from "./letter-card.tsx"
import type { Procedure, ProcedureRow, TurnRow } from "./procedure-answers.ts"
import { outcomeNames, phaseWords, turnNames } from "./procedure-answers.ts"
import { useMayRead, useNames } from "../artifacts/viewer.tsx"

/** Lists the procedures of all partners, or of one `partner`. */
export function Procedures({ partner }: { partner?: string }) {
    const path = partner === undefined ? "/api/procedures" : (`/api/procedures?partner=${partner}` as const)
    const procedures = useMayRead("measure:read", path)
    const names = useNames()
    const about: Column<ProcedureRow> = { name: "About", cell: (row) => names.partner(row.partner) }
    if (partner !== undefined && procedures.data?.procedures.length === 0) return null
    return (
        <Section title="Procedures">
            <Loaded query={procedures}>
                {({ procedures }) =>
                    procedures.length === 0 ? (
                        <Empty title="No procedure was opened.">
                            One is opened on a confirmed finding of an inquiry that names the breached obligation.
                        </Empty>
                    ) : (
                        <Table
                            caption="Procedures, newest first"
                            rows={procedures}
                            keyOf={({ id }) => id}
                            columns={[
                                {
                                    name: "Obligation",
                                    cell: ({ id, grounds: { obligation } }) => (
                                        <Link to={`/leaks/procedures/${id}`}>
                                            {obligation.id}: {obligation.text}
                                        </Link>
                                    ),
                                },
                                ...(partner === undefined ? [about] : []),
                                { name: "Stands", cell: (row) => <Stands row={row} /> },
                                { name: "Until", cell: (row) => <When at={untilOf(row)} short /> },
                                { name: "Holds", cell: ({ sanction }) => sanction && outcomeNames[sanction.outcome] },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

const untilOf = ({ phase, answerBy, appealBy }: ProcedureRow): string | null =>
    phase === "open_to_appeal" || phase === "closed" ? appealBy : answerBy

function Stands({ row: { phase } }: { row: ProcedureRow }) {
    return <Badge tone={phaseWords[phase].tone}>{phaseWords[phase].name}</Badge>
}

export function ProcedureScreen({ id }: { id: string }) {
    const procedure = useRead(`/api/procedures/${id}`)
    const names = useNames()
    return (
        <Loaded query={procedure}>
            {(procedure) => (
                <Page
                    tabTitle="Procedure"
                    path={[{ to: "/leaks/measures", name: "Measures" }]}
                    title={names.partner(procedure.partner)}
                    aside={<Stands row={procedure} />}
                >
                    <Section title="Subject" aside={<Next procedure={procedure} />}>
                        <About procedure={procedure} />
                    </Section>
                    <Section title="Turns">
                        <ol className="history">
                            {procedure.history.map((turn) => (
                                <li key={`${turn.kind} ${turn.at}`}>
                                    <OneTurn row={turn} />
                                </li>
                            ))}
                        </ol>
                    </Section>
                    <Section title="Letters">
                        {procedure.letters.map((letter) => (
                            <LetterCard key={letter.id} letter={letter} />
                        ))}
                    </Section>
                </Page>
            )}
        </Loaded>
    )
}

function Next({ procedure }: { procedure: Procedure }) {
    return (
        <>
            {procedure.phase === "answer_awaited" && <MoreTime procedure={procedure} />}
            {procedure.phase !== "closed" && <Decide procedure={procedure} />}
        </>
    )
}

function About({ procedure }: { procedure: Procedure }) {
    const { obligation, conclusion, confidence } = procedure.grounds
    const names = useNames()
    return (
        <Facts
            items={[
                [
                    "Partner",
                    <Link key="partner" to={`/partners/${procedure.partner}`}>
                        {names.partner(procedure.partner)}
                    </Link>,
                ],
                ["Obligation", `${obligation.id}: ${obligation.text} (agreement, version ${obligation.agreement})`],
                ["Finding", `${conclusion} (confidence: ${confidence}; not shown to the partner)`],
                ["Answer until", <When key="answer" at={procedure.answerBy} />],
                ...(procedure.appealBy === null
                    ? []
                    : [["Appeal until", <When key="appeal" at={procedure.appealBy} />] as const]),
                ["Holds now", <Holds key="holds" procedure={procedure} />],
                ...(procedure.decisionDueSince === null
                    ? []
                    : [["Waits for two since", <When key="waits" at={procedure.decisionDueSince} />] as const]),
            ]}
        />
    )
}

function Holds({ procedure: { sanction } }: { procedure: Procedure }) {
    if (sanction === null) return "nothing is decided"
    return (
        <>
            {outcomeNames[sanction.outcome]}
            {sanction.returnFrom !== null && (
                <>
                    , return from <When at={sanction.returnFrom} short /> on
                </>
            )}
        </>
    )
}

function OneTurn({ row }: { row: TurnRow }) {
    const names = useNames()
    const isPartners = row.kind === "answered" || row.kind === "appealed"
    return (
        <>
            <strong>{turnNames[row.kind]}</strong>
            <When at={row.at} short />
            <span className="muted">
                by {isPartners ? "the partner's lead" : row.by.map(names.person).join(" and ")}
            </span>
            <TurnWords row={row} />
        </>
    )
}

function TurnWords({ row: { outcome, returnFrom, answerBy, appealBy, texts: words } }: { row: TurnRow }) {
    const until = answerBy ?? appealBy
    return (
        <div className="turn-words">
            {outcome !== null && <Badge tone={outcome === "none" ? "good" : "bad"}>{outcomeNames[outcome]}</Badge>}{" "}
            {returnFrom !== null && (
                <span className="muted">
                    return from <When at={returnFrom} short /> on{" "}
                </span>
            )}
            {until !== null && (
                <span className="muted">
                    {answerBy === null ? "appeal" : "answer"} until <When at={until} short />
                </span>
            )}
            {words?.reason !== undefined && <p className="letter">{words.reason}</p>}
            {(words?.terms ?? null) !== null && <p className="letter">Terms of return: {words?.terms}</p>}
            {words?.text !== undefined && <blockquote className="letter">{words.text}</blockquote>}
        </div>
    )
}
