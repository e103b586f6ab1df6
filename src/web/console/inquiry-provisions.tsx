/** What was chosen for next releases: signed, put in force, and ended or carried on when the inquiry is closed. */
import type { ReactNode } from "react"
import type { Carried, Provision } from "../../trace/inquiries/provision.ts"
import { useLook } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { type Asked, type Answers, FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Badge, Table } from "../kit/table.tsx"
import { SignDialog, TakeBack, useApprovals } from "./approvals.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./inquiry-why.ts"
import { useNames } from "./viewer.tsx"
import { approvalWords } from "./words.ts"

interface CarryingRow extends Omit<Carried, "askedAt" | "until" | "carriedAt" | "salt"> {
    readonly until: string
    readonly carriedAt: string | null
}

export interface ProvisionRow extends Omit<Provision, "askedAt" | "inForceAt" | "endedAt" | "carryings" | "salt"> {
    readonly askedAt: string
    readonly inForceAt: string | null
    readonly endedAt: string | null
    readonly carryings: readonly CarryingRow[]
}

export interface ProvisionsAnswer {
    readonly provisions: readonly ProvisionRow[]
}

export const drawnFor = (colluders: number): string => `Words drawn for up to ${colluders} who put copies together`
export const bits = (many: number): string => many.toFixed(3)

interface ProvisionsProps {
    of: Opened
    rows: readonly ProvisionRow[]
    onDone: () => void
}

export function Provisions({ of, rows, onDone }: ProvisionsProps) {
    const names = useNames()
    return (
        <Table
            caption="Chosen for next releases"
            rows={rows}
            keyOf={(one) => one.id}
            columns={[
                {
                    name: "What",
                    cell: (one) => (
                        <>
                            {drawnFor(one.colluders)}
                            <span className="letter block">{one.reason}</span>
                            {one.carryings.map((its) => (
                                <CarriedOn key={its.id} its={its} />
                            ))}
                        </>
                    ),
                },
                { name: "Of", cell: (one) => `${one.class}, ${names.case(one.case)}` },
                { name: "Bits more", cell: (one) => bits(one.gain), end: true },
                { name: "By", cell: (one) => names.person(one.askedBy) },
                { name: "State", cell: (one) => <State of={of} one={one} onDone={onDone} />, end: true },
            ]}
        />
    )
}

function CarriedOn({ its }: { its: CarryingRow }) {
    const names = useNames()
    const words = its.carriedAt === null ? "To go on after the closing" : "Carried on"
    return (
        <span className="muted block">
            {words} until <When at={its.until} short />, {names.person(its.owner)} answers for it:{" "}
            <span className="letter">{its.reason}</span>
        </span>
    )
}

interface StateProps {
    of: Opened
    one: ProvisionRow
    onDone: () => void
}

function State({ of, one, onDone }: StateProps) {
    const not = useWhyNotChange(of)
    if (one.endedAt !== null) {
        return (
            <>
                <Badge>ended</Badge> <When at={one.endedAt} short />
            </>
        )
    }
    if (one.inForceAt !== null) {
        const open = one.carryings.findLast(
            ({ carriedAt, state }) => carriedAt === null && state !== "voided" && state !== "expired",
        )
        return (
            <span className="row end">
                <Badge tone="good">in force</Badge> <When at={one.inForceAt} short />
                {open === undefined ? (
                    of.course === "open" && <CarryOn of={of} one={one} onDone={onDone} />
                ) : (
                    <Signing of={open} />
                )}
            </span>
        )
    }
    const path = `/api/inquiries/${of.id}/tracing-instructions/${one.id}/activate`
    return (
        <Signing of={one}>
            <Do look="main" not={not} write={{ method: "POST", path }} onDone={onDone}>
                Put in force
            </Do>
        </Signing>
    )
}

interface SigningProps {
    of: Pick<ProvisionRow, "approval" | "state">
    /** Once it is signed. */
    children?: ReactNode
}

function Signing({ of, children }: SigningProps) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === of.approval)
    const words = approvalWords[approval?.state ?? of.state]
    return (
        <span className="row end">
            <Badge tone={words.tone}>{words.name}</Badge>
            {approval?.state === "requested" && (
                <>
                    <TakeBack of={approval} />
                    <SignDialog of={approval} />
                </>
            )}
            {approval?.state === "signed" && children}
        </span>
    )
}

function CarryOn({ of, one, onDone }: StateProps) {
    const names = useNames()
    return (
        <FormDialog
            button="Extend…"
            title="Extend it after the closure"
            submit="Ask another member to sign"
            not={useWhyNotChange(of)}
            asked={[
                { name: "reason", label: "Why", kind: "text" },
                {
                    ...{ name: "owner", label: "Who answers for it", kind: "choice" },
                    from: of.members.map((value) => ({ value, name: names.person(value) })),
                },
                { name: "until", label: "Until", kind: "instant", codes: ["inquiry.bad_end"] },
            ]}
            write={(body) => ({
                ...{ method: "POST", body },
                path: `/api/inquiries/${of.id}/tracing-instructions/${one.id}/extend`,
            })}
            onDone={onDone}
        >
            <p className="muted">
                It ends when the inquiry is closed, unless whoever closes it carries it on as another member has signed.
            </p>
        </FormDialog>
    )
}

const ends = "ends"
const fieldOf = (id: string): string => `provision ${id}`

/** For whoever closes it: of each that is in force, whether it ends. */
export function useWhatBecomes(of: Opened): { readonly asked: Asked[]; readonly again: () => void } {
    const names = useNames()
    const look = useLook<ProvisionsAnswer>(`/api/inquiries/${of.id}/tracing-instructions`)
    const rows = look.data?.provisions ?? []
    const signed = new Set(useApprovals().data?.recent.flatMap(({ id, state }) => (state === "signed" ? [id] : [])))
    const choices: Asked[] = rows
        .filter(({ inForceAt, endedAt }) => inForceAt !== null && endedAt === null)
        .map((one) => {
            const asked = one.carryings.findLast(({ carriedAt }) => carriedAt === null)
            const maySo = asked !== undefined && (asked.state === "signed" || signed.has(asked.approval))
            const goesOn = maySo ? [{ value: one.id, name: `goes on until ${asked.until}` }] : []
            return {
                ...{ name: fieldOf(one.id), kind: "choice" },
                label: `${drawnFor(one.colluders)}: ${one.class}, ${names.case(one.case)}`,
                from: [{ value: ends, name: "ends" }, ...goesOn],
            }
        })
    return { asked: choices, again: () => void look.refetch() }
}

export const carriedIn = (answers: Answers): string[] =>
    Object.entries(answers).flatMap(([name, value]) => (name.startsWith(fieldOf("")) && value !== ends ? [value] : []))
