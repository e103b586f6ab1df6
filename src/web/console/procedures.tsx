/** Procedures: where each stands, its turns as they came, its letters, and what can be done now. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../kit/api.ts"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, type Column, Facts, Page, Section, Table } from "../kit/table.tsx"
import { Decide, MoreTime } from "./deciding.tsx"
import { LetterCard } from "./letter-card.tsx"
import type { Procedure, ProcedureRow, TurnRow } from "./procedure-answers.ts"
import { outcomeNames, phaseWords, turnNames } from "./procedure-answers.ts"
import { useMayRead, useNames } from "./viewer.tsx"

interface Rows {
    readonly procedures: readonly ProcedureRow[]
}

/** Of all partners, or (`partner`) of one. */
export function Procedures({ partner }: { partner?: string }) {
    const path = partner === undefined ? "/api/procedures" : `/api/procedures?partner=${partner}`
    const procedures = useMayRead<Rows>("measure:read", path)
    const names = useNames()
    const about: Column<ProcedureRow> = { name: "About", cell: (one) => names.partner(one.partner) }
    if (partner !== undefined && procedures.data?.procedures.length === 0) return null
    return (
        <Section title="Procedures">
            <Loaded of={procedures}>
                {({ procedures: all }) =>
                    all.length === 0 ? (
                        <Empty title="No procedure was opened.">
                            One is opened on a confirmed finding of an inquiry that names the breached obligation.
                        </Empty>
                    ) : (
                        <Table
                            caption="Procedures, newest first"
                            rows={all}
                            keyOf={({ id }) => id}
                            columns={[
                                {
                                    name: "Obligation",
                                    cell: ({ id, grounds: { obligation } }) => (
                                        <Link to={`/procedures/${id}`}>
                                            {obligation.id}: {obligation.text}
                                        </Link>
                                    ),
                                },
                                ...(partner === undefined ? [about] : []),
                                { name: "Stands", cell: (one) => <Stands of={one} /> },
                                { name: "Until", cell: (one) => <When at={untilOf(one)} short /> },
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
    phase === "open to appeal" || phase === "closed" ? appealBy : answerBy

function Stands({ of: { phase } }: { of: ProcedureRow }) {
    return <Badge tone={phaseWords[phase].tone}>{phaseWords[phase].name}</Badge>
}

export function ProcedureScreen({ id }: { id: string }) {
    const procedure = useRead<Procedure>(`/api/procedures/${id}`)
    const names = useNames()
    return (
        <Loaded of={procedure}>
            {(one) => (
                <Page
                    kind={<Link to="/measures">Procedure</Link>}
                    title={names.partner(one.partner)}
                    aside={<Stands of={one} />}
                >
                    <Section title="Subject" aside={<Next of={one} />}>
                        <About of={one} />
                    </Section>
                    <Section title="Turns">
                        <ol className="turns">
                            {one.turns.map((turn) => (
                                <li key={`${turn.kind} ${turn.at}`}>
                                    <OneTurn of={turn} />
                                </li>
                            ))}
                        </ol>
                    </Section>
                    <Section title="Letters">
                        {one.letters.map((letter) => (
                            <LetterCard key={letter.id} of={letter} />
                        ))}
                    </Section>
                </Page>
            )}
        </Loaded>
    )
}

function Next({ of }: { of: Procedure }) {
    return (
        <>
            {of.phase === "answer awaited" && <MoreTime of={of} />}
            {of.phase !== "closed" && <Decide of={of} />}
        </>
    )
}

function About({ of }: { of: Procedure }) {
    const { obligation, conclusion, confidence } = of.grounds
    const names = useNames()
    return (
        <Facts
            of={[
                [
                    "Partner",
                    <Link key="partner" to={`/partners/${of.partner}`}>
                        {names.partner(of.partner)}
                    </Link>,
                ],
                ["Obligation", `${obligation.id}: ${obligation.text} (agreement, version ${obligation.agreement})`],
                ["Finding", `${conclusion} (confidence: ${confidence}; not shown to the partner)`],
                ["Answer until", <When key="answer" at={of.answerBy} />],
                ...(of.appealBy === null ? [] : [["Appeal until", <When key="appeal" at={of.appealBy} />] as const]),
                ["Holds now", <Holds key="holds" of={of} />],
                ...(of.waitsSince === null
                    ? []
                    : [["Waits for two since", <When key="waits" at={of.waitsSince} />] as const]),
            ]}
        />
    )
}

function Holds({ of: { sanction } }: { of: Procedure }) {
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

function OneTurn({ of }: { of: TurnRow }) {
    const names = useNames()
    const isPartners = of.kind === "answered" || of.kind === "appealed"
    return (
        <>
            <strong>{turnNames[of.kind]}</strong>
            <When at={of.at} short />
            <span className="muted">
                by {isPartners ? "the partner's lead" : of.by.map(names.person).join(" and ")}
            </span>
            <TurnWords of={of} />
        </>
    )
}

function TurnWords({ of: { outcome, returnFrom, answerBy, appealBy, words } }: { of: TurnRow }) {
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
