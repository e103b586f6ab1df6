/**
 * Planning: compares designs of the next releases, with tracing gain and cost to defenders. One member chooses, another
 * signs.
 */
import { useState } from "react"
import { type AnswerTo, useLook, writeTo } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { Field } from "../../../kit/field.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { Provisions, bits, drawnFor } from "./tracing-instructions.tsx"
import { useCan, useCaseChoices, useNames } from "../../artifacts/viewer.tsx"

type OptionRow = OptionsAnswer["classes"][number]["options"][number]

type ClassRow = OptionsAnswer["classes"][number]

type OptionsAnswer = AnswerTo<"/api/inquiries/{id}/options">

/** The question: a case, and the assumed number of colluders. */
interface About {
    readonly case: string
    readonly assumedColluders: string
}

export function PlanningSection({ subject }: { subject: Opened }) {
    const look = useLook(`/api/inquiries/${subject.id}/tracing-instructions`)
    const again = () => void look.refetch()
    return (
        <Section title="The next release">
            <Loaded query={look}>
                {({ tracingInstructions }) =>
                    tracingInstructions.length === 0 ? (
                        <Empty title="Nothing was chosen for a next release." />
                    ) : (
                        <Provisions subject={subject} rows={tracingInstructions} onDone={again} />
                    )
                }
            </Loaded>
            {useCan()("inquiry:write") && <Asking subject={subject} onDone={again} />}
        </Section>
    )
}

/** Loads the plan on request, because each read of cross-case evidence is recorded. */
function Asking({ subject, onDone }: { subject: Opened; onDone: () => void }) {
    const cases = useCaseChoices()
    const [about, setAbout] = useState<About>({ case: subject.case, assumedColluders: "1" })
    const [request, setAsked] = useState<About | null>(null)
    const set = (key: keyof About) => (value: string) => setAbout({ ...about, [key]: value })
    return (
        <>
            <div className="question">
                <Field
                    label="The next release of"
                    kind="choice"
                    value={about.case}
                    onChange={set("case")}
                    from={cases}
                />
                <Field
                    label="Thought to put copies together"
                    kind="choice"
                    value={about.assumedColluders}
                    onChange={set("assumedColluders")}
                    from={["1", "2", "3", "4", "5", "6", "7", "8"].map((value) => ({ value, name: value }))}
                />
                <Button look="main" onPress={() => setAsked(about)}>
                    What would tell more?
                </Button>
            </div>
            {request !== null && (
                <Proposals
                    key={`${request.case} ${request.assumedColluders}`}
                    subject={subject}
                    about={request}
                    onDone={onDone}
                />
            )}
        </>
    )
}

interface ProposalsProps {
    subject: Opened
    about: About
    onDone: () => void
}

function Proposals({ subject, about, onDone }: ProposalsProps) {
    const input = new URLSearchParams({ case: about.case, assumedColluders: about.assumedColluders }).toString()
    const look = useLook(`/api/inquiries/${subject.id}/options?${input}`)
    const names = useNames()
    return (
        <Loaded query={look}>
            {({ classes, bounds, assumptions }) => (
                <>
                    {classes.length === 0 ? (
                        <Empty title="No class of this case is still to go to anybody before publication." />
                    ) : (
                        <Table
                            caption="What would tell more: variants, which cost nobody anything, before windows"
                            rows={classes.flatMap((row) => rowsOf(row))}
                            keyOf={({ key }) => key}
                            columns={[
                                { name: "Class", cell: ({ its: row }) => row.class },
                                { name: "What", cell: (row) => whatIs(row, names.partner) },
                                { name: "Bits", cell: ({ total }) => bits(total), end: true },
                                {
                                    name: "More",
                                    cell: ({ one: row }) => (row === null ? "" : bits(row.gainBits)),
                                    end: true,
                                },
                                { name: "Partner-hours", cell: ({ one: row }) => row?.partnerHours ?? 0, end: true },
                                {
                                    name: "Done by",
                                    cell: ({ its: row, one: item }) =>
                                        item?.by === "signatures" && item.colluders !== null ? (
                                            <Choose
                                                subject={subject}
                                                about={about}
                                                kind={row.class}
                                                colluders={item.colluders}
                                                onDone={onDone}
                                            />
                                        ) : (
                                            <span className="muted">{item === null ? "" : doneBy[item.by]}</span>
                                        ),
                                    end: true,
                                },
                            ]}
                        />
                    )}
                    <p className="muted">
                        A window is {bounds.hoursMax} hours at most and {bounds.partnerHoursMax} partner-hours in all,
                        and leaves everybody {bounds.leadHoursMin} hours before publication. Nothing here puts one in
                        force.
                    </p>
                    <ul className="muted">
                        {assumptions.map((assumption) => (
                            <li key={assumption}>{assumption}</li>
                        ))}
                    </ul>
                </>
            )}
        </Loaded>
    )
}

/** An option for a class; null: the current design. */
interface Row {
    readonly key: string
    readonly its: ClassRow
    readonly one: OptionRow | null
    readonly total: number
}

function rowsOf(row: ClassRow): Row[] {
    const options = row.options.map((option, n) => ({
        key: `${row.class} ${n}`,
        its: row,
        one: option,
        total: row.bits + option.gainBits,
    }))
    return [{ key: row.class, its: row, one: null, total: row.bits }, ...options]
}

function whatIs({ its: row, one: item }: Row, partner: (id: string) => string): string {
    if (item === null) {
        const drawn = row.documents.filter(({ hasCodewords: isDrawn }) => isDrawn).length
        return `As it stands. Partners: ${row.recipients}; lasting slots: ${row.lasting}; versions drawn or unmarked: ${drawn} of ${row.documents.length}`
    }
    if (item.kind === "code_design") return drawnFor(item.colluders ?? 0)
    if (item.kind === "slots") return `${item.slots} more lasting slots in each version that is not drawn`
    if (item.kind === "canary") return "A canary in each version that may have one"
    if (item.kind === "polled") return "Own copies for machines that poll it"
    return `${item.hours} hours later: ${item.late.map(partner).join(", ")}`
}

const doneBy = {
    signatures: "",
    author: "its author, who writes it",
    admin: "an admin, for the whole program",
    manager: "nobody yet: waves are of tiers",
} as const

interface ChooseProps extends ProposalsProps {
    kind: ClassRow["class"]
    colluders: NonNullable<OptionRow["colluders"]>
}

function Choose({ subject, about, kind, colluders, onDone }: ChooseProps) {
    return (
        <FormDialog
            button="Choose…"
            title={`${drawnFor(colluders)}: ${kind}`}
            submit="Ask another member to sign"
            disabledReason={useWhyNotChange(subject)}
            requests={[
                {
                    name: "reason",
                    label: "Why",
                    kind: "text",
                    hint: "for the members of this inquiry; authors and partners are told nothing",
                },
            ]}
            write={({ reason }) =>
                writeTo("POST", `/api/inquiries/${subject.id}/tracing-instructions`, {
                    case: about.case,
                    class: kind,
                    colluders,
                    assumedColluders: Number(about.assumedColluders),
                    reason,
                })
            }
            onDone={onDone}
        />
    )
}
