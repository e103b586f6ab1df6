/** A case's artifacts with labels and versions. Adds an artifact, and reads one, which the audit log records. */
import { useState } from "react"
import {
    artifactClasses,
    colludersDefault,
    colludersMax,
    papLabels,
    tlpLabels,
} from "../../../../server/src/share/artifacts/artifact.ts"
import { isTestable } from "../../../../server/src/share/delivery/test-result.ts"
import { choicesOf } from "../../kit/field.tsx"
import { type AnswerTo, useLook, useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Window } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Failed, Loaded, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Badge, type Column, Label, Section, Table } from "../../kit/table.tsx"
import type { Artifact, Case } from "../answers.ts"
import { BecameDialog, Results } from "../cases/reports/test-results.tsx"
import { Consent, asksForConsent } from "./master-consent.tsx"
import { SamplesDialog } from "./samples.tsx"
import { StrengthDialog } from "./strength.tsx"
import { useCan, useWhyNot } from "./viewer.tsx"

export function Artifacts({ subject }: { subject: Case }) {
    const artifacts = useRead(`/api/cases/${subject.id}/artifacts`)
    const [shown, setShown] = useState<Artifact | null>(null)
    const can = useCan()
    return (
        <Section title="Artifacts" aside={<AddArtifact subject={subject} />}>
            <Loaded query={artifacts}>
                {({ artifacts }) =>
                    artifacts.length === 0 ? (
                        <Empty title="There is nothing to hand out yet." />
                    ) : (
                        <Table
                            caption="Artifacts of this case"
                            rows={artifacts.toSorted(
                                (a, b) => artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class),
                            )}
                            keyOf={(artifact) => artifact.id}
                            columns={[
                                {
                                    name: "Name",
                                    cell: (artifact) => (
                                        <span className="row">
                                            <strong>{artifact.name}</strong>{" "}
                                            <span className="muted">{artifact.class}</span>
                                            {artifact.recalled && <Badge tone="bad">recalled</Badge>}
                                        </span>
                                    ),
                                },
                                {
                                    name: "Labels",
                                    cell: (artifact) => (
                                        <span className="labels">
                                            <Label scheme="TLP" value={artifact.tlp} />
                                            <Label scheme="PAP" value={artifact.pap} />
                                        </span>
                                    ),
                                },
                                {
                                    name: "Version",
                                    cell: ({ version, versionAt, colluders }) => (
                                        <span className="stack">
                                            <span>{version}</span>
                                            <span className="muted">for {colluders} who may collude</span>
                                            <span className="muted">
                                                <When at={versionAt} short />
                                            </span>
                                        </span>
                                    ),
                                },
                                actionsColumn(can("artifact:read") ? setShown : null),
                            ]}
                        />
                    )
                }
            </Loaded>
            <Window title={shown?.name ?? ""} open={shown !== null} onClose={() => setShown(null)} wide>
                {shown !== null && <Master artifact={shown} onRevised={() => setShown(null)} />}
            </Window>
        </Section>
    )
}

/** `show` null: the viewer may not read the artifact. */
function actionsColumn(show: ((artifact: Artifact) => void) | null): Column<Artifact> {
    const cell = (artifact: Artifact) => (
        <span className="row end wraps">
            <BecameDialog artifact={artifact} />
            {show !== null && artifact.class === "rules" && <SamplesDialog artifact={artifact} />}
            {show !== null && <StrengthDialog artifact={artifact} />}
            {show !== null && (
                <Button onPress={() => show(artifact)}>
                    Read… <span className="unseen">of {artifact.name}</span>
                </Button>
            )}
        </span>
    )
    return { name: "Actions", cell, end: true }
}

type Finding = Read["findings"][number]

type Read = AnswerTo<"/api/artifacts/{id}">

function Findings({ finding, valid }: { finding: readonly Finding[]; valid: boolean }) {
    return (
        <>
            {!valid && <Notice tone="bad">It is not released while an error stands.</Notice>}
            <Table
                caption="What is wrong with it"
                rows={finding}
                keyOf={(finding) => `${finding.line} ${finding.column} ${finding.code} ${finding.message}`}
                columns={[
                    { name: "Line", cell: ({ line, column }) => `${line}:${column}`, end: true },
                    {
                        name: "Severity",
                        cell: ({ severity }) => <Badge tone={severity === "error" ? "bad" : "due"}>{severity}</Badge>,
                    },
                    { name: "What", cell: ({ message }) => message },
                    { name: "Code", cell: ({ code }) => <code className="code">{code}</code> },
                ]}
            />
        </>
    )
}

const readAs: Readonly<Record<Read["textKind"], string>> = {
    master: "The master text, without marks.",
    staff_copy: "This is your own copy: its wording is yours alone, and a leak of it is told from everybody else's.",
    unmarked: "It carries no marks: everybody reads the same.",
}

/**
 * The master of an artifact. Each read is recorded. After a revision this version closes, and the new one needs a new
 * read. An editor who did not write the version reads the master before writing the next one.
 */
function Master({ artifact, onRevised }: { artifact: Artifact; onRevised: () => void }) {
    const [toRevise, setToRevise] = useState(false)
    const found = useLook(`/api/artifacts/${artifact.id}${toRevise ? "/master" : ""}`)
    const [consented, setConsented] = useState<Read | null>(null)
    if (consented !== null) return <Shown artifact={artifact} read={consented} onRevised={onRevised} />
    if (asksForConsent(found.error)) {
        return (
            <>
                <Failed error={found.error} />
                <div className="row">
                    <Consent artifact={artifact} onRead={setConsented} />
                </div>
            </>
        )
    }
    return (
        <Loaded query={found}>
            {(read) => (
                <Shown artifact={artifact} read={read} onRevised={onRevised} onMaster={() => setToRevise(true)} />
            )}
        </Loaded>
    )
}

interface ShownProps {
    artifact: Artifact
    read: Read
    onRevised: () => void
    onMaster?: () => void
}

function Shown({ artifact, read, onRevised, onMaster }: ShownProps) {
    const disabledReason = useWhyNot()("artifact:write")
    const { content, version, textKind: text, findings, valid } = read
    return (
        <>
            <div className="row">
                <p className="muted">
                    Version {version}. {readAs[text]} That you read it is on record.
                </p>
                {text === "staff_copy" ? (
                    <Button onPress={() => onMaster?.()} disabledReason={disabledReason}>
                        Read the master to revise it
                    </Button>
                ) : (
                    <Revise artifact={artifact} content={content} onRevised={onRevised} />
                )}
            </div>
            {findings.length > 0 && <Findings finding={findings} valid={valid} />}
            {findings.length > 0 && text === "staff_copy" && (
                <p className="muted">Lines are the master&apos;s: in your copy, some stand elsewhere.</p>
            )}
            <Reading label={text === "staff_copy" ? "Your copy" : "Master text"} text={content} />
            {isTestable(artifact.class) && <Results artifact={artifact} />}
        </>
    )
}

function Revise({ artifact, content, onRevised }: { artifact: Artifact; content: string; onRevised: () => void }) {
    return (
        <FormDialog
            button="Revise…"
            title={`A new version of ${artifact.name}`}
            submit="Add the version"
            wide
            disabledReason={useWhyNot()("artifact:write")}
            requests={[
                { name: "content", label: "Content", kind: "file", initial: content },
                colludersField(artifact.colluders),
            ]}
            write={(answers) => writeTo("PUT", `/api/artifacts/${artifact.id}`, withColluders(answers))}
            onDone={onRevised}
        >
            <p className="muted">Approvals of older versions do not cover it.</p>
        </FormDialog>
    )
}

const colludersField = (initial: number) => ({
    name: "colluders" as const,
    label: "Recipients who may put their copies together",
    kind: "number" as const,
    initial: String(initial),
    hint: `1 to ${colludersMax}: one of them is told, if enough slots survive; more take more slots`,
    check: (value: string) =>
        /^[1-9]$/.test(value.trim()) && Number(value) <= colludersMax ? null : `a number from 1 to ${colludersMax}`,
})

const withColluders = <Given extends { readonly colluders: string }>(answers: Given) => ({
    ...answers,
    colluders: Number(answers.colluders),
})

function AddArtifact({ subject }: { subject: Case }) {
    const disabledReason = useWhyNot()("artifact:write")
    return (
        <FormDialog
            button="Add an artifact…"
            title="Add an artifact"
            submit="Add it"
            wide
            disabledReason={disabledReason}
            requests={[
                { name: "name", label: "File name", kind: "line", hint: "with an ending, like guidance.md" },
                { name: "class", label: "Class", kind: "choice", from: choicesOf(artifactClasses) },
                { name: "tlp", label: "TLP", kind: "choice", from: choicesOf(tlpLabels), initial: "AMBER+STRICT" },
                { name: "pap", label: "PAP", kind: "choice", from: choicesOf(papLabels), initial: "AMBER" },
                colludersField(colludersDefault),
                { name: "content", label: "Content", kind: "file" },
            ]}
            write={(answers) => writeTo("POST", `/api/cases/${subject.id}/artifacts`, withColluders(answers))}
        />
    )
}
