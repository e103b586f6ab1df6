/** The rare actions of an inquiry, in its menu. */
import { type ReactNode, useRef } from "react"
import { useNavigate } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { type Outcome, outcomes } from "../../../../../server/src/trace/inquiries/history.ts"
import { AskForm, type Asked, reasonField, ticked } from "../../../kit/form.tsx"
import { wordsOf } from "../../../kit/instant.tsx"
import type { Action } from "../../../kit/layout/menu-list.tsx"
import { stillLoading } from "../../../kit/text.ts"
import { useColleagues, useLoadingPeople, useMe, useWhyNot } from "../../artifacts/viewer.tsx"
import { nameOfEvidence, useEvidence } from "../evidence/evidence-reads.ts"
import { membersHint, useMemberChoices } from "./inquiries.tsx"
import type { PartProps } from "./inquiry-answers.ts"
import { ReportForm } from "./report.tsx"
import { extendedIn, useInstructionEnds } from "./tracing-instructions.tsx"
import { useWhyNotChange } from "./why-not-change.ts"
import { t } from "../../../messages/message.ts"

export function useInquiryActions(props: PartProps): readonly Action[] {
    const { subject } = props
    const may = useWhyNot()
    const noChange = useWhyNotChange(subject)
    const isClosed = subject.status === "closed"
    const nothingToAdd = useNothingToAdd(props)
    const dialog = (title: string, content: (close: () => void) => ReactNode) => ({ title, content })
    const closeOrReopen = isClosed
        ? {
              name: t("Reopen…"),
              dialog: dialog(t("Reopen the inquiry"), (close) => <ReopenForm {...props} close={close} />),
          }
        : {
              name: t("Close…"),
              dialog: dialog(t("Close the inquiry"), (close) => <CloseForm {...props} close={close} />),
          }
    return [
        {
            id: "add",
            name: t("Add evidence or members…"),
            disabledReason: noChange ?? nothingToAdd,
            dialog: dialog(t("Add evidence or members"), (close) => <AddForm {...props} close={close} />),
        },
        {
            id: "exclude",
            name: t("Exclude a person…"),
            disabledReason: may("inquiry:read"),
            dialog: dialog(t("Exclude a person with a stake"), (close) => <ExcludeForm {...props} close={close} />),
        },
        {
            id: "report",
            name: t("Export the report…"),
            disabledReason: may("inquiry:write"),
            dialog: dialog(t("Report of the inquiry"), () => <ReportForm inquiry={subject.id} />),
        },
        { id: "status", disabledReason: may("inquiry:write"), ...closeOrReopen },
    ]
}

type FormProps = PartProps & { close: () => void }

function useAdditions({ subject }: PartProps) {
    const read = useEvidence()
    const rest = (read.data?.evidence ?? []).filter(({ id }) => !subject.evidence.includes(id))
    const members = useMemberChoices([...subject.members, ...subject.excluded.map(({ person }) => person)])
    return { rest, members, isLoading: read.isLoading }
}

function useNothingToAdd(props: PartProps): string | null {
    const { rest, members, isLoading } = useAdditions(props)
    const loading = useLoadingPeople() ?? (isLoading ? stillLoading : null)
    return rest.length + members.length === 0 ? (loading ?? t("all evidence and all people are added")) : null
}

function AddForm({ close, ...props }: FormProps) {
    const { rest, members } = useAdditions(props)
    const evidence: Asked = {
        name: "evidence",
        label: t("Evidence"),
        kind: "choices",
        from: rest.map((item) => ({
            value: item.id,
            name: `${nameOfEvidence(item)}, ${item.source}, ${wordsOf(item.observedAt)}`,
        })),
    }
    const people: Asked = { name: "members", label: t("Members"), kind: "choices", from: members, hint: membersHint }
    return (
        <AskForm
            submit={t("Add")}
            requests={[evidence, people].filter(({ from = [] }) => from.length > 0)}
            write={(answers) =>
                writeTo("POST", `/api/inquiries/${props.subject.id}/expand`, {
                    evidence: ticked(answers, "evidence"),
                    members: ticked(answers, "members"),
                })
            }
            onDone={() => {
                close()
                props.onDone()
            }}
        />
    )
}

function ExcludeForm({ subject, onDone, close }: FormProps) {
    const me = useMe()
    const navigate = useNavigate()
    const excluded = new Set(subject.excluded.map(({ person }) => person))
    const rank = (id: string) => (id === me.id ? 0 : subject.members.includes(id) ? 1 : 2)
    const from = useColleagues()
        .filter(({ id, left }) => !left && !excluded.has(id))
        .toSorted((a, b) => rank(a.id) - rank(b.id))
        .map(({ id, name }) => ({
            value: id,
            name: [t("{name} (you)", { name }), t("{name} (member)", { name }), name][rank(id)] ?? name,
        }))
    const chosen = useRef("")
    return (
        <AskForm
            submit={t("Exclude")}
            requests={[
                { name: "person", label: t("Person"), kind: "choice", from },
                { ...reasonField, hint: t("only members of the inquiry read it") },
            ]}
            write={({ person, reason }) => {
                chosen.current = person
                return writeTo("POST", `/api/inquiries/${subject.id}/exclude`, { person, reason })
            }}
            onDone={() => {
                close()
                if (chosen.current === me.id) void navigate({ to: "/leaks/inquiries" })
                else onDone()
            }}
        >
            <p className="muted">
                {t(
                    "The person loses access at once and can never be a member again. Open approvals of this inquiry are voided: request them again.",
                )}
            </p>
        </AskForm>
    )
}

const outcomeNames: Readonly<Record<Outcome, string>> = {
    explained: t("explained: the findings say how it happened"),
    undecided: t("undecided: the evidence is not enough"),
    unfounded: t("unfounded: there was nothing to explain"),
}

function CloseForm({ subject, onDone, close }: FormProps) {
    const instructions = useInstructionEnds(subject)
    return (
        <AskForm
            submit={t("Close the inquiry")}
            requests={[
                {
                    name: "outcome",
                    label: t("Outcome"),
                    kind: "choice",
                    from: outcomes.map((value) => ({ value, name: outcomeNames[value] })),
                },
                reasonField,
                ...instructions.requests,
            ]}
            write={({ outcome, reason: text, ...answers }) =>
                writeTo("POST", `/api/inquiries/${subject.id}/close`, {
                    outcome,
                    reason: text,
                    extended: extendedIn(answers),
                })
            }
            onDone={() => {
                close()
                instructions.refetch()
                onDone()
            }}
        >
            <p className="muted">
                {t(
                    "A closed inquiry can be read and not changed. Open approvals are withdrawn. Partners can still answer open questions. Tracing instructions end, except those with a signed extension that you keep here.",
                )}
            </p>
        </AskForm>
    )
}

function ReopenForm({ subject, onDone, close }: FormProps) {
    return (
        <AskForm
            submit={t("Reopen")}
            requests={[reasonField]}
            write={(body) => writeTo("POST", `/api/inquiries/${subject.id}/reopen`, body)}
            onDone={() => {
                close()
                onDone()
            }}
        />
    )
}
