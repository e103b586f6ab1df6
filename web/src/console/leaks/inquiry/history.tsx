/** Excludes people from an inquiry, closes it, and reopens it. */
import { useRef } from "react"
import { useNavigate } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { type Outcome, outcomes } from "../../../../../server/src/trace/inquiries/history.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { carriedIn, useWhatBecomes } from "./tracing-instructions.tsx"
import { useColleagues, useMe, useNames, useWhyNot } from "../../artifacts/viewer.tsx"

export function KeepOut({ subject, onDone }: PartProps) {
    const me = useMe()
    const navigate = useNavigate()
    const chosen = useRef("")
    const out = new Set(subject.excluded.map(({ person }) => person))
    const rank = (id: string) => (id === me.id ? 0 : subject.members.includes(id) ? 1 : 2)
    const choices = useColleagues()
        .filter(({ id, left }) => !left && !out.has(id))
        .toSorted((a, b) => rank(a.id) - rank(b.id))
        .map(({ id, name }) => ({
            value: id,
            name: id === me.id ? `${name} (you)` : subject.members.includes(id) ? `${name} (member)` : name,
        }))
    return (
        <FormDialog
            button="Exclude…"
            title="Exclude a person who has a stake"
            submit="Exclude"
            disabledReason={useWhyNot()("inquiry:read")}
            requests={[
                { name: "person", label: "Who", kind: "choice", from: choices },
                { name: "reason", label: "Why", kind: "text", hint: "it stays in the inquiry, for its members" },
            ]}
            write={({ person, reason }) => {
                chosen.current = person
                return writeTo("POST", `/api/inquiries/${subject.id}/exclude`, { person, reason })
            }}
            onDone={() => (chosen.current === me.id ? void navigate({ to: "/leaks/inquiries" }) : onDone())}
        >
            <p className="muted">
                A member is none any more, at once, and nobody who is excluded is let in again or told. What waits for a
                signature in this inquiry falls, and is asked for anew.
            </p>
        </FormDialog>
    )
}

const outcomeNames: Readonly<Record<Outcome, string>> = {
    explained: "explained: the findings say how",
    undecided: "undecided: what there is does not tell",
    unfounded: "unfounded: there was nothing to explain",
}

export function CloseOrReopen({ subject, onDone }: PartProps) {
    const disabledReason = useWhyNot()("inquiry:write")
    const becomes = useWhatBecomes(subject)
    const reason = { name: "reason", label: "Why", kind: "text" } as const
    if (subject.status === "closed") {
        return (
            <FormDialog
                button="Reopen…"
                title="Open the inquiry again"
                submit="Reopen"
                disabledReason={disabledReason}
                requests={[reason]}
                write={(body) => writeTo("POST", `/api/inquiries/${subject.id}/reopen`, body)}
                onDone={onDone}
            />
        )
    }
    return (
        <FormDialog
            button="Close…"
            title="Close the inquiry"
            submit="Close it"
            disabledReason={disabledReason}
            requests={[
                {
                    name: "outcome",
                    label: "Outcome",
                    kind: "choice",
                    from: outcomes.map((value) => ({ value, name: outcomeNames[value] })),
                },
                reason,
                ...becomes.asked,
            ]}
            write={({ outcome, reason: why, ...answers }) =>
                writeTo("POST", `/api/inquiries/${subject.id}/close`, {
                    outcome,
                    reason: why,
                    extended: carriedIn(answers),
                })
            }
            onDone={() => {
                becomes.again()
                onDone()
            }}
        >
            <p className="muted">
                It is read from then on, and not changed. What waits for a signature in it is taken back; a partner may
                still answer what it was asked. What is in force for next releases ends, but for what another member has
                signed that it goes on.
            </p>
        </FormDialog>
    )
}

export function KeptOutTable({ subject }: { subject: Opened }) {
    const names = useNames()
    return (
        <Table
            caption="Excluded"
            rows={subject.excluded}
            keyOf={({ person }) => person}
            columns={[
                { name: "Excluded", cell: (notification) => <strong>{names.person(notification.person)}</strong> },
                { name: "Was a member", cell: (notification) => (notification.wasMember ? "yes" : "no") },
                { name: "Why", cell: (notification) => <span className="letter">{notification.reason}</span> },
                { name: "By", cell: (notification) => names.person(notification.by) },
                { name: "Since", cell: (notification) => <When at={notification.at} short />, end: true },
            ]}
        />
    )
}

export function TurnsTable({ subject }: { subject: Opened }) {
    const names = useNames()
    return (
        <Table
            caption="Closed and opened again"
            rows={subject.history}
            keyOf={(notification) => String(subject.history.indexOf(notification))}
            columns={[
                {
                    name: "What",
                    cell: ({ kind, outcome }) => <Badge>{outcome === null ? kind : `${kind}, ${outcome}`}</Badge>,
                },
                { name: "Why", cell: (notification) => <span className="letter">{notification.reason}</span> },
                { name: "By", cell: (notification) => names.person(notification.by) },
                { name: "When", cell: (notification) => <When at={notification.at} short />, end: true },
            ]}
        />
    )
}
