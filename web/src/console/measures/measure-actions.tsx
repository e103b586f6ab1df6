/** Measures about one partner: one person restricts at once, with a reason; two people restore. */
import { useState } from "react"
import { writeTo } from "../api.ts"
import { artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import type { LetterText } from "../../../../server/src/trace/measures/letter.ts"
import {
    type MeasureKind,
    type ReinstatableKind,
    reinstatableKinds,
} from "../../../../server/src/trace/measures/measure.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import type { Choice } from "../../kit/field.tsx"
import { type Answers, AskForm, type Asked, FormDialog, reasonField, ticked, tickedOf } from "../../kit/form.tsx"
import { Badge } from "../../kit/table.tsx"
import type { Approval, Partner } from "../answers.ts"
import { useApprovals } from "../release/approval-reads.ts"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import { FoldedLetter, type DraftOf } from "./letter-editor.tsx"
import { detail } from "./measure-effects.tsx"
import { ChangePreview, type Restriction } from "../release/change-preview.tsx"
import { useCaseChoices, useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

interface MeasureActionsProps {
    partner: Partner
    /** The open measures about the partner; null while loading. */
    open: readonly MeasureKind[] | null
}

/** Offers the possible measures. A partner suspended by decision can be suspended once more, for another matter. */
export function MeasureActions({ partner, open }: MeasureActionsProps) {
    const isOn = partner.status === "active" || partner.status === "restricted"
    const isSuspendedByDecision =
        partner.status === "suspended" && open !== null && !open.includes("interim_suspension")
    const held = reinstatableKinds.filter((kind) => open?.includes(kind))
    const isAlone = held.length === 1 && partner.status === "suspended"
    return (
        <>
            {isOn && <RestrictDialog partner={partner} />}
            {isOn && partner.restriction !== null && <RelaxDialog partner={partner} />}
            {isOn && partner.restriction !== null && (
                <Restoration partner={partner} action="partner.relax_restriction" />
            )}
            {(isOn || isSuspendedByDecision) && <SuspendDialog partner={partner.id} />}
            {held.map((from) => (
                <Restoration
                    key={from}
                    partner={partner}
                    action="partner.reinstate"
                    from={from}
                    button={isAlone ? null : ends[from]}
                />
            ))}
        </>
    )
}

const asks = {
    "partner.reinstate": { path: "/api/measures/reinstate", button: t("Request reinstatement") },
    "partner.relax_restriction": { path: "/api/measures/lift", button: t("Request the end of the restriction") },
} as const

/** Labels by kind, where one of several measures can be ended. */
const ends: Readonly<Record<ReinstatableKind, string>> = {
    interim_suspension: t("Request the end of the interim suspension"),
    suspension: t("Request the end of the suspension"),
}

interface RestorationProps {
    partner: Partner
    action: keyof typeof asks
    /** What a reinstatement ends. */
    from?: ReinstatableKind
    button?: string | null
}

/** Requests, signs and applies a restoration on the same screen. */
function Restoration({ partner, action, from, button = null }: RestorationProps) {
    const disabledReason = useWhyNot()("measure:reinstate")
    const approvals = useApprovals().data
    const isIt = (approval: Approval) =>
        approval.action === action &&
        approval.effects.recipients.includes(partner.id) &&
        (detail(approval).from ?? undefined) === from
    const waits = approvals?.pending.find(isIt)
    const signed = approvals?.recent.find((approval) => approval.state === "signed" && isIt(approval))
    if (signed !== undefined) return <CarryOut approval={signed} />
    const { path, button: usual } = asks[action]
    if (waits === undefined) {
        return (
            <Do disabledReason={disabledReason} write={writeTo("POST", path, { partner: partner.id, from })}>
                {button ?? usual}
            </Do>
        )
    }
    return (
        <>
            <Badge tone="due">{t("waits for a signature")}</Badge>
            {waits.maySign && <SignDialog approval={waits} />}
        </>
    )
}

export const measureReason = {
    ...reasonField,
    hint: t(
        "managers and approvers read it: do not mention marks, evidence or an inquiry. The partner gets a neutral letter",
    ),
} as const

export function SuspendDialog({ partner }: { partner: string }) {
    const names = useNames()
    return (
        <Opens
            button={t("Suspend…")}
            title={t("Suspend {partner}", { partner: names.partner(partner) })}
            look="danger"
            disabledReason={useWhyNot()("measure:suspend")}
        >
            {(close) => <SuspendForm partner={partner} onDone={close} />}
        </Opens>
    )
}

export function SuspendForm({ partner, onDone }: { partner: string; onDone: () => void }) {
    const [letter, setLetter] = useState<LetterText | null>(null)
    return (
        <AskForm
            submit={t("Suspend now")}
            look="danger"
            requests={[measureReason]}
            write={({ reason }) =>
                writeTo("POST", "/api/measures", {
                    kind: "interim_suspension",
                    partner,
                    reason,
                    ...(letter !== null && { letter }),
                })
            }
            onDone={onDone}
        >
            <p>
                {t(
                    "The partner loses access to all cases at once, on every channel. Running downloads are cut. The suspension finds no fault. The partner gets a letter, and two other people review the suspension within 14 days. It continues until they decide.",
                )}
            </p>
            <FoldedLetter draft={draftOf("interim_suspension", partner)} letter={letter} onChange={setLetter} />
        </AskForm>
    )
}

const draftOf = (kind: "interim_suspension" | "restrict", partner: string): DraftOf => ({
    path: "/api/letters/draft",
    body: { kind, partner },
})

/** The fields of a restriction: classes, delay and cases. Restricting and relaxing use the same fields. */
function restrictionFields(partner: Partner, cases: readonly Choice[]) {
    const held = partner.restriction
    return [
        {
            name: "withhold",
            label: t("Withhold these classes"),
            kind: "choices",
            from: artifactClasses.map((value) => ({ value, name: valueText(value) })),
            initial: held?.withhold.join("\n") ?? "",
        },
        {
            name: "late",
            label: t("Nothing before publication"),
            kind: "check",
            initial: held?.notBeforePublication ? "yes" : "",
        },
        {
            name: "cases",
            label: t("Only in these cases"),
            kind: "choices",
            from: cases,
            initial: held?.cases?.join("\n") ?? "",
            hint: t("none ticked: all cases, including future ones"),
        },
    ] as const satisfies readonly Asked[]
}

function restrictionIn(answers: Answers): Restriction {
    const cases = ticked(answers, "cases")
    return {
        withhold: tickedOf(artifactClasses, answers, "withhold"),
        notBeforePublication: answers.late === "yes",
        cases: cases.length === 0 ? null : cases,
    }
}

function RestrictDialog({ partner }: { partner: Partner }) {
    const cases = useCaseChoices()
    const [letter, setLetter] = useState<LetterText | null>(null)
    return (
        <FormDialog
            button={t("Restrict…")}
            title={t("Restrict {partner}", { partner: partner.name })}
            submit={t("Restrict now")}
            disabledReason={useWhyNot()("measure:restrict")}
            requests={[...restrictionFields(partner, cases), measureReason]}
            write={(answers) =>
                writeTo("POST", "/api/measures", {
                    kind: "restrict",
                    partner: partner.id,
                    reason: answers.reason,
                    ...restrictionIn(answers),
                    ...(letter !== null && { letter }),
                })
            }
            wide
            below={(answers) => (
                <ChangePreview partner={partner} change={{ fact: "restriction", value: restrictionIn(answers) }} />
            )}
        >
            <p>
                {partner.restriction === null
                    ? t("The restriction applies at once. It finds no fault, and the partner gets a letter.")
                    : t(
                          "The restriction applies at once. It finds no fault, and the partner gets a letter. Relaxing or lifting it needs a second signature.",
                      )}
            </p>
            <FoldedLetter draft={draftOf("restrict", partner.id)} letter={letter} onChange={setLetter} />
        </FormDialog>
    )
}

/** Relaxes a restriction. This needs a second signature. */
function RelaxDialog({ partner }: { partner: Partner }) {
    const cases = useCaseChoices()
    return (
        <FormDialog
            button={t("Relax…")}
            title={t("Relax the restriction of {partner}", { partner: partner.name })}
            submit={t("Request a second signature")}
            disabledReason={useWhyNot()("measure:reinstate")}
            requests={restrictionFields(partner, cases)}
            write={(answers) =>
                writeTo("POST", "/api/measures/relax", { partner: partner.id, ...restrictionIn(answers) })
            }
            wide
            below={(answers) => (
                <ChangePreview partner={partner} change={{ fact: "restriction", value: restrictionIn(answers) }} />
            )}
        >
            <p>{t("Choose what stays restricted. Needs a second signature. The partner gets a letter.")}</p>
        </FormDialog>
    )
}
