/** The keys that copies are sealed for: active, waiting and expired. */
import type { ReactNode } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../api.ts"
import { isEnded, isRevoked, isUsable, keysMax } from "../../../../server/src/trust/partners/keys/key.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Notice } from "../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../kit/table.tsx"
import { recipientFault } from "../age.ts"
import type { Key, Me } from "../answers.ts"
import { TestCopy } from "./test-copy.tsx"
import { useMe, useNameOf, useWhyNot } from "../viewer.ts"

export const timesOf = (key: Times) => ({
    id: key.id,
    partner: "",
    addedBy: key.addedBy,
    addedAt: parseInstant(key.addedAt),
    usableFrom: parseInstant(key.usableFrom),
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
                        { name: "Recipient", cell: (key) => <Recipient subject={key} /> },
                        { name: "State", cell: (key) => <State times={key} /> },
                        { name: "Test copy", cell: (key) => <Tried subject={key} /> },
                        { name: "Actions", cell: (key) => <Revoke subject={key} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

type Times = Omit<Key, "recipient" | "testedAt" | "activatedEarlyAt">

function Recipient({ subject }: { subject: Key }) {
    return (
        <>
            <Short id={subject.recipient} length={20} />
            <Added times={subject} />
        </>
    )
}

export function Added({ times }: { times: Times }) {
    return (
        <>
            <span className="muted block">added by {useNameOf()(times.addedBy)}</span>
            <When at={times.addedAt} short />
        </>
    )
}

/** Shows a key's state, with its start or end. */
export function State({ times }: { times: Times }) {
    const { now } = useMe()
    const [key, at] = [timesOf(times), parseInstant(now)]
    if (isRevoked(key, at)) return <Told badge={<Badge>revoked</Badge>} since={times.revokedAt} />
    if (isEnded(key, at)) return <Told badge={<Badge tone="bad">expired</Badge>} since={times.expiresAt} />
    if (isUsable(key, at)) return <Told badge={<Badge tone="good">usable</Badge>} until={times.expiresAt} />
    return (
        <>
            <span className="row">
                <Badge tone="due">waits</Badge> <Distance at={times.usableFrom} now={now} />
            </span>
            <span className="muted block">
                from <When at={times.usableFrom} short />
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

/** Shows whether a test copy was opened with the key, and otherwise offers one. */
function Tried({ subject }: { subject: Key }) {
    const { now } = useMe()
    if (subject.testedAt !== null) {
        return (
            <span className="row">
                <Badge tone="good">opened</Badge> <When at={subject.testedAt} short />
            </span>
        )
    }
    if (isEnded(timesOf(subject), parseInstant(now))) return "never opened"
    return <TestCopy subject={subject} />
}

function AddKey() {
    const { now, partner } = useMe()
    const inUse = partner.keys.filter((key) => !isEnded(timesOf(key), parseInstant(now))).length
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
            disabledReason={useWhyNot()("own:extend") ?? full}
            requests={[
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
            write={({ recipient, end }) =>
                writeTo("POST", "/api/keys", { recipient: recipient.trim(), ...(end === "" ? {} : { expiresAt: end }) })
            }
        />
    )
}

function Revoke({ subject }: { subject: Key }) {
    const me = useMe()
    const disabledReason = useWhyNot()("own:lead")
    if (subject.revokedAt !== null || disabledReason !== null) return null
    const isLast = usableIn(me).every((key) => key.id === subject.id)
    return (
        <Opens
            button={
                <>
                    Revoke… <span className="unseen">{subject.recipient.slice(0, 20)}</span>
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
                    <code className="hash">{subject.recipient}</code>
                    {isLast && (
                        <Notice tone="bad">
                            No other key is usable. Without it nothing can be fetched until another one is, which takes
                            24 hours from when it is added, or a call to the program.
                        </Notice>
                    )}
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/keys/${subject.id}`)} onDone={close}>
                            Revoke it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
