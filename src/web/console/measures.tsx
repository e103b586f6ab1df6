/** Measures: taking away at once, with a reason and a letter; giving back with a second person. */
import { Link } from "@tanstack/react-router"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import type { MeasureKind } from "../../trace/measures/measure.ts"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { AskForm, FormDialog, ticked } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import type { Partner, Policy, Preview } from "./answers.ts"
import { Differences } from "./differences.tsx"
import { useCan, useMayRead, useNames, useWhyNot } from "./viewer.tsx"

interface MeasureRow {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly policy: number | null
    readonly reason: string
    readonly takenAt: string
    readonly reviewBy: string | null
    readonly endedAt: string | null
}

interface MeasureLetters {
    readonly letters: readonly {
        readonly id: string
        readonly subject: string
        readonly text: string
        readonly sentAt: string
        readonly answer: string | null
        readonly answeredAt: string | null
    }[]
}

export function PartnerMeasures({ of }: { of: Partner }) {
    const can = useCan()
    const measures = useMayRead<{ measures: readonly MeasureRow[] }>("measure:read", `/api/measures?partner=${of.id}`)
    if (!can("measure:read")) return null
    return (
        <Section title="Measures" aside={<MeasureActions of={of} />}>
            <Loaded of={measures}>
                {({ measures: all }) =>
                    all.length === 0 ? (
                        <Empty title="No measure was taken." />
                    ) : (
                        <Table
                            caption="Measures about this partner, newest first"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                { name: "Measure", cell: (one) => <strong>{one.kind}</strong> },
                                { name: "Taken", cell: (one) => <When at={one.takenAt} /> },
                                { name: "Review by", cell: (one) => one.reviewBy && <When at={one.reviewBy} short /> },
                                {
                                    name: "State",
                                    cell: (one) =>
                                        one.endedAt === null ? <Badge tone="due">open</Badge> : <Badge>ended</Badge>,
                                },
                                { name: "Reason", cell: (one) => one.reason },
                                { name: "Letters", cell: (one) => <Letters of={one} />, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

function Letters({ of }: { of: MeasureRow }) {
    return (
        <Opens button="Letters…" title={`Letters about the ${of.kind}`} look="quiet" wide>
            {() => <LettersOf id={of.id} />}
        </Opens>
    )
}

function LettersOf({ id }: { id: string }) {
    const measure = useRead<MeasureLetters>(`/api/measures/${id}`)
    return (
        <Loaded of={measure}>
            {({ letters }) =>
                letters.map((letter) => (
                    <article key={letter.id} className="card">
                        <div className="card-head">
                            <h3>{letter.subject}</h3>
                            <When at={letter.sentAt} short />
                        </div>
                        <p className="letter">{letter.text}</p>
                        {letter.answer === null ? (
                            <p className="muted">Not answered yet.</p>
                        ) : (
                            <blockquote>
                                {letter.answer} <When at={letter.answeredAt} short />
                            </blockquote>
                        )}
                    </article>
                ))
            }
        </Loaded>
    )
}

function MeasureActions({ of }: { of: Partner }) {
    const not = useWhyNot()("measure:reinstate")
    const isOn = of.standing === "active" || of.standing === "restricted"
    const ask = (path: string, button: string) => (
        <Do not={not} write={{ method: "POST", path, body: { partner: of.id } }}>
            {button}
        </Do>
    )
    return (
        <>
            {isOn && <RestrictDialog of={of} />}
            {isOn && <SuspendDialog partner={of.id} />}
            {of.restriction !== null && isOn && ask("/api/measures/lift", "Ask to lift the restriction")}
            {of.standing === "suspended" && ask("/api/measures/reinstatement", "Request reinstatement")}
        </>
    )
}

const reasonField = {
    name: "reason",
    label: "Reason",
    kind: "text" as const,
    hint: "kept sealed; the partner gets a letter in neutral words",
}

export function SuspendDialog({ partner, evidence }: { partner: string; evidence?: string }) {
    const names = useNames()
    const initial = evidence === undefined ? "" : `A leaked text fits this partner's copy: evidence ${evidence}.`
    return (
        <FormDialog
            button="Suspend…"
            title={`Suspend ${names.partner(partner)}`}
            submit="Suspend now"
            look="danger"
            buttonLook="danger"
            not={useWhyNot()("measure:suspend")}
            asked={[{ ...reasonField, initial }]}
            write={({ reason }) => ({
                method: "POST",
                path: "/api/measures",
                body: { kind: "interim suspension", partner, reason },
            })}
        >
            <p>
                From now on it gets nothing about cases, on any channel; downloads that run are cut. One person is
                enough. It finds no fault, the partner is told by letter, and two people review it within 14 days.
            </p>
        </FormDialog>
    )
}

function RestrictDialog({ of }: { of: Partner }) {
    return (
        <FormDialog
            button="Restrict…"
            title={`Restrict ${of.name}`}
            submit="Restrict now"
            not={useWhyNot()("measure:restrict")}
            asked={[
                {
                    name: "withhold",
                    label: "Withhold these classes",
                    kind: "choices",
                    from: artifactClasses.map((value) => ({ value, name: value })),
                },
                { name: "late", label: "Nothing before publication", kind: "check" },
                reasonField,
            ]}
            write={(answers) => ({
                method: "POST",
                path: "/api/measures",
                body: {
                    kind: "restrict",
                    partner: of.id,
                    reason: answers.reason,
                    withhold: ticked(answers, "withhold"),
                    notBeforePublication: answers.late === "yes",
                },
            })}
        />
    )
}

/** For all whom a duty makes report before publication: a policy version, put in force as a measure. */
export function RestrictByDuty() {
    const policies = useMayRead<{ policies: readonly Policy[] }>("policy:read", "/api/policies").data?.policies ?? []
    const candidates = policies.filter((one) => !one.inForce)
    const not = useWhyNot()("measure:restrict")
    return (
        <Opens
            button="Restrict by duty…"
            title="Restrict by duty"
            wide
            not={not ?? (candidates.length === 0 ? "no version but the one in force" : null)}
        >
            {(close) => (
                <>
                    <p>
                        Puts a version in force that holds the duty rule: whoever must report before publication then
                        gets less or later. It finds no fault. One person is enough while nobody gains by it.
                    </p>
                    {candidates.map((one) => (
                        <DutyCandidate key={one.version} of={one} onDone={close} />
                    ))}
                </>
            )}
        </Opens>
    )
}

function DutyCandidate({ of, onDone }: { of: Policy; onDone: () => void }) {
    const preview = useRead<Preview>(`/api/policies/${of.version}/preview`)
    return (
        <article className="card">
            <div className="card-head">
                <h3>
                    <Link to={`/policies/${of.version}`}>{of.name}</Link>
                </h3>
                <span className="muted">version {of.version}</span>
            </div>
            <Loaded of={preview}>
                {({ differences, peopleNeeded }) => (
                    <>
                        {peopleNeeded > 1 ? (
                            <p className="muted">Somebody gains by it: ask a second person on its own page.</p>
                        ) : (
                            <AskForm
                                asked={[{ name: "reason", label: "Reason", kind: "line" }]}
                                submit="Restrict by this version"
                                write={({ reason }) => ({
                                    method: "POST",
                                    path: "/api/measures",
                                    body: { kind: "restrict by duty", policy: of.version, reason },
                                })}
                                onDone={onDone}
                            />
                        )}
                        {differences.length === 0 ? (
                            <p className="muted">It changes nothing for anybody now.</p>
                        ) : (
                            <Differences of={differences} />
                        )}
                    </>
                )}
            </Loaded>
        </article>
    )
}
