/** What partners are asked in an inquiry, what they said, and what they attested. */
import { dayMs, formatInstant, parseInstant } from "../../lib/instant.ts"
import { type QuestionKind, answerDays } from "../../trace/inquiries/question.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./inquiry-why.ts"
import { useNames, useNow, usePartners, useWhyNot } from "./viewer.tsx"

const kindNames: Readonly<Record<QuestionKind, string>> = {
    question: "question",
    deletion: "are copies deleted?",
    finding: "gist of a finding",
}

export function Questions({ of, onDone }: PartProps) {
    const names = useNames()
    if (of.questions.length === 0) return <Empty title="No partner was asked anything." />
    return (
        <Table
            caption="What partners were asked, and what they said"
            rows={of.questions}
            keyOf={(one) => one.id}
            columns={[
                { name: "Partner", cell: (one) => <strong>{names.partner(one.partner)}</strong> },
                { name: "What", cell: (one) => <Badge>{kindNames[one.kind]}</Badge> },
                { name: "Question", cell: (one) => <span className="letter">{one.text}</span> },
                { name: "Until", cell: (one) => <When at={one.answerBy} short /> },
                { name: "Answer", cell: (one) => <Answer of={one} /> },
                { name: "State", cell: (one) => <State inquiry={of.id} of={one} onDone={onDone} />, end: true },
            ]}
        />
    )
}

type Row = Opened["questions"][number]

function Answer({ of: { answer, unreached } }: { of: Row }) {
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

function State({ inquiry, of, onDone }: { inquiry: string; of: Row; onDone: () => void }) {
    const not = useWhyNot()("inquiry:read")
    const path = `/api/inquiries/${inquiry}/questions/${of.id}/mark-read`
    return (
        <span className="row end">
            <Badge tone={of.state === "open" ? "due" : "plain"}>{of.state}</Badge>
            {of.state !== "open" && of.notedAt === null && (
                <Do not={not} write={{ method: "POST", path }} onDone={onDone}>
                    Noted
                </Do>
            )}
        </span>
    )
}

export function AskPartner({ of, onDone }: PartProps) {
    const from = (usePartners().data?.partners ?? []).map(({ id, name }) => ({ value: id, name }))
    return (
        <FormDialog
            button="Ask a partner…"
            title="Ask a partner"
            submit="Ask"
            not={useWhyNotChange(of)}
            asked={[
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
            write={(body) => ({ method: "POST", path: `/api/inquiries/${of.id}/questions`, body })}
            onDone={onDone}
        >
            <SeesThisAlone />
        </FormDialog>
    )
}

export function TellGist({ of, finding, partner, onDone }: PartProps & { finding: string; partner: string }) {
    return (
        <FormDialog
            button="Send finding summary…"
            title="Send the partner the finding summary"
            submit="Ask for its answer"
            not={useWhyNotChange(of)}
            asked={useTextAndDeadline()}
            write={(answers) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/questions`,
                body: { kind: "finding", finding, partner, ...answers },
            })}
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
        { name: "text", label: "What the partner reads", kind: "text" as const },
        {
            name: "answerBy",
            label: "Answer until",
            kind: "instant" as const,
            initial: usual,
            hint: `${answerDays.min} to ${answerDays.max} days from now`,
            codes: ["question.bad_deadline"],
        },
    ]
}

const attestedNames: Readonly<Record<string, readonly [yes: string, no: string]>> = {
    recall: ["copies of what was recalled are deleted", ""],
    question: ["copies are deleted", "copies are not all deleted"],
    agreement: ["every obligation was kept", "an obligation was not kept"],
}

export function Attestations({ of }: { of: Opened }) {
    const names = useNames()
    return (
        <Table
            caption="What partners have attested"
            rows={of.attestations}
            keyOf={(one) => `${one.of} ${one.about} ${one.partner}`}
            columns={[
                { name: "Partner", cell: (one) => <strong>{names.partner(one.partner)}</strong> },
                { name: "Attested", cell: (one) => attestedNames[one.of]?.[one.affirmed ? 0 : 1] ?? one.of },
                {
                    name: "Asked by",
                    cell: (one) =>
                        one.of === "question" ? "this inquiry" : one.of === "recall" ? "a recall" : "the agreement",
                },
                { name: "When", cell: (one) => <When at={one.at} short />, end: true },
            ]}
        />
    )
}
