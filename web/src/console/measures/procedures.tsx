/** Procedures: a list, and one procedure with its stages, letters and next decision. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../api.ts"
import { When, wordsOf } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../kit/table.tsx"
import { useMayRead, useNames } from "../artifacts/viewer.tsx"
import { Decide, MoreTime } from "./decision.tsx"
import type { Procedure, ProcedureRow } from "./procedure-answers.ts"
import { entryNames, outcomeNames, phaseWords } from "./procedure-answers.ts"
import { type Message, exchangeOf, stagesOf } from "./procedure-view.ts"
import { listText, rich, t, valueText } from "../../messages/message.ts"

/** Lists the procedures of all partners, or of one `partner`. */
export function Procedures({ partner }: { partner?: string }) {
    const path = partner === undefined ? "/api/procedures" : (`/api/procedures?partner=${partner}` as const)
    const procedures = useMayRead("measure:read", path)
    if (partner !== undefined && procedures.data?.procedures.length === 0) return null
    return (
        <Section title={t("Procedures")}>
            <Loaded query={procedures}>
                {({ procedures }) =>
                    procedures.length === 0 ? (
                        <Empty title={t("No procedures yet.")}>
                            {t("A confirmed finding that names a breached obligation can open one.")}
                        </Empty>
                    ) : (
                        <ul className="panel list">
                            {procedures.map((row) => (
                                <ProcedureLine key={row.id} row={row} isNamed={partner === undefined} />
                            ))}
                        </ul>
                    )
                }
            </Loaded>
        </Section>
    )
}

/** The deadline of the partner; null: none is left. */
function deadlineOf({ phase, appealBy, answerBy }: ProcedureRow): string | null {
    if (phase === "open_to_appeal") return appealBy && t("appeal until {until}", { until: wordsOf(appealBy) })
    if (phase === "answer_awaited") return answerBy && t("answer until {until}", { until: wordsOf(answerBy) })
    return null
}

function ProcedureLine({ row, isNamed }: { row: ProcedureRow; isNamed: boolean }) {
    const names = useNames()
    const { obligation } = row.grounds
    const until = deadlineOf(row)
    return (
        <li>
            <span className="square">
                <Icon name="scales" />
            </span>
            <div className="grow">
                <Link className="title" to={`/leaks/procedures/${row.id}`}>
                    {isNamed
                        ? t("{partner}: obligation {id}", { partner: names.partner(row.partner), id: obligation.id })
                        : t("Obligation {id}", { id: obligation.id })}
                </Link>
                <div className="why">{obligation.text}</div>
            </div>
            <span className="by">
                {row.sanction !== null && <b>{outcomeNames[row.sanction.outcome]}</b>}
                {until !== null && <small>{until}</small>}
            </span>
            <PhaseBadge phase={row.phase} />
        </li>
    )
}

function PhaseBadge({ phase }: { phase: ProcedureRow["phase"] }) {
    return <Badge tone={phaseWords[phase].tone}>{phaseWords[phase].name}</Badge>
}

export function ProcedureScreen({ id }: { id: string }) {
    const procedure = useRead(`/api/procedures/${id}`)
    return <Loaded query={procedure}>{(procedure) => <OneProcedure procedure={procedure} />}</Loaded>
}

function OneProcedure({ procedure }: { procedure: Procedure }) {
    const names = useNames()
    const { obligation } = procedure.grounds
    return (
        <Page
            tabTitle={t("Procedure")}
            path={[{ to: "/leaks/measures", name: t("Measures") }]}
            title={t("Procedure with {partner}", { partner: names.partner(procedure.partner) })}
            lead={
                <span className="row">
                    <PhaseBadge phase={procedure.phase} />
                    <Sanction procedure={procedure} />
                    <span>{t("Obligation {id}", { id: obligation.id })}</span>
                    <Link to={`/partners/${procedure.partner}`}>{names.partner(procedure.partner)}</Link>
                </span>
            }
            aside={
                <>
                    {procedure.phase === "answer_awaited" && <MoreTime procedure={procedure} />}
                    {procedure.phase !== "closed" && <Decide procedure={procedure} />}
                </>
            }
        >
            <Stages procedure={procedure} />
            <Columns
                rail={
                    <>
                        <Deadline procedure={procedure} />
                        <Grounds procedure={procedure} />
                        <OpenToPartner procedure={procedure} />
                        <Entries procedure={procedure} />
                    </>
                }
            >
                <Exchange procedure={procedure} />
            </Columns>
        </Page>
    )
}

function Sanction({ procedure: { sanction } }: { procedure: Procedure }) {
    if (sanction === null || sanction.outcome === "none") return null
    return (
        <Badge tone="bad">
            {sanction.returnFrom === null
                ? outcomeNames[sanction.outcome]
                : t("{outcome} until {returnFrom}", {
                      outcome: outcomeNames[sanction.outcome],
                      returnFrom: wordsOf(sanction.returnFrom),
                  })}
        </Badge>
    )
}

function Stages({ procedure }: { procedure: Procedure }) {
    return (
        <ol className="stages" aria-label={t("Stages")}>
            {stagesOf(procedure).map(({ name, at, text, state }) => (
                <li key={name} className={state} {...(state === "current" && { "aria-current": "step" as const })}>
                    <b>{name}</b>
                    {at !== null && <span>{wordsOf(at)}</span>}
                    <span>{text}</span>
                </li>
            ))}
        </ol>
    )
}

function Exchange({ procedure }: { procedure: Procedure }) {
    const messages = exchangeOf(procedure)
    return (
        <Section title={t("Letters")} count={messages.length}>
            <div className="panel">
                {messages.map((message) => (
                    <Letter key={message.key} message={message} partner={procedure.partner} />
                ))}
            </div>
        </Section>
    )
}

function Letter({ message, partner }: { message: Message; partner: string }) {
    const names = useNames()
    const { kind, tone, isPartners, subject, text, at } = message
    return (
        <article className="letter-item" aria-label={subject === "" ? kind : subject}>
            <header>
                <Badge tone={tone}>{kind}</Badge>
                <b>{isPartners ? names.partner(partner) : subject}</b>
                {isPartners && <span className="muted">{t("lead")}</span>}
                <span className="push muted">
                    <When at={at} short />
                </span>
            </header>
            {isPartners ? <blockquote className="letter">{text}</blockquote> : <p className="letter">{text}</p>}
        </article>
    )
}

/** What is due next, and what happens without it. */
function Deadline({ procedure: { phase, answerBy, appealBy, decisionDueSince } }: { procedure: Procedure }) {
    if (phase === "closed") return null
    return (
        <Section title={t("Next")}>
            <Notice tone="due">
                <span>
                    {phase === "answer_awaited" && (
                        <>
                            {rich(
                                "The partner can answer until {answerBy}. Then two people decide, with or without an answer.",
                                { answerBy: <When at={answerBy} short /> },
                            )}
                        </>
                    )}
                    {phase === "open_to_appeal" && (
                        <>
                            {rich("The partner can appeal until {appealBy}. Without an appeal the decision is final.", {
                                appealBy: <When at={appealBy} short />,
                            })}
                        </>
                    )}
                    {phase === "to_decide" && <>{t("Two people decide. There is no sanction before that.")}</>}
                    {phase === "appeal_to_decide" && (
                        <>
                            {t(
                                "Two people who did not decide before decide the appeal. Until then the decision stays valid.",
                            )}
                        </>
                    )}
                    {decisionDueSince !== null && (
                        <> {rich("Due since {since}.", { since: <When at={decisionDueSince} short /> })}</>
                    )}
                </span>
            </Notice>
        </Section>
    )
}

function Grounds({ procedure: { grounds } }: { procedure: Procedure }) {
    const { obligation, conclusion, confidence } = grounds
    return (
        <Section title={t("Grounds")}>
            <p className="obligation">
                <b>{obligation.id}</b> {obligation.text}
            </p>
            <Facts
                items={[
                    [t("Agreement"), t("version {version}", { version: obligation.agreement })],
                    [t("Finding"), conclusion],
                    [t("Confidence"), valueText(confidence)],
                ]}
            />
            <p className="muted small">{t("The partner does not see the finding.")}</p>
        </Section>
    )
}

/** What the partner can still do. */
function OpenToPartner({ procedure: { phase, sanction } }: { procedure: Procedure }) {
    const isSuspended = sanction?.outcome === "suspension" || sanction?.outcome === "termination"
    const rights = [
        [true, t("Read its letters and its own receipts")],
        [phase === "answer_awaited", t("Answer the statement of concern")],
        [phase === "open_to_appeal", t("Appeal the decision once")],
        [!isSuspended, t("Cases and copies, as far as no other measure withholds them")],
    ] as const
    return (
        <Section title={t("Open to the partner")}>
            <ul className="may">
                {rights.map(([isOpen, text]) => (
                    <li key={text} className={isOpen ? "" : "muted"}>
                        <Icon name={isOpen ? "check" : "close"} />
                        <span>
                            {text}
                            {!isOpen && <span className="unseen"> {t("(not now)")}</span>}
                        </span>
                    </li>
                ))}
            </ul>
        </Section>
    )
}

/** Who did what, and the reasons that only staff read. */
function Entries({ procedure }: { procedure: Procedure }) {
    const names = useNames()
    return (
        <Section title={t("History")}>
            <ol className="history">
                {procedure.history.map(({ kind, at, by, outcome, texts }) => (
                    <li key={`${kind} ${at}`}>
                        <strong>
                            {entryNames[kind]}
                            {outcome !== null && `: ${outcomeNames[outcome]}`}
                        </strong>
                        <small>
                            <When at={at} short />,{" "}
                            {kind === "answered" || kind === "appealed"
                                ? t("a lead of the partner")
                                : listText(by.map(names.person))}
                        </small>
                        {texts?.reason !== undefined && <p className="letter turn-words">{texts.reason}</p>}
                        {(texts?.terms ?? null) !== null && (
                            <p className="letter turn-words">
                                {t("Terms of return: {terms}", { terms: texts?.terms })}
                            </p>
                        )}
                    </li>
                ))}
            </ol>
        </Section>
    )
}
