/** The keys that copies are sealed for: which count now, which wait, which are gone. */
import type { ReactNode } from "react"
import { parseInstant } from "../../lib/instant.ts"
import { isOver, isRevoked, isUsable, keysMax } from "../../trust/partners/key.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Notice } from "../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../kit/table.tsx"
import { recipientFault } from "./age.ts"
import type { Key, Me } from "./answers.ts"
import { TestCopy } from "./test-copy.tsx"
import { useMe, useNameOf, useWhyNot } from "./viewer.ts"

export const timesOf = (key: Times) => ({
    ...{ id: key.id, partner: "", addedBy: key.addedBy },
    ...{ addedAt: parseInstant(key.addedAt), usableFrom: parseInstant(key.usableFrom) },
    expiresAt: parseInstant(key.expiresAt),
    revokedAt: key.revokedAt === null ? null : parseInstant(key.revokedAt),
})

function usableIn({ now, partner }: Me): Key[] {
    return partner.keys.filter((key) => isUsable(timesOf(key), parseInstant(now)))
}

export function Keys() {
    const me = useMe()
    const { keys } = me.partner
    return (
        <Section title="Keys" aside={<AddKey />}>
            <p className="caution">
                Each copy is sealed to all keys that are usable at that moment. A lead adds a public age recipient and
                keeps its identity, the secret half, at home: nobody here can open a copy, or help when it is lost.
            </p>
            {usableIn(me).length === 0 && (
                <Notice tone="bad">
                    No key is usable now: nothing can be sealed for you, so nothing can be fetched.
                </Notice>
            )}
            {keys.length === 0 ? (
                <Empty title="No key is registered yet." />
            ) : (
                <Table
                    caption="Keys that copies are sealed for"
                    rows={keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: "Recipient", cell: (key) => <Recipient of={key} /> },
                        { name: "State", cell: (key) => <State of={key} /> },
                        { name: "Test copy", cell: (key) => <Tried of={key} /> },
                        { name: "Actions", cell: (key) => <Revoke of={key} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

type Times = Omit<Key, "recipient" | "testedAt">

function Recipient({ of }: { of: Key }) {
    return (
        <>
            <Short of={of.recipient} length={20} />
            <Added of={of} />
        </>
    )
}

export function Added({ of }: { of: Times }) {
    return (
        <>
            <span className="muted block">added by {useNameOf()(of.addedBy)}</span>
            <When at={of.addedAt} short />
        </>
    )
}

/** What it is good for now, and since when or until when. */
export function State({ of }: { of: Times }) {
    const { now } = useMe()
    const [key, at] = [timesOf(of), parseInstant(now)]
    if (isRevoked(key, at)) return <Told badge={<Badge>revoked</Badge>} since={of.revokedAt} />
    if (isOver(key, at)) return <Told badge={<Badge tone="bad">expired</Badge>} since={of.expiresAt} />
    if (isUsable(key, at)) return <Told badge={<Badge tone="good">usable</Badge>} until={of.expiresAt} />
    return (
        <>
            <span className="row">
                <Badge tone="due">waits</Badge> <Distance at={of.usableFrom} now={now} />
            </span>
            <span className="muted block">
                from <When at={of.usableFrom} short />
            </span>
        </>
    )
}

interface ToldProps {
    readonly badge: ReactNode
    readonly since?: string | null
    readonly until?: string
}

function Told({ badge, since, until }: ToldProps) {
    return (
        <>
            {badge}
            <span className="muted block">
                {until === undefined ? "since" : "until"} <When at={until ?? since ?? null} short />
            </span>
        </>
    )
}

/** Whether a test copy was opened with it; if not, the way to one. */
function Tried({ of }: { of: Key }) {
    const { now } = useMe()
    if (of.testedAt !== null) {
        return (
            <span className="row">
                <Badge tone="good">opened</Badge> <When at={of.testedAt} short />
            </span>
        )
    }
    if (isOver(timesOf(of), parseInstant(now))) return "never opened"
    return <TestCopy of={of} />
}

function AddKey() {
    const { now, partner } = useMe()
    const inUse = partner.keys.filter((key) => !isOver(timesOf(key), parseInstant(now))).length
    const full = inUse >= keysMax ? `${keysMax} keys at most: revoke one first` : null
    const when =
        partner.keys.length === 0
            ? "Your first key is usable at once."
            : "It is usable after 24 hours, so that your other persons can see it and object."
    return (
        <FormDialog
            button="Add a key…"
            title="Add an age recipient"
            submit="Add it"
            not={useWhyNot()("own:extend") ?? full}
            asked={[
                {
                    name: "recipient",
                    label: "Public recipient",
                    kind: "line",
                    hint: `age1…, as age-keygen prints it: the public half only. ${when}`,
                    check: recipientFault,
                },
                {
                    name: "end",
                    label: "End",
                    kind: "instant",
                    optional: true,
                    hint: "From then on nothing is sealed to it; left empty, as late as the program allows.",
                },
            ]}
            write={({ recipient = "", end = "" }) => ({
                method: "POST",
                path: "/api/keys",
                body: { recipient: recipient.trim(), ...(end === "" ? {} : { expiresAt: end }) },
            })}
        />
    )
}

function Revoke({ of }: { of: Key }) {
    const me = useMe()
    const not = useWhyNot()("own:lead")
    if (of.revokedAt !== null || not !== null) return null
    const isLast = usableIn(me).every((key) => key.id === of.id)
    return (
        <Opens
            button={
                <>
                    Revoke… <span className="unseen">{of.recipient.slice(0, 20)}</span>
                </>
            }
            title="Revoke this key?"
        >
            {(close) => (
                <>
                    <p>
                        Nothing more is sealed for it, and it cannot come back. What was sealed before can still be
                        opened with it.
                    </p>
                    <code className="hash">{of.recipient}</code>
                    {isLast && (
                        <Notice tone="bad">
                            No other key is usable. Without it nothing can be fetched until another one is, which takes
                            24 hours from when it is added, or a call to the program.
                        </Notice>
                    )}
                    <div className="row end">
                        <Do look="danger" write={{ method: "DELETE", path: `/api/keys/${of.id}` }} onDone={close}>
                            Revoke it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
