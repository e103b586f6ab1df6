/** Questions to partners in an inquiry, their answers and their attestations. */
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import { type QuestionKind, answerDays } from "../../../../../server/src/trace/inquiries/question.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog, type Asked } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { useNames, useNow, usePartners, useWhyNot } from "../../artifacts/viewer.tsx"

const kindNames: Readonly<Record<QuestionKind, string>> = {
    question: "question",
    deletion: "are copies deleted?",
    finding: "gist of a finding",
}

export function Questions({ subject, onDone }: PartProps) {
    const names = useNames()
    if (subject.questions.length === 0) return <Empty title="No partner was asked anything." />
    return (
        <Table
            caption="What partners were asked, and what they said"
            rows={subject.questions}
            keyOf={(row) => row.id}
            columns={[
                { name: "Partner", cell: (row) => <strong>{names.partner(row.partner)}</strong> },
                { name: "What", cell: (row) => <Badge>{kindNames[row.kind]}</Badge> },
                { name: "Question", cell: (row) => <span className="letter">{row.text}</span> },
                { name: "Until", cell: (row) => <When at={row.answerBy} short /> },
                { name: "Answer", cell: (row) => <Answer row={row} /> },
                { name: "State", cell: (row) => <State inquiry={subject.id} row={row} onDone={onDone} />, end: true },
            ]}
        />
    )
}

type Row = Opened["questions"][number]

function Answer({ row: { answer, unreached } }: { row: Row }) {
    if (answer === null) {
        return (
            <>
                <span className="muted">none</span>
                {unreached > 0 && <Badge tone="bad">mail did not get to {unreached} of its leads</Badge>}
            </>
        )
    }
    return (
        <>
            {answer.deleted !== null && (
                <Badge tone={answer.deleted ? "good" : "bad"}>{answer.deleted ? "deleted" : "not deleted"}</Badge>
            )}{" "}
            <span className="letter">{answer.text}</span>
        </>
    )
}

function State({ inquiry, row, onDone }: { inquiry: string; row: Row; onDone: () => void }) {
    const disabledReason = useWhyNot()("inquiry:read")
    const path = `/api/inquiries/${inquiry}/questions/${row.id}/mark-read` as const
    return (
        <span className="row end">
            <Badge tone={row.state === "open" ? "due" : "plain"}>{row.state}</Badge>
            {row.state !== "open" && row.readAt === null && (
                <Do disabledReason={disabledReason} write={writeTo("POST", path)} onDone={onDone}>
                    Noted
                </Do>
            )}
        </span>
    )
}

export function AskPartner({ subject, onDone }: PartProps) {
    const from = (usePartners().data?.partners ?? []).map(({ id, name }) => ({ value: id, name }))
    return (
        <FormDialog
            button="Ask a partner…"
            title="Ask a partner"
            submit="Ask"
            disabledReason={useWhyNotChange(subject)}
            requests={[
                { name: "partner", label: "Partner", kind: "choice", from },
                {
                    name: "kind",
                    label: "What",
                    kind: "choice",
                    from: [
                        { value: "question", name: "a question" },
                        { value: "deletion", name: "to attest that its copies are deleted" },
                    ],
                },
                ...useTextAndDeadline(),
            ]}
            write={(body) => writeTo("POST", `/api/inquiries/${subject.id}/questions`, body)}
            onDone={onDone}
        >
            <SeesThisAlone />
        </FormDialog>
    )
}

export function TellGist({ subject, finding, partner, onDone }: PartProps & { finding: string; partner: string }) {
    return (
        <FormDialog
            button="Send finding summary…"
            title="Send the partner the finding summary"
            submit="Ask for its answer"
            disabledReason={useWhyNotChange(subject)}
            requests={useTextAndDeadline()}
            write={(answers) =>
                writeTo("POST", `/api/inquiries/${subject.id}/questions`, {
                    kind: "finding",
                    finding,
                    partner,
                    ...answers,
                })
            }
            onDone={onDone}
        >
            <SeesThisAlone />
        </FormDialog>
    )
}

function SeesThisAlone() {
    return (
        <p className="muted">
            Its leads read these words and the deadline, and nothing else: not the inquiry, not who asks, not who else
            is asked. Name no other partner.
        </p>
    )
}

function useTextAndDeadline() {
    const usual = formatInstant(parseInstant(useNow()) + answerDays.usual * dayMs)
    return [
        { name: "text", label: "What the partner reads", kind: "text" },
        {
            name: "answerBy",
            label: "Answer until",
            kind: "instant",
            initial: usual,
            hint: `${answerDays.min} to ${answerDays.max} days from now`,
            codes: ["question.bad_deadline"],
        },
    ] as const satisfies readonly Asked[]
}

const attestedNames: Readonly<Record<string, readonly [yes: string, no: string]>> = {
    recall: ["copies of what was recalled are deleted", ""],
    question: ["copies are deleted", "copies are not all deleted"],
    agreement: ["every obligation was kept", "an obligation was not kept"],
}

export function Attestations({ subject }: { subject: Opened }) {
    const names = useNames()
    return (
        <Table
            caption="What partners have attested"
            rows={subject.attestations}
            keyOf={(item) => `${item.kind} ${item.about} ${item.partner}`}
            columns={[
                { name: "Partner", cell: (item) => <strong>{names.partner(item.partner)}</strong> },
                { name: "Attested", cell: (item) => attestedNames[item.kind]?.[item.affirmed ? 0 : 1] ?? item.kind },
                {
                    name: "Asked by",
                    cell: (item) =>
                        item.kind === "question"
                            ? "this inquiry"
                            : item.kind === "recall"
                              ? "a recall"
                              : "the agreement",
                },
                { name: "When", cell: (item) => <When at={item.at} short />, end: true },
            ]}
        />
    )
}
