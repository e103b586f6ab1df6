/** One regulatory clock: since when the operator is aware, what is due until when, what was filed, and all that was said. */
import { read } from "../kit/api.ts"
import { SaveButton } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Badge, Facts, Table } from "../kit/table.tsx"
import type { Words } from "../kit/words.ts"
import type { ClockRow, ClockTurn, FilingRow } from "./clock-answers.ts"
import { ClockActions } from "./clock-actions.tsx"
import { useNames, useNow, useWhyNot } from "./viewer.tsx"

const stateWords: Words<FilingRow["state"]> = {
    waiting: { name: "not running yet", tone: "plain" },
    open: { name: "open", tone: "due" },
    overdue: { name: "overdue", tone: "bad" },
    filed: { name: "filed", tone: "good" },
    "filed late": { name: "filed late", tone: "bad" },
}

export function ClockCard({ of }: { of: ClockRow }) {
    return (
        <article className="card" aria-label={of.terms.title}>
            <div className="card-head">
                <h3>{of.terms.title}</h3>
                {of.closed ? (
                    <Badge>closed</Badge>
                ) : (
                    <span className="row">
                        <ClockActions of={of} />
                    </span>
                )}
            </div>
            <Facts
                of={[
                    ["Aware since", <Awareness key="aware" of={of} />],
                    ["Authority", of.terms.authority],
                    ["Legal basis", of.terms.basis],
                    ["Regime", <RegimeWords key="regime" of={of} />],
                ]}
            />
            <Filings of={of} />
            <details className="folded">
                <summary>What was said, in order</summary>
                <ol className="turns">
                    {of.turns.map((turn, n) => (
                        <li key={n}>
                            <TurnLine of={turn} filings={of.filings} />
                        </li>
                    ))}
                </ol>
            </details>
        </article>
    )
}

function Awareness({ of }: { of: ClockRow }) {
    const now = useNow()
    const counts = of.turns.findLast(({ kind }) => kind === "aware")
    return (
        <>
            <When at={of.awareAt} /> <Distance at={of.awareAt} now={now} />
            <span className="block muted">{sourceWords[counts?.source ?? "person"]}</span>
        </>
    )
}

const sourceWords = {
    sighting: "a partner reported exploitation",
    evidence: "staff filed exploitation",
    person: "a person said so",
}

function RegimeWords({ of: { version, terms } }: { of: ClockRow }) {
    const which = version === 0 ? "as shipped" : `version ${version}`
    if (terms.state !== "undecided") return which
    return (
        <>
            {which} <Badge tone="due">undecided: nobody has said yet whether it applies to you</Badge>
        </>
    )
}

function Filings({ of }: { of: ClockRow }) {
    const now = useNow()
    return (
        <Table
            caption={`Filings of ${of.terms.title}`}
            rows={of.filings}
            keyOf={({ id }) => id}
            columns={[
                { name: "Filing", cell: ({ title }) => <strong>{title}</strong> },
                { name: "Due before", cell: (one) => <Due of={one} clock={of} now={now} /> },
                {
                    name: "State",
                    cell: ({ state }) => <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>,
                },
                { name: "Filed", cell: ({ filedAt }) => <When at={filedAt} short /> },
                { name: "Actions", cell: (one) => <FilingActions of={one} clock={of} />, end: true },
            ]}
        />
    )
}

function Due({ of, clock, now }: { of: FilingRow; clock: ClockRow; now: string }) {
    if (of.due !== null) {
        return (
            <>
                <When at={of.due} /> {of.filedAt === null && <Distance at={of.due} now={now} />}
            </>
        )
    }
    const after = clock.terms.filings.find(({ id }) => id === of.id)?.after ?? ""
    const before = clock.filings.find(({ id }) => id === after)?.title
    return (
        <span className="muted">{before === undefined ? "once a fix is available" : `once “${before}” is filed`}</span>
    )
}

interface FilingProps {
    of: FilingRow
    clock: ClockRow
}

const pathOf = ({ of, clock }: FilingProps): string => `/api/regulatory-clocks/${clock.id}/filings/${of.id}`

function FilingActions({ of, clock }: FilingProps) {
    const not = useWhyNot()("filing:write")
    const path = pathOf({ of, clock })
    const name = <span className="unseen">of {of.title}</span>
    return (
        <span className="row end">
            {!clock.closed &&
                (of.filedAt === null ? <FiledDialog of={of} clock={clock} /> : <BackDialog of={of} clock={clock} />)}
            <SaveButton not={not} name={`${of.id}-draft.md`} content={async () => (await draftAt(path)).markdown}>
                Save draft {name}
            </SaveButton>
            <SaveButton
                not={not}
                name={`${of.id}-draft.json`}
                content={async () => JSON.stringify((await draftAt(path)).draft, null, 2)}
            >
                As JSON {name}
            </SaveButton>
        </span>
    )
}

function FiledDialog(its: FilingProps) {
    const { title } = its.of
    return (
        <FormDialog
            button={
                <>
                    Mark as submitted… <span className="unseen">{title}</span>
                </>
            }
            title={`“${title}” is filed`}
            submit="Note it"
            buttonLook="main"
            not={useWhyNot()("filing:write")}
            asked={[
                {
                    ...{ name: "filedAt", label: "Filed at", kind: "instant", initial: useNow() },
                    codes: ["filing.in_the_future"],
                },
                {
                    ...{ name: "reference", label: "The authority's reference", kind: "line", optional: true },
                    codes: ["filing.bad_reference"],
                },
                { name: "note", label: "Note", kind: "text", optional: true },
            ]}
            write={(body) => ({ method: "POST", path: `${pathOf(its)}/submit`, body })}
        >
            <p className="muted">Nothing is sent by this: it notes what you have filed yourself, and when.</p>
        </FormDialog>
    )
}

function BackDialog(its: FilingProps) {
    const { title } = its.of
    return (
        <FormDialog
            button={
                <>
                    Reopen… <span className="unseen">{title}</span>
                </>
            }
            title={`“${title}” was not filed`}
            submit="Reopen"
            not={useWhyNot()("filing:write")}
            asked={[{ name: "why", label: "Why", kind: "text" }]}
            write={(body) => ({ method: "POST", path: `${pathOf(its)}/reopen`, body })}
        >
            <p className="muted">It is owed again. What was noted stays in what was said.</p>
        </FormDialog>
    )
}

/** Each one that is made is on record. */
const draftAt = (path: string) => read<{ draft: unknown; markdown: string }>(`${path}/draft`)

function TurnLine({ of, filings }: { of: ClockTurn; filings: readonly FilingRow[] }) {
    const names = useNames()
    const filing = filings.find(({ id }) => id === of.filing)?.title
    return (
        <>
            <strong>{of.kind}</strong>
            {filing !== undefined && <span>{filing}</span>}
            {of.since !== null && <When at={of.since} />}
            {of.kind === "fix" && of.since === null && <span>none is available</span>}
            <span className="muted">
                said <When at={of.at} short /> by {of.by === null ? "the program itself" : names.person(of.by)}
            </span>
            {of.reference !== "" && <span>reference {of.reference}</span>}
            {of.words !== "" && <span className="letter">{of.words}</span>}
        </>
    )
}
