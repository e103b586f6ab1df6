/** The viewer's tasks: since when, until when, and the default outcome; and who deputises for whom. */
import { Link } from "@tanstack/react-router"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { rolesInCommon } from "../../../../server/src/trace/tasks/deputy.ts"
import type { TaskKind } from "../../../../server/src/trace/tasks/task.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useColleagues, useLoadingPeople, useMe, useNames, useNow } from "../artifacts/viewer.tsx"
import { actNames } from "../words.ts"

type Item = AnswerTo<"/api/tasks">["tasks"][number]

const kindNames: Readonly<Record<TaskKind, string>> = {
    overdue_release: "Restart releases: an approved wave is overdue",
    signature: "Sign",
    apply: "Apply",
    request_again: "Request again: it was voided",
    review: "Review a suspension",
    decision: "Decide a procedure",
    appeal: "Decide an appeal",
    answer: "Read a partner's answer",
    question: "Read what a partner says in an inquiry",
    embargo: "Decide about an embargo",
    tier: "Decide about a tier",
    application: "Decide an application",
    release: "Ask for a release",
    release_again: "Request a release again, and sign it",
    unfreeze: "Unfreeze a wave, or release it again",
    clock: "Attest the clocks",
    recall: "Ask again for a deletion",
    mailbox: "See whether its mailbox takes mail",
    staff_mailbox: "See whether a colleague's mailbox takes mail",
    filing: "File with an authority",
    publication: "Mend an advisory that was refused",
    master_reads: "Ask why so many masters were read",
    decoy: "Alarm: a decoy was touched",
}

export function WaitingForYou() {
    const waiting = useRead("/api/tasks")
    return (
        <Section title="Your tasks">
            <Loaded query={waiting}>
                {({ tasks: waiting }) =>
                    waiting.length === 0 ? <Empty title="You have no tasks." /> : <WaitingTable items={waiting} />
                }
            </Loaded>
        </Section>
    )
}

function WaitingTable({ items }: { items: readonly Item[] }) {
    const now = useNow()
    return (
        <Table
            tall
            caption="What waits for you, the most urgent first"
            rows={items}
            keyOf={({ key }) => key}
            columns={[
                { name: "What", cell: (item) => <What subject={item} /> },
                { name: "About", cell: (item) => <About subject={item} /> },
                { name: "Since", cell: ({ since }) => <When at={since} short /> },
                {
                    name: "Until",
                    cell: ({ until }) => (until === null ? "no end" : <Until at={until} now={now} />),
                },
                { name: "If nobody acts", cell: ({ ifNoAction }) => ifNoAction },
            ]}
        />
    )
}

function Until({ at, now }: { at: string; now: string }) {
    const isOver = parseInstant(at) <= parseInstant(now)
    return (
        <>
            <When at={at} short /> {isOver ? <Badge tone="bad">overdue</Badge> : <Distance at={at} now={now} />}
        </>
    )
}

function What({ subject }: { subject: Item }) {
    const names = useNames()
    const action = subject.action === null ? "" : `: ${actNames[subject.action] ?? subject.action}`
    return (
        <>
            <strong>{`${kindNames[subject.kind]}${action}`}</strong>
            {subject.reason !== null && <span className="block">{subject.reason}</span>}
            {subject.deputyFor !== null && (
                <span className="muted block">as deputy of {names.person(subject.deputyFor)}</span>
            )}
        </>
    )
}

/** Links to the screen of the task. Approvals are listed below on this screen. */
function About({ subject }: { subject: Item }) {
    const names = useNames()
    if (subject.kind === "recall" && subject.partner !== null) {
        return (
            <>
                {names.partner(subject.partner)},{" "}
                <Link to={`/cases/${subject.case}`}>{names.case(subject.case ?? "")}</Link>
            </>
        )
    }
    if (subject.kind === "decoy") return <Link to="/leaks/canaries">Canaries</Link>
    if (subject.case !== null) return <Link to={`/cases/${subject.case}`}>{names.case(subject.case)}</Link>
    if (subject.kind === "clock") return <span className="muted">see above</span>
    if (subject.kind === "staff_mailbox" || subject.kind === "master_reads")
        return <span>{names.person(subject.about)}</span>
    if (subject.partner === null) return <span className="muted">see below</span>
    const name = names.partner(subject.partner)
    if (subject.kind === "decision" || subject.kind === "appeal")
        return <Link to={`/leaks/procedures/${subject.about}`}>{name}</Link>
    if (subject.kind === "question") return <Link to={`/leaks/inquiries/${subject.about.split(" ")[0]}`}>{name}</Link>
    if (subject.kind === "application") return <Link to={`/partners/applications/${subject.about}`}>{name}</Link>
    return <Link to={`/partners/${subject.partner}`}>{name}</Link>
}

type DeputyRow = Deputies["deputies"][number]

type Deputies = AnswerTo<"/api/deputies">

export function DeputySection() {
    const deputies = useRead("/api/deputies")
    return (
        <Section title="Deputies" aside={<NameDeputy />}>
            <Loaded query={deputies}>
                {({ deputies: rows, standsInFor: items }) =>
                    rows.length + items.length === 0 ? (
                        <Empty title="Nobody stands in for you, and you for nobody.">
                            A deputy is told of what waits for you, and acts in roles of its own: it makes nobody a
                            second person.
                        </Empty>
                    ) : (
                        <DeputyTable rows={[...rows, ...items]} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function DeputyTable({ rows }: { rows: readonly DeputyRow[] }) {
    const names = useNames()
    const me = useMe()
    return (
        <Table
            caption="Who stands in for whom"
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
                { name: "For", cell: ({ person }) => (person === me.id ? "you" : names.person(person)) },
                { name: "Deputy", cell: ({ deputy }) => (deputy === me.id ? "you" : names.person(deputy)) },
                {
                    name: "In the roles",
                    cell: ({ roles }) =>
                        roles.length > 0 ? roles.join(", ") : <Badge tone="bad">none: does not count</Badge>,
                },
                { name: "From", cell: ({ from }) => <When at={from} short /> },
                { name: "Until", cell: ({ until }) => <When at={until} short /> },
                {
                    name: "Actions",
                    cell: ({ id, person }) =>
                        person === me.id && (
                            <Do look="quiet" write={writeTo("DELETE", `/api/deputies/${id}`)}>
                                End
                            </Do>
                        ),
                    end: true,
                },
            ]}
        />
    )
}

function NameDeputy() {
    const me = useMe()
    const now = useNow()
    const loading = useLoadingPeople()
    const others = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && rolesInCommon(me.roles, roles).length > 0,
    )
    return (
        <FormDialog
            button="Name a deputy…"
            title="Name a deputy"
            submit="Name this deputy"
            disabledReason={
                loading ?? (others.length === 0 ? "nobody else holds a role in which something can wait for you" : null)
            }
            requests={[
                {
                    name: "deputy",
                    label: "Deputy",
                    kind: "choice",
                    from: others.map(({ id, name, roles }) => ({ value: id, name: `${name} (${roles.join(", ")})` })),
                },
                { name: "from", label: "From", kind: "instant", optional: true, hint: "left empty: from now on" },
                {
                    name: "until",
                    label: "Until",
                    kind: "instant",
                    initial: formatInstant(parseInstant(now) + 14 * dayMs),
                },
            ]}
            write={({ deputy, from, until }) =>
                writeTo("POST", "/api/deputies", { deputy, until, ...(from.trim() !== "" && { from }) })
            }
        />
    )
}
