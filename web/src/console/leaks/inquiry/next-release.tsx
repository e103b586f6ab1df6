/**
 * Planning: compares designs of the next releases, with tracing gain and cost to defenders. One member chooses, another
 * signs.
 */
import { useState } from "react"
import { type AnswerTo, useLook, writeTo } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { Field } from "../../../kit/field.tsx"
import { FormDialog, reasonField } from "../../../kit/form.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Lines, Section, Table } from "../../../kit/table.tsx"
import { planningTextsOf } from "./assumption-texts.ts"
import type { Opened } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { Instructions, bits, designName } from "./tracing-instructions.tsx"
import { useCan, useCaseChoices, useNames } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

type OptionRow = OptionsAnswer["classes"][number]["options"][number]

type ClassRow = OptionsAnswer["classes"][number]

type OptionsAnswer = AnswerTo<"/api/inquiries/{id}/options">

/** The question: a case, and the assumed number of colluders. */
interface About {
    readonly case: string
    readonly assumedColluders: string
}

export function PlanningTab({ subject }: { subject: Opened }) {
    const look = useLook(`/api/inquiries/${subject.id}/tracing-instructions`)
    const again = () => void look.refetch()
    return (
        <Section title={t("Next release")}>
            <Loaded query={look}>
                {({ tracingInstructions }) =>
                    tracingInstructions.length === 0 ? (
                        <Empty title={t("No tracing instructions yet.")} />
                    ) : (
                        <Instructions subject={subject} rows={tracingInstructions} onDone={again} />
                    )
                }
            </Loaded>
            {useCan()("inquiry:write") && <Question subject={subject} onDone={again} />}
        </Section>
    )
}

/** Loads the plan on request, because each read of cross-case evidence is recorded. */
function Question({ subject, onDone }: { subject: Opened; onDone: () => void }) {
    const cases = useCaseChoices()
    const [about, setAbout] = useState<About>({ case: subject.case, assumedColluders: "1" })
    const [request, setAsked] = useState<About | null>(null)
    const set = (key: keyof About) => (value: string) => setAbout({ ...about, [key]: value })
    return (
        <>
            <div className="question">
                <Field
                    label={t("Next release of")}
                    kind="choice"
                    value={about.case}
                    onChange={set("case")}
                    from={cases}
                />
                <Field
                    label={t("Assumed colluders")}
                    kind="choice"
                    value={about.assumedColluders}
                    onChange={set("assumedColluders")}
                    from={["1", "2", "3", "4", "5", "6", "7", "8"].map((value) => ({ value, name: value }))}
                />
                <Button look="main" onPress={() => setAsked(about)}>
                    {t("Compare designs")}
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
            {({ classes, bounds, assumptions, model }) => (
                <>
                    {classes.length === 0 ? (
                        <Empty title={t("No class of this case will be released before publication.")} />
                    ) : (
                        <Table
                            caption={t("Designs of the next release, variants first because they delay no partner")}
                            rows={classes.flatMap((row) => linesOf(row))}
                            keyOf={({ key }) => key}
                            columns={[
                                { name: t("Class"), cell: ({ row }) => valueText(row.class) },
                                { name: t("Design"), cell: (option) => optionText(option, names.partner) },
                                { name: t("Bits"), cell: ({ total }) => bits(total), end: true },
                                { name: t("Gain"), cell: ({ option }) => option && bits(option.gainBits), end: true },
                                {
                                    name: t("Partner-hours"),
                                    cell: ({ option }) => option?.partnerHours ?? 0,
                                    end: true,
                                },
                                {
                                    name: t("Next step"),
                                    cell: (line) => (
                                        <OptionStep line={line} subject={subject} about={about} onDone={onDone} />
                                    ),
                                    end: true,
                                },
                            ]}
                        />
                    )}
                    <p className="muted">
                        {t(
                            "A staggered release delays a partner by at most {hoursMax} hours and all partners together by at most {partnerHoursMax} partner-hours. It leaves each partner {leadHoursMin} hours before publication. This page does not activate it.",
                            {
                                hoursMax: bounds.hoursMax,
                                partnerHoursMax: bounds.partnerHoursMax,
                                leadHoursMin: bounds.leadHoursMin,
                            },
                        )}
                    </p>
                    <p className="caution">
                        {t("The gains rest on assumptions, not on measurements. They accuse no partner.")}
                    </p>
                    <details className="folded">
                        <summary>{t("Assumptions")}</summary>
                        <Lines items={planningTextsOf({ assumptions, model })} />
                    </details>
                </>
            )}
        </Loaded>
    )
}

function OptionStep({ line: { row, option }, ...props }: ProposalsProps & { line: OptionLine }) {
    if (option === null) return null
    if (option.by === "signatures" && option.colluders !== null) {
        return <Choose {...props} kind={row.class} colluders={option.colluders} />
    }
    return <span className="muted">{stepBy[option.by]}</span>
}

/** An option for a class; null: the current design. */
interface OptionLine {
    readonly key: string
    readonly row: ClassRow
    readonly option: OptionRow | null
    readonly total: number
}

function linesOf(row: ClassRow): OptionLine[] {
    const options = row.options.map((option, n) => ({
        key: `${row.class} ${n}`,
        row,
        option,
        total: row.bits + option.gainBits,
    }))
    return [{ key: row.class, row, option: null, total: row.bits }, ...options]
}

function optionText({ row, option }: OptionLine, partner: (id: string) => string): string {
    if (option === null) {
        const generated = row.documents.filter(({ hasCodewords }) => hasCodewords).length
        return t(
            "Current design: {recipients, plural, one {# partner} other {# partners}}, {lasting, plural, one {# lasting slot} other {# lasting slots}}, codewords generated for {generated} of {documents, plural, one {# version} other {# versions}}",
            { recipients: row.recipients, lasting: row.lasting, generated, documents: row.documents.length },
        )
    }
    if (option.kind === "code_design") return designName(option.colluders ?? 0)
    if (option.kind === "slots")
        return t(
            "{slots, plural, one {# more lasting slot} other {# more lasting slots}} in each version without codewords",
            { slots: option.slots },
        )
    if (option.kind === "canary") return t("A canary in each version that can have one")
    if (option.kind === "polled") return t("Marked copies for machines that poll")
    return t("Release {hours, plural, one {# hour} other {# hours}} later to {partners}", {
        hours: option.hours,
        partners: option.late.map(partner).join(", "),
    })
}

const stepBy = {
    signatures: "",
    author: t("the author edits the text"),
    admin: t("an admin changes the setting"),
    manager: t("not possible yet: waves are by tier"),
} as const

interface ChooseProps extends ProposalsProps {
    kind: ClassRow["class"]
    colluders: NonNullable<OptionRow["colluders"]>
}

function Choose({ subject, about, kind, colluders, onDone }: ChooseProps) {
    return (
        <FormDialog
            button={t("Choose…")}
            title={`${designName(colluders)}: ${valueText(kind)}`}
            submit={t("Request a second signature")}
            disabledReason={useWhyNotChange(subject)}
            requests={[
                {
                    ...reasonField,
                    hint: t("only members of this inquiry read it; authors and partners are not notified"),
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
