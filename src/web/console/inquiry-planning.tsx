/** Planning: what would make the next release of a class tell more, at what cost to defenders; chosen by one member, signed by another. */
import { useState } from "react"
import type { Bounds } from "../../trace/planning/options.ts"
import { useLook } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Field } from "../kit/field.tsx"
import { FormDialog } from "../kit/form.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Section, Table } from "../kit/table.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./inquiry-why.ts"
import { Provisions, type ProvisionsAnswer, bits, drawnFor } from "./inquiry-provisions.tsx"
import { useCan, useCaseChoices, useNames } from "./viewer.tsx"

interface OptionRow {
    readonly kind: "design" | "polled" | "slots" | "canary" | "window"
    readonly colluders: number | null
    readonly slots: number | null
    readonly hours: number | null
    readonly late: readonly string[]
    readonly gain: number
    readonly partnerHours: number
    readonly by: "signatures" | "author" | "admin" | "manager"
}

interface ClassRow {
    readonly class: string
    readonly recipients: number
    readonly lasting: number
    readonly documents: readonly { readonly isDrawn: boolean }[]
    readonly bits: number
    readonly options: readonly OptionRow[]
}

interface OptionsAnswer {
    readonly assumptions: readonly string[]
    readonly bounds: Bounds
    readonly classes: readonly ClassRow[]
}

/** What is asked about: a case, and how many are thought to put their copies together. */
interface About {
    readonly case: string
    readonly together: string
}

export function PlanningSection({ of }: { of: Opened }) {
    const look = useLook<ProvisionsAnswer>(`/api/inquiries/${of.id}/tracing-instructions`)
    const again = () => void look.refetch()
    return (
        <Section title="The next release">
            <Loaded of={look}>
                {({ provisions }) =>
                    provisions.length === 0 ? (
                        <Empty title="Nothing was chosen for a next release." />
                    ) : (
                        <Provisions of={of} rows={provisions} onDone={again} />
                    )
                }
            </Loaded>
            {useCan()("inquiry:write") && <Asking of={of} onDone={again} />}
        </Section>
    )
}

/** It is a look at the ledger, and on record: nothing is asked before somebody does. */
function Asking({ of, onDone }: { of: Opened; onDone: () => void }) {
    const cases = useCaseChoices()
    const [about, setAbout] = useState<About>({ case: of.case, together: "1" })
    const [asked, setAsked] = useState<About | null>(null)
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
                    value={about.together}
                    onChange={set("together")}
                    from={["1", "2", "3", "4", "5", "6", "7", "8"].map((value) => ({ value, name: value }))}
                />
                <Button look="main" onPress={() => setAsked(about)}>
                    What would tell more?
                </Button>
            </div>
            {asked !== null && (
                <Proposals key={`${asked.case} ${asked.together}`} of={of} about={asked} onDone={onDone} />
            )}
        </>
    )
}

interface ProposalsProps {
    of: Opened
    about: About
    onDone: () => void
}

function Proposals({ of, about, onDone }: ProposalsProps) {
    const said = new URLSearchParams({ case: about.case, together: about.together }).toString()
    const look = useLook<OptionsAnswer>(`/api/inquiries/${of.id}/options?${said}`)
    const names = useNames()
    return (
        <Loaded of={look}>
            {({ classes, bounds, assumptions }) => (
                <>
                    {classes.length === 0 ? (
                        <Empty title="No class of this case is still to go to anybody before publication." />
                    ) : (
                        <Table
                            caption="What would tell more: variants, which cost nobody anything, before windows"
                            rows={classes.flatMap((one) => rowsOf(one))}
                            keyOf={({ key }) => key}
                            columns={[
                                { name: "Class", cell: ({ its }) => its.class },
                                { name: "What", cell: (row) => whatIs(row, names.partner) },
                                { name: "Bits", cell: ({ total }) => bits(total), end: true },
                                { name: "More", cell: ({ one }) => (one === null ? "" : bits(one.gain)), end: true },
                                { name: "Partner-hours", cell: ({ one }) => one?.partnerHours ?? 0, end: true },
                                {
                                    name: "Done by",
                                    cell: ({ its, one }) =>
                                        one?.by === "signatures" && one.colluders !== null ? (
                                            <Choose
                                                of={of}
                                                about={about}
                                                kind={its.class}
                                                option={one}
                                                onDone={onDone}
                                            />
                                        ) : (
                                            <span className="muted">{one === null ? "" : doneBy[one.by]}</span>
                                        ),
                                    end: true,
                                },
                            ]}
                        />
                    )}
                    <p className="muted">
                        A window is {bounds.hoursMax} hours at most and {bounds.partnerHoursMax} partner-hours in all,
                        and leaves everybody {bounds.floorHours} hours before publication. Nothing here puts one in
                        force.
                    </p>
                    <ul className="muted">
                        {assumptions.map((one) => (
                            <li key={one}>{one}</li>
                        ))}
                    </ul>
                </>
            )}
        </Loaded>
    )
}

/** An option of a class; null of the class as it stands. */
interface Row {
    readonly key: string
    readonly its: ClassRow
    readonly one: OptionRow | null
    readonly total: number
}

function rowsOf(its: ClassRow): Row[] {
    const options = its.options.map((one, n) => ({ key: `${its.class} ${n}`, its, one, total: its.bits + one.gain }))
    return [{ key: its.class, its, one: null, total: its.bits }, ...options]
}

function whatIs({ its, one }: Row, partner: (id: string) => string): string {
    if (one === null) {
        const drawn = its.documents.filter(({ isDrawn }) => isDrawn).length
        return `As it stands. Partners: ${its.recipients}; lasting slots: ${its.lasting}; versions drawn or unmarked: ${drawn} of ${its.documents.length}`
    }
    if (one.kind === "design") return drawnFor(one.colluders ?? 0)
    if (one.kind === "slots") return `${one.slots} more lasting slots in each version that is not drawn`
    if (one.kind === "canary") return "A canary in each version that may have one"
    if (one.kind === "polled") return "Own copies for machines that poll it"
    return `${one.hours} hours later: ${one.late.map(partner).join(", ")}`
}

const doneBy = {
    signatures: "",
    author: "its author, who writes it",
    admin: "an admin, for the whole program",
    manager: "nobody yet: waves are of tiers",
} as const

interface ChooseProps extends ProposalsProps {
    kind: string
    option: OptionRow
}

function Choose({ of, about, kind, option, onDone }: ChooseProps) {
    return (
        <FormDialog
            button="Choose…"
            title={`${drawnFor(option.colluders ?? 0)}: ${kind}`}
            submit="Ask another member to sign"
            not={useWhyNotChange(of)}
            asked={[
                {
                    ...{ name: "reason", label: "Why", kind: "text" },
                    hint: "for the members of this inquiry; authors and partners are told nothing",
                },
            ]}
            write={({ reason }) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/tracing-instructions`,
                body: {
                    ...{ case: about.case, class: kind, colluders: option.colluders },
                    ...{ together: Number(about.together), reason },
                },
            })}
            onDone={onDone}
        />
    )
}
