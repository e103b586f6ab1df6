/** A case's waves: the table, and the actions on each. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Case, PlannedWave, Wave } from "../answers.ts"
import { AskedOrSigned } from "./request-state.tsx"
import { closedWhy } from "../cases/embargo/closure.tsx"
import { detailOf } from "./effects.tsx"
import { Rehearse } from "./rehearsal.tsx"
import { ToldOf } from "./notification-status.tsx"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames, waveWords } from "../words.ts"

export function Waves({ subject, waves }: { subject: Case; waves: readonly Wave[] }) {
    const isClosed = subject.closure !== null
    return (
        <Table
            caption="Waves of this case"
            rows={waves}
            keyOf={(wave) => wave.id}
            columns={[
                { name: "Wave", cell: (wave) => <strong>{tierNames[wave.tier]}</strong> },
                { name: "Released", cell: (wave) => <Falls wave={wave} isClosed={isClosed} /> },
                { name: "State", cell: (wave) => <StateOf wave={wave} /> },
                { name: "Told", cell: (wave) => <ToldOf wave={wave} /> },
                { name: "Actions", cell: (wave) => <WaveActions wave={wave} subject={subject} />, end: true },
            ]}
        />
    )
}

interface OnesProps {
    wave: Wave
    /** Unreleased waves of a closed case are never released. */
    isClosed: boolean
}

function Falls({ wave: { at, releasedAt }, isClosed }: OnesProps) {
    const now = useNow()
    if (isClosed && releasedAt === null) return <span className="muted">never</span>
    if (at === null) return <span className="muted">no end is agreed</span>
    return (
        <>
            <When at={at} /> <Distance at={at} now={now} />
        </>
    )
}

function StateOf({ wave: { state, releasedAt } }: Pick<OnesProps, "wave">) {
    return (
        <>
            <Badge tone={waveWords[state].tone}>{waveWords[state].name}</Badge>
            {releasedAt !== null && (
                <span className="block muted">
                    fell <When at={releasedAt} short />
                </span>
            )}
        </>
    )
}

/** `subject`: the wave's case, where there is room for all actions. */
export function WaveActions({ wave, subject }: { wave: Wave; subject?: Case }) {
    if (wave.releasedAt !== null) return <FallenActions wave={wave} />
    return <PlannedActions wave={wave} {...(subject !== undefined && { subject })} />
}

export function PlannedActions({ wave, subject }: { wave: PlannedWave; subject?: Case }) {
    const whyNot = useWhyNot()
    const closed = subject === undefined ? null : closedWhy(subject)
    const isRequested = wave.state === "requested" || wave.state === "approved"
    if (closed !== null) return null
    return (
        <span className="row end">
            {!isRequested && (
                <Do
                    look="main"
                    disabledReason={whyNot("wave:write")}
                    write={writeTo("POST", `/api/waves/${wave.id}/release`)}
                >
                    Request release
                </Do>
            )}
            {subject !== undefined && <Rehearse wave={wave} caseId={subject.id} />}
            {subject !== undefined && wave.tier !== "publication" && (
                <MoveDialog wave={wave} disabledReason={whyNot("wave:write")} />
            )}
            {wave.state !== "frozen" && <FreezeDialog wave={wave} disabledReason={whyNot("wave:freeze")} />}
        </span>
    )
}

/** Actions on a released wave. A publication cannot be recalled. */
function FallenActions({ wave }: { wave: Wave }) {
    const disabledReason = useWhyNot()("wave:freeze")
    if (wave.tier === "publication") return null
    return (
        <span className="row end">
            {wave.state === "frozen" ? (
                <Thaw wave={wave} />
            ) : (
                <FreezeDialog wave={wave} disabledReason={disabledReason} />
            )}
        </span>
    )
}

function Thaw({ wave }: { wave: Wave }) {
    const disabledReason = useWhyNot()("wave:write")
    return (
        <AskedOrSigned
            name="thaw"
            matches={(approval) => approval.action === "wave.unfreeze" && detailOf(approval).wave === wave.id}
        >
            <Opens
                button="Unfreeze…"
                title={`Unfreeze the ${tierNames[wave.tier]} wave`}
                disabledReason={disabledReason}
            >
                {(close) => (
                    <>
                        <p>
                            What it opened is read and sent again. It takes two people: you ask, and another signs who
                            reads what by it.
                        </p>
                        <div className="row end">
                            <Do
                                look="main"
                                write={writeTo("POST", `/api/waves/${wave.id}/unfreeze`, {})}
                                onDone={close}
                            >
                                Ask a second person to sign
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </AskedOrSigned>
    )
}

function MoveDialog({ wave, disabledReason }: { wave: PlannedWave; disabledReason: string | null }) {
    return (
        <FormDialog
            button="Move…"
            title={`Move the ${tierNames[wave.tier]} wave`}
            submit="Move it"
            disabledReason={disabledReason}
            requests={[
                {
                    name: "hours",
                    label: "Hours before publication",
                    kind: "number",
                    initial: String(wave.hoursBefore),
                    check: (value) => (/^\d{1,4}$/.test(value.trim()) ? null : "a whole number of hours"),
                    hint: "a day has 24, a week 168, two weeks 336",
                },
            ]}
            write={({ hours }) => writeTo("PUT", `/api/waves/${wave.id}`, { hoursBefore: Number(hours) })}
        >
            <p className="muted">
                Moved later, it stays signed. Moved earlier, it loses its signature and waits for another.
            </p>
        </FormDialog>
    )
}

function FreezeDialog({ wave, disabledReason }: { wave: PlannedWave; disabledReason: string | null }) {
    return (
        <Opens button="Freeze…" title={`Freeze the ${tierNames[wave.tier]} wave?`} disabledReason={disabledReason}>
            {(close) => (
                <>
                    <p>{wave.releasedAt === null ? freezingPlanned : freezingFallen}</p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", `/api/waves/${wave.id}/freeze`)} onDone={close}>
                            Freeze it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

const freezingPlanned =
    "It stops, and nobody gets anything by it. One person suffices; a frozen wave falls no more until a release is asked for and signed anew."
const freezingFallen =
    "Nothing more is read or sent by it. One person suffices; it takes two to let it be read again. Copies that are held cannot be called back."
