/** One regulatory clock: awareness, deadlines, filings and history. */
import type { ReactNode } from "react"
import { read, writeTo } from "../api.ts"
import { SaveButton } from "../../kit/button.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Badge, Facts, Table } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { ClockRow, ClockTurn, FilingRow } from "./clock-answers.ts"
import { ClockActions } from "./clock-actions.tsx"
import { useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

const stateWords: Words<FilingRow["state"]> = {
    waiting: { name: t("not running yet"), tone: "plain" },
    open: { name: t("open"), tone: "due" },
    overdue: { name: t("overdue"), tone: "bad" },
    submitted: { name: t("submitted"), tone: "good" },
    submitted_late: { name: t("submitted late"), tone: "bad" },
}

export function ClockCard({ row }: { row: ClockRow }) {
    return (
        <article className="card" aria-label={row.terms.title}>
            <div className="card-head">
                <h3>{row.terms.title}</h3>
                {row.closed ? (
                    <Badge>{t("closed")}</Badge>
                ) : (
                    <span className="row">
                        <ClockActions row={row} />
                    </span>
                )}
            </div>
            <Facts
                items={[
                    [t("Aware since"), <Awareness key="aware" row={row} />],
                    [t("Authority"), row.terms.authority],
                    [t("Legal basis"), row.terms.basis],
                    [t("Regime"), <RegimeWords key="regime" row={row} />],
                ]}
            />
            <Filings row={row} />
            <details className="folded">
                <summary>{t("History")}</summary>
                <ol className="history">
                    {row.history.map((turn, n) => (
                        <li key={n}>
                            <TurnLine clockTurn={turn} filings={row.filings} />
                        </li>
                    ))}
                </ol>
            </details>
        </article>
    )
}

function Awareness({ row }: { row: ClockRow }) {
    const now = useNow()
    const counts = row.history.findLast(({ kind }) => kind === "aware")
    return (
        <>
            <When at={row.awareAt} /> <Distance at={row.awareAt} now={now} />
            <span className="block muted">{sourceWords[counts?.source ?? "person"]}</span>
        </>
    )
}

const sourceWords = {
    sighting: t("a partner reported exploitation"),
    evidence: t("staff recorded exploitation"),
    person: t("a person started it"),
}

function RegimeWords({ row: { version, terms } }: { row: ClockRow }) {
    const which = version === 0 ? t("as shipped") : t("version {version}", { version })
    if (terms.state !== "undecided") return which
    return (
        <>
            {which} <Badge tone="due">{t("undecided whether it applies to you")}</Badge>
        </>
    )
}

function Filings({ row }: { row: ClockRow }) {
    const now = useNow()
    return (
        <Table
            caption={t("Filings of {regime}", { regime: row.terms.title })}
            rows={row.filings}
            keyOf={({ id }) => id}
            columns={[
                { name: t("Filing"), cell: ({ title }) => <strong>{title}</strong> },
                { name: t("Due before"), cell: (item) => <Due row={item} clock={row} now={now} /> },
                {
                    name: t("State"),
                    cell: ({ state }) => <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>,
                },
                { name: t("Filed"), cell: ({ submittedAt: filedAt }) => <When at={filedAt} short /> },
                { name: t("Actions"), cell: (item) => <FilingActions row={item} clock={row} />, end: true },
            ]}
        />
    )
}

function Due({ row, clock, now }: { row: FilingRow; clock: ClockRow; now: string }) {
    if (row.dueAt !== null) {
        return (
            <>
                <When at={row.dueAt} /> {row.submittedAt === null && <Distance at={row.dueAt} now={now} />}
            </>
        )
    }
    const after = clock.terms.filings.find(({ id }) => id === row.id)?.after ?? ""
    const earlier = clock.filings.find(({ id }) => id === after)?.title
    return (
        <span className="muted">
            {earlier === undefined ? t("once a fix is available") : t("once “{earlier}” is filed", { earlier })}
        </span>
    )
}

interface FilingProps {
    row: FilingRow
    clock: ClockRow
}

const pathOf = ({ row, clock }: FilingProps) => `/api/regulatory-clocks/${clock.id}/filings/${row.id}` as const

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

function FilingActions({ row, clock }: FilingProps) {
    const disabledReason = useWhyNot()("filing:write")
    const path = pathOf({ row, clock })
    const values = { filing: row.title, unseen }
    return (
        <span className="row end">
            {!clock.closed &&
                (row.submittedAt === null ? (
                    <FiledDialog row={row} clock={clock} />
                ) : (
                    <BackDialog row={row} clock={clock} />
                ))}
            <SaveButton
                disabledReason={disabledReason}
                name={`${row.id}-draft.md`}
                content={async () => (await draftAt(path)).markdown}
            >
                {rich("Save draft <unseen>of {filing}</unseen>", values)}
            </SaveButton>
            <SaveButton
                disabledReason={disabledReason}
                name={`${row.id}-draft.json`}
                content={async () => JSON.stringify((await draftAt(path)).draft, null, 2)}
            >
                {rich("As JSON <unseen>of {filing}</unseen>", values)}
            </SaveButton>
        </span>
    )
}

function FiledDialog(filingProps: FilingProps) {
    const { title } = filingProps.row
    return (
        <FormDialog
            button={rich("Mark as submitted… <unseen>{filing}</unseen>", { filing: title, unseen })}
            title={t("Mark “{filing}” as submitted", { filing: title })}
            submit={t("Mark as submitted")}
            buttonLook="main"
            disabledReason={useWhyNot()("filing:write")}
            requests={[
                {
                    name: "submittedAt",
                    label: t("Submitted at"),
                    kind: "instant",
                    initial: useNow(),
                    codes: ["filing.in_the_future"],
                },
                {
                    name: "reference",
                    label: t("The authority's reference"),
                    kind: "line",
                    optional: true,
                    codes: ["filing.bad_reference"],
                },
                { name: "note", label: t("Note"), kind: "text", optional: true },
            ]}
            write={(body) => writeTo("POST", `${pathOf(filingProps)}/submit`, body)}
        >
            <p className="muted">{t("This sends nothing. It records what you submitted yourself, and when.")}</p>
        </FormDialog>
    )
}

function BackDialog(filingProps: FilingProps) {
    const { title } = filingProps.row
    return (
        <FormDialog
            button={rich("Reopen… <unseen>{filing}</unseen>", { filing: title, unseen })}
            title={t("“{filing}” was not filed", { filing: title })}
            submit={t("Reopen")}
            disabledReason={useWhyNot()("filing:write")}
            requests={[{ name: "reason", label: t("Reason"), kind: "text" }]}
            write={(body) => writeTo("POST", `${pathOf(filingProps)}/reopen`, body)}
        >
            <p className="muted">{t("It is due again. The earlier entry stays in the history.")}</p>
        </FormDialog>
    )
}

/** Creating a draft is recorded, so it is done on request only. */
const draftAt = (path: ReturnType<typeof pathOf>) => read(`${path}/draft`)

function TurnLine({ clockTurn, filings }: { clockTurn: ClockTurn; filings: readonly FilingRow[] }) {
    const names = useNames()
    const filing = filings.find(({ id }) => id === clockTurn.filing)?.title
    const recordedAt = <When at={clockTurn.at} short />
    return (
        <>
            <strong>{valueText(clockTurn.kind)}</strong>
            {filing !== undefined && <span>{filing}</span>}
            {clockTurn.since !== null && <When at={clockTurn.since} />}
            {clockTurn.kind === "fix" && clockTurn.since === null && <span>{t("none is available")}</span>}
            <span className="muted">
                {clockTurn.by === null
                    ? rich("recorded {recordedAt}, automatically", { recordedAt })
                    : rich("recorded {recordedAt} by {person}", { recordedAt, person: names.person(clockTurn.by) })}
            </span>
            {clockTurn.reference !== "" && (
                <span>{t("reference {reference}", { reference: clockTurn.reference })}</span>
            )}
            {clockTurn.text !== "" && <span className="letter">{clockTurn.text}</span>}
        </>
    )
}
