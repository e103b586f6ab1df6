/** The audit log: lists events, newest first, and recomputes the tree. */
import { useState } from "react"
import { formatInstant } from "@tocsin/base/instant"
import { read, useRead } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { When, bothOf } from "../../kit/instant.tsx"
import { Empty, Failed, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section, Table } from "../../kit/table.tsx"
import type { Event } from "../answers.ts"
import type { RecordPage, Verdict } from "./audit-log-answers.ts"
import { useNames } from "../artifacts/viewer.tsx"

export function RecordScreen() {
    const [after, setAfter] = useState<readonly string[]>([])
    const last = after.at(-1)
    const page = useRead(last === undefined ? "/api/audit-log" : `/api/audit-log?after=${last}`)
    return (
        <Page
            title="Audit log"
            aside={
                <a className="button plain" href="/api/audit-log/export" download="record.jsonl">
                    Export
                </a>
            }
        >
            <Loaded query={page}>
                {({ events, next, checkpoint: head, unsequenced: waiting }) => (
                    <>
                        <Head head={head} waiting={waiting} />
                        <Section title="Events">
                            {events.length === 0 ? <Empty title="No events yet." /> : <Events events={events} />}
                            <div className="row end">
                                {after.length > 0 && (
                                    <Button onPress={() => setAfter(after.slice(0, -1))}>Newer</Button>
                                )}
                                {next !== null && <Button onPress={() => setAfter([...after, next])}>Older</Button>}
                            </div>
                        </Section>
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Head({ head, waiting }: { head: RecordPage["checkpoint"]; waiting: number }) {
    return (
        <Section title="Checkpoint" aside={<Verify />}>
            {head === null ? (
                <Empty title="No checkpoint yet." />
            ) : (
                <Facts
                    items={[
                        ["Events in the tree", head.size],
                        ["Signed", <When key="at" at={head.at} />],
                        [
                            "Key",
                            <code key="key" className="code">
                                {head.verifierKey}
                            </code>,
                        ],
                        ["Waiting to be numbered", waiting],
                    ]}
                />
            )}
        </Section>
    )
}

function Verify() {
    const [verdict, setVerdict] = useState<Verdict | null>(null)
    const [wrong, setWrong] = useState<Error | null>(null)
    const [busy, setBusy] = useState(false)
    const verify = async () => {
        setBusy(true)
        setWrong(null)
        try {
            setVerdict(await read("/api/audit-log/verify"))
        } catch (error) {
            setWrong(error as Error)
        }
        setBusy(false)
    }
    return (
        <>
            <Failed error={wrong} />
            {verdict !== null && <VerdictNotice verdict={verdict} />}
            <Button look="main" busy={busy} onPress={() => void verify()}>
                Verify now
            </Button>
        </>
    )
}

function VerdictNotice({ verdict }: { verdict: Verdict }) {
    if (!verdict.ok) {
        return (
            <Notice tone="bad">
                The record does not hold{verdict.index !== null && ` at leaf ${verdict.index}`}: {verdict.reason}{" "}
                <code className="code">{verdict.code}</code>
            </Notice>
        )
    }
    return (
        <Notice tone="good">
            It holds: {verdict.size} events compute to the signed root{" "}
            <code className="code">{verdict.root.slice(0, 16)}…</code>
        </Notice>
    )
}

function Events({ events }: { events: readonly Event[] }) {
    return (
        <Table
            caption="Events, newest first"
            rows={events}
            keyOf={(event) => String(event.seq)}
            columns={[
                {
                    name: "Leaf",
                    cell: ({ index }) => index ?? <span className="muted">waits</span>,
                    end: true,
                },
                { name: "When", cell: (event) => <When at={event.at} short /> },
                { name: "What", cell: (event) => <strong>{event.kind}</strong> },
                { name: "Of", cell: (event) => <Body subject={event} /> },
            ]}
        />
    )
}

/** Shows ids, instants and counts. The log contains no names; the screen adds those that the viewer may read. */
function Body({ subject }: { subject: Event }) {
    const names = useNames()
    if (subject.confidential) return <Badge>sealed</Badge>
    const entries = Object.entries(subject.body ?? {}).filter(([name, value]) => name !== "kind" && value !== null)
    return (
        <span className="pairs">
            {entries.map(([name, value]) => (
                <span key={name} title={JSON.stringify(value)}>
                    <span className="muted">{name}</span> <Value subject={value} name={names.any} />
                </span>
            ))}
        </span>
    )
}

/** 2001 in milliseconds: a larger number is an instant, not a count. */
const earliest = 1_000_000_000_000

const isId = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(text)

interface ValueProps {
    subject: unknown
    /** Names a partner, person, case or artifact; null: the viewer may not know it. */
    name: (id: string) => string | null
}

function Value({ subject, name }: ValueProps) {
    const known = typeof subject === "string" && isId(subject) ? name(subject) : null
    return known === null ? <code className="code">{shortOf(subject)}</code> : <>{known}</>
}

function shortOf(value: unknown): string {
    if (typeof value === "number" && value > earliest) return bothOf(formatInstant(value))
    const text = typeof value === "string" ? value : JSON.stringify(value)
    return isId(text) ? text.slice(0, 8) : text.length > 40 ? `${text.slice(0, 38)}…` : text
}
