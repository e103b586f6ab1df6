/** Tracing instructions for next releases: sign, activate, and end or extend them at the inquiry's closure. */
import type { ReactNode } from "react"
import { type AnswerTo, useLook, writeTo } from "../../api.ts"
import { Do } from "../../../kit/button.tsx"
import { type Asked, type Answers, FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import { SignDialog, TakeBack, useApprovals } from "../../release/approvals.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { approvalWords } from "../../words.ts"

type CarryingRow = ProvisionRow["extensions"][number]

export type ProvisionRow = ProvisionsAnswer["tracingInstructions"][number]

export type ProvisionsAnswer = AnswerTo<"/api/inquiries/{id}/tracing-instructions">

export const drawnFor = (colluders: number): string => `Words drawn for up to ${colluders} who put copies together`
export const bits = (many: number): string => many.toFixed(3)

interface ProvisionsProps {
    subject: Opened
    rows: readonly ProvisionRow[]
    onDone: () => void
}

export function Provisions({ subject, rows, onDone }: ProvisionsProps) {
    const names = useNames()
    return (
        <Table
            caption="Chosen for next releases"
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
                {
                    name: "What",
                    cell: (row) => (
                        <>
                            {drawnFor(row.colluders)}
                            <span className="letter block">{row.reason}</span>
                            {row.extensions.map((carrying) => (
                                <CarriedOn key={carrying.id} row={carrying} />
                            ))}
                        </>
                    ),
                },
                { name: "Of", cell: (row) => `${row.class}, ${names.case(row.case)}` },
                { name: "Bits more", cell: (row) => bits(row.gainBits), end: true },
                { name: "By", cell: (row) => names.person(row.requestedBy) },
                { name: "State", cell: (row) => <State subject={subject} row={row} onDone={onDone} />, end: true },
            ]}
        />
    )
}

function CarriedOn({ row }: { row: CarryingRow }) {
    const names = useNames()
    const text = row.extendedAt === null ? "To go on after the closing" : "Carried on"
    return (
        <span className="muted block">
            {text} until <When at={row.until} short />, {names.person(row.owner)} answers for it:{" "}
            <span className="letter">{row.reason}</span>
        </span>
    )
}

interface StateProps {
    subject: Opened
    row: ProvisionRow
    onDone: () => void
}

function State({ subject, row, onDone }: StateProps) {
    const disabledReason = useWhyNotChange(subject)
    if (row.endedAt !== null) {
        return (
            <>
                <Badge>ended</Badge> <When at={row.endedAt} short />
            </>
        )
    }
    if (row.activatedAt !== null) {
        const open = row.extensions.findLast(
            ({ extendedAt, state }) => extendedAt === null && state !== "voided" && state !== "expired",
        )
        return (
            <span className="row end">
                <Badge tone="good">in force</Badge> <When at={row.activatedAt} short />
                {open === undefined ? (
                    subject.status === "open" && <CarryOn subject={subject} row={row} onDone={onDone} />
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
                Put in force
            </Do>
        </Signing>
    )
}

interface SigningProps {
    row: Pick<ProvisionRow, "approval" | "state">
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

function CarryOn({ subject, row, onDone }: StateProps) {
    const names = useNames()
    return (
        <FormDialog
            button="Extend…"
            title="Extend it after the closure"
            submit="Ask another member to sign"
            disabledReason={useWhyNotChange(subject)}
            requests={[
                { name: "reason", label: "Why", kind: "text" },
                {
                    name: "owner",
                    label: "Who answers for it",
                    kind: "choice",
                    from: subject.members.map((value) => ({ value, name: names.person(value) })),
                },
                { name: "until", label: "Until", kind: "instant", codes: ["inquiry.bad_end"] },
            ]}
            write={(body) =>
                writeTo("POST", `/api/inquiries/${subject.id}/tracing-instructions/${row.id}/extend`, body)
            }
            onDone={onDone}
        >
            <p className="muted">
                It ends when the inquiry is closed, unless whoever closes it carries it on as another member has signed.
            </p>
        </FormDialog>
    )
}

const ends = "ends"
type InstructionField = `provision ${string}`
const fieldOf = (id: string): InstructionField => `provision ${id}`

/** Asks, at closure, for each active instruction whether it ends. */
export function useWhatBecomes(subject: Opened): {
    readonly asked: Asked<InstructionField>[]
    readonly again: () => void
} {
    const names = useNames()
    const look = useLook(`/api/inquiries/${subject.id}/tracing-instructions`)
    const rows = look.data?.tracingInstructions ?? []
    const signed = new Set(useApprovals().data?.recent.flatMap(({ id, state }) => (state === "signed" ? [id] : [])))
    const choices: Asked<InstructionField>[] = rows
        .filter(({ activatedAt: inForceAt, endedAt }) => inForceAt !== null && endedAt === null)
        .map((row) => {
            const carrying = row.extensions.findLast(({ extendedAt }) => extendedAt === null)
            const maySo = carrying !== undefined && (carrying.state === "signed" || signed.has(carrying.approval))
            const goesOn = maySo ? [{ value: row.id, name: `goes on until ${carrying.until}` }] : []
            return {
                name: fieldOf(row.id),
                kind: "choice",
                label: `${drawnFor(row.colluders)}: ${row.class}, ${names.case(row.case)}`,
                from: [{ value: ends, name: "ends" }, ...goesOn],
            }
        })
    return { asked: choices, again: () => void look.refetch() }
}

export const carriedIn = (answers: Answers): string[] =>
    Object.entries(answers).flatMap(([name, value]) => (name.startsWith(fieldOf("")) && value !== ends ? [value] : []))
