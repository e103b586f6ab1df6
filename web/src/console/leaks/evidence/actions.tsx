/** The rare actions on a piece of evidence, in its menu. */
import type { ReactNode } from "react"
import { noteKinds, noteLength } from "../../../../../server/src/trace/evidence/retention.ts"
import { writeTo } from "../../api.ts"
import { AskForm, reasonField } from "../../../kit/form.tsx"
import type { Action } from "../../../kit/layout/menu-list.tsx"
import type { Write } from "../../../kit/api.ts"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { SuspendForm } from "../../measures/measure-actions.tsx"
import { errorBoundText } from "./e-value.ts"
import { identifiedIn } from "./attribution.tsx"
import type { AttributionAnswer, EvidenceAnswer } from "./evidence-reads.ts"
import { DiscloseForInquiry, DiscloseForm } from "./expert.tsx"
import { noteNames } from "./retention.tsx"
import { t } from "../../../messages/message.ts"

interface ActionsInput {
    readonly evidence: EvidenceAnswer
    readonly attribution: AttributionAnswer | undefined
    readonly onDone: () => void
    readonly onAttributed: () => void
}

export function useEvidenceActions(input: ActionsInput): readonly Action[] {
    const may = useWhyNot()
    const write = may("evidence:write")
    const { evidence, attribution, onDone, onAttributed } = input
    const disclosures = useDisclosures(evidence, attribution)
    const suspensions = useSuspensions(attribution)
    if (evidence.deletedAt !== null) return []
    const action = (id: string, name: string, content: (done: () => void) => ReactNode): Action => ({
        id,
        name,
        disabledReason: write,
        dialog: { title: name.replace("…", ""), content: (close) => content(() => (close(), onDone())) },
    })
    return [
        ...(attribution === undefined
            ? []
            : [
                  action("attribute", t("Attribute again…"), (done) => (
                      <AttributeForm evidence={evidence.id} onDone={() => (done(), onAttributed())} />
                  )),
              ]),
        action("note", t("Add a note…"), (done) => <NoteForm evidence={evidence.id} onDone={done} />),
        ...holdActions(evidence, action),
        ...disclosures,
        ...suspensions,
    ]
}

function holdActions(
    { id, hold }: EvidenceAnswer,
    action: (id: string, name: string, content: (done: () => void) => ReactNode) => Action,
): Action[] {
    if (hold !== null) {
        return [
            action("lift", t("Lift the legal hold…"), (done) => (
                <ReasonForm
                    submit={t("Request a second signature")}
                    write={(reason) => writeTo("POST", `/api/evidence/${id}/hold/lift`, { reason })}
                    onDone={done}
                >
                    {t("Needs a second signature. Then two people can delete the evidence.")}
                </ReasonForm>
            )),
        ]
    }
    return [
        action("hold", t("Place a legal hold…"), (done) => (
            <ReasonForm
                submit={t("Place the legal hold")}
                write={(reason) => writeTo("POST", `/api/evidence/${id}/hold`, { reason })}
                onDone={done}
            >
                {t(
                    "The evidence cannot be deleted from now on, even if a deletion is signed. Lifting the hold needs a second signature.",
                )}
            </ReasonForm>
        )),
        {
            ...action("delete", t("Delete the evidence…"), (done) => (
                <ReasonForm
                    submit={t("Request a second signature")}
                    look="danger"
                    write={(reason) => writeTo("POST", `/api/evidence/${id}/delete`, { reason })}
                    onDone={done}
                >
                    {t(
                        "Needs a second signature. Deletion destroys the content, the notes, the key and the analysis. The hash and the chain of custody stay. You cannot undo this.",
                    )}
                </ReasonForm>
            )),
            isDangerous: true,
        },
    ]
}

function useDisclosures(evidence: EvidenceAnswer, attribution: AttributionAnswer | undefined): Action[] {
    const disabledReason = useWhyNot()("marks:disclose")
    if (attribution === undefined || attribution.best === null) return []
    const { id } = attribution
    return [
        {
            id: "disclose",
            name: t("Disclose keys to an expert…"),
            disabledReason,
            dialog: {
                title: t("Disclose keys to an expert"),
                content: (close) => <DiscloseForm attribution={id} onDone={close} />,
            },
        },
        {
            id: "disclose-inquiry",
            name: t("Disclose keys for an inquiry…"),
            disabledReason,
            dialog: {
                title: t("Disclose keys for an inquiry"),
                content: () => <DiscloseForInquiry attribution={id} evidence={evidence.id} />,
            },
        },
    ]
}

function useSuspensions(attribution: AttributionAnswer | undefined): Action[] {
    const names = useNames()
    const disabledReason = useWhyNot()("measure:suspend")
    const partners = attribution === undefined ? [] : identifiedIn(attribution).flatMap(({ partner }) => partner ?? [])
    return partners.map((partner) => ({
        id: `suspend ${partner}`,
        name: t("Suspend {partner}…", { partner: names.partner(partner) }),
        isDangerous: true,
        disabledReason,
        dialog: {
            title: t("Suspend {partner}", { partner: names.partner(partner) }),
            content: (close) => <SuspendForm partner={partner} onDone={close} />,
        },
    }))
}

interface ReasonFormProps {
    submit: string
    look?: "main" | "danger"
    write: (reason: string) => Write<object>
    onDone: () => void
    children: ReactNode
}

function ReasonForm({ submit, look = "main", write, onDone, children }: ReasonFormProps) {
    return (
        <AskForm
            submit={submit}
            look={look}
            requests={[{ ...reasonField, length: noteLength, hint: t("kept encrypted") }]}
            write={({ reason }) => write(reason)}
            onDone={onDone}
        >
            <p>{children}</p>
        </AskForm>
    )
}

interface FormProps {
    evidence: string
    onDone: () => void
}

function NoteForm({ evidence, onDone }: FormProps) {
    return (
        <AskForm
            submit={t("Add the note")}
            onDone={onDone}
            requests={[
                {
                    name: "about",
                    label: t("About"),
                    kind: "choice",
                    from: noteKinds.map((value) => ({ value, name: noteNames[value] })),
                },
                {
                    name: "text",
                    label: t("Note"),
                    kind: "text",
                    length: noteLength,
                    hint: t("kept encrypted; a note cannot be changed, so add another to correct it"),
                },
            ]}
            write={({ about, text }) => writeTo("POST", `/api/evidence/${evidence}/notes`, { about, text })}
        />
    )
}

const errors = [
    { value: "1e-6", name: t("{bound} (default)", { bound: errorBoundText(1e-6) }) },
    { value: "1e-4", name: errorBoundText(1e-4) },
    { value: "1e-3", name: errorBoundText(1e-3) },
    { value: "1e-2", name: t("{bound}, needs a second signature", { bound: errorBoundText(1e-2) }) },
]

/** Requests a larger error bound. It identifies a copy by fewer slots, for every attribution of the case's leaks. */
function AttributeForm({ evidence, onDone }: FormProps) {
    return (
        <AskForm
            submit={t("Attribute again")}
            requests={[
                { name: "alpha", label: t("Chance to identify an innocent recipient"), kind: "choice", from: errors },
                {
                    ...reasonField,
                    optional: true,
                    hint: t("required above {bound}", { bound: errorBoundText(1e-3) }),
                },
            ]}
            write={({ alpha, reason }) =>
                writeTo("POST", `/api/evidence/${evidence}/attribute`, {
                    alpha: Number(alpha),
                    ...(reason !== "" && { reason }),
                })
            }
            onDone={onDone}
        >
            <p className="muted">
                {t(
                    "The chance covers all innocent recipients and all tries on the leaks of this case. Slots that an earlier try counted do not count again. Each try is recorded with its error bound.",
                )}
            </p>
        </AskForm>
    )
}
