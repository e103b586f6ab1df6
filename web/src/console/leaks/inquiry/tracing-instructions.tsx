/** Tracing instructions for next releases: sign, activate, and end or extend them at the inquiry's closure. */
import type { ReactNode } from "react"
import { type AnswerTo, useLook, writeTo } from "../../api.ts"
import { Do } from "../../../kit/button.tsx"
import { type Answers, type Asked, FormDialog, reasonField } from "../../../kit/form.tsx"
import { When, wordsOf } from "../../../kit/instant.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import { useApprovals } from "../../release/approval-reads.ts"
import { SignDialog, TakeBack } from "../../release/approvals.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { approvalWords } from "../../words.ts"
import { decimalText, rich, t, valueText } from "../../../messages/message.ts"

type ExtensionRow = InstructionRow["extensions"][number]

export type InstructionRow = InstructionsAnswer["tracingInstructions"][number]

export type InstructionsAnswer = AnswerTo<"/api/inquiries/{id}/tracing-instructions">

export const designName = (colluders: number): string =>
    t("Codewords against up to {colluders, plural, one {# colluder} other {# colluders}}", { colluders })
export const bits = (many: number): string => decimalText(many, 3)

interface InstructionsProps {
    subject: Opened
    rows: readonly InstructionRow[]
    onDone: () => void
}

export function Instructions({ subject, rows, onDone }: InstructionsProps) {
    const names = useNames()
    return (
        <Table
            caption={t("Tracing instructions for next releases")}
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
                {
                    name: t("Design"),
                    cell: (row) => (
                        <>
                            {designName(row.colluders)}
                            <span className="letter block">{row.reason}</span>
                            {row.extensions.map((extension) => (
                                <Extension key={extension.id} row={extension} />
                            ))}
                        </>
                    ),
                },
                { name: t("Class and case"), cell: (row) => `${valueText(row.class)}, ${names.case(row.case)}` },
                { name: t("Gain in bits"), cell: (row) => bits(row.gainBits), end: true },
                { name: t("By"), cell: (row) => names.person(row.requestedBy) },
                { name: t("State"), cell: (row) => <State subject={subject} row={row} onDone={onDone} />, end: true },
            ]}
        />
    )
}

function Extension({ row }: { row: ExtensionRow }) {
    const names = useNames()
    const values = {
        until: <When at={row.until} short />,
        owner: names.person(row.owner),
        reason: <span className="letter">{row.reason}</span>,
    }
    return (
        <span className="muted block">
            {row.extendedAt === null
                ? rich("Extension requested until {until}, owner {owner}: {reason}", values)
                : rich("Extended until {until}, owner {owner}: {reason}", values)}
        </span>
    )
}

interface StateProps {
    subject: Opened
    row: InstructionRow
    onDone: () => void
}

function State({ subject, row, onDone }: StateProps) {
    const disabledReason = useWhyNotChange(subject)
    if (row.endedAt !== null) {
        return (
            <>
                <Badge>{t("ended")}</Badge> <When at={row.endedAt} short />
            </>
        )
    }
    if (row.activatedAt !== null) {
        const open = row.extensions.findLast(
            ({ extendedAt, state }) => extendedAt === null && state !== "voided" && state !== "expired",
        )
        return (
            <span className="row end">
                <Badge tone="good">{t("active")}</Badge> <When at={row.activatedAt} short />
                {open === undefined ? (
                    subject.status === "open" && <Extend subject={subject} row={row} onDone={onDone} />
                ) : (
                    <Signing row={open} />
                )}
            </span>
        )
    }
    const path = `/api/inquiries/${subject.id}/tracing-instructions/${row.id}/activate` as const
    return (
        <Signing row={row}>
            <Do look="main" disabledReason={disabledReason} write={writeTo("POST", path)} onDone={onDone}>
                {t("Activate")}
            </Do>
        </Signing>
    )
}

interface SigningProps {
    row: Pick<InstructionRow, "approval" | "state">
    /** Shown once it is signed. */
    children?: ReactNode
}

function Signing({ row, children }: SigningProps) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === row.approval)
    const words = approvalWords[approval?.state ?? row.state]
    return (
        <span className="row end">
            <Badge tone={words.tone}>{words.name}</Badge>
            {approval?.state === "requested" && (
                <>
                    <TakeBack approval={approval} />
                    <SignDialog approval={approval} />
                </>
            )}
            {approval?.state === "signed" && children}
        </span>
    )
}

function Extend({ subject, row, onDone }: StateProps) {
    const names = useNames()
    return (
        <FormDialog
            button={t("Extend…")}
            title={t("Extend the instruction beyond the closure")}
            submit={t("Request a second signature")}
            disabledReason={useWhyNotChange(subject)}
            requests={[
                reasonField,
                {
                    name: "owner",
                    label: t("Owner of the extension"),
                    kind: "choice",
                    from: subject.members.map((value) => ({ value, name: names.person(value) })),
                },
                { name: "until", label: t("Until"), kind: "instant", codes: ["inquiry.bad_end"] },
            ]}
            write={(body) =>
                writeTo("POST", `/api/inquiries/${subject.id}/tracing-instructions/${row.id}/extend`, body)
            }
            onDone={onDone}
        >
            <p className="muted">
                {t(
                    "A tracing instruction ends when the inquiry is closed. With a signed extension, the person who closes the inquiry can keep it.",
                )}
            </p>
        </FormDialog>
    )
}

const ends = "ends"
type InstructionField = `provision-${string}`
const fieldOf = (id: string): InstructionField => `provision-${id}`

/** Asks, at closure, for each active instruction whether it ends. */
export function useInstructionEnds(subject: Opened): {
    readonly requests: Asked<InstructionField>[]
    readonly refetch: () => void
} {
    const names = useNames()
    const look = useLook(`/api/inquiries/${subject.id}/tracing-instructions`)
    const rows = look.data?.tracingInstructions ?? []
    const signed = new Set(useApprovals().data?.recent.flatMap(({ id, state }) => (state === "signed" ? [id] : [])))
    const choices: Asked<InstructionField>[] = rows
        .filter(({ activatedAt, endedAt }) => activatedAt !== null && endedAt === null)
        .map((row) => {
            const extension = row.extensions.findLast(({ extendedAt }) => extendedAt === null)
            const isSigned = extension !== undefined && (extension.state === "signed" || signed.has(extension.approval))
            const kept = isSigned
                ? [{ value: row.id, name: t("continues until {until}", { until: wordsOf(extension.until) }) }]
                : []
            return {
                name: fieldOf(row.id),
                kind: "choice",
                label: `${designName(row.colluders)}: ${valueText(row.class)}, ${names.case(row.case)}`,
                from: [{ value: ends, name: t("ends") }, ...kept],
            }
        })
    return { requests: choices, refetch: () => void look.refetch() }
}

export const extendedIn = (answers: Answers): string[] =>
    Object.entries(answers).flatMap(([name, value]) => (name.startsWith(fieldOf("")) && value !== ends ? [value] : []))
